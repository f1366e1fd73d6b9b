"""Side information of JPEGs, against the coefficients that they were really coded with."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from samples import make_picture

from veneer.restoration.jpeg import read_jpeg
from veneer.restoration.side_information import BLOCK, BUCKETS, TRANSFORM, Coding, describe_blocks, describe_coding


def to_jpeg(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def flat(step: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.full((BLOCK, BLOCK), step)


def test_the_coding_of_a_file() -> None:
    pixels = make_picture(48, 64)
    luma = list(range(1, 65))
    chroma = [200] * 64
    for subsampling, sampling in (("4:4:4", (1, 1)), ("4:2:2", (2, 1)), ("4:2:0", (2, 2))):
        decoded, coding = read_jpeg(to_jpeg(pixels, qtables=[luma, chroma], subsampling=subsampling))
        assert decoded.shape == (48, 64, 3)
        assert coding.sampling == sampling
        assert coding.luma.ravel().tolist() == luma
        assert coding.chroma.ravel().tolist() == chroma
    decoded, coding = read_jpeg(to_jpeg(pixels[:, :, 0], qtables=[luma]))
    assert decoded.shape == (48, 64, 1)
    assert coding.chroma.ravel().tolist() == luma


def test_steps_and_settings() -> None:
    step, settings = describe_coding(Coding(flat(1), flat(1), (1, 1)))
    assert (step, settings.tolist()) == (64, [0, 0, 0, 0])
    step, settings = describe_coding(Coding(flat(16), flat(64), (2, 1)))
    assert (step, settings.tolist()) == (64 + 4 * 16, [32, 0, 16, 0])
    steep = np.where(np.add.outer(np.arange(8), np.arange(8)) < 5, 2, 8)
    assert describe_coding(Coding(steep, steep, (1, 4)))[1].tolist() == [0, 32, 0, 32]
    step, settings = describe_coding(Coding(flat(65535), flat(1), (1, 1)))
    assert (step, settings.tolist()) == (172, [-64, 0, 0, 0])


def test_places_of_units() -> None:
    maps = describe_blocks(np.zeros((32, 32, 3), np.uint8), Coding(flat(1), flat(1), (2, 1)))
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
    maps = describe_blocks(pixels, Coding(flat(step), flat(step), (1, 1)))
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
    decoded, coding = read_jpeg(to_jpeg(pixels, quality=40, subsampling=subsampling))
    again, coding_again = read_jpeg(to_jpeg(decoded, quality=40, subsampling=subsampling))
    first, second = (describe_blocks(*part) for part in ((decoded, coding), (again, coding_again)))
    assert np.abs(first[:, :, 4].astype(int) - second[:, :, 4]).mean() < 0.1
    assert first[:, :, 4].max() > 4
    assert first[:, :, 8:].any()
