"""The orientation in Exif, right and broken."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import make_exif

from veneer.exif import orientation, without_prefix


def tiff(order: str, entries: list[tuple[int, int, int, int]], directory: int = 8) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    packed = b"".join(struct.pack(order + "HHIHxx", *entry) for entry in entries)
    return mark + struct.pack(order + "IH", directory, len(entries)) + packed


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("value", range(1, 9))
def test_orders(order: str, value: int) -> None:
    assert orientation(tiff(order, [(0x010F, 2, 1, 0), (0x0112, 3, 1, value)])) == value


@pytest.mark.parametrize("value", range(1, 9))
def test_from_pillow(value: int) -> None:
    exif = make_exif(value)
    assert exif.startswith(b"Exif\0\0")
    assert orientation(without_prefix(exif)) == value
    assert without_prefix(without_prefix(exif)) == without_prefix(exif)
    assert without_prefix(b"Exif\0\0" + exif) == without_prefix(exif)  # PNG whose eXIf begins like that of JPEG


@pytest.mark.parametrize(
    "exif",
    [
        None,
        b"",
        b"II*",
        b"GIF89a",
        tiff("<", []),
        tiff("<", [(0x0112, 3, 1, 0)]),
        tiff("<", [(0x0112, 3, 1, 9)]),
        tiff("<", [(0x0112, 4, 1, 6)]),
        tiff("<", [(0x0112, 3, 2, 6)]),
        tiff("<", [(0x0112, 3, 1, 6)], directory=9999),
        tiff("<", [(0x0112, 3, 1, 6)])[:-4],
    ],
)
def test_nothing_sensible(exif: bytes | None) -> None:
    assert orientation(exif) == 1


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    assert 1 <= orientation(b"MM\0*" + data) <= 8
