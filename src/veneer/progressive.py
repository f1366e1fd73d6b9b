"""A picture while it arrives: bytes in pieces of any size, events out, and the best picture so far at any time.

pieces -> chunks -> headers, then the preview at full size, then tiles over it, then what `decode` makes of the whole
Source: docs/format.md, "Order of chunks" and "Preview".
"""

from __future__ import annotations

import dataclasses
import enum
import os

from veneer import backend, limits
from veneer.arguments import (
    LAYERS,
    Layers,
    check_folder,
    check_max_pixels,
    check_name,
    check_realism,
    check_threads,
    shown,
    wrong,
)
from veneer.bitstream.contents import contents_from_core
from veneer.bitstream.tiles import Region
from veneer.decoder import Pixels, network_realism
from veneer.enhancement.finder import ModelFinder
from veneer.errors import VeneerError
from veneer.inspection import Info, make_info
from veneer.sources import buffer_of


class EventKind(enum.Enum):
    """What has happened."""

    INFO = "info"  # the size of the picture, and all else that HEAD says
    METADATA = "metadata"  # an ICC profile, Exif, XMP or the like has come
    PREVIEW = "preview"  # there is something to show of every part of the picture
    TILE = "tile"  # a tile has come
    PROBLEM = "problem"  # something is damaged or missing
    PICTURE = "picture"  # the picture is as good as it gets, and will not change any more


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that whoever shows the picture may want to act on.

    Attributes:
        kind: what has happened.
        region: x, y, width, height in pixels: the part of the picture that has changed; None where none has.
        problem: what is wrong, of a PROBLEM.
    """

    kind: EventKind
    region: Region | None = None
    problem: VeneerError | None = None


class Decoder:
    """Decodes a file while it arrives.

        decoder = veneer.Decoder()
        for piece in pieces:
            for event in decoder.feed(piece):
                if event.region is not None:
                    show(decoder.picture(), event.region)
        decoder.finish()

    The final picture is that of `decode` of the whole file. Memory is that of the picture and of the bytes fed, which
    are bounded by the size of the picture.

    Args:
        layers: "full", or "base" to leave enhancement out.
        realism: as of `decode`.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.
        max_pixels: pictures with more pixels are refused before anything is allocated.
        models: as of `decode`.

    Raises:
        VeneerError: BAD_SETTING; NO_WEIGHTS where there is no folder `models`.
    """

    def __init__(
        self,
        *,
        layers: Layers = "full",
        realism: float | None = None,
        threads: int = 0,
        max_pixels: int = limits.DEFAULT_MAX_PIXELS,
        models: str | os.PathLike[str] | None = None,
    ) -> None:
        check_name("layers", layers, LAYERS)  # the preview comes first anyway
        self._core = backend.PushDecoder(
            layers=LAYERS.index(layers),
            realism=network_realism(check_realism(realism)),
            max_pixels=check_max_pixels(max_pixels),
            threads=backend.thread_count(check_threads(threads)),
            models=ModelFinder(check_folder("models", models)),
        )

    @property
    def info(self) -> Info | None:
        """What is known of the headers; None before HEAD. Its `size_bytes` are those that have come."""
        contents = self._core.contents()
        return (
            None
            if contents is None
            else make_info(contents_from_core(contents), self._core.size, self._core.problems())
        )

    @property
    def preview(self) -> Pixels | None:
        """The preview, uint8 [(H + 7) // 8, (W + 7) // 8, C]; None where it has not come, or the file has none.

        Not to be written to.
        """
        return self._core.preview()

    @property
    def problems(self) -> tuple[VeneerError, ...]:
        """What is damaged or missing; of very many the first ones, and a last one that counts the others."""
        return tuple(self._core.problems())

    @property
    def tiles_shown(self) -> int:
        """How many tiles are in the picture, of `info.tile_count`."""
        return self._core.tiles_shown

    @property
    def finished(self) -> bool:
        """Whether the picture is final."""
        return self._core.finished

    def feed(self, data: bytes | bytearray | memoryview) -> list[Event]:
        """Takes the next bytes of the file.

        With the last ones comes the final picture, whose enhancement can take seconds.

        Args:
            data: any number of bytes, or another object with the buffer interface; those behind the end of the file
                are left out.

        Returns:
            What has happened by them, in order.

        Raises:
            VeneerError: what `decode` would raise for a file that begins like this, whatever follows, as does every
                later call. TOO_MANY_BYTES where no picture of this size needs so many. `picture` still gives what
                there was before. BAD_SETTING, of this call alone, where `data` are no bytes.
        """
        piece = buffer_of(data)
        if piece is None:
            raise wrong(f"data must be bytes, not {shown(data)}")
        return _events(self._core.feed(piece))

    def finish(self) -> list[Event]:
        """Says that nothing more will come, and makes the best picture of what has.

        Returns:
            What has happened by that; nothing where the file was whole.

        Raises:
            VeneerError: HEAD is not there, or nothing to show.
        """
        return _events(self._core.finish())

    def picture(self) -> Pixels | None:
        """The best picture so far.

        Tiles that have not come show the preview brought to full size. Without a preview they are filled in as `decode`
        does for a file that is cut here, at the cost of that: anew where more than a quarter more tiles have come.

        Returns:
            uint8, or uint16 of more than 8 bits, or float16, [H, W, C], not to be written to; it may change with the
            next `feed`. None where there is nothing to show.
        """
        return self._core.picture()


def _events(happened: list[tuple[int, Region | None, VeneerError | None]]) -> list[Event]:
    """What the core tells, as events."""
    kinds = tuple(EventKind)
    return [Event(kinds[kind - 1], region, problem) for kind, region, problem in happened]
