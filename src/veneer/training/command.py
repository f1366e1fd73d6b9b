"""`veneer train`: which of training's three steps is asked for.

With --prepare it codes crops (`prepare.py`), with --export it writes a weight file (`export.py`), else it trains
(`train.py`). Place: between the command line and those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from veneer.training import train


def main(arguments: Sequence[str]) -> None:
    """Runs a step with its options, those behind the first word.

    Raises:
        FileNotFoundError: something that an earlier step makes is missing.
        ValueError: an option does not hold.
    """
    step: Callable[[Sequence[str]], None] = train.main
    if "--prepare" in arguments:
        from veneer.training import prepare

        step = prepare.main
    elif "--export" in arguments:
        from veneer.training import export

        step = export.main
    step([argument for argument in arguments if argument not in ("--prepare", "--export")])
