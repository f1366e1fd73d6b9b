"""Finds the page of a TIFF that is the picture: the first may be a reduced copy, and raw files are TIFFs as well.

Source: TIFF 6.0, NewSubfileType and SubfileType; TIFF Technical Note 1, SubIFDs; DNG 1.7, "DNG Tags".
"""

from __future__ import annotations

import dataclasses
import io
import struct
from typing import Any

from PIL import TiffImagePlugin

from veneer.cli.deep.tiff_layout import check_samples
from veneer.cli.failure import FileFailure
from veneer.cli.known_starts import raw_failure
from veneer.cli.notes import Note
from veneer.cli.picture_limits import check_depth

_MOST_PAGES = 4096  # whose directories are looked at; more would be work without an end

_NEW_SUBFILE_TYPE, _SUBFILE_TYPE = 254, 255
_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _SUB_DIRECTORIES = 256, 257, 259, 262, 330
_BITS = 258
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_OLD_REDUCED = 2  # of SubfileType

_RAW_TAGS = {50706: "DNG", 50740: "ARW or SR2 of Sony", 34310: "MOS of Leaf"}
_RAW_PHOTOMETRICS = frozenset((32803, 34892))  # colour filter array, linear raw
_RAW_COMPRESSIONS = {34713: "NEF of Nikon", 32767: "ARW of Sony", 65535: "PEF of Pentax", 32770: "SRW of Samsung"}


@dataclasses.dataclass(frozen=True)
class Page:
    """One directory of a TIFF.

    Attributes:
        place: of the directory in the file.
        width: in pixels.
        height: in pixels.
        full: neither a reduced copy nor a mask.
        main: stands in the chain of pages rather than in the directory of another.
    """

    place: int
    width: int
    height: int
    full: bool
    main: bool

    @property
    def area(self) -> int:
        """Its size in pixels."""
        return self.width * self.height


@dataclasses.dataclass(frozen=True)
class Choice:
    """The page that is the picture.

    Attributes:
        data: the file; another page than the first is made the first.
        is_first: nothing was changed.
        notes: what the user should know.
        bits: of its deepest sample; None where the directories cannot be read.
    """

    data: bytes
    is_first: bool
    notes: list[str]
    bits: int | None = None


def is_tiff(data: bytes) -> bool:
    """Whether a file begins like a TIFF or BigTIFF."""
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def choose_page(data: bytes, number: int | None) -> Choice:
    """Finds the picture in a TIFF.

    Args:
        data: the file.
        number: which full page is wanted, from 1 on; None for the first, or the largest where the first page of the
            file is a reduced copy or has a larger picture in it.

    Returns:
        The choice; the file as it is where its directories cannot be read.

    Raises:
        FileFailure: it is a raw file, its samples are signed, or there is no such page.
    """
    try:
        directories = _directories(data)
    except Exception:  # Pillow raises whatever it stumbles over; it will say so when it reads the picture
        directories = []
    if not directories:
        return Choice(data, True, [])
    for _, directory, _ in directories:
        _refuse_raw_directory(directory)
    pages = [_page(place, directory, main) for place, directory, main in directories]
    chosen, notes = _choose(pages, number)
    bits = _check_samples(next(directory for place, directory, _ in directories if place == chosen.place))
    if chosen is pages[0]:
        return Choice(data, True, notes, bits)
    return Choice(_begin_at(data, chosen.place), False, notes, bits)


def _choose(pages: list[Page], number: int | None) -> tuple[Page, list[str]]:
    """The page that is wanted, and notes on the choice."""
    first = pages[0]
    full = [page for page in pages if page.main and page.full] or [page for page in pages if page.full] or [first]
    count = len(full)
    if number is not None:
        if number > count:
            raise FileFailure(f"holds {count} picture{'s' * (count > 1)}", "choose another --picture")
        text = f"holds {count} pictures; number {number} is taken"
        return full[number - 1], [Note(text, loses=False)] if count > 1 else []
    largest = max((page for page in pages if page.full), key=lambda page: page.area, default=first)
    if first.full and not (largest.area > first.area and not largest.main):
        text = f"holds {count} pictures; only the first is taken"
        return first, [Note(text, incomplete=True)] if count > 1 else []
    if largest is first:
        return first, ["says that it is a reduced copy of another picture, which is not in the file"]
    text = f"its first page is a reduced copy of {first.width}x{first.height} pixels; "
    text += f"the picture of {largest.width}x{largest.height} is taken"
    notes: list[str] = [Note(text, loses=False)]
    if count > 1:
        notes.append(Note(f"holds {count} pictures; only the largest is taken", incomplete=True))
    return largest, notes


def _directories(data: bytes) -> list[tuple[int, Any, bool]]:
    """Place and fields of each directory, and whether it stands in the chain of pages."""
    header = data[:16] if data[2] == 43 or data[3] == 43 else data[:8]
    file = io.BytesIO(data)
    found: list[tuple[int, Any, bool]] = []
    seen: set[int] = set()
    place = TiffImagePlugin.ImageFileDirectory_v2(header).next
    while place and place not in seen and len(found) < _MOST_PAGES:
        seen.add(place)
        directory = _directory(header, file, place)
        found.append((place, directory, True))
        for inner in _sub_places(directory):
            if inner and inner not in seen and len(found) < _MOST_PAGES:
                seen.add(inner)
                found.append((inner, _directory(header, file, inner), False))
        place = directory.next
    return found


def _directory(header: bytes, file: io.BytesIO, place: int) -> Any:
    directory = TiffImagePlugin.ImageFileDirectory_v2(header)
    file.seek(place)
    directory.load(file)
    return directory


def _sub_places(directory: Any) -> tuple[int, ...]:
    places = directory.get(_SUB_DIRECTORIES, ())
    return places if isinstance(places, tuple) else (places,)


def _page(place: int, directory: Any, main: bool) -> Page:
    kind = directory.get(_NEW_SUBFILE_TYPE, 0)
    reduced = bool(kind & (_REDUCED | _MASK)) or directory.get(_SUBFILE_TYPE) == _OLD_REDUCED
    return Page(place, directory.get(_WIDTH, 0), directory.get(_HEIGHT, 0), not reduced, main)


def _refuse_raw_directory(directory: Any) -> None:
    for tag, kind in _RAW_TAGS.items():
        if tag in directory:
            raise raw_failure(kind)
    compression = directory.get(_COMPRESSION)
    if compression in _RAW_COMPRESSIONS:
        raise raw_failure(_RAW_COMPRESSIONS[compression])
    if directory.get(_PHOTOMETRIC) in _RAW_PHOTOMETRICS:
        raise raw_failure("a TIFF of what a sensor gave")


def _check_samples(directory: Any) -> int:
    """Bits of a sample; refuses samples that are no whole numbers, or have more than 16 bits."""
    check_samples(directory)
    bits = directory.get(_BITS, (1,))
    most = max(bits if isinstance(bits, tuple) else (bits,))
    check_depth(most, "TIFF")
    return int(most)


def _begin_at(data: bytes, place: int) -> bytes:
    """The file with another directory as its first."""
    order = "<" if data.startswith(b"I") else ">"
    if 43 in (data[2], data[3]):  # BigTIFF
        return data[:8] + struct.pack(order + "Q", place) + data[16:]
    return data[:4] + struct.pack(order + "I", place) + data[8:]
