"""Files made to cost much: the work that they make, counted; see "Cost of hostile files" in docs/format.md.

Reading is counted in the oracle, whose steps those of the decoder in C++ are; benchmarks/hostile_costs.py times both.
"""

import io
import sys
import tracemalloc
import warnings
from collections.abc import Iterator

import costly
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import chunks as oracle_chunks
from oracle.arrival import ArrivingChunks
from oracle.container import read_contents as oracle_read
from oracle.contents import Contents
from oracle.decoder import decode as oracle_decode
from samples import make_picture

import veneer
from veneer import ErrorCode, VeneerError, VeneerWarning, _native, _native_dev, backend, limits
from veneer.bitstream import chunks, fields, syntax
from veneer.bitstream.container import read_contents
from veneer.enhancement.finder import ModelFinder

KINDS_OF_PROBLEMS = 6  # that one of these files has at most
WHOLE = 1 << 28


@pytest.fixture
def summed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lengths of all that checksums are made of, outside of the search."""
    lengths: list[int] = []

    def counting(data: memoryview, value: int = 0) -> int:
        lengths.append(len(data))
        return backend.crc32c(data, value)

    monkeypatch.setattr(oracle_chunks, "crc32c", counting)
    return lengths


@pytest.mark.parametrize("make", [costly.tiles_alone, costly.tiles_with_enhancement, costly.tiles_behind_enhancement])
def test_tiles_do_not_look_at_each_other(make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the model nor the list of chunks eNHA is gone through for each tile."""
    touched = 0

    class Counted(list[object]):
        def __iter__(self) -> Iterator[object]:
            nonlocal touched
            touched += len(self)
            return super().__iter__()

        def __setitem__(self, place: object, value: object) -> None:
            nonlocal touched
            touched += 1
            super().__setitem__(place, value)  # type: ignore[call-overload]

    before = Contents.__init__

    def counting(self: Contents, *arguments: object, **keywords: object) -> None:
        before(self, *arguments, **keywords)  # type: ignore[arg-type]
        self.enhancement = Counted(self.enhancement)  # type: ignore[assignment]

    monkeypatch.setattr(Contents, "__init__", counting)
    count = 512
    contents = oracle_read(memoryview(make(count)), strict=False, max_pixels=WHOLE)  # type: ignore[operator]
    assert isinstance(contents.enhancement, Counted)
    assert None not in contents.colour_tiles
    assert touched <= 8 * count


def peak_bytes(data: bytes, *, from_file: bool) -> int:
    """What `read_info` takes at most, above what there is before, until it refuses a file for its tOCS."""
    source = io.BytesIO(data) if from_file else data
    tracemalloc.start()
    with pytest.raises(VeneerError) as caught:
        veneer.read_info(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == ErrorCode.CHUNK_SIZE
    return peak


def test_offsets_are_counted_before_they_are_read() -> None:
    peak_bytes(costly.long_offsets(1 << 10), from_file=True)  # what is imported or made once
    data = costly.long_offsets(4 << 20)
    assert peak_bytes(data, from_file=False) < 1 << 16
    assert peak_bytes(data, from_file=True) < 2.5 * len(data)  # pieces, and these together
    tracemalloc.start()
    lines = list(veneer.dump_syntax(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 18
    assert any(f"more than the {2 * limits.MAX_TILES} allowed" in line.text for line in lines)


def test_a_wrong_number_of_offsets_is_said() -> None:
    with pytest.raises(VeneerError, match="tile chunks belong to the picture") as caught:
        veneer.read_info(costly.long_offsets(4 * 8))
    assert caught.value.code == ErrorCode.CHUNK_SIZE


TYPES = (b"BASE", b"TEND")


def find_slowly(data: bytes, start: int, budget: int) -> tuple[int, int]:
    """The expected result of `find_chunk`."""
    for offset in range(start, len(data)):
        chunk = oracle_chunks.chunk_at(memoryview(data), offset)
        if chunk is None or chunk.type not in TYPES:
            continue
        budget -= len(chunk.payload) + oracle_chunks.FRAME_SIZE
        if budget < 0:
            return -1, 0
        if chunk.intact:
            return offset, budget
    return -1, budget


PIECES = st.sampled_from(
    [
        *(chunks.write_chunk(*chunk) for chunk in ((b"BASE", b"abcd"), (b"TEND", b""), (b"xXXX", b".."))),
        *(b"\0\0\0\0BASE", b"\4\0\0\0TEND", b"BASE", b"\xff\xff\xff\xffTEND", b"\0", b"\1\2\3"),
    ]
)


@given(st.lists(PIECES, max_size=12), st.integers(0, 30), st.integers(0, 200))
def test_search(pieces: list[bytes], start: int, budget: int) -> None:
    data = b"".join(pieces)
    assert _native_dev.find_chunk(data, start, b"".join(TYPES), budget) == find_slowly(data, start, budget)


def test_search_takes_whole_types() -> None:
    with pytest.raises(ValueError, match="types"):
        _native_dev.find_chunk(b"", 0, b"BAS", 0)


@pytest.mark.parametrize(
    "make",
    [costly.types_everywhere, costly.headers_everywhere, costly.long_headers_everywhere, costly.claims_to_the_end],
)
def test_bytes_summed_follow_the_size(make: object, summed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """However chunks claim what is not theirs, in the search and out of it."""
    spent = 0

    def counting(data: memoryview, start: int, types: bytes, budget: int) -> tuple[int, int]:
        nonlocal spent
        found, left = _native_dev.find_chunk(data, start, types, budget)
        spent += budget - left
        return found, left

    monkeypatch.setattr(oracle_chunks, "find_chunk", counting)
    data = make(40_000)  # type: ignore[operator]
    summed.clear()
    problems: list[VeneerError] = []
    oracle_decode(data, problems=problems)
    assert problems
    # The budget, and what is summed of it once more when it is read; each byte of the file once besides.
    assert sum(summed) + spent <= (2 * limits.MAX_RESYNC_FACTOR + 3) * len(data)


def test_chunks_within_chunks_are_not_summed(summed: list[int]) -> None:
    data = costly.nested_tiles(256)
    summed.clear()
    oracle_decode(data, region=(0, 0, 64, 64), layers="base", problems=[])
    assert sum(summed) < 4 * len(data)
    # The tiles of a region are all looked at; where they lie within each other, that is their square.
    summed.clear()
    oracle_decode(data, region=(0, 0, 64 * 256, 64), layers="base", problems=[])
    assert sum(summed) < 4 * len(data)


def test_pieces_of_a_byte(summed: list[int]) -> None:
    """A chunk is looked at when it is complete, not with each byte that comes."""
    data = costly.metadata(20_000, (b"eXIF", b"xMP_"))
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    for bytes_of_file in (data, bytes(damaged)):
        summed.clear()
        arriving = ArrivingChunks()
        head = None
        for place in range(len(bytes_of_file)):
            arriving.add(bytes_of_file[place : place + 1])
            head = head or arriving.read_head(WHOLE)
            if head:
                list(arriving.chunks(lambda _: None))
        # Nine times at most: whether a damaged chunk has the right length shows in the eight bytes after it.
        assert sum(summed) < 10 * len(data)


def decode_noting(data: bytes, layers: str = "full") -> list[VeneerError]:
    problems: list[VeneerError] = []
    veneer.decode(data, layers=layers, problems=problems)
    return problems


@pytest.mark.parametrize("make", [costly.damaged_chunks, costly.lost_framing])
def test_problems_are_counted_not_listed(make: object) -> None:
    data = make(30_000)  # type: ignore[operator]
    problems = decode_noting(data, "base")
    assert 0 < len(problems) <= KINDS_OF_PROBLEMS * limits.MAX_PROBLEMS + 1
    last = problems[-1]
    assert last.code == ErrorCode.MORE_PROBLEMS
    assert last.message.startswith("... and ")
    more = int(last.message.split()[2])
    assert len(problems) - 1 + more >= 30_000 // 40
    info = veneer.read_info(data, verify=True)
    assert list(info.problems) == [str(problem) for problem in problems]
    arriving = veneer.Decoder(layers="base")
    events = [*arriving.feed(data), *arriving.finish()]
    assert len(events) < 4 * KINDS_OF_PROBLEMS * limits.MAX_PROBLEMS
    assert len(arriving.problems) <= len(problems)


def test_names_of_models_are_counted_not_listed() -> None:
    contents = read_contents(memoryview(costly.models_that_differ(200)), strict=False, max_pixels=WHOLE)
    (problem,) = contents.problems
    assert problem.code == ErrorCode.MODELS_DIFFER
    assert len(problem.message) < 200


def test_one_warning_for_each_code() -> None:
    data = costly.damaged_chunks(30_000)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        veneer.decode(data)
    assert [type(warning.message) for warning in seen] == [VeneerWarning] * 2
    first, last = (warning.message for warning in seen)
    assert isinstance(first, VeneerWarning)
    assert (first.problem.code, first.count) == (ErrorCode.CHECKSUM, limits.MAX_PROBLEMS)
    assert str(first).endswith(f", and {limits.MAX_PROBLEMS - 1} more like this")
    assert isinstance(last, VeneerWarning)
    assert last.problem.code == ErrorCode.MORE_PROBLEMS
    assert {warning.filename for warning in seen} == {__file__}


def test_warnings_leave_nothing_behind() -> None:
    registries = [
        module.__dict__.setdefault("__warningregistry__", {})
        for name, module in sys.modules.items()
        if name.split(".")[0] == "veneer" or name == __name__
    ]
    sizes = [len(registry) for registry in registries]
    for size in (100, 200, 300):
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.showwarning = lambda *_, **__: None  # type: ignore[assignment]
            veneer.decode(costly.damaged_chunks(size))
    assert [len(registry) for registry in registries] == sizes


@pytest.fixture
def asked_for_texture(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """An entry for each time that the decoder asks for a model to fill in what is lost."""
    asked: list[bool] = []
    monkeypatch.setattr(ModelFinder, "filling", lambda _: asked.append(True))
    return asked


@pytest.mark.parametrize("noise", [False, True])
def test_files_with_tiles_lost_have_one_left(noise: bool) -> None:
    """The files that cost texture are what they are meant to be: the first tile of four decodes."""
    for pixels in (1 << 16, 1 << 18, 1 << 20, 1 << 22)[: 2 if noise else 4]:
        problems = decode_noting(costly.three_quarters_lost(pixels, noise=noise), "base")
        assert [problem.code for problem in problems] == [ErrorCode.NO_END, ErrorCode.TILE_MISSING]
        assert "3 of 4" in str(problems[1])


def test_nothing_is_filled_in_where_nothing_is_left(asked_for_texture: list[bool]) -> None:
    for channels in (3, 4):
        with pytest.raises(VeneerError) as caught:
            veneer.decode(costly.one_tile(256 * 256, channels, data=b"\xff" * 40))
        assert caught.value.code == ErrorCode.NO_TILE
    assert asked_for_texture == []


def test_no_texture_where_nearly_nothing_is_left(asked_for_texture: list[bool]) -> None:
    decode_noting(costly.nearly_all_lost(128 * 128))
    decode_noting(costly.three_quarters_lost(256 * 256))
    assert asked_for_texture == []
    # Of a picture of some bytes three of four tiles may be lost.
    data = veneer.encode(make_picture(128, 128), quality=60, effort=1, tile_size=64, layers="base")
    decode_noting(data[: data.index(b"BASE", data.index(b"BASE") + 1) - 4])
    assert asked_for_texture == [True]


def double(values: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Twice the size by the text: three parts of the value and one of the neighbour, rounded, rows first."""
    for axis in (0, 1):
        edge = [(1, 1) if axis == side else (0, 0) for side in range(3)]
        wide = np.pad(values, edge, "edge").astype(int)
        count = values.shape[axis]
        own, before, after = (np.take(wide, np.arange(count) + shift, axis) for shift in (1, 0, 2))
        pairs = np.stack((3 * own + before + 2 >> 2, 3 * own + after + 2 >> 2), axis + 1)
        values = pairs.reshape([2 * side if axis == number else side for number, side in enumerate(values.shape)])
    return values.astype(np.int16)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 1), (7, 2, 2), (9, 17, 3), (33, 40, 4)])
def test_enlarging(shape: tuple[int, int, int]) -> None:
    values = np.random.default_rng(shape).integers(-4080, 4081, shape).astype(np.int16)
    expected = values
    for doublings in (1, 2, 3):
        expected = double(expected)
        np.testing.assert_array_equal(_native.enlarge(values, doublings), expected)


def test_enlarging_refuses_other_shapes() -> None:
    for shape, doublings in (((4, 4, 5), 1), ((4, 4), 1), ((0, 4, 1), 1), ((4, 4, 1), 4), ((4, 4, 1), 0)):
        with pytest.raises(ValueError, match=r"values|doublings"):
            _native.enlarge(np.zeros(shape, np.int16), doublings)


def test_tiles_have_a_limit() -> None:
    side = 1 << limits.MAX_TILE_PIXELS.bit_length() // 2
    largest = costly.file_of(costly.head_of(side, side, 16), costly.tile_chunk(0))
    assert veneer.read_info(largest).tile_count == 1
    for head in (costly.head_of(side, side + 1, 16), costly.head_of(65535, 257, 16)):
        with pytest.raises(VeneerError) as caught:
            veneer.read_info(costly.file_of(head, costly.tile_chunk(0)))
        assert caught.value.code == ErrorCode.TILE_TOO_LARGE


def test_the_encoder_keeps_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TILE_PIXELS", 128 * 128)
    pixels = np.zeros((129, 128, 1), np.uint8)
    with pytest.raises(VeneerError) as caught:
        veneer.encode(pixels, tile_size=256, effort=1, layers="base")
    assert caught.value.code == ErrorCode.TILE_TOO_LARGE
    assert veneer.decode(veneer.encode(pixels, tile_size=128, effort=1, layers="base")).shape == pixels.shape


def test_layouts_of_struct() -> None:
    header = fields.packed(syntax.CHUNK_HEADER)
    data = fields.write(syntax.CHUNK_HEADER, syntax.ChunkHeader(77, b"BASE"))
    assert (header.size, header.unpack(data)) == (len(data), (77, b"BASE"))


def test_a_picture_without_preview_is_filled_in_seldom() -> None:
    """A viewer asks for the picture after each tile; each tile is in it."""
    picture = np.random.default_rng(0).integers(0, 256, (8 * 64, 8 * 64, 1)).astype(np.uint8)
    data = veneer.encode(picture, quality=10, effort=1, tile_size=64, layers="base", preview=False)
    whole = veneer.decode(data)
    arriving = veneer.Decoder(layers="base")
    pictures = []  # they are kept, so that none has the place of another
    for start in range(0, len(data), 300):
        for event in arriving.feed(data[start : start + 300]):
            if event.kind == veneer.EventKind.TILE:
                x, y, width, height = event.region  # type: ignore[misc]
                shown = arriving.picture()
                assert shown is not None
                if not any(np.shares_memory(shown, other) for other in pictures):
                    pictures.append(shown)
                part = np.s_[y : y + height, x : x + width]
                np.testing.assert_array_equal(shown[part], whole[part])
    assert arriving.tiles_shown == 64
    assert 0 < len(pictures) <= 20


def test_screen_content_of_few_bytes_is_as_large_as_it_says() -> None:
    """Recurring content makes more work for each byte than any other structure; pixels bound it."""
    data = costly.screen_that_recurs(1 << 16)
    assert len(data) < 1000
    assert veneer.read_info(data).width == 256
    with pytest.raises(VeneerError) as refused:
        veneer.decode(data, max_pixels=(1 << 16) - 1)
    assert refused.value.code == ErrorCode.PICTURE_TOO_LARGE
