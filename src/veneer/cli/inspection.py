"""The subcommands that look at .vnr files: `veneer info` and `veneer dump`."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence

import click

import veneer
from veneer.cli import combinations, dump
from veneer.cli.failure import FileFailure, from_veneer_error, out_of_memory
from veneer.cli.files import read_source
from veneer.cli.messages import say, say_failure, say_json
from veneer.cli.options import EXIT_CODES
from veneer.cli.paths import STREAM, SUFFIX, Direction, find_sources
from veneer.cli.progress import Progress

_VENEER_FILES = Direction(frozenset((SUFFIX,)), SUFFIX, lambda _: False)

_DUMPED_LINES = 4096  # that are written at a time


@click.command(epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--check", is_flag=True, help="Only say of each file whether it is whole, on a line each.")
@click.option("--quiet", is_flag=True, help="With --check, say nothing of files that are whole.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each file, failures included.")
def info(files: Sequence[str], check: bool, quiet: bool, as_json: bool) -> None:
    """Says what .vnr files are, and whether they are whole.

    FILE is a file, a folder (searched through), a pattern in quotes, or - for standard input. Every checksum of a file
    is looked at, and no pixel decoded.

    \b
    veneer info photo.vnr
    veneer info --check --quiet archive/       names the damaged ones, exit code 1 if there are any
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    if not check:
        combinations.refuse(["quiet"], "without --check")

    def show(name: str, data: bytes) -> bool:
        result = veneer.read_info(data, verify=True)
        if check:
            _say_whether_whole(name, result.problems, quiet, as_json)
        elif as_json:
            say_json(dump.info_values(name, result))
        else:
            say(*dump.info_lines(name, result), error=False)
        return not result.problems

    _inspect(files, show, as_json, {"whole": False} if check else {})


@click.command("dump", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each file, failures included.")
def dump_command(files: Sequence[str], as_json: bool) -> None:
    """Shows every field of .vnr files with its place in the bytes.

    FILE is a file, a folder (searched through), a pattern in quotes, or - for standard input.
    """

    def show(name: str, data: bytes) -> bool:
        whole = True

        def lines() -> Iterator[veneer.SyntaxLine]:
            nonlocal whole
            for line in veneer.dump_syntax(data):
                whole &= line.name != "Problem"
                yield line

        if as_json:
            say_json(dump.dump_values(name, lines()))
            return whole
        # In pieces: a file of a few megabytes can have a million lines.
        title, text = [name], iter(dump.dump_lines(lines()))
        while piece := list(itertools.islice(text, _DUMPED_LINES)):
            say(*title, *piece, error=False)
            title = []
        return whole

    _inspect(files, show, as_json, {})


def _say_whether_whole(name: str, problems: Sequence[str], quiet: bool, as_json: bool) -> None:
    """The line of `veneer info --check` for a file that could be read."""
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        say_failure(name, FileFailure(f"is damaged: {problems[0]}{more}", "get the file anew"))
    if as_json and (problems or not quiet):
        say_json({"file": name, "whole": not problems, "problems": list(problems)})
    elif not problems and not quiet:
        say(f"{name}: whole", error=False)


def _inspect(
    names: Sequence[str], show: Callable[[str, bytes], bool], as_json: bool, values: dict[str, object]
) -> None:
    """Shows one file after the other; exit code 1 if one cannot be read or is not whole.

    Args:
        names: files, folders, patterns, `-`.
        show: says what there is to say of a file, and whether it is whole.
        as_json: lines of JSON, for what went wrong as well.
        values: that such a line has beside the file and what is wrong.
    """
    found, failures = find_sources(names, _VENEER_FILES)
    for name, failure in failures:
        _tell_failure(name, failure, as_json, values)
    good = not failures
    with Progress(len(found)) as progress:
        for path, _ in found:
            name = STREAM if path is None else str(path)
            try:
                good &= show(name, read_source(path))
            except (veneer.VeneerError, FileFailure) as error:
                failure = error if isinstance(error, FileFailure) else from_veneer_error(error)
                _tell_failure(name, failure, as_json, values)
                good = False
            except MemoryError:
                _tell_failure(name, out_of_memory(), as_json, values)
                good = False
            progress.advance()
    sys.exit(0 if good else 1)


def _tell_failure(name: str, failure: FileFailure, as_json: bool, values: dict[str, object]) -> None:
    say_failure(name, failure)
    if as_json:
        say_json({"file": name, **values, "error": failure.what, "remedy": failure.remedy})
