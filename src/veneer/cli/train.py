"""The subcommand that trains networks. Its options are training's own, which needs torch and is imported on demand."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from veneer import VeneerError
from veneer.cli.failure import FileFailure
from veneer.cli.messages import say_failure


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True},
    options_metavar="[--prepare | --export] [OPTIONS]",
    short_help="Trains enhancement networks.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def train(arguments: Sequence[str]) -> None:
    """Trains enhancement networks: codes crops, trains, exports weights. See docs/training.md."""
    try:
        from veneer.training import command
    except ImportError as error:
        if error.name != "torch":
            raise
        if {"-h", "--help"} & set(arguments):
            click.echo(click.get_current_context().get_help())
            click.echo("\n  Its options are listed once torch is installed: pip install '.[train]'")
            return
        say_failure("train", FileFailure("torch is not installed", "pip install '.[train]'"))
        sys.exit(1)
    try:
        command.main(arguments)
    except (FileNotFoundError, ValueError, VeneerError) as error:
        say_failure("train", FileFailure(str(error), "see veneer train --help"))
        sys.exit(1)
