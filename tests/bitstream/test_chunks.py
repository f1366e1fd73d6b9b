"""Framing: chunks written and read back, and what is found after damage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veneer.bitstream.chunks import Chunk, ChunkReader, write_chunk
from veneer.bitstream.syntax import is_chunk_type, is_critical
from veneer.errors import ErrorCode, VeneerError

TYPES = st.from_regex(r"[A-Za-z][A-Z0-9_]{3}", fullmatch=True).map(str.encode).filter(lambda name: name != b"TEND")


def read_all(data: bytes, start: int = 0) -> tuple[list[Chunk], list[VeneerError]]:
    problems: list[VeneerError] = []
    return list(ChunkReader(memoryview(data), start, problems.append).chunks()), problems


def contents(found: list[Chunk]) -> list[tuple[bytes, bytes]]:
    return [(chunk.type, bytes(chunk.payload)) for chunk in found]


THREE = [(b"BASE", b"\0\0\0\0first"), (b"xMP_", b"middle"), (b"BASE", b"\1\0\0\0last"), (b"TEND", b"")]
FILE = b"".join(write_chunk(*chunk) for chunk in THREE)


@given(st.lists(st.tuples(TYPES, st.binary(max_size=40)), max_size=6))
def test_there_and_back(given_chunks: list[tuple[bytes, bytes]]) -> None:
    given_chunks = [*given_chunks, (b"TEND", b"")]
    data = b"".join(write_chunk(name, payload) for name, payload in given_chunks)
    found, problems = read_all(data + b"trailing bytes")
    assert contents(found) == given_chunks
    assert problems == []
    assert found[-1].end == len(data)


def test_layout() -> None:
    assert write_chunk(b"TEND", b"").hex(" ") == "00 00 00 00 54 45 4e 44 7e fc 50 00"
    assert write_chunk(b"xMP_", b"abc")[:11] == b"\3\0\0\0xMP_abc"


@pytest.mark.parametrize("name", [b"HEAD", b"xMP_", b"A12_"])
def test_type_names(name: bytes) -> None:
    assert is_chunk_type(name)
    assert is_critical(name) == name[:1].isupper()


@pytest.mark.parametrize("name", [b"", b"HEA", b"HEaD", b"1EAD", b"_EAD", b"HE D", b"HEA\xc4", b"\xc4EAD"])
def test_no_type_names(name: bytes) -> None:
    assert not is_chunk_type(name)


def test_cut_anywhere() -> None:
    whole = [chunk for chunk, _ in zip(read_all(FILE)[0], THREE, strict=True)]
    for length in range(len(FILE)):
        found, problems = read_all(FILE[:length])
        intact = [(c.type, bytes(c.payload)) for c in whole if c.end <= length]
        cut = [
            (c.type, bytes(c.payload)[: length - c.payload_offset]) for c in whole if c.payload_offset <= length < c.end
        ]
        assert contents(found) == intact + cut
        assert [chunk.missing for chunk in found] == [0] * len(intact) + [whole[len(intact)].end - length for _ in cut]
        assert len(problems) == 1
        at_boundary = length == 0 or any(chunk.end == length for chunk in whole)
        assert problems[0].code == (ErrorCode.NO_END if at_boundary else ErrorCode.CHUNK_CUT)


@pytest.mark.parametrize("bit", range(8 * len(write_chunk(*THREE[0]))))
def test_one_flipped_bit_costs_one_chunk(bit: int) -> None:
    data = bytearray(FILE)
    data[bit // 8] ^= 1 << bit % 8
    found, problems = read_all(bytes(data))
    in_length = bit < 32
    # The checksum does not cover the length, which follows from where the next chunk begins.
    assert contents(found) == (THREE if in_length else THREE[1:])
    assert [problem.code for problem in problems] in ([ErrorCode.FRAMING_LOST], [ErrorCode.CHECKSUM][in_length:])
    assert problems[0].offset == 0


def test_everything_damaged() -> None:
    found, problems = read_all(bytes(100))
    assert found == []
    assert [problem.code for problem in problems] == [ErrorCode.CHUNK_CUT]


def test_strict_reader_raises() -> None:
    def refuse(problem: VeneerError) -> None:
        raise problem

    with pytest.raises(VeneerError) as caught:
        list(ChunkReader(memoryview(FILE[:-3]), 0, refuse).chunks())
    assert caught.value.code == ErrorCode.CHUNK_CUT


@given(st.binary(max_size=64))
def test_any_bytes(data: bytes) -> None:
    assert all(chunk.end <= len(data) or chunk.missing for chunk in read_all(data)[0])
