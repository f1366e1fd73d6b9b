"""What a file says about itself: `read_info` for programs, `dump_syntax` for those who look at the bytes.

Source: docs/format.md, "HEAD" and "Chunks".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from veneer import backend, limits
from veneer import exif as exif_data
from veneer.arguments import check_flag
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import FRAME_SIZE, HEADER_SIZE, Chunk, ChunkReader, type_name
from veneer.bitstream.container import (
    FIRST_CHUNK,
    Contents,
    has_alpha,
    preview_size,
    read_contents,
    read_front,
    tile_grid,
)
from veneer.bitstream.contents import CodedJpeg, Metadata
from veneer.bitstream.fields import SyntaxLine
from veneer.bitstream.front import read_front_bytes
from veneer.bitstream.metadata import ContentLight, Density, Texts
from veneer.errors import ErrorCode, VeneerError
from veneer.gain_maps import GainMap, from_chunk
from veneer.jpeg_files import front_of_jpeg
from veneer.mastering_display import MasteringDisplay
from veneer.sources import Source, buffer_of, opened, read_source


@dataclasses.dataclass(frozen=True)
class Info:
    """The headers of a file.

    Attributes:
        format_version: version of the format.
        width: in pixels.
        height: likewise.
        channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
        bit_depth: bits of a sample.
        sample_format: "integers", or "half floats", which `decode` gives as float16.
        has_alpha: whether the last channel is alpha.
        cicp: colour primaries, transfer characteristics, matrix coefficients and range flag of ITU-T H.273.
        tile_size: side of a tile in pixels.
        tile_count: number of tiles.
        base_kind: "transform", "modular" (lossless), or "jpeg" (the file keeps a JPEG; see `decode_jpeg`).
        lossless: whether the base is coded without loss, as modular files are, near-lossless ones too.
        max_error: how much a sample may differ from that of the source; None where the file is not lossless.
        tune: "psnr" or "visual".
        step_index: quantizer step of luma in sixteenths of an octave.
        base_scale: 1 where the base layer has the size of the picture.
        default_realism: 0..1.
        preview_size: width and height of the preview, or None where there is none.
        icc: ICC profile, or None.
        exif: Exif (a TIFF structure), or None.
        xmp: XMP packet, or None.
        iptc: records of IPTC-IIM, or None.
        text: keywords and texts; may be empty.
        density: unit (0: the others are a ratio, 1: they are pixels per metre), density along x, and along y; or None.
        content_light: largest light level of a pixel, and largest mean of a picture, in cd/m2, 0: unknown; or None.
        mastering_display: the display on which an HDR picture was made, or None.
        gain_map: the gain map of the file, not decoded, or None; not that of a JPEG which the file keeps.
        has_gain_map: whether there is one, in the file or by what it says in the JPEG; see `veneer.gain_map`.
        orientation: 1..8 as in Exif; to be applied by whoever shows the picture.
        model_id: with `verify`, number of the model that enhances the picture; None where there is no enhancement.
        enhancement_bytes: with `verify`, what enhancement takes of the file; else 0.
        size_bytes: of the whole file.
        rate_bpp: bits per pixel of the whole file.
        problems: what is damaged or missing: with `verify` in the whole file, else in what stands before the first
            tile, such as metadata that is left out here.
    """

    format_version: int
    width: int
    height: int
    channels: int
    bit_depth: int
    sample_format: str
    has_alpha: bool
    cicp: tuple[int, int, int, int]
    tile_size: int
    tile_count: int
    base_kind: str
    lossless: bool
    max_error: int | None
    tune: str
    step_index: int
    base_scale: int
    default_realism: float
    preview_size: tuple[int, int] | None
    icc: bytes | None
    exif: bytes | None
    xmp: bytes | None
    iptc: bytes | None
    text: Texts
    density: Density | None
    content_light: ContentLight | None
    mastering_display: MasteringDisplay | None
    gain_map: GainMap | None
    has_gain_map: bool
    orientation: int
    model_id: int | None
    enhancement_bytes: int
    size_bytes: int
    rate_bpp: float
    problems: tuple[str, ...]


def read_info(data: Source, *, verify: bool = False) -> Info:
    """Reads what a file says about itself, without decoding a pixel.

    Args:
        data: the bytes of the file, of which without `verify` those up to the first tile are enough; or its path, or a
            file open for reading bytes, of which no more than those are read if it can be sought in.
        verify: check the rest of the file too, and say in `problems` what is wrong with it. Without, `problems` says
            what is wrong before the first tile; where the front of an open file is damaged, all of it is read for that.

    Returns:
        The headers.

    Raises:
        VeneerError: not a Veneer file, or its HEAD is damaged, invalid, of a newer version or over a limit; BAD_SETTING
            where an argument is of another type.
        OSError: `data` is a path or an open file, and cannot be read.
    """
    view, size_bytes = _whole_file(data) if check_flag("verify", verify) else _front_of(data)
    contents = read_front(view)
    if contents.problems and len(view) < size_bytes:
        # Only the whole file shows whether what is damaged there can be found all the same, as behind a wrong length.
        contents = read_front(_whole_file(data)[0])
    problems = [problem for problem in contents.problems if not _is_end_of_front(problem, size_bytes)]
    if verify:
        try:
            contents = read_contents(view, strict=False, max_pixels=limits.MAX_SIDE**2)
            problems = contents.problems
        except VeneerError as problem:
            problems = [problem]
    return make_info(contents, size_bytes, problems)


def _is_end_of_front(problem: VeneerError, size_bytes: int) -> bool:
    """Whether nothing is wrong but that the data ends before the first tile, or within its header."""
    is_cut = problem.code in (ErrorCode.NO_END, ErrorCode.CHUNK_CUT)
    return is_cut and problem.offset is not None and size_bytes - problem.offset < HEADER_SIZE


def _whole_file(data: Source) -> tuple[memoryview, int]:
    """The bytes of a file, and how many there are."""
    view = read_source(data, syntax.SIGNATURE)
    return view, len(view)


def _front_of(data: Source) -> tuple[memoryview, int]:
    """The bytes of a file up to its first tile, or more, and how many the whole file has."""
    view = buffer_of(data)
    if view is not None:
        return view, len(view)
    with opened(data) as file:
        size_bytes = file.size() if file.is_seekable() else None
        view = memoryview(read_front_bytes(file) if size_bytes is not None else file.read())
        return view, len(view) if size_bytes is None else size_bytes


def make_info(contents: Contents, size_bytes: int, problems: list[VeneerError]) -> Info:
    """What the headers in `contents` say, of a file of so many bytes and with such problems."""
    head, own = contents.head, contents.metadata
    metadata, has_gain_map_of_jpeg = own, False
    if head.base_kind == syntax.JPEG:
        metadata, has_gain_map_of_jpeg = _metadata_of_jpeg(contents.jpeg, problems)
    frame = FRAME_SIZE + fields.fixed_size(syntax.ENHANCEMENT)
    return Info(
        format_version=head.format_version,
        width=head.width,
        height=head.height,
        channels=head.channels,
        bit_depth=head.bit_depth,
        sample_format=syntax.SAMPLE_FORMAT_NAMES[head.sample_format],
        has_alpha=has_alpha(head),
        cicp=(
            head.colour_primaries,
            head.transfer_characteristics,
            head.matrix_coefficients,
            head.full_range,
        ),
        tile_size=1 << head.tile_log2,
        tile_count=tile_grid(head).count,
        base_kind=syntax.BASE_KIND_NAMES[head.base_kind],
        lossless=head.base_kind == syntax.MODULAR,
        max_error=head.max_error if head.base_kind == syntax.MODULAR else None,
        tune=syntax.TUNE_NAMES[head.tune],
        step_index=head.step_index,
        base_scale=head.base_scale,
        default_realism=head.default_realism / 255,
        preview_size=preview_size(head.width, head.height) if contents.preview else None,
        icc=metadata.icc,
        exif=metadata.exif,
        xmp=metadata.xmp,
        iptc=metadata.iptc,
        text=metadata.text,
        density=metadata.density,
        content_light=own.content_light,
        mastering_display=own.mastering_display and MasteringDisplay.of_units(own.mastering_display),
        gain_map=None if own.gain_map is None else from_chunk(own.gain_map),
        has_gain_map=own.gain_map is not None or has_gain_map_of_jpeg,
        orientation=exif_data.orientation(metadata.exif),
        model_id=contents.model[0] if contents.model else None,
        enhancement_bytes=sum(frame + len(chunk.data) for chunk in contents.enhancement if chunk),
        size_bytes=size_bytes,
        rate_bpp=8 * size_bytes / (head.width * head.height),
        problems=tuple(map(str, problems)),
    )


def _metadata_of_jpeg(coded: CodedJpeg, problems: list[VeneerError]) -> tuple[Metadata, bool]:
    """The metadata that are in the markers of a JPEG which a file keeps, and whether they speak of a gain map.

    What is damaged is added to `problems`.
    """
    try:
        front = front_of_jpeg(coded)
    except VeneerError as problem:
        problems.append(problem)
        front = b""
    if not front:
        return Metadata(), False
    from veneer.file_metadata import gain_map, jpeg  # and a reader of XML with them, which few files need

    found = jpeg.read(front, [])
    metadata = Metadata(jpeg.icc_profile(front), found.exif, found.xmp, found.iptc, found.text, found.density)
    return metadata, gain_map.is_announced(front)


def dump_syntax(data: Source) -> Iterator[SyntaxLine]:
    """Goes through a file field by field.

    Args:
        data: the file: bytes, its path, or a file open for reading bytes.

    Returns:
        A line for the signature, for each chunk, and for each field within it; for damage a line that says so,
        named "Problem". Bytes of payloads are shown by their beginning.

    Raises:
        VeneerError: no signature; BAD_SETTING where `data` is of another type.
        OSError: `data` is a path or an open file, and cannot be read.
    """
    view = read_source(data, syntax.SIGNATURE)
    backend.check_signature(view)
    return _syntax_lines(view)


def _syntax_lines(view: memoryview) -> Iterator[SyntaxLine]:
    """The lines of a file that has a signature."""
    yield SyntaxLine(0, FIRST_CHUNK, "Signature", syntax.SIGNATURE.hex(" "), depth=0)
    problems: list[VeneerError] = []
    end = FIRST_CHUNK
    for chunk in ChunkReader(view, FIRST_CHUNK, problems.append).chunks():
        if chunk.missing:
            break
        yield from _problem_lines(problems, chunk.offset)
        yield from _chunk_lines(view, chunk)
        end = chunk.end
    yield from _problem_lines(problems, len(view))
    if end < len(view) and chunk.type == b"TEND" and not chunk.missing:
        yield SyntaxLine(end, len(view) - end, "Trailing bytes", "behind TEND, not part of the file", depth=0)


def _chunk_lines(data: memoryview, chunk: Chunk) -> Iterator[SyntaxLine]:
    """A chunk and its fields; values that the format does not allow end it with a problem."""
    known = chunk.type in syntax.CHUNKS
    note = "" if known else "critical, unknown" if syntax.is_critical(chunk.type) else "unknown, skipped"
    yield SyntaxLine(chunk.offset, chunk.end - chunk.offset, type_name(chunk.type), note, depth=0)
    yield from fields.trace(syntax.CHUNK_HEADER, data[chunk.offset : chunk.payload_offset], chunk.offset)
    structure = syntax.CHUNKS.get(chunk.type, syntax.UNKNOWN)
    if chunk.type == b"HEAD":
        structure = syntax.head_structure_of(chunk.payload)
    try:
        yield from fields.trace(structure, chunk.payload, chunk.payload_offset)
    except VeneerError as problem:
        yield from _problem_lines([problem], chunk.end)
    trailer = chunk.payload_offset + len(chunk.payload)
    yield from fields.trace(syntax.CHUNK_TRAILER, data[trailer : chunk.end], trailer)


def _problem_lines(problems: list[VeneerError], end: int) -> Iterator[SyntaxLine]:
    """A line for each of the problems up to `end`, which are taken from the list."""
    while problems:
        problem = problems.pop(0)
        offset = end if problem.offset is None else problem.offset
        yield SyntaxLine(offset, max(end - offset, 0), "Problem", problem.message, depth=0)
