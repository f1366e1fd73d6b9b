"""The beginning of a file, without the rest."""

import io
import tracemalloc

import costly
import pytest
from samples import XMP, four_tiles, make_picture, srgb_profile

import veneer
from veneer import limits
from veneer.bitstream import syntax
from veneer.bitstream.front import read_front_bytes


def file_with_everything() -> bytes:
    return veneer.encode(
        make_picture(200, 200), quality=90, effort=1, tile_size=64, preview=True, icc=srgb_profile(), xmp=XMP
    )


def test_ends_with_the_header_of_the_first_tile() -> None:
    data = file_with_everything()
    file = io.BytesIO(data)
    assert read_front_bytes(file) == data[: data.index(b"BASE") + 4]
    assert file.tell() == data.index(b"BASE") + 4


@pytest.mark.parametrize("end", [0, 5, 8, 12, 30, 60, 100])
def test_cut_files_are_read_to_their_end(end: int) -> None:
    data = file_with_everything()[:end]
    assert read_front_bytes(io.BytesIO(data)) == data


def test_other_files_are_not_read_further() -> None:
    assert read_front_bytes(io.BytesIO(b"GIF89a and more")) == b"GIF89a a"


def test_chunks_longer_than_metadata_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = file_with_everything()
    monkeypatch.setattr(limits, "MAX_METADATA_LENGTH", 100)
    assert read_front_bytes(io.BytesIO(data)) == data[: data.index(b"iCCP") + 4]


def test_ends_where_the_framing_does() -> None:
    data = syntax.SIGNATURE + b"\xff" * 100
    assert len(read_front_bytes(io.BytesIO(data))) == 16
    empty = four_tiles()[: four_tiles().index(b"tOCS") - 4] + four_tiles()[-12:] + bytes(50)
    assert read_front_bytes(io.BytesIO(empty)) == empty[:-54]


def test_many_chunks_take_little_more_than_their_bytes() -> None:
    data = costly.empty_chunks(1 << 18)
    tracemalloc.start()
    assert read_front_bytes(io.BytesIO(data)) == data[: data.index(b"BASE") + 4]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * len(data)
