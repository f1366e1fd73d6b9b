"""What the command prints: lines above the progress bar, failures and notes."""

from __future__ import annotations

import os
import sys

import click
from tqdm import tqdm

from veneer.cli.failure import FileFailure


def say(text: str, *, error: bool = True) -> None:
    """Prints a line above the progress bar, to standard error or standard output."""
    tqdm.write(text, file=sys.stderr if error else sys.stdout)


def say_failure(name: str, failure: FileFailure | str) -> None:
    """The one line of a file that cannot be done."""
    say(f"{coloured('veneer:', 'red')} {name}: {failure}")


def coloured(text: str, colour: str) -> str:
    """Text for standard error, coloured where that is a terminal whose user wants colours (https://no-color.org)."""
    wanted = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return click.style(text, fg=colour, bold=True) if wanted else text


def say_note(name: str, text: str) -> None:
    """A line about a file that is done, though not quite as it was."""
    say(f"veneer: {name}: note: {text}")
