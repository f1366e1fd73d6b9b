"""Side information of JPEGs, against the coefficients that they were really coded with."""

from __future__ import annotations

import io

import numpy as np
import pytest
from oracle.jpeg_losses import BLOCK, BUCKETS, TRANSFORM
from PIL import Image
from samples import make_picture

from veneer import _native
from veneer.restoration.layer import read_jpeg


def to_jpeg(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def coded_with(luma: int | np.ndarray, chroma: int | np.ndarray, sampling: tuple[int, int]) -> _native.JpegPicture:
    """A JPEG of one MCU with such tables; numbers stand for flat ones."""
    h, v = sampling
    tables = np.stack([np.broadcast_to(table, (BLOCK, BLOCK)).reshape(64) for table in (luma, chroma)])
    arrays = [(h, v, 0, np.zeros((v, h, 64), np.int16)), *[(1, 1, 1, np.zeros((1, 1, 64), np.int16))] * 2]
    return _native.JpegPicture(BLOCK * h, BLOCK * v, arrays, tables.astype(np.uint16), 1)


def test_the_coding_of_a_file() -> None:
    pixels = make_picture(48, 64)
    luma = list(range(1, 65))
    chroma = [200] * 64
    for subsampling, sampling in (("4:4:4", (1, 1)), ("4:2:2", (2, 1)), ("4:2:0", (2, 2))):
        read = read_jpeg(to_jpeg(pixels, qtables=[luma, chroma], subsampling=subsampling))
        assert read.pixels().shape == (48, 64, 3)
        expected = coded_with(np.array(luma).reshape(BLOCK, BLOCK), 200, sampling)
        assert read.strength == expected.strength
    read = read_jpeg(to_jpeg(pixels[:, :, 0], qtables=[luma]))
    assert read.pixels().shape == (48, 64, 1)
    table = np.array(luma).reshape(BLOCK, BLOCK)
    assert read.strength == coded_with(table, table, (1, 1)).strength


def test_steps_and_settings() -> None:
    assert coded_with(1, 1, (1, 1)).strength == (64, [0, 0, 0, 0])
    assert coded_with(16, 64, (2, 1)).strength == (64 + 4 * 16, [32, 0, 16, 0])
    steep = np.where(np.add.outer(np.arange(8), np.arange(8)) < 5, 2, 8)
    assert coded_with(steep, steep, (1, 4)).strength[1] == [0, 32, 0, 32]
    assert coded_with(65535, 1, (1, 1)).strength == (172, [-64, 0, 0, 0])


def test_places_of_units() -> None:
    maps = coded_with(1, 1, (2, 1)).maps(np.zeros((32, 32, 3), np.uint8))
    assert maps.shape == (8, 8, 10)
    assert maps[0, :, 0].tolist() == [0, 1] * 4
    assert maps[:, 0, 1].tolist() == [0, 1] * 4
    assert maps[0, :, 2].tolist() == [0, 0, 1, 1] * 2
    assert not maps[:, :, 3].any()


@pytest.mark.parametrize(("column", "row", "level"), [(3, 0, 2), (0, 5, -1), (7, 7, 4), (2, 6, 1)])
def test_a_single_coefficient_is_found(column: int, row: int, level: int) -> None:
    basis = np.outer(TRANSFORM[row], TRANSFORM[column]) / 2.0**24
    step = 40
    grey = np.round(128 + level * step * basis)
    pixels = np.full((16, 16, 3), 128, np.uint8)
    pixels[:8, 8:] = grey[:, :, None].clip(0, 255)
    maps = coded_with(step, step, (1, 1)).maps(pixels)
    expected = [np.searchsorted(BUCKETS, 1, side="right"), column, row, int(abs(level) > 1)]
    assert maps[0, 2, 4:8].tolist() == maps[1, 3, 4:8].tolist() == expected
    assert not maps[:, :2, 4:].any()
    assert not maps[2:, :, 4:].any()


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:0"])
def test_counts_are_those_of_the_file(subsampling: str) -> None:
    """A file that is coded once more with its own tables has the same coefficients, but for what rounding did."""
    rng = np.random.default_rng(3)
    smooth = np.kron(rng.integers(60, 190, (8, 8, 3)), np.ones((8, 8, 1)))
    pixels = (smooth + rng.normal(0, 12, smooth.shape)).clip(0, 255).astype(np.uint8)
    read = read_jpeg(to_jpeg(pixels, quality=40, subsampling=subsampling))
    again = read_jpeg(to_jpeg(read.pixels(), quality=40, subsampling=subsampling))
    first, second = (each.maps(each.pixels()) for each in (read, again))
    assert np.abs(first[:, :, 4].astype(int) - second[:, :, 4]).mean() < 0.1
    assert first[:, :, 4].max() > 4
    assert first[:, :, 8:].any()
