"""`veneer train`: which of training's steps is asked for.

With --prepare it codes crops (`prepare.py`), with --export it writes a weight file (`export.py`), with --plan it trains
several runs in a row (`plan.py`), else one (`train.py`). Place: between the command line and those.
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
    elif "--plan" in arguments:
        from veneer.training import plan

        step = plan.main
    step([argument for argument in arguments if argument not in ("--prepare", "--export", "--plan")])
