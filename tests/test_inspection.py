"""The headers of files, and the syntax dump: every byte once, damage named."""

import io
import mmap
from pathlib import Path

import pytest
from samples import XMP, four_tiles

import veneer
from veneer import ErrorCode, VeneerError
from veneer.bitstream.chunks import write_chunk


def dump(data: bytes) -> list[veneer.SyntaxLine]:
    return list(veneer.dump_syntax(data))


@pytest.mark.parametrize("channels", [1, 4])
def test_covers_every_byte(channels: int) -> None:
    data = four_tiles(channels)
    lines = dump(data)
    for depth in (0, 1):
        position = 0 if depth == 0 else 8
        for line in lines:
            if line.depth == depth:
                assert line.offset == position
                position += line.size
        assert position == len(data)


def test_names_in_file_order() -> None:
    names = [line.name for line in dump(four_tiles()) if line.depth == 0]
    assert names == ["Signature", "HEAD", "eXIF", "xMP_", "tOCS", *["BASE"] * 4, "TEND"]


def test_unknown_and_trailing() -> None:
    data = four_tiles()
    lines = dump(data[:-12] + write_chunk(b"nEW_", b"\1\2") + write_chunk(b"NEW_", b"") + data[-12:] + b"more")
    by_name = {line.name: line for line in lines}
    assert by_name["nEW_"].text == "unknown, skipped"
    assert by_name["NEW_"].text == "critical, unknown"
    assert by_name["Trailing bytes"].size == 4


def test_damage() -> None:
    data = bytearray(four_tiles())
    data[data.index(b"BASE") + 30] ^= 1
    problems = [line for line in dump(bytes(data[:-5])) if line.name == "Problem"]
    assert [line.text for line in problems] == [
        "the checksum of chunk BASE of tile 0 is wrong",
        "the file ends within a chunk",
    ]


def test_values_out_of_range() -> None:
    data = four_tiles()
    wrong = data[:8] + write_chunk(b"HEAD", bytes([9]) + data[17:44]) + data[48:]
    problems = [line for line in dump(wrong) if line.name == "Problem"]
    assert len(problems) == 1
    assert "Format_Version 9 needs a newer decoder" in problems[0].text


def test_no_signature() -> None:
    with pytest.raises(VeneerError) as caught:
        dump(b"hello")
    assert caught.value.code == ErrorCode.NO_SIGNATURE


@pytest.mark.parametrize("verify", [False, True])
def test_open_file(tmp_path: Path, verify: bool) -> None:
    (tmp_path / "a.vnr").write_bytes(four_tiles())
    with open(tmp_path / "a.vnr", "rb") as file:
        file.seek(77)  # wherever it stands
        assert veneer.read_info(file, verify=verify) == veneer.read_info(four_tiles(), verify=verify)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert veneer.read_info(mapped, verify=verify) == veneer.read_info(four_tiles())


@pytest.mark.parametrize("opened", [False, True])
def test_damaged_metadata_is_named_without_verify(opened: bool) -> None:
    data = bytearray(four_tiles())
    data[data.index(b"xMP_") + 9] ^= 1
    info = veneer.read_info(io.BytesIO(data) if opened else data)
    assert info.xmp is None
    assert [problem.split(" (at")[0] for problem in info.problems] == ["the checksum of chunk xMP_ is wrong"]


@pytest.mark.parametrize("opened", [False, True])
def test_metadata_behind_a_damaged_length_is_found_without_verify(opened: bool) -> None:
    data = bytearray(four_tiles())
    data[data.index(b"xMP_") - 3] ^= 64  # 16 KB more
    info = veneer.read_info(io.BytesIO(data) if opened else data)
    assert info.xmp == XMP
    assert [problem.split(" (at")[0] for problem in info.problems] == ["the length of chunk xMP_ is damaged"]


def test_open_file_that_is_damaged() -> None:
    cut = four_tiles()[:-20]
    assert veneer.read_info(io.BytesIO(cut)).problems == ()
    assert veneer.read_info(io.BytesIO(cut), verify=True) == veneer.read_info(cut, verify=True)
    assert len(veneer.read_info(io.BytesIO(cut), verify=True).problems) == 1
    with pytest.raises(veneer.VeneerError, match="not a Veneer file"):
        veneer.read_info(io.BytesIO(b"GIF89a"))
