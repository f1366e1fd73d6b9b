"""The subcommand `veneer view`: .vnr files in the browser, decoded there, from a server on this machine alone."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import click

from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.files import read_source
from veneer.cli.messages import say, say_failure, say_plain_failure
from veneer.cli.options import EXIT_FAILED
from veneer.cli.paths import STREAM, SUFFIX, Direction, find_sources
from veneer.cli.view_server import VIEWER, ViewServer

_VENEER_FILES = Direction(frozenset((SUFFIX,)), SUFFIX, lambda _: False)


@click.command(epilog="Exit codes: 0 ended, 1 nothing can be shown, 2 wrong usage.")
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--no-open", is_flag=True, help="Only print the address; do not open the browser.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port on this machine. Default: any that is free."
)
@click.option("--until-closed", is_flag=True, help="End when the page was closed, as a program of the desktop does.")
def view(files: Sequence[str], no_open: bool, port: int, until_closed: bool) -> None:
    """Shows .vnr files in the browser.

    The page has zoom, two files with a divider between them, realism, and what veneer info says. FILE is a file, a
    folder (searched through), a pattern in quotes, or - for standard input. Beside .vnr files it may be a picture that
    the browser reads itself, such as the original to compare with. The page is served until Ctrl-C, to this machine
    alone, under an address that nobody can guess.

    \b
    veneer view photo.vnr
    veneer view photo.png photo.vnr            the original left of the divider, the coded picture right of it
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    if not (VIEWER / "index.html").is_file():
        built = "build it as docs/howto/web.md of the source says, and install veneer anew"
        say_plain_failure(FileFailure("this installation has no viewer", built))
        sys.exit(EXIT_FAILED)
    if find_spec("_lzma") is None:
        say_plain_failure(
            FileFailure("this Python was built without lzma, which unpacks the viewer", "use another Python")
        )
        sys.exit(EXIT_FAILED)
    shown = _readable(files)
    if not shown:
        sys.exit(EXIT_FAILED)
    try:
        server = ViewServer(shown, port, until_closed=until_closed)
    except OSError as error:
        say_failure(f"port {port}", from_os_error(error))
        sys.exit(EXIT_FAILED)
    with server:
        try:
            say(server.address, error=False)
            end = "the page is closed" if until_closed else "Ctrl-C"
            say(f"veneer: shows {len(shown)} file{'s' * (len(shown) > 1)} until {end}")
            if not no_open and not webbrowser.open(server.address):
                say("veneer: no browser was found; open the address above")
            server.serve_forever()
            say("veneer: ended; no page is open")
        except KeyboardInterrupt:
            say("veneer: ended")


def _readable(names: Sequence[str]) -> list[tuple[str, Path | bytes]]:
    """The files that can be read, each by its name; of standard input the bytes. A line for each other."""
    found, failures = find_sources(names, _VENEER_FILES)
    readable: list[tuple[str, Path | bytes]] = []
    for path, _ in found:
        name = STREAM if path is None else str(path)
        try:
            data = read_source(path)
        except FileFailure as failure:
            failures.append((name, failure))
            continue
        if not data:
            failures.append((name, FileFailure("is empty", "name a picture")))
            continue
        readable.append(("standard input", data) if path is None else (name, path))
    for name, reason in failures:
        say_failure(name, reason)
    return readable
