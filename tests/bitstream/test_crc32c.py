"""The native CRC-32C against published check values and a table-driven one written here."""

import numpy as np
import pytest

from veneer.backend import crc32c


def reference_crc32c(data: bytes) -> int:
    """Bit by bit, from the polynomial 0x1EDC6F41 reflected."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),  # this and the next two: RFC 3720, B.4
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_published_values(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 15, 16, 63, 64, 65, 257, 1023])
def test_any_length_and_alignment(size: int) -> None:
    data = np.random.default_rng(size).bytes(size + 8)
    for start in range(8):
        piece = memoryview(data)[start : start + size]
        assert crc32c(piece) == reference_crc32c(bytes(piece))


def test_in_pieces() -> None:
    assert crc32c(b"6789", crc32c(b"12345")) == 0xE3069283


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_buffers(kind: type) -> None:
    assert crc32c(kind(b"123456789")) == 0xE3069283
