"""A picture while it arrives: bytes in pieces of any size, events out, and the best picture so far at any time.

pieces -> chunks -> headers, then the preview at full size, then tiles over it, then what `decode` makes of the whole
Source: docs/format.md, "Order of chunks" and "Preview".
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import os
from collections.abc import Iterator

import numpy

from veneer import limits
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
from veneer.arriving_tiles import FilledPicture, completed_tiles, decode_tile
from veneer.base.layer import Pixels
from veneer.bitstream import syntax
from veneer.bitstream.arrival import ArrivingChunks
from veneer.bitstream.container import (
    METADATA_TYPES,
    TILE_TYPES,
    Assembly,
    CodedPreview,
    Contents,
    read_front,
    tile_grid,
)
from veneer.bitstream.problems import ProblemLog
from veneer.bitstream.tiles import Region
from veneer.decoder import decode
from veneer.errors import ErrorCode, VeneerError
from veneer.inspection import Info, make_info
from veneer.preview import decode_preview, enlarge
from veneer.sources import buffer_of
from veneer.threads import map_in_threads

# Bytes that a file may have. Noise at the finest step takes 1.1 to 1.4 a sample, 2 in pictures of three rows; what is
# above that is for metadata and enhancement.
MAX_BYTES_PER_SAMPLE = 4
MAX_OTHER_BYTES = (len(METADATA_TYPES) + 1) * limits.MAX_METADATA_LENGTH


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
        self._layers: Layers = layers
        self._realism = check_realism(realism)
        self._threads = check_threads(threads)
        self._max_pixels = check_max_pixels(max_pixels)
        self._models = check_folder("models", models)

        self._chunks = ArrivingChunks()
        self._assembly: Assembly | None = None
        self._failure: VeneerError | None = None
        self._problems = ProblemLog()
        self._preview: Pixels | None = None
        self._shown: set[int] = set()  # tiles that are in the canvas
        self._canvas: Pixels | None = None
        self._concealed: FilledPicture | None = None  # a picture without preview
        self._ended = False
        self._finished = False

    @property
    def info(self) -> Info | None:
        """What is known of the headers; None before HEAD. Its `size_bytes` are those that have come."""
        if self._assembly is None:
            return None
        return make_info(self._assembly.contents, self._chunks.size, self._problems.entries())

    @property
    def preview(self) -> Pixels | None:
        """The preview, uint8 [(H + 7) // 8, (W + 7) // 8, C]; None where it has not come, or the file has none.

        Not to be written to.
        """
        return None if self._preview is None else _read_only(self._preview)

    @property
    def problems(self) -> tuple[VeneerError, ...]:
        """What is damaged or missing; of very many the first ones, and a last one that counts the others."""
        return tuple(self._problems.entries())

    @property
    def tiles_shown(self) -> int:
        """How many tiles are in the picture, of `info.tile_count`."""
        return len(self._shown)

    @property
    def finished(self) -> bool:
        """Whether the picture is final."""
        return self._finished

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
        return self._run(self._advance(piece))

    def finish(self) -> list[Event]:
        """Says that nothing more will come, and makes the best picture of what has.

        Returns:
            What has happened by that; nothing where the file was whole.

        Raises:
            VeneerError: HEAD is not there, or nothing to show.
        """
        return self._run(self._finish())

    def _run(self, events: Iterator[Event]) -> list[Event]:
        if self._failure is not None:
            raise self._failure
        if self._finished:
            return []
        try:
            return list(events)
        except VeneerError as error:
            self._failure = error
            raise

    def picture(self) -> Pixels | None:
        """The best picture so far.

        Tiles that have not come show the preview brought to full size. Without a preview they are filled in as `decode`
        does for a file that is cut here, at the cost of that: anew where more than a quarter more tiles have come.

        Returns:
            uint8 [H, W, C], not to be written to; it may change with the next `feed`. None where there is nothing to
            show.
        """
        if self._assembly is None:
            return None
        picture = self._best(self._assembly.contents)
        return None if picture is None else _read_only(picture)

    def _best(self, contents: Contents) -> Pixels | None:
        is_full = self._finished or self._preview is not None or len(self._shown) == tile_grid(contents.head).count
        if is_full or not self._shown:
            return self._canvas
        if self._concealed is None or len(self._shown) > self._concealed.enough:
            self._concealed = FilledPicture(self._decode("base", []), set(self._shown))
        elif self._canvas is not None:
            self._concealed.add_tiles(contents, self._canvas, self._shown)
        return self._concealed.pixels

    def _decode(self, layers: Layers, problems: list[VeneerError]) -> Pixels:
        """What `decode` makes of the bytes so far."""
        return decode(
            self._chunks.whole(),
            layers=layers,
            realism=self._realism,
            threads=self._threads,
            max_pixels=self._max_pixels,
            models=self._models,
            problems=problems,
        )

    def _advance(self, data: memoryview) -> Iterator[Event]:
        """Takes bytes, and the chunks that they complete."""
        self._chunks.add(data)
        if self._assembly is None:
            head = self._chunks.read_head(self._max_pixels)
            if head is not None:
                self._assembly = Assembly(head, False)
                yield Event(EventKind.INFO)
        self._check_size()
        if self._assembly is None:
            return
        contents = self._assembly.contents
        tiles: list[int] = []
        noted = len(contents.problems.kept)
        for chunk in self._chunks.chunks(self._assembly.report):
            self._assembly.add(chunk)
            self._ended = chunk.type == b"TEND"
            if chunk.type in METADATA_TYPES:
                yield Event(EventKind.METADATA)
            if contents.preview is not None and self._preview is None:
                yield from self._show_preview(contents, contents.preview)
            if chunk.type in TILE_TYPES:
                tiles += completed_tiles(contents, chunk)
        if self._ended and None not in (*contents.colour_tiles, *contents.alpha_tiles):
            self._assembly.check_complete(None)
        for problem in contents.problems.kept[noted:]:
            yield from self._note(problem)
        yield from self._show_tiles(contents, tiles)
        if self._ended:
            yield from self._finish()

    def _check_size(self) -> None:
        """Raises VeneerError of TOO_MANY_BYTES."""
        samples = 0
        if self._assembly is not None:
            head = self._assembly.contents.head
            samples = head.width * head.height * head.channels
        if self._chunks.size > MAX_BYTES_PER_SAMPLE * samples + MAX_OTHER_BYTES:
            text = f"{self._chunks.size} bytes are more than a picture of this size can need"
            raise VeneerError(ErrorCode.TOO_MANY_BYTES, text)

    def _note(self, problem: VeneerError) -> Iterator[Event]:
        """Takes a problem; an event of it, unless there have been very many of its code."""
        if self._problems.add(problem):
            yield Event(EventKind.PROBLEM, problem=problem)

    def _show_preview(self, contents: Contents, coded: CodedPreview) -> Iterator[Event]:
        """Makes the preview the picture."""
        head = contents.head
        self._preview = decode_preview(coded, head, self._threads)
        if self._preview is None:
            contents.preview = None
            yield from self._note(VeneerError(ErrorCode.TILE_DAMAGED, "the preview cannot be decoded"))
            return
        whole = (0, 0, head.width, head.height)
        self._canvas = enlarge(self._preview, whole, syntax.PREVIEW_SCALE)
        yield Event(EventKind.PREVIEW, whole)

    def _show_tiles(self, contents: Contents, tiles: list[int]) -> Iterator[Event]:
        """Puts tiles into the picture."""
        if not tiles:
            return
        head = contents.head
        if self._canvas is None:
            self._canvas = numpy.zeros((head.height, head.width, head.channels), numpy.uint8)
        decoded = map_in_threads(functools.partial(decode_tile, contents), tiles, self._threads)
        for index, (region, pixels) in zip(tiles, decoded, strict=True):
            if pixels is None:
                yield from self._note(VeneerError(ErrorCode.TILE_DAMAGED, f"tile {index} cannot be decoded"))
                continue
            x, y, width, height = region
            self._canvas[y : y + height, x : x + width] = pixels
            self._shown.add(index)
            yield Event(EventKind.TILE, region)

    def _finish(self) -> Iterator[Event]:
        """Makes the final picture, unless what is shown is that already."""
        if self._assembly is None:
            read_front(memoryview(self._chunks.whole()), self._max_pixels)  # says what is missing
            return
        contents = self._assembly.contents
        head = contents.head
        is_whole = self._ended and not self._problems.kept and len(self._shown) == tile_grid(head).count
        enhanced = self._layers == "full" and contents.model is not None
        if is_whole and head.base_scale == 1 and not enhanced:
            yield Event(EventKind.PICTURE)
        else:
            yield from self._decode_again()
            yield Event(EventKind.PICTURE, (0, 0, head.width, head.height))
        self._finished = True
        self._concealed = None

    def _decode_again(self) -> Iterator[Event]:
        """Decodes all that has come together; what is wrong with it is said where that has not been."""
        problems: list[VeneerError] = []
        try:
            self._canvas = self._decode(self._layers, problems)
        except VeneerError as error:
            if self._preview is None:
                raise
            problems.append(error)  # not one tile: the preview remains
        known = {(problem.code, problem.offset) for problem in self._problems.kept}
        self._problems = ProblemLog(problems)
        for problem in problems:
            if (problem.code, problem.offset) not in known:
                yield Event(EventKind.PROBLEM, problem=problem)


def _read_only(pixels: Pixels) -> Pixels:
    """The same pixels, which callers cannot change."""
    view = pixels.view()
    view.flags.writeable = False
    return view
