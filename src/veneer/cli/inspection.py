"""The subcommands that look at .vnr files: `veneer info` and `veneer dump`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import click

import veneer
from veneer.cli import dump
from veneer.cli.failure import FileFailure, from_veneer_error
from veneer.cli.files import read_source, source_of
from veneer.cli.messages import say, say_failure, say_json
from veneer.cli.options import EXIT_CODES


@click.command(epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each file.")
def info(files: Sequence[str], as_json: bool) -> None:
    """Says what .vnr files are, and whether they are whole."""

    def show(name: str, data: bytes) -> bool:
        result = veneer.read_info(data, verify=True)
        if as_json:
            say_json(dump.info_values(name, result))
        else:
            say(*dump.info_lines(name, result), error=False)
        return not result.problems

    _inspect(files, show)


@click.command("dump", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each file.")
def dump_command(files: Sequence[str], as_json: bool) -> None:
    """Shows every field of .vnr files with its place in the bytes."""

    def show(name: str, data: bytes) -> bool:
        lines = list(veneer.dump_syntax(data))
        if as_json:
            say_json(dump.dump_values(name, lines))
        else:
            say(name, *dump.dump_lines(lines), error=False)
        return not any(line.name == "Problem" for line in lines)

    _inspect(files, show)


def _inspect(files: Sequence[str], show: Callable[[str, bytes], bool]) -> None:
    """Shows one file after the other; exit code 1 if one cannot be read or is not whole."""
    good = True
    for name in files:
        try:
            good &= show(name, read_source(source_of(name)))
        except veneer.VeneerError as error:
            say_failure(name, from_veneer_error(error))
            good = False
        except FileFailure as failure:
            say_failure(name, failure)
            good = False
    sys.exit(0 if good else 1)
