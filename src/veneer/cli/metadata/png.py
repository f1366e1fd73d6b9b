"""Metadata of PNG, read from its chunks: Pillow refuses files whose texts or profiles are above a megabyte.

Source: Portable Network Graphics (third edition), 11.3; ImageMagick's coders/png.c for raw profiles.
"""

from __future__ import annotations

import dataclasses
import struct
import zlib
from collections.abc import Iterator

from veneer.cli.notes import Note
from veneer.file_metadata import photoshop
from veneer.file_metadata.found import MAX_LENGTH, Density, Metadata, density_ratio
from veneer.file_metadata.texts import as_text

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_DEPTH = 24  # place in the file
_XMP_KEYWORD = "XML:com.adobe.xmp"
_RAW_PROFILE = "Raw profile type "
_EXIF_PREFIX = b"Exif\0\0"
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")

# Chunks that are read, here or for the colour; of other frames, which are noted as such; and of how the file is stored.
_READ = frozenset(
    [
        *(*_TEXT_CHUNKS, b"eXIf", b"pHYs", b"tIME", b"iCCP", b"cICP", b"sRGB", b"gAMA", b"cHRM", b"mDCV", b"mDCv"),
        *(b"cLLI", b"cLLi", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"iDOT"),
    ]
)
# Hints for display, without which the picture is the same.
_HINTS = frozenset((b"bKGD", b"hIST", b"sPLT", b"sBIT"))


@dataclasses.dataclass
class PngMetadata:
    """Contents of the chunks of a PNG: metadata, and the ICC profile of iCCP or of a raw profile."""

    metadata: Metadata
    icc: bytes | None


@dataclasses.dataclass(frozen=True)
class _Chunk:
    name: bytes
    content: bytes
    end: int
    intact: bool


def without_texts(data: bytes) -> bytes:
    """The file without what Pillow may refuse it for: texts, profile and density, which `read` reads."""
    parts, place = [], 0
    for chunk in _chunks(data):
        if chunk.name in (*_TEXT_CHUNKS, b"iCCP", b"pHYs"):
            start = chunk.end - len(chunk.content) - 12
            parts.append(data[place:start])
            place = chunk.end
    return b"".join((*parts, data[place:])) if parts else data


def read(data: bytes, notes: list[str]) -> PngMetadata:
    """Metadata of a PNG.

    Args:
        data: the file.
        notes: to which is added what is damaged or left out.

    Returns:
        Metadata and ICC profile.
    """
    reader = _Reader(notes, deep=data[_DEPTH : _DEPTH + 1] == b"\x10")
    end = len(data)
    for chunk in _chunks(data):
        reader.take(chunk)
        end = chunk.end if chunk.name == b"IEND" else end
    reader.note_others(len(data) - end)
    return PngMetadata(reader.metadata(), reader.icc)


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """Whole chunks up to IEND."""
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        end = place + 12 + size
        if end > len(data):
            return
        content = data[place + 8 : end - 4]
        intact = name in (b"IDAT", b"fdAT") or zlib.crc32(name + content) == int.from_bytes(data[end - 4 : end], "big")
        yield _Chunk(name, content, end, intact)
        if name == b"IEND":
            return
        place = end


class _Reader:
    """Takes the chunks of one PNG."""

    def __init__(self, notes: list[str], *, deep: bool) -> None:
        self._read = _READ | {b"sBIT"} if deep else _READ  # which says the depth there
        self._notes = notes
        self._room = MAX_LENGTH  # for what is unpacked of texts together
        self._exif: bytes | None = None
        self._density: Density | None = None
        self._texts: list[tuple[str, str]] = []
        self._others: set[bytes] = set()
        self.icc: bytes | None = None

    def take(self, chunk: _Chunk) -> None:
        """Takes a chunk; what is damaged is noted, and as good as absent."""
        name, content = chunk.name, chunk.content
        if name[:1].isupper():
            return
        if not chunk.intact:
            self._notes.append(f"its chunk {_shown(name)} is damaged, and is left out")
        elif name in _TEXT_CHUNKS:
            self._take_text(name, content)
        elif name == b"eXIf":
            self._exif = content.removeprefix(_EXIF_PREFIX) or None
        elif name == b"pHYs":
            self._take_density(content)
        elif name == b"tIME":
            self._take_time(content)
        elif name == b"iCCP":
            self._take_profile(content)
        elif name not in self._read:
            self._others.add(name)

    def note_others(self, bytes_behind: int) -> None:
        """Notes chunks that are not kept, and bytes after the end."""
        for names, loses in ((self._others - _HINTS, True), (self._others & _HINTS, False)):
            if names:
                shown = ", ".join(sorted(map(_shown, names))[:20])
                chunks = f"chunk {shown} is" if len(names) == 1 else f"chunks {shown} are"
                self._notes.append(Note(f"its {chunks} left out", loses=loses))
        if bytes_behind > 0:
            self._notes.append(f"{bytes_behind} bytes behind the end of the PNG are left out")

    def metadata(self) -> Metadata:
        """The metadata read; a raw profile becomes Exif, IPTC or XMP where no other chunk holds the same."""
        found = Metadata(self._exif, density=self._density)
        texts = []
        for keyword, text in self._texts:
            if keyword == _XMP_KEYWORD and found.xmp is None:
                found.xmp = text.encode()
        for keyword, text in self._texts:
            if keyword == _XMP_KEYWORD and text.encode() == found.xmp:
                continue
            if not (keyword.startswith(_RAW_PROFILE) and self._take_raw_profile(keyword, text, found)):
                texts.append((keyword, text))
        found.text = tuple(pair for keyword, text in texts for pair in as_text(keyword, text, self._notes))
        return found

    def _take_text(self, name: bytes, content: bytes) -> None:
        keyword, separator, rest = content.partition(b"\0")
        shown = keyword.decode("latin-1")
        try:
            if not separator:
                raise ValueError
            if name == b"tEXt":
                text = rest.decode("latin-1")
            elif name == b"zTXt":
                text = self._unpack(rest[1:]).decode("latin-1")
            else:
                text = self._international(shown, rest)
        except _TooLarge:
            self._notes.append(
                f"its text {shown!a} is left out: it is longer than the {MAX_LENGTH} bytes of all texts allowed"
            )
            return
        except (ValueError, IndexError, zlib.error):  # of which UnicodeDecodeError is one
            self._notes.append(f"its text {shown!a} is damaged, and is left out")
            return
        self._texts.append((shown, text))

    def _international(self, keyword: str, rest: bytes) -> str:
        """The text of iTXt; there is no place for what it says of its language."""
        packed = rest[0]
        language, translated, text = rest[2:].split(b"\0", 2)
        if (language or translated) and keyword != _XMP_KEYWORD:
            said = " and ".join(["language"] * bool(language) + ["keyword in it"] * bool(translated))
            self._notes.append(f"of its text {keyword!a} the {said} is left out")
        return (self._unpack(text) if packed else text).decode("utf-8")

    def _unpack(self, data: bytes) -> bytes:
        text = _unpack(data, self._room)
        self._room -= len(text)
        return text

    def _take_density(self, content: bytes) -> None:
        if len(content) != 9:
            self._notes.append("its density is damaged, and is left out")
            return
        x, y, unit = struct.unpack(">IIB", content)
        if unit > 1 or not (1 <= x < 1 << 31 and 1 <= y < 1 << 31):
            self._notes.append(f"its density, {x} x {y} of unit {unit}, makes no sense, and is left out")
            return
        self._density = (1, x, y) if unit else density_ratio(x, y)

    def _take_time(self, content: bytes) -> None:
        try:
            year, month, day, hour, minute, second = struct.unpack(">HBBBBB", content)
        except struct.error:
            self._notes.append("its chunk tIME is damaged, and is left out")
            return
        when = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        self._notes.append(f"the time of its last change, {when}, is left out")

    def _take_profile(self, content: bytes) -> None:
        """The profile of iCCP; of one that is damaged, those who read the colour say so."""
        _, _, rest = content.partition(b"\0")
        try:
            self.icc = _unpack(rest[1:], MAX_LENGTH) or None
        except _TooLarge:
            self._notes.append(f"its ICC profile is left out: it is longer than {MAX_LENGTH} bytes")
        except zlib.error:
            pass

    def _take_raw_profile(self, keyword: str, text: str, found: Metadata) -> bool:
        """Takes a profile in hexadecimal; False where it is invalid or there is another, so that it stays a text."""
        data = _raw_profile(text)
        if data is None:
            return False
        kind = keyword.removeprefix(_RAW_PROFILE).strip().lower()
        if kind in ("exif", "app1") and not data.startswith(_XMP_PREFIX):
            return _set(found, "exif", data.removeprefix(_EXIF_PREFIX))
        if kind in ("xmp", "app1"):
            return _set(found, "xmp", data.removeprefix(_XMP_PREFIX))
        if kind in ("iptc", "8bim", "app13"):
            data = data.removeprefix(photoshop.JPEG_PREFIX)
            iptc = data if data.startswith(b"\x1c") else photoshop.split_iptc(data, self._notes)
            return iptc is None or _set(found, "iptc", iptc)
        if kind in ("icc", "icm") and self.icc in (None, data):
            self.icc = data
            return True
        return False


def _set(found: Metadata, name: str, data: bytes) -> bool:
    """Sets an attribute that is None or the same already; False otherwise."""
    if getattr(found, name) not in (None, data):
        return False
    setattr(found, name, data or None)
    return True


def _raw_profile(text: str) -> bytes | None:
    """The bytes of a raw profile: its name, its length and hexadecimal; None where it is invalid."""
    head = text.split(maxsplit=2)
    try:
        data = bytes.fromhex(head[2]) if len(head) == 3 else b""
        return data if len(data) == int(head[1]) else None
    except (ValueError, IndexError):
        return None


def _unpack(data: bytes, limit: int) -> bytes:
    """Decompresses zlib data; raises _TooLarge beyond `limit` bytes, and zlib.error."""
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(data, limit + 1)
    if len(text) > limit:
        raise _TooLarge
    if not unpacker.eof:
        raise zlib.error("cut")
    return text


class _TooLarge(Exception):
    """More bytes than allowed."""


def _shown(name: bytes) -> str:
    return ascii(name.decode("latin-1"))[1:-1]
