"""Levels of JPEG files by the core and by the reference decoder."""

from __future__ import annotations

import found_jpegs as files
import numpy as np
import pytest

from veneer import _native_dev
from veneer.reference import jpeg_levels


def by_reference(
    data: bytes, sampling: list[tuple[int, int]], tables: list[list[int]], shapes: list[tuple[int, ...]], mcus: Box
) -> list[np.ndarray] | None:
    components = [
        jpeg_levels.Component(h, v, tables[i], np.zeros(shape, np.int16))
        for i, ((h, v), shape) in enumerate(zip(sampling, shapes, strict=True))
    ]
    good = jpeg_levels.decode_levels(data, components, mcus)
    return [component.levels for component in components] if good else None


Box = tuple[int, int, int, int]
STEPS = [[(7 * i + c) % 31 + 1 for i in range(64)] for c in range(3)]


def tables_of(count: int) -> list[list[int]]:
    """Pillow writes tables in natural order."""
    return [STEPS[0] if i in (0, 3) else STEPS[1] for i in range(count)]


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize(
    ("mode", "subsampling", "sampling"),
    [
        ("RGB", 2, [(2, 2), (1, 1), (1, 1)]),
        ("RGB", 0, [(1, 1)] * 3),
        ("RGB", 1, [(2, 1), (1, 1), (1, 1)]),
        ("L", 0, [(1, 1)]),
    ],
)
def test_reference_decodes_what_the_core_writes(
    mode: str, subsampling: int, sampling: list[tuple[int, int]], form: int
) -> None:
    options = {} if mode == "L" else {"subsampling": subsampling}
    file = files.jpeg(width=40, height=24, mode=mode, qtables=STEPS[: 1 if mode == "L" else 2], **options)
    geometry, _, levels = _native_dev.jpeg_parse(file)
    mcus = (0, 0, levels[0].shape[1] // sampling[0][0], levels[0].shape[0] // sampling[0][1])
    data = _native_dev.jpeg_encode_levels(geometry, levels, mcus, form=form)
    shapes = [each.shape for each in levels]
    result = by_reference(data, sampling, tables_of(len(levels)), shapes, mcus)
    assert result is not None
    for before, after in zip(levels, result, strict=True):
        np.testing.assert_array_equal(after, before)
    rng = np.random.default_rng(form)
    for _ in range(2):
        damaged = bytearray(data)
        damaged[rng.integers(1, len(data))] ^= 1 << rng.integers(8)
        one = by_reference(bytes(damaged), sampling, tables_of(len(levels)), shapes, mcus)
        other = _native_dev.jpeg_decode_levels(geometry, bytes(damaged), mcus)
        assert (one is None) == (other is None)
        for a, b in zip(one or [], other or [], strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("form", [0, 1])
def test_reference_decodes_extremes(form: int) -> None:
    geometry, _, levels = _native_dev.jpeg_parse(files.jpeg(width=24, height=16, qtables=STEPS[:2], subsampling=0))
    rng = np.random.default_rng(3)
    for most in (3, 300, 32767):
        noise = [rng.integers(-most - 1, most + 1, each.shape).astype(np.int16) for each in levels]
        data = _native_dev.jpeg_encode_levels(geometry, noise, (0, 0, 3, 2), form=form)
        result = by_reference(data, [(1, 1)] * 3, tables_of(3), [each.shape for each in levels], (0, 0, 3, 2))
        assert result is not None
        for before, after in zip(noise, result, strict=True):
            np.testing.assert_array_equal(after, before)
