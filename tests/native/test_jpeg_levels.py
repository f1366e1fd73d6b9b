"""Levels of JPEG files: they come back from both forms, on every kernel, and take the bytes they should."""

from __future__ import annotations

import random
from collections.abc import Iterator

import found_jpegs as files
import numpy as np
import numpy.typing as npt
import pytest

from veneer import _native_dev

Levels = list[npt.NDArray[np.int16]]
FAST, FULL = 0, 1
FORMS = pytest.mark.parametrize("form", [FAST, FULL])
OPTIONS = [
    {},
    {"quality": 20},
    {"quality": 97, "subsampling": 0},
    {"subsampling": 1},
    {"mode": "L"},
    {"mode": "CMYK", "quality": 90},
    {"width": 1, "height": 1},
    {"width": 161, "height": 17, "subsampling": 2},
    {"keep_rgb": True},
    {"qtables": [[1] * 64, [255] * 64]},
]


@pytest.fixture(params=["auto", "scalar"])
def kernels(request: pytest.FixtureRequest) -> Iterator[str]:
    _native_dev.force_target(request.param)
    yield request.param
    _native_dev.force_target("auto")


def parsed(file: bytes) -> tuple[bytes, Levels]:
    geometry, _, levels = _native_dev.jpeg_parse(file)
    return geometry, levels


def whole(geometry: bytes) -> tuple[int, int, int, int]:
    """All MCUs."""
    sides = []
    for side in (2, 3):
        n = 1
        while is_tile(geometry, (0, 0, *(n + 1 if i == side else 1 for i in (2, 3)))):
            n += 1
        sides.append(n)
    return (0, 0, *sides)


def is_tile(geometry: bytes, mcus: tuple[int, ...]) -> bool:
    try:
        _native_dev.jpeg_decode_levels(geometry, b"", mcus)
    except ValueError:
        return False
    return True


def check(geometry: bytes, levels: Levels, form: int) -> bytes:
    """Bytes of the levels, which come back from them."""
    data = _native_dev.jpeg_encode_levels(geometry, levels, whole(geometry), form=form)
    result = _native_dev.jpeg_decode_levels(geometry, data, whole(geometry))
    assert result is not None
    for before, after in zip(levels, result, strict=True):
        np.testing.assert_array_equal(after, before)
    return data


@pytest.mark.usefixtures("kernels")
@FORMS
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_levels_of_files_come_back(options: dict, form: int) -> None:
    check(*parsed(files.jpeg(**options)), form)


@FORMS
@pytest.mark.parametrize("options", [{}, {"quality": 97, "subsampling": 0}, {"mode": "CMYK"}], ids=str)
def test_kernels_write_the_same_bytes(options: dict, form: int) -> None:
    geometry, levels = parsed(files.jpeg(**options))
    wide = _native_dev.jpeg_encode_levels(geometry, levels, whole(geometry), form=form)
    _native_dev.force_target("scalar")
    try:
        plain = _native_dev.jpeg_encode_levels(geometry, levels, whole(geometry), form=form)
    finally:
        _native_dev.force_target("auto")
    assert plain == wide


@pytest.mark.usefixtures("kernels")
@FORMS
@pytest.mark.parametrize("most", [0, 1, 40, 32767])
@pytest.mark.parametrize("options", [{"subsampling": 2}, {"qtables": [[1] * 64, [255] * 64]}], ids=str)
def test_any_levels_come_back(options: dict, most: int, form: int) -> None:
    geometry, levels = parsed(files.jpeg(width=49, height=40, **options))
    rng = np.random.default_rng(most)
    noise = [rng.integers(-most - 1 if most > 40 else -most, most + 1, each.shape).astype(np.int16) for each in levels]
    for each in noise:
        each[rng.random(each.shape) < 0.3] = 0
    data = check(geometry, noise, form)
    if most == 0:
        assert len(data) < 20


@pytest.mark.usefixtures("kernels")
@FORMS
def test_extremes_come_back(form: int) -> None:
    geometry, levels = parsed(files.jpeg(width=40, height=24, qtables=[[255] * 64, [1] * 64]))
    for value in (-32768, 32767):
        check(geometry, [np.full_like(each, value) for each in levels], form)
    check(
        geometry, [np.where(np.indices(each.shape).sum(0) % 2, -32768, 32767).astype(np.int16) for each in levels], form
    )


@FORMS
@pytest.mark.parametrize("mcus", [(0, 0, 2, 3), (3, 2, 4, 5), (6, 8, 1, 1), (1, 0, 6, 9)])
def test_tiles_stand_alone(mcus: tuple[int, int, int, int], form: int) -> None:
    geometry, levels = parsed(files.jpeg(width=100, height=130, subsampling=2))
    x, y, width, height = mcus
    data = _native_dev.jpeg_encode_levels(geometry, levels, mcus, form=form)
    alone = [np.zeros_like(each) for each in levels]  # nothing of other tiles
    for each, part, factor in zip(levels, alone, (2, 1, 1), strict=True):
        tile = np.s_[factor * y : factor * (y + height), factor * x : factor * (x + width)]
        part[tile] = each[tile]
    assert _native_dev.jpeg_encode_levels(geometry, alone, mcus, form=form) == data
    result = _native_dev.jpeg_decode_levels(geometry, data, mcus)
    assert result is not None
    for before, after in zip(alone, result, strict=True):
        np.testing.assert_array_equal(after, before)


def test_mcus_outside_of_the_picture_are_refused() -> None:
    geometry, levels = parsed(files.jpeg(width=100, height=130, subsampling=2))
    most = 2**31 - 1
    for mcus in (
        (-1, 0, 2, 2),
        (0, -1, 2, 2),
        (0, 0, 0, 1),
        (0, 0, 8, 1),
        (0, 0, 1, 10),
        (most, 0, most, 1),
        (0, 1, 1, most),
    ):
        with pytest.raises(ValueError, match="within the picture"):
            _native_dev.jpeg_encode_levels(geometry, levels, mcus)
        with pytest.raises(ValueError, match="within the picture"):
            _native_dev.jpeg_decode_levels(geometry, b"\1", mcus)


@pytest.mark.usefixtures("kernels")
@FORMS
def test_damaged_bytes_give_other_levels_or_none(form: int) -> None:
    geometry, levels = parsed(files.jpeg(width=64, height=48, quality=85))
    data = _native_dev.jpeg_encode_levels(geometry, levels, whole(geometry), form=form)
    mcus = whole(geometry)
    rng = random.Random(form)  # noqa: S311
    refused = 0
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(rng.choice([1, 1, 3])):
            damaged[rng.randrange(1, len(damaged))] = rng.randrange(256)
        end = len(damaged) if rng.random() < 0.7 else rng.randrange(len(damaged))
        refused += _native_dev.jpeg_decode_levels(geometry, bytes(damaged[:end]), mcus) is None
    assert refused > 50
    for garbage in (b"", b"\0", b"\1", b"\2", b"\1" + b"\xff" * 999, b"\0" + b"\xff" * 999, rng.randbytes(99)):
        _native_dev.jpeg_decode_levels(geometry, garbage, mcus)
    assert _native_dev.jpeg_decode_levels(geometry, b"\2" + data[1:], mcus) is None
    assert _native_dev.jpeg_decode_levels(geometry, b"", mcus) is None


def test_levels_take_fewer_bytes() -> None:
    """Of a picture with the statistics of a photograph: a fifth less than the file, the fast form a sixth."""
    file = files.jpeg(width=384, height=256, quality=85)
    geometry, levels = parsed(file)
    full, fast = (
        len(_native_dev.jpeg_encode_levels(geometry, levels, whole(geometry), form=form)) for form in (FULL, FAST)
    )
    assert full < fast < len(file)
    assert full < 0.80 * len(file)
    assert fast < 0.84 * len(file)
