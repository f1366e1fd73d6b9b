"""Chunks of a file in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle.arrival import ArrivingChunks
from oracle.chunks import Chunk, ChunkReader
from oracle.container import read_head
from samples import four_tiles

from veneer import limits
from veneer.errors import ErrorCode, VeneerError


def arrive(data: bytes, cuts: list[int]) -> tuple[list[Chunk], list[VeneerError]]:
    """All chunks of a file that comes in pieces, and what was reported."""
    chunks: list[Chunk] = []
    problems: list[VeneerError] = []
    arriving = ArrivingChunks()
    head = None
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        arriving.add(data[start:end])
        head = head or arriving.read_head(1 << 20)
        if head is not None:
            chunks += arriving.chunks(problems.append)
    assert arriving.whole() == data
    assert arriving.size == len(data)
    return chunks, problems


def at_once(data: bytes) -> list[Chunk]:
    view = memoryview(data)
    return list(ChunkReader(view, read_head(view, 1 << 20)[1], pytest.fail).chunks())


@given(st.lists(st.integers(0, len(four_tiles())), max_size=12).map(sorted))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    data = four_tiles()
    chunks, problems = arrive(data, cuts)
    assert [(c.offset, c.type, bytes(c.payload)) for c in chunks] == [
        (c.offset, c.type, bytes(c.payload)) for c in at_once(data)
    ]
    assert problems == []


def test_each_comes_with_its_last_byte() -> None:
    data = four_tiles()
    arriving = ArrivingChunks()
    ends = {chunk.end: chunk.type for chunk in at_once(data)}
    head_end = read_head(memoryview(data), 1 << 20)[1]
    for number in range(len(data)):
        arriving.add(data[number : number + 1])
        if number < head_end:
            assert (arriving.read_head(1 << 20) is None) == (number + 1 < head_end)
        else:
            types = [chunk.type for chunk in arriving.chunks(pytest.fail)]
            assert types == ([ends[number + 1]] if number + 1 in ends else [])


def test_damaged_chunk_is_skipped() -> None:
    data = bytearray(four_tiles())
    data[data.index(b"BASE") + 30] ^= 1
    chunks, problems = arrive(bytes(data), [500, 700])
    assert len(chunks) == len(at_once(four_tiles())) - 1
    assert [problem.code for problem in problems] == [ErrorCode.CHECKSUM]


@pytest.mark.parametrize("bit", [0, 22, 31, 63])
def test_lost_framing_ends_it(bit: int) -> None:
    data = bytearray(four_tiles())
    start = data.index(b"BASE") - 4
    data[start + bit // 8] ^= 1 << bit % 8
    chunks, problems = arrive(bytes(data), [])
    assert all(chunk.offset < start for chunk in chunks)
    assert [problem.code for problem in problems] in ([ErrorCode.FRAMING_LOST], [])


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CHUNKS", 3)
    with pytest.raises(VeneerError) as caught:
        arrive(four_tiles(), [])
    assert caught.value.code == ErrorCode.TOO_MANY_CHUNKS
