"""Detects names of the same file, also on file systems that do not distinguish upper from lower case.

Such file systems are usual on macOS and Windows, on memory cards, and on shares of networks. Results that are named
A.vnr and a.vnr would replace each other there.
"""

from __future__ import annotations

import functools
import os
import unicodedata


def place_of(path: str | os.PathLike[str]) -> str:
    """A text that is the same for all names of a file, whether or not it is there yet; links are followed."""
    real = os.path.realpath(path)
    return unicodedata.normalize("NFC", real).casefold() if _ignores_case(os.path.dirname(real)) else real


@functools.lru_cache(1024)
def _ignores_case(folder: str) -> bool:
    """Whether a folder, or the first one above it that is there, is found by its name in the other case."""
    while not os.path.exists(folder) or os.path.basename(folder).swapcase() == os.path.basename(folder):
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
    above, name = os.path.split(folder)
    try:
        return os.path.samefile(folder, os.path.join(above, name.swapcase()))
    except OSError:
        return False
