"""Gain maps of JPEGs: found by the index behind which they stand, whatever else there is."""

import io

import pytest
from gain_map_jpegs import (
    APP1,
    APP2,
    HDRGM,
    ISO_METADATA,
    ISO_URN,
    XMP_SEGMENT,
    gain_map_jpeg,
    index_segment,
    plain_jpeg,
    with_segments,
)
from PIL import Image
from samples import srgb_profile

from veneer.file_metadata import gain_map


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3])
def test_ultra_hdr(order: str, channels: int) -> None:
    data, further = gain_map_jpeg(order=order, channels=channels, profile=channels == 3)
    found = gain_map.find(data)
    assert found == gain_map.FoundGainMap(further, HDRGM, True, None)
    assert gain_map.frame(found.picture) == (33, 24, channels)
    assert gain_map.is_announced(data[:600])


@pytest.mark.parametrize("xmp", [False, True])
def test_iso_21496_takes_precedence(xmp: bool) -> None:
    data, further = gain_map_jpeg(iso=True, xmp=xmp, profile=True)
    if not xmp:  # where Pillow does not look at the index
        with Image.open(io.BytesIO(data)) as image:
            assert getattr(image, "n_frames", 1) == 2
            image.seek(1)
            assert image.size == (33, 24)
    assert gain_map.find(data) == gain_map.FoundGainMap(further, ISO_METADATA, False, srgb_profile())
    assert gain_map.is_announced(data)


def test_jpegs_without_gain_map() -> None:
    plain = plain_jpeg(40, 40)
    second = plain_jpeg(20, 20)
    marked = with_segments(second, (APP1, XMP_SEGMENT))
    size = len(with_segments(plain, (APP2, index_segment([(0, 0), (0, 0)]))))
    stereo = with_segments(plain, (APP2, index_segment([(size, 0), (len(second), size - 10)]))) + second
    for data in (b"", b"\xff\xd8", plain, plain + marked, stereo, with_segments(plain, (APP1, XMP_SEGMENT))):
        assert gain_map.find(data) is None
        assert not gain_map.is_announced(data)
    # Versions alone are what the first picture has.
    only_versions = with_segments(second, (APP2, ISO_URN + bytes(4)))
    index = index_segment([(size, 0), (len(only_versions), size - 10)])
    assert gain_map.find(with_segments(plain, (APP2, index)) + only_versions) is None
    assert gain_map.frame(b"\xff\xd8\xff\xd9") is None


def test_damaged_indices() -> None:
    data, further = gain_map_jpeg()
    start = data.index(b"MPF\0")
    end = start + len(index_segment([(0, 0)] * 2))
    for place in range(start, end):
        for value in (0, 1, 255):
            damaged = data[:place] + bytes([value]) + data[place + 1 :]
            found = gain_map.find(damaged)
            assert found is None or found.picture.startswith(further[:20])
    for length in range(0, len(data), 7):
        found = gain_map.find(data[:length])
        assert found is None or further.startswith(found.picture)
    segments = with_segments(plain_jpeg(20, 20), *[(APP1, b"")] * 5000, (APP1, XMP_SEGMENT))
    size = len(with_segments(plain_jpeg(40, 40), (APP2, index_segment([(0, 0)] * 2))))
    index = index_segment([(size, 0), (len(segments), size - 10)])
    assert gain_map.find(with_segments(plain_jpeg(40, 40), (APP2, index)) + segments) is None
    many = index_segment([(1, 0)] * 4000)
    assert gain_map.find(with_segments(plain_jpeg(40, 40), (APP2, many))) is None
