"""Light levels of HDR pictures: content light level (CTA-861.3) and mastering display (SMPTE ST 2086).

Source: Portable Network Graphics (third edition), 11.3.2.7 and 11.3.2.8; ISO/IEC 14496-12, 12.1.6 and 12.1.7;
ISO/IEC 23008-2, D.3.28, by which displays of boxes name green, blue and red in this order.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Mapping
from typing import Any

import veneer

_PNG_UNITS = 10_000  # of a cd/m2 in cLLI
_MOST = 0xFFFF  # cd/m2
_DISPLAY = ">8H2I"  # primaries and white, then luminances
_DISPLAY_SIZE = struct.calcsize(_DISPLAY)
_GREEN_BLUE_RED = (*(2, 3, 4, 5), *(0, 1), *range(6, 10))  # places of the numbers of boxes in those of PNG
_FROM_BOXES = tuple(_GREEN_BLUE_RED.index(place) for place in range(10))


@dataclasses.dataclass(frozen=True)
class Light:
    """Light levels of a picture.

    Attributes:
        content: largest light level of a pixel, and largest mean of a picture, in cd/m2, 0..65535, 0: unknown; or None.
        display: of the mastering display, x and y of red, green, blue and white in 0.00002, then the largest and the
            smallest luminance in 0.0001 cd/m2; or None.
    """

    content: tuple[int, int] | None = None
    display: tuple[int, ...] | None = None

    @classmethod
    def of_file(cls, info: veneer.Info) -> Light:
        """The light levels of a Veneer file."""
        display = info.mastering_display
        return cls(info.content_light, None if display is None else display.units)

    def keywords(self) -> dict[str, Any]:
        """Arguments for `veneer.encode`."""
        display = None if self.display is None else veneer.MasteringDisplay.of_units(self.display)
        return {"content_light": self.content, "mastering_display": display}

    def names(self) -> list[str]:
        """What of them is there, for notes."""
        return ["content light level"] * (self.content is not None) + ["mastering display"] * (self.display is not None)


def light_of_png(chunks: Mapping[bytes, bytes], notes: list[str]) -> Light:
    """Light levels of a PNG.

    Args:
        chunks: its intact chunks by their names, cLLI and mDCV among them; by drafts, cLLi and mDCv.
        notes: to which is added what is wrong or rounded.

    Returns:
        What they say.
    """
    levels, display = (chunks.get(name, chunks.get(draft)) for name, draft in ((b"cLLI", b"cLLi"), (b"mDCV", b"mDCv")))
    content = None
    if levels is not None:
        try:
            exact = [value / _PNG_UNITS for value in struct.unpack(">2I", levels)]
            content = _whole_levels(exact, notes)
        except struct.error:
            notes.append("its cLLI chunk is damaged, and is left out")
    if display is not None and len(display) != _DISPLAY_SIZE:
        notes.append("its mDCV chunk is damaged, and is left out")
        display = None
    return Light(content, None if display is None else struct.unpack(_DISPLAY, display))


def _whole_levels(levels: list[float], notes: list[str]) -> tuple[int, int]:
    most, average = (min(round(level), _MOST) for level in levels)
    if [most, average] != levels:
        shown = " and ".join(f"{level:g}" for level in levels)
        notes.append(f"its content light level of {shown} cd/m2 is kept as {most} and {average}")
    return most, average


def png_chunks(light: Light) -> list[tuple[bytes, bytes]]:
    """Names and contents of chunks that say light levels; they stand before the pixels."""
    chunks = []
    if light.display is not None:
        chunks.append((b"mDCV", struct.pack(_DISPLAY, *light.display)))
    if light.content is not None:
        chunks.append((b"cLLI", struct.pack(">2I", *(level * _PNG_UNITS for level in light.content))))
    return chunks


def light_of_boxes(boxes: Mapping[bytes, bytes], notes: list[str]) -> Light:
    """Light levels of AVIF and HEIF.

    Args:
        boxes: contents of the properties of the picture by their types, clli and mdcv among them.
        notes: to which is added what is wrong.

    Returns:
        What they say.
    """
    levels, display = boxes.get(b"clli"), boxes.get(b"mdcv")
    if levels is not None and len(levels) != 4:
        notes.append("its box clli is damaged, and is left out")
        levels = None
    if display is not None and len(display) != _DISPLAY_SIZE:
        notes.append("its box mdcv is damaged, and is left out")
        display = None
    content = None if levels is None else struct.unpack(">2H", levels)
    numbers = None if display is None else struct.unpack(_DISPLAY, display)
    return Light(content, numbers and tuple(numbers[place] for place in _FROM_BOXES))


def light_boxes(light: Light) -> list[tuple[bytes, bytes]]:
    """Types and contents of boxes that say light levels."""
    boxes = []
    if light.content is not None:
        boxes.append((b"clli", struct.pack(">2H", *light.content)))
    if light.display is not None:
        boxes.append((b"mdcv", struct.pack(_DISPLAY, *(light.display[place] for place in _GREEN_BLUE_RED))))
    return boxes
