"""The fixtures of `cli_tools` and `batch_tools`, for the tests of archives."""

from batch_tools import archive, gate, in_process, start
from cli_tools import folder, run

__all__ = ["archive", "folder", "gate", "in_process", "run", "start"]
