"""The container in C++ against the oracle in Python: contents, problems and errors of whole and damaged files."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hostile
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle.arrival import ArrivingChunks
from oracle.assembly import Assembly
from oracle.chunks import TRAILER_SIZE
from oracle.container import read_contents, read_front, read_head
from oracle.contents import Contents

from veneer import _native, _native_dev, limits
from veneer.bitstream import fields, kinds, syntax
from veneer.bitstream.chunks import FRAME_SIZE, write_chunk
from veneer.bitstream.container import write_contents
from veneer.bitstream.contents import CodedPreview, Metadata, texture_slot, tile_grid
from veneer.bitstream.syntax import CodedGainMap, Enhancement, Head, ModelSlot
from veneer.bitstream.tiles import Region, TileGrid
from veneer.errors import ErrorCode, VeneerError

VECTORS = sorted((Path(__file__).parents[1] / "vectors" / str(syntax.FORMAT_VERSION)).glob("*.vnr"))
MAX_PIXELS = 1 << 20
MAX_MESSAGE = 239  # characters that a problem in C++ has room for

HEAD = Head(
    format_version=1,
    width=190,
    height=130,
    channels=4,
    bit_depth=8,
    colour_primaries=1,
    transfer_characteristics=13,
    matrix_coefficients=0,
    full_range=1,
    base_kind=0,
    base_scale=1,
    tile_log2=6,
    tune=1,
    default_realism=77,
    noise_seed=0x1234,
    models=(ModelSlot(7, b"abcd", 1), ModelSlot(8, b"\0\xff\1x", 3), ModelSlot(9, b"abcd", 2)),
    step_index=90,
    co_step_offset=-128,
    cg_step_offset=-3,
    matrix=4,
    step_group_log2=5,
    tools=7,
)
METADATA = Metadata(
    icc=b"profile",
    exif=b"II*\0",
    xmp=b"<x/>",
    iptc=b"\x1c\2",
    text=(("Comment", "first"), ("Übersicht", "second\n€ \U0001f600"), ("Comment", "")),
    density=(1, 11811, 5906),
    content_light=(1000, 65535),
    mastering_display=(1, 2, 3, 4, 5, 6, 7, 65535, 1 << 31, 9),
    gain_map=CodedGainMap(1, 4, b"<x/>", 9, 16, 9, 1, 3, b"icc", b"a file"),
)


def whole_file(head: Head, **changes: Any) -> bytes:
    """A file with every kind of chunk, of payloads that mean nothing."""
    count = tile_grid(head).count
    alpha = [b"alpha" * (i % 3) for i in range(count)] if head.channels in (2, 4) else []
    parts: dict[str, Any] = {
        "metadata": METADATA,
        "preview": CodedPreview(bytes([3, 250, 5, 1, 4, 2]), b"small", b"soft" if alpha else None),
        "enhancement": [Enhancement(i, 1, i % 2, 9 * i % 129, bytes(i)) for i in range(count) if i % 4 != 3],
    }
    parts.update(changes)
    return write_contents(
        head,
        parts["metadata"],
        [bytes([i]) * (5 + i) for i in range(count)],
        alpha,
        parts["preview"],
        parts["enhancement"],
    )


FILES = {
    "alpha": whole_file(HEAD),
    "colour": whole_file(dataclasses.replace(HEAD, channels=3, base_scale=2)),
    "one tile": whole_file(dataclasses.replace(HEAD, channels=3, tile_log2=9)),
    "bare": whole_file(
        dataclasses.replace(HEAD, channels=1, models=()), metadata=Metadata(), preview=None, enhancement=[]
    ),
}


def error_facts(error: VeneerError) -> tuple[str, int | None, str]:
    return error.code.name, error.offset, error.message[:MAX_MESSAGE]


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns, or the error that it raises."""
    try:
        return call()
    except VeneerError as error:
        return error_facts(error)


def native_contents(found: dict[str, Any]) -> dict[str, Any]:
    """Contents as the core gives them, with errors as plain values."""
    for name in ("problems", "problem_entries"):
        found[name] = [error_facts(problem) for problem in found[name]]
    return found


def _parameters(head: Head) -> fields.Structure[Any]:
    other = {syntax.MODULAR: syntax.MODULAR_PARAMETERS, syntax.JPEG: syntax.JPEG_PARAMETERS}
    return other.get(head.base_kind, syntax.BASE_PARAMETERS)


def python_contents(contents: Contents) -> dict[str, Any]:
    """Contents in the form of the core."""
    head, metadata, preview = contents.head, contents.metadata, contents.preview
    numbers = (getattr(head, field.attribute) for field in syntax.HEAD.fields if field.name != "Models")
    models = tuple(map(dataclasses.astuple, head.models))
    enhancing = next((head.models[chunk.slot] for chunk in contents.enhancement if chunk), None)
    texturing = texture_slot(head)
    assert contents.model == (enhancing and (enhancing.model_id, enhancing.model_check))
    return {
        "head": (*numbers, models, fields.write(_parameters(head), head), head.max_error, head.sample_format),
        "metadata": (
            metadata.icc,
            metadata.exif,
            metadata.xmp,
            metadata.iptc,
            tuple((keyword.encode(), text.encode()) for keyword, text in metadata.text),
            metadata.density,
            metadata.content_light,
            metadata.mastering_display,
            metadata.gain_map and dataclasses.astuple(metadata.gain_map),
        ),
        "colour_tiles": contents.colour_tiles,
        "alpha_tiles": contents.alpha_tiles,
        "enhancement": [chunk and dataclasses.astuple(chunk) for chunk in contents.enhancement],
        "problems": [error_facts(problem) for problem in contents.problems.kept],
        "problem_entries": [error_facts(problem) for problem in contents.problems.entries()],
        "problem_count": len(contents.problems),
        "preview": preview and (preview.parameters, preview.colour, preview.alpha),
        "jpeg": (contents.jpeg.get(b"JHDR"), contents.jpeg.get(b"JSCR")),
        "cut_tile": -1 if contents.cut_tile is None else contents.cut_tile,
        "model": enhancing and dataclasses.astuple(enhancing),
        "texture_slot": texturing and dataclasses.astuple(texturing),
    }


def check_read(
    data: bytes, *, strict: bool, region: Region | None, enhancement: bool = True, max_pixels: int = MAX_PIXELS
) -> Any:
    """Reads a file with both; returns what they agree on."""

    def read() -> Any:
        needed = None if region is None else lambda *_: region
        view = memoryview(data)
        return python_contents(
            read_contents(view, strict=strict, max_pixels=max_pixels, needed=needed, enhancement=enhancement)
        )

    options: dict[str, Any] = {"strict": strict, "max_pixels": max_pixels, "region": region, "enhancement": enhancement}
    found = outcome(lambda: native_contents(_native.container_read_contents(data, **options)))
    assert found == outcome(read)
    return found


class PythonFeed:
    """What `ContainerFeed` of the core is."""

    def __init__(self, strict: bool, max_pixels: int) -> None:
        self._arriving = ArrivingChunks()
        self._assembly: Assembly | None = None
        self._strict = strict
        self._max_pixels = max_pixels

    def feed(self, piece: bytes) -> list[bytes]:
        self._arriving.add(piece)
        if self._assembly is None:
            head = self._arriving.read_head(self._max_pixels)
            if head is None:
                return []
            self._assembly = Assembly(head, self._strict)
        types = []
        for chunk in self._arriving.chunks(self._assembly.report):
            self._assembly.add(chunk)
            types.append(chunk.type)
        return types

    def check_complete(self) -> None:
        assert self._assembly is not None
        self._assembly.check_complete(None)

    def contents(self) -> dict[str, Any] | None:
        return None if self._assembly is None else python_contents(self._assembly.contents)


def check_feed(pieces: list[bytes], strict: bool = False) -> None:
    """Feeds both with the same pieces; after each they agree."""
    native, python = _native_dev.ContainerFeed(strict=strict, max_pixels=MAX_PIXELS), PythonFeed(strict, MAX_PIXELS)
    for piece in pieces:
        types = outcome(lambda piece=piece: native.feed(piece))  # type: ignore[misc]
        assert types == outcome(lambda piece=piece: python.feed(piece))  # type: ignore[misc]
        if isinstance(types, tuple) or b"TEND" in types:
            break
    if python.contents() is None:
        assert native.contents() is None
        return
    assert outcome(native.check_complete) == outcome(python.check_complete)
    found = native.contents()
    assert found is not None
    assert native_contents(found) == python.contents()


def random_region(data: bytes, rng: np.random.Generator) -> Region:
    """Most of them lie in the base picture."""
    try:
        grid = tile_grid(read_head(memoryview(data), MAX_PIXELS)[0])
    except VeneerError:
        return 0, 0, 1, 1
    x, y = int(rng.integers(grid.width)), int(rng.integers(grid.height))
    return x, y, int(rng.integers(grid.width - x + 1)), int(rng.integers(1, grid.height - y + 2))


def random_pieces(data: bytes, rng: np.random.Generator) -> list[bytes]:
    cuts = sorted(int(cut) for cut in rng.integers(0, len(data) + 1, 6))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def check_every_way(data: bytes, rng: np.random.Generator) -> None:
    """Every way to read a file, with both."""
    for strict in (False, True):
        check_read(data, strict=strict, region=None)
        check_read(data, strict=strict, region=random_region(data, rng), enhancement=True)
    check_read(data, strict=False, region=random_region(data, rng), enhancement=False)
    front = outcome(lambda: native_contents(_native.container_read_front(data, MAX_PIXELS)))
    assert front == outcome(lambda: python_contents(read_front(memoryview(data), MAX_PIXELS)))
    check_feed(random_pieces(data, rng), strict=bool(rng.integers(2)))


# Files.


@pytest.mark.parametrize("part", range(8))
def test_vectors(part: int) -> None:
    assert len(VECTORS) > 300
    rng = np.random.default_rng(part)
    for path in VECTORS[part::8]:
        check_every_way(path.read_bytes(), rng)


@pytest.mark.parametrize("name", FILES)
def test_whole_files(name: str) -> None:
    data = FILES[name]
    found = check_read(data, strict=True, region=None)
    assert found["problems"] == []
    assert None not in found["colour_tiles"]
    check_feed([bytes([byte]) for byte in data], strict=True)
    rng = np.random.default_rng(1)
    for _ in range(20):
        check_every_way(data, rng)


def test_regions_come_by_offsets_alone() -> None:
    """Of a region, tiles elsewhere may be damaged, and nothing is said of it."""
    data = FILES["alpha"]
    place = data.index(b"BASE\x03\x00") + 8
    damaged = data[:place] + b"?" + data[place + 1 :]
    found = check_read(damaged, strict=True, region=(0, 0, 10, 10))
    assert found["colour_tiles"][0] is not None
    assert set(found["colour_tiles"][1:]) == {None}
    assert check_read(damaged, strict=True, region=(0, 64, 10, 10))[0] == "CHECKSUM"


def test_what_offsets_led_to_in_vain_is_forgotten() -> None:
    """The enhancement is read twice, behind a tile that is not where it should be; each problem of it is noted once."""
    chunks = chunks_of(FILES["alpha"])
    place = next(i for i, chunk in enumerate(chunks) if chunk[4:8] == b"BASE")
    chunks[place] = chunks[place][:-1] + bytes([chunks[place][-1] ^ 1])
    chunks.insert(-1, write_chunk(b"eNHA", bytes([3, 0, 0, 9, 0])))
    found = check_read(syntax.SIGNATURE + b"".join(chunks), strict=False, region=(0, 0, 10, 10))
    assert [problem[0] for problem in found["problems"]] == ["CHECKSUM", "FEATURE", "TILE_MISSING"]


def test_every_cut() -> None:
    for data in (FILES["alpha"], FILES["one tile"]):
        for end in range(0, len(data), 2):
            check_read(data[:end], strict=False, region=None)
        for end in range(1, len(data), 14):
            check_read(data[:end], strict=True, region=(3, 3, 3, 3))


@pytest.mark.parametrize("name", FILES)
def test_changed_bytes(name: str) -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        check_every_way(hostile.changed_bytes(FILES[name], rng), rng)


@pytest.mark.parametrize("name", FILES)
def test_changed_payloads(name: str) -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        check_every_way(hostile.changed_payload(FILES[name], rng), rng)


def chunks_of(data: bytes) -> list[bytes]:
    """The chunks of an undamaged file with their framing, without the signature."""
    chunks = []
    position = len(syntax.SIGNATURE)
    while position < len(data):
        end = position + FRAME_SIZE + int.from_bytes(data[position : position + 4], "little")
        chunks.append(data[position:end])
        position = end
    return chunks


def changed_order(data: bytes, rng: np.random.Generator) -> bytes:
    """A few chunks moved, left out, repeated, emptied, cut, or of another type or tile."""
    chunks = chunks_of(data)
    for _ in range(int(rng.integers(1, 4))):
        place, other = (int(i) for i in rng.integers(1, len(chunks), 2))
        chunk = chunks[place]
        name, payload = chunk[4:8], bytearray(chunk[8:-4])
        kind = int(rng.integers(9))
        if kind == 0:
            chunks[place], chunks[other] = chunks[other], chunk
        elif kind == 1 and len(chunks) > 2:
            del chunks[place]
        elif kind == 2:
            chunks.insert(other, chunk)
        elif kind == 3:
            chunks[place] = write_chunk(name, bytes(payload[: int(rng.integers(len(payload) + 1))]))
        elif kind == 4:
            types = (*syntax.CHUNKS, b"qQ0_", b"QQ0_")
            chunks[place] = write_chunk(types[int(rng.integers(len(types)))], bytes(payload))
        elif kind == 5 and payload:
            payload[0] = int(rng.integers(12))
            chunks[place] = write_chunk(name, bytes(payload))
        elif kind == 6:
            chunks.insert(place, write_chunk(b"eNHA", bytes([int(rng.integers(12)), 0, int(rng.integers(4)), 0, 1])))
        elif kind == 7:
            chunks[place] = chunk[:-1]
        elif kind == 8:
            chunks[place] = bytes([int(rng.integers(256))]) + chunk[1:]
    return syntax.SIGNATURE + b"".join(chunks)


@pytest.mark.parametrize("name", FILES)
def test_changed_order(name: str) -> None:
    for seed in range(80):
        rng = np.random.default_rng(seed)
        check_every_way(changed_order(FILES[name], rng), rng)


def test_vectors_with_random_damage() -> None:
    for seed in range(80):
        rng = np.random.default_rng(seed)
        data = VECTORS[int(rng.integers(len(VECTORS)))].read_bytes()[: 1 << 12]
        check_every_way(hostile.changed_bytes(data, rng), rng)


@pytest.mark.parametrize("max_pixels", [0, 190 * 130 - 1, 190 * 130, 1 << 40])
def test_max_pixels(max_pixels: int) -> None:
    check_read(FILES["alpha"], strict=False, region=None, max_pixels=max_pixels)


# Texts.


def with_texts(payload: bytes) -> bytes:
    chunks = chunks_of(FILES["bare"])
    return b"".join((syntax.SIGNATURE, chunks[0], write_chunk(b"tEXT", payload), *chunks[1:]))


def text_entry(keyword: bytes, text: bytes) -> bytes:
    return bytes([len(keyword)]) + keyword + len(text).to_bytes(4, "little") + text


def sequences() -> Iterator[bytes]:
    """What can stand at the beginning of a character, right or wrong."""
    for lead in range(0x7E, 0x100):
        for second in (0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0):
            yield bytes([lead, second, 0xBF, 0x80][: 1 + max(1, (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0))])
        yield bytes([lead, 0x80, 0xBF]) if lead >= 0xF0 else bytes([lead, 0xA0, 0x41])
        yield bytes([lead])


@pytest.mark.parametrize("is_keyword", [True, False])
def test_utf8(is_keyword: bool) -> None:
    for sequence in sequences():
        payload = text_entry(sequence, b"") if is_keyword else text_entry(b"k", b"a" + sequence)
        check_read(with_texts(payload), strict=True, region=None)


words = st.text(st.sampled_from("a ~\x7f\xa0\xa1\xff\u0100€"), max_size=5).map(str.encode)
keywords = st.just(b"k") | words | st.sampled_from([b"k" * 79, b"k" * 80, "ü".encode() * 79])
texts = st.sampled_from([b"\0", b"a\0b"]) | words | st.binary()
entries = st.builds(text_entry, keywords, texts)


@given(st.lists(entries, max_size=3).map(b"".join), st.binary(max_size=3), st.booleans())
def test_texts(payload: bytes, surplus: bytes, strict: bool) -> None:
    check_read(with_texts(payload + surplus), strict=strict, region=None)


@pytest.mark.parametrize("count", [limits.MAX_TEXTS, limits.MAX_TEXTS + 1, limits.MAX_TEXTS + 2])
@pytest.mark.parametrize("last", [b"", b"\0"])
def test_number_of_texts(count: int, last: bytes) -> None:
    check_read(with_texts(text_entry(b"k", b"t") * count + last), strict=True, region=None)


# Limits.


def test_too_many_chunks() -> None:
    chunks = chunks_of(FILES["one tile"])
    start = syntax.SIGNATURE + chunks[0]
    data = b"".join((start, write_chunk(b"qQQQ", b"") * (limits.MAX_CHUNKS + 1), *chunks[1:]))
    end = len(start) + FRAME_SIZE * limits.MAX_CHUNKS
    expected = ("TOO_MANY_CHUNKS", end, f"more than {limits.MAX_CHUNKS} chunks")
    options: dict[str, Any] = {"strict": False, "max_pixels": MAX_PIXELS, "region": None, "enhancement": True}
    assert outcome(lambda: _native.container_read_contents(data, **options)) == expected
    feed = _native_dev.ContainerFeed(strict=False, max_pixels=MAX_PIXELS)
    assert outcome(lambda: feed.feed(data)) == ("TOO_MANY_CHUNKS", end + FRAME_SIZE, expected[2])


def test_many_problems_of_several_sorts() -> None:
    chunks = chunks_of(FILES["bare"])
    bad = [bytearray(write_chunk(b"qQQQ", bytes([i]))) for i in range(50)]
    for chunk in bad:
        chunk[-1] ^= 1
    odd = [write_chunk(b"eNHA", bytes([i, 0, 9, 0, 0])) for i in range(40)]
    found = check_read(b"".join((syntax.SIGNATURE, *chunks[:-1], *bad, *odd, chunks[-1])), strict=False, region=None)
    assert found["problem_count"] == 90
    assert found["problem_entries"][-1][2] == "... and 26 more problems: 18 CHECKSUM, 8 FIELD_VALUE"


@pytest.mark.parametrize("count", [1, 5, 6, 7, 1000])
def test_headers_that_claim_the_rest_of_the_file(count: int) -> None:
    """What is summed in vain is bounded, by the same budget in both."""
    chunks = chunks_of(FILES["one tile"])
    tail = b"".join(chunks[1:])
    claims = b""
    for _ in range(count):  # up to the bytes behind `tail`, which are no chunk
        claims = (len(claims) + len(tail) - TRAILER_SIZE).to_bytes(4, "little") + b"BASE" + claims
    found = check_read(syntax.SIGNATURE + chunks[0] + claims + tail + b"\xff" * 40, strict=False, region=None)
    assert isinstance(found, tuple) == (count > 5)


# Tables and grids.


def intervals(values: range | tuple[int, ...] | None) -> list[tuple[int, int]]:
    """Numbers as ranges of such as follow each other, first and last."""
    found: list[tuple[int, int]] = []
    if isinstance(values, range):
        return [(values[0], values[-1])] if values else []
    for value in values or ():
        if found and found[-1][1] == value - 1:
            found[-1] = (found[-1][0], value)
        else:
            found.append((value, value))
    return found


def table_row(field: fields.Field) -> tuple[Any, ...]:
    kind = field.kind
    name = {kinds.Counted: "counted", fields.Records: "records"}.get(type(kind), kind.type_name)
    most = kind.most if isinstance(kind, (kinds.Numbers, fields.Records)) else 0
    records = kind.structure.name if isinstance(kind, fields.Records) else ""
    described = "" if field.valid is None else fields.describe_range(field.valid)
    later_code = int(field.later_code)
    return field.name, name, intervals(field.valid), intervals(field.later), described, later_code, most, records


def test_tables_of_fields() -> None:
    structures = [
        *syntax.CHUNKS.values(),
        syntax.CHUNK_HEADER,
        syntax.CHUNK_TRAILER,
        syntax.BASE_PARAMETERS,
        syntax.MODEL_SLOT,
    ]
    expected = {
        structure.name: (
            [table_row(field) for field in structure.fields],
            structure.repeated,
            fields.fixed_size(structure),
        )
        for structure in structures
    }
    found = _native_dev.container_syntax()
    assert list(found) == list(expected)  # the search behind damage goes by the same types
    assert found == expected
    # A counted field follows its length, which is what the reader in C++ takes it for.
    for structure in structures:
        for before, field in zip(structure.fields, structure.fields[1:], strict=False):
            assert not isinstance(field.kind, kinds.Counted) or field.kind.length == before.name


def python_grid(width: int, height: int, tile_log2: int, region: Region) -> dict[str, Any]:
    grid = TileGrid(width, height, tile_log2)
    covering = sorted(grid.covering(region))
    return {
        "boxes": [grid.box(i) for i in range(grid.count)],
        "superblocks": [grid.superblocks(i) for i in range(grid.count)],
        "covering": covering,
        "numbers": covering,
        "around": grid.around(region)[1],
    }


sides = st.integers(1, 400) | st.sampled_from([1, 63, 64, 65, 4096, 4097, 65535])
places = st.integers(-1, 400) | st.sampled_from([-(2**31), 2**31 - 1])


@given(sides, sides, st.integers(6, 16), st.tuples(places, places, places, places))
def test_grids(width: int, height: int, tile_log2: int, region: Region) -> None:
    if (width >> tile_log2) * (height >> tile_log2) > 1000:  # of very many tiles only whether there are too many
        tile_log2 = 6 if width * height > limits.MAX_TILES << 12 else 16
    arguments = width, height, tile_log2, region
    assert outcome(lambda: _native_dev.tile_grid_facts(*arguments)) == outcome(lambda: python_grid(*arguments))


def test_error_names() -> None:
    """Those that a log of problems counts; any code may be among them."""
    for code in ErrorCode:
        assert _native_dev.error_name(int(code)) == code.name
