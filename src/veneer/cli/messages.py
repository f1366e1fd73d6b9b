"""Output of the command. Every name and every text from a file passes through here before it reaches a terminal.

Names of files may hold anything but `/` and NUL: line ends, the escape sequences of terminals, bytes that are no
UTF-8. For people those are escaped, so that one line stays one line and says what it seems to say; `say_json` keeps
names to the byte.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import os
import sys
import unicodedata
from typing import Any, TextIO

import click
from tqdm import tqdm

from veneer.cli.failure import FileFailure, from_os_error

tqdm.monitor_interval = (
    0  # no thread that watches bars: where there are no more threads, tqdm would say so in two lines
)

EMPTY_NAME = "''"  # as it was typed, so that something stands for it
_SHORT_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
# Control characters, halves of surrogate pairs, and what ends a line or a paragraph.
_ESCAPED_CATEGORIES = frozenset(("Cc", "Cs", "Zl", "Zp"))
# What changes the direction of writing, and so the order in which a name is read: UAX 9, 2.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class OutputLost(Exception):
    """Standard output cannot be written to; what was to be said is lost.

    Attributes:
        failure: why; None where the reader has gone, as `head` does, who needs no explanation.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.failure = None if error.errno == errno.EPIPE else from_os_error(error)


def printable(text: str, encoding: str = "utf-8") -> str:
    r"""A text on one line, without what a terminal would obey and what it cannot show.

    Args:
        text: anything; bytes of names that are no UTF-8 as half surrogates (PEP 383).
        encoding: of the terminal or file that it goes to.

    Returns:
        The text with \n, \r, \t, \xNN for ASCII and for bytes that are no UTF-8, \uNNNN and \UNNNNNNNN for the rest.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _may_be_shown(char, encoding) else _escaped(char) for char in text)


def _may_be_shown(char: str, encoding: str) -> bool:
    if unicodedata.category(char) in _ESCAPED_CATEGORIES or char in _DIRECTIONS:
        return False
    try:
        char.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return char.isascii()
    return True


def _escaped(char: str) -> str:
    number = ord(char)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x80:
        return _SHORT_ESCAPES.get(char, f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def say(*lines: str, error: bool = True) -> None:
    """Prints lines above the progress bar, to standard error or standard output.

    Raises:
        OutputLost: standard output cannot be written to. What goes to standard error is lost without a word.
    """
    stream = sys.stderr if error else sys.stdout
    write("\n".join(printable(line, stream.encoding or "utf-8") for line in lines), stream)


def say_json(values: dict[str, Any], *, error: bool = False) -> None:
    """Prints one line of JSON; raises OutputLost as `say` does."""
    write(json_text(values), sys.stderr if error else sys.stdout)


def json_text(values: dict[str, Any]) -> str:
    """One line of JSON that every reader takes: ASCII, and no half surrogates, which many refuse.

    Where a text has bytes that are no UTF-8, U+FFFD stands for each in it, and NAME_base64 beside NAME has its bytes.
    """
    return json.dumps(_without_surrogates(values)).replace("\x7f", r"\u007f")


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, dict):
        kept: dict[str, Any] = {}
        for key, each in value.items():
            kept[key] = _without_surrogates(each)
            if isinstance(each, str) and kept[key] != each:
                kept[f"{key}_base64"] = base64.b64encode(os.fsencode(each)).decode()
        return kept
    if isinstance(value, (list, tuple)):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, str):
        return "".join("\ufffd" if unicodedata.category(char) == "Cs" else char for char in value)
    return value


def write(text: str, stream: TextIO) -> None:
    """Writes a line that is fit for it as it is; see `say`."""
    try:
        tqdm.write(text, file=stream)
        stream.flush()
    except OSError as error:
        silence(stream)
        if stream is not sys.stderr:
            raise OutputLost(error) from error


def silence(stream: TextIO) -> None:
    """Sends to nowhere what a broken stream still holds, which Python would try to write once more at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say_failure(name: str, failure: FileFailure | str) -> None:
    """The one line of a file that cannot be done."""
    _say_marked("red", f"{name or EMPTY_NAME}: {failure}")


def say_plain_failure(failure: FileFailure | str) -> None:
    """The one line of what is no matter of one file."""
    _say_marked("red", str(failure))


def say_note(name: str, text: str) -> None:
    """A line about a file that is done, though not quite as it was."""
    say(f"veneer: {name}: note: {text}")


def _say_marked(colour: str, text: str) -> None:
    write(f"{coloured('veneer:', colour, sys.stderr)} {printable(text, sys.stderr.encoding or 'utf-8')}", sys.stderr)


def coloured(text: str, colour: str, stream: TextIO) -> str:
    """Text, coloured where it goes to a terminal whose user wants colours (https://no-color.org)."""
    wanted = stream.isatty() and not os.environ.get("NO_COLOR")
    return click.style(text, fg=colour, bold=True) if wanted else text
