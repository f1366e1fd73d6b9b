"""The subcommand `veneer desktop`: makes file managers and other programs know .vnr files."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from veneer.cli import whole_files
from veneer.cli.desktop_entries import Entry, Place, entries, is_ours, own_command, prefix_place, user_place
from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.messages import say, say_failure
from veneer.cli.options import EXIT_CODES

# Programs that make of the files what others read, with the folder below the data; both are optional.
_UPDATERS = (("update-mime-database", "mime"), ("update-desktop-database", "applications"))
_UPDATE_SECONDS = 120  # the database of a whole system takes some seconds


@click.command(epilog=EXIT_CODES, short_help="Makes file managers and other programs know .vnr files.")
@click.option("--install", "action", flag_value="install", help="Write the files, and bring databases up to date.")
@click.option("--uninstall", "action", flag_value="uninstall", help="Remove them again.")
@click.option("--print", "action", flag_value="print", help="Show what --install would write, and where.")
@click.option("--user", is_flag=True, help="For the user who runs this, which is the default.")
@click.option(
    "--prefix", type=click.Path(file_okay=False), metavar="DIR", help="For all users, in DIR/share: /usr/local or /usr."
)
@click.option("-f", "--force", is_flag=True, help="Replace files of others that stand in the way.")
def desktop(action: str | None, user: bool, prefix: str | None, force: bool) -> None:
    """Makes file managers, viewers, file(1) and ImageMagick know .vnr files.

    Writes the type image/x-veneer for shared-mime-info, a thumbnailer, an entry for the viewer (veneer view), a file
    for file(1), and delegates for ImageMagick, and says each file. Files that others have written stay, unless --force
    is given.

    \b
    veneer desktop --install                     in ~/.local/share and ~/.config
    veneer desktop --install --prefix /usr/local
    veneer desktop --uninstall
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    if action is None:
        raise click.UsageError("say what to do: --install, --uninstall or --print")
    if user and prefix is not None:
        raise click.UsageError("--user and --prefix exclude each other")
    if force and action != "install":
        raise click.UsageError("--force goes with --install")
    place = user_place() if prefix is None else prefix_place(prefix)
    files = entries(place, own_command())
    if action == "print":
        for entry in files:
            say(f"==> {entry.path} <==", *entry.text.splitlines(), "", error=False)
        return
    good = True
    for entry in files:
        try:
            say(_install(entry, force) if action == "install" else _uninstall(entry), error=False)
        except FileFailure as failure:
            say_failure(str(entry.path), failure)
            good = False
        except OSError as error:
            say_failure(str(error.filename or entry.path), from_os_error(error))
            good = False
    if action == "uninstall":
        with contextlib.suppress(OSError):  # it is not there, or others have something in it
            os.rmdir(place.data / "veneer")
    good &= _update(place)
    sys.exit(0 if good else 1)


def _found(path: Path) -> bytes | None:
    """What a file holds that is there; None where none is. A link is not followed: it is of somebody else."""
    if path.is_symlink():
        return b""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _install(entry: Entry, force: bool) -> str:
    """Writes a file; says what was done."""
    data, found = entry.text.encode(), _found(entry.path)
    if found == data:
        return f"{entry.path}: is there already"
    if found is not None and not is_ours(found) and not force:
        text = "is there, and not of veneer; it stays"
        raise FileFailure(text, "see --print for what is missing in it, or replace it with --force")
    entry.path.parent.mkdir(parents=True, exist_ok=True)
    whole_files.write_whole(str(entry.path), data, replace=found is not None)
    return f"{entry.path}: {'written' if found is None else 'replaced'}"


def _uninstall(entry: Entry) -> str:
    """Removes a file, unless it is of somebody else; says what was done."""
    found = _found(entry.path)
    if found is None:
        return f"{entry.path}: is not there"
    if not is_ours(found):
        return f"{entry.path}: is not of veneer; it stays"
    entry.path.unlink()
    return f"{entry.path}: removed"


def _update(place: Place) -> bool:
    """Runs the programs that make databases of the files, where they are; whether all went well."""
    good = True
    for program, name in _UPDATERS:
        folder, path = place.data / name, shutil.which(program)
        if not folder.is_dir():
            continue
        if path is None:
            say(f"{program}: is not installed; {folder} is used once it has run", error=False)
            continue
        try:
            done = subprocess.run(  # noqa: S603 - a program of the system, on a folder that was just written to
                [path, str(folder)], capture_output=True, text=True, errors="replace", timeout=_UPDATE_SECONDS
            )
            failure = "" if done.returncode == 0 else " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        except (OSError, subprocess.TimeoutExpired) as error:
            failure = str(error)
        if failure:
            say_failure(program, FileFailure(failure, f"run it on {folder} yourself"))
        else:
            say(f"{program}: has run on {folder}", error=False)
        good &= not failure
    return good
