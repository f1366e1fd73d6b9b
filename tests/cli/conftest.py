"""The fixtures of `cli_tools`, for the tests of the command."""

from cli_tools import folder, one_line, run

__all__ = ["folder", "one_line", "run"]
