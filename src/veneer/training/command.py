"""`veneer train`: calls the step of training that is asked for.

With --prepare it codes crops (`prepare.py`), with --export it writes a weight file (`export.py`), with --plan it trains
several runs in a row (`plan.py`), with --prepare-drawing and --drawing it prepares and trains the second texture
network (`drawing`), else it trains one run (`train.py`). Place: between the command line and those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from veneer.training import train

STEPS = ("--prepare", "--export", "--plan", "--prepare-drawing", "--drawing")


def main(arguments: Sequence[str]) -> None:
    """Runs a step with its options, those after the first word.

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
    elif "--prepare-drawing" in arguments:
        from veneer.training.drawing import prepare as prepare_drawing

        step = prepare_drawing.main
    elif "--drawing" in arguments:
        from veneer.training.drawing import train as train_drawing

        step = train_drawing.main
    step([argument for argument in arguments if argument not in STEPS])
