"""Installs a wheel in a root that has nothing but a minimal Debian with Python, and uses it there.

    sudo python release/try_in_bare_root.py dist/veneer-*x86_64.whl [--suite bookworm] [--root FOLDER]

debootstrap (a package of Debian) makes the root, which is kept where --root names it and is taken as it is where it is
there. Inside, by chroot and without network: a virtual environment, `pip install` of the wheel with what it asks for,
which was downloaded outside, `veneer doctor`, a picture encoded and decoded, a JPEG there and back to the byte, and
the conformance vectors. The Python that runs this must be of the version that the wheel is for.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "fir.jpg"
USE = """
set -eu
cd /trial
python3 --version
ldd --version | head -n 1
python3 -m venv environment
environment/bin/pip install --quiet --disable-pip-version-check --no-index --find-links packages "$1"
environment/bin/pip list --disable-pip-version-check --format freeze
veneer=environment/bin/veneer
$veneer doctor
$veneer encode --force fir.jpg fir.vnr -q 75
$veneer decode --force fir.vnr fir.png
$veneer encode --force fir.jpg kept.vnr
$veneer decode --force kept.vnr back.jpg
cmp fir.jpg back.jpg
$veneer info fir.vnr
$veneer conformance
"""


def make_root(root: Path, suite: str) -> None:
    """A minimal system with Python, whose `venv` needs a package of its own."""
    command = ["debootstrap", "--variant=minbase", "--include=python3,python3-venv,ca-certificates", suite, str(root)]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"debootstrap failed:\n{run.stdout}{run.stderr}")


def main() -> None:
    """Makes the root unless it is there, and runs the trial in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--suite", default="bookworm", help="of Debian; its Python must be one the wheel is for")
    parser.add_argument("--root", type=Path)
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("only root may change into another root")
    with tempfile.TemporaryDirectory() as temporary:
        root = options.root or Path(temporary) / "root"
        if not (root / "bin").exists():
            make_root(root, options.suite)
        trial = root / "trial"
        shutil.rmtree(trial, ignore_errors=True)
        trial.mkdir()
        shutil.copy(options.wheel, trial)
        shutil.copy(EXAMPLE, trial)
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
        subprocess.run([*download, "--dest", str(trial / "packages"), str(options.wheel)], check=True)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
        inside = ["unshare", "--net", "chroot", str(root), "/bin/sh", "-c", USE, "sh", f"/trial/{options.wheel.name}"]
        sys.exit(subprocess.run(inside, env=environment).returncode)


if __name__ == "__main__":
    main()
