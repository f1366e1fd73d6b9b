"""The files that make a desktop know .vnr files: their texts, and where they go.

Source: `share/` in the source tree, `veneer/share` in the package; XDG Base Directory Specification 0.8; Desktop Entry
Specification 1.5, "The Exec key".
"""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

PACKAGE = Path(__file__).parents[1]
# Where the files are: in a package that was installed, and in the source tree.
FOLDERS = (PACKAGE / "share", PACKAGE.parents[1] / "share")

# Stands in the first lines of each file; a file without it is of somebody else.
MARK = b"Of Veneer: "
_MARKED_BYTES = 300  # from the start, which the mark is in

# What an argument of Exec may have without quotes.
_PLAIN = re.compile(r"[A-Za-z0-9_@+=:,./-]+")


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file for the desktop.

    Attributes:
        name: below `share/`.
        path: where it goes.
        text: what is in it, with the command that it starts.
    """

    name: str
    path: Path
    text: str


@dataclasses.dataclass(frozen=True)
class Place:
    """Where files go.

    Attributes:
        data: the folder for data, as `~/.local/share`.
        delegates: the file for ImageMagick.
    """

    data: Path
    delegates: Path


def user_place() -> Place:
    """For the user who runs this, by the environment."""
    data = _folder_of("XDG_DATA_HOME", ".local/share")
    return Place(data, _folder_of("XDG_CONFIG_HOME", ".config") / "ImageMagick" / "delegates.xml")


def prefix_place(prefix: str) -> Place:
    """For all users of a prefix such as /usr/local, whose configuration of ImageMagick stays as it is."""
    data = Path(os.path.abspath(prefix)) / "share"
    return Place(data, data / "veneer" / "delegates.xml")


def _folder_of(variable: str, default: str) -> Path:
    """A folder of the environment, which says that relative ones are to be ignored."""
    value = os.environ.get(variable, "")
    return Path(value) if os.path.isabs(value) else Path.home() / default


def own_command() -> list[str]:
    """What starts this very installation: the program `veneer`, else its Python."""
    program = os.path.abspath(sys.argv[0])
    if os.path.basename(program) == "veneer" and os.access(program, os.X_OK) and os.path.isfile(program):
        return [program]
    return [sys.executable, "-m", "veneer"]


def entries(place: Place, command: Sequence[str]) -> list[Entry]:
    """The files for a place, which start `command`."""

    def of_shell(words: Sequence[str]) -> str:
        return escape(shlex.join(words).replace("%", "%%"), {'"': "&quot;"})

    return [
        _entry("mime/packages/veneer.xml", place.data / "mime/packages/veneer.xml"),
        _entry("thumbnailers/veneer.thumbnailer", place.data / "thumbnailers/veneer.thumbnailer", command),
        _entry("applications/veneer.desktop", place.data / "applications/veneer.desktop", command),
        _entry("veneer/magic", place.data / "veneer/magic"),
        _entry("veneer/delegates.xml", place.delegates, command, 'command="', of_shell),
    ]


def _entry(
    name: str,
    path: Path,
    command: Sequence[str] = (),
    before: str = "\nExec=",
    quoted: Callable[[Sequence[str]], str] | None = None,
) -> Entry:
    """One file; of a key file where nothing else is said."""
    text = next(found for folder in FOLDERS if (found := folder / name).is_file()).read_text()
    if command:
        text = text.replace(f"{before}veneer ", before + (quoted or quoted_for_exec)(command) + " ")
        text = text.replace("\nTryExec=veneer\n", f"\nTryExec={_escaped(command[0])}\n")
    return Entry(name, path, text)


def quoted_for_exec(words: Sequence[str]) -> str:
    """Words as the key Exec of a desktop entry has them."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    word = word.replace("%", "%%")
    if _PLAIN.fullmatch(word):
        return word
    return _escaped('"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"')


def _escaped(value: str) -> str:
    """A value of a key file: a backslash is written twice."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def is_ours(data: bytes) -> bool:
    """Whether a file that is there was written by this program, or comes from its `share/`."""
    return MARK in data[:_MARKED_BYTES]
