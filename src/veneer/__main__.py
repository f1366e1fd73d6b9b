"""`python -m veneer`: the same as the command `veneer`."""

from veneer.cli.main import run

if __name__ == "__main__":
    run()
