"""Every SIMD target's prediction kernels against the scalar ones, bit for bit."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from veneer import _native_dev

TARGETS = [target for target in _native_dev.transform_targets() if target != "scalar"] or [
    pytest.param("none", marks=pytest.mark.skip(reason="this CPU or build has only scalar kernels"))
]
SHAPES = [(w, h) for w in range(2, 7) for h in range(2, 7) if abs(w - h) <= 1]  # log2
MODES = 23
SEEDS = range(4)

Edge = npt.NDArray[np.int16]


def edges(rng: np.random.Generator, length: int) -> Iterator[tuple[Edge, Edge]]:
    """Pairs of edges (top, left) with a corner first: ordinary, anything of 12 bits, and extremes."""
    yield rng.integers(0, 1021, length, dtype=np.int16), rng.integers(0, 1021, length, dtype=np.int16)
    yield rng.integers(-510, 511, length, dtype=np.int16), rng.integers(-510, 511, length, dtype=np.int16)
    yield rng.integers(-2048, 2048, length, dtype=np.int16), rng.integers(-2048, 2048, length, dtype=np.int16)
    extremes = np.array([-2048, 2047], np.int16)
    yield rng.choice(extremes, length), rng.choice(extremes, length)
    for top in extremes:
        for left in extremes:
            yield np.full(length, top, np.int16), np.full(length, left, np.int16)


def same_corner(pair: tuple[Edge, Edge]) -> tuple[Edge, Edge]:
    """Give the left edge the corner of the top one, as in a picture."""
    pair[1][0] = pair[0][0]
    return pair


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_predict(target: str, log2_w: int, log2_h: int) -> None:
    length = 1 + (1 << log2_w) + (1 << log2_h) + 8
    for seed in SEEDS:
        for index, pair in enumerate(edges(np.random.default_rng(seed), length)):
            block = (*same_corner(pair), log2_w, log2_h)
            for mode in range(MODES):
                for padding in (0, 5):
                    np.testing.assert_array_equal(
                        _native_dev.predict_block(mode, *block, target, padding),
                        _native_dev.predict_block(mode, *block, "scalar", padding),
                        err_msg=f"{seed=} {index=} {mode=} {padding=}",
                    )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_predict_from_luma(target: str, log2_w: int, log2_h: int) -> None:
    w, h = 1 << log2_w, 1 << log2_h
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        lumas = (
            rng.integers(0, 1021, (h, w + 3), dtype=np.int16),
            rng.integers(-2048, 2048, (h, w), dtype=np.int16),
            rng.choice(np.array([-2048, 2047], np.int16), (h, w), p=(0.9, 0.1)),
        )
        for index, pair in enumerate(edges(rng, 1 + w + h + 8)):
            luma = lumas[index % len(lumas)]
            for alpha in range(-16, 16):
                for padding in (0, 5):
                    block = (alpha, *same_corner(pair), luma, log2_w, log2_h)
                    np.testing.assert_array_equal(
                        _native_dev.predict_block_from_luma(*block, target, padding),
                        _native_dev.predict_block_from_luma(*block, "scalar", padding),
                        err_msg=f"{seed=} {index=} {alpha=} {padding=}",
                    )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_predict_by_slopes(target: str, log2_w: int, log2_h: int) -> None:
    w, h = 1 << log2_w, 1 << log2_h
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        planes = rng.integers(-510, 511, (3, h + 1, w + 1), dtype=np.int16)
        planes[0] = rng.integers(0, 1021, (h + 1, w + 1))
        for s, t in ((0, 0), (-512, 512), (512, 512), *rng.integers(-512, 513, (4, 2)).tolist()):
            for means in ((0, 510, -510), (1020, -510, 510), (512, 3, -7)):
                for padding in (0, 5):
                    block = (s, t, *means, planes, log2_w, log2_h)
                    np.testing.assert_array_equal(
                        _native_dev.predict_block_by_slopes(*block, target, padding),
                        _native_dev.predict_block_by_slopes(*block, "scalar", padding),
                        err_msg=f"{seed=} {s=} {t=} {means=} {padding=}",
                    )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_subtract(target: str, log2_w: int, log2_h: int) -> None:
    rng = np.random.default_rng(0)
    w, h = 1 << log2_w, 1 << log2_h
    for padding in (0, 3):
        source = rng.integers(-16384, 16384, (h, w + padding), dtype=np.int16)
        prediction = rng.integers(-16384, 16384, (h, w), dtype=np.int16)
        np.testing.assert_array_equal(
            _native_dev.subtract_block(source, prediction, target), source[:, :w] - prediction, err_msg=f"{padding=}"
        )


@pytest.mark.parametrize("target", ["scalar", *TARGETS])
@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_chroma_sums(target: str, log2_w: int, log2_h: int) -> None:
    rng = np.random.default_rng(0)
    w, h = 1 << log2_w, 1 << log2_h
    blocks = (
        (rng.integers(0, 1021, (h, w + 3), dtype=np.int16), rng.integers(-510, 511, (h, w), dtype=np.int16)),
        (np.full((h, w), 1020, np.int16), np.full((h, w), -510, np.int16)),
        (np.full((h, w), 1020, np.int16), np.full((h, w + 1), 510, np.int16)),
    )
    for luma, chroma in blocks:
        first, second = luma[:, :w].astype(np.int64), chroma[:, :w].astype(np.int64)
        expected = (first.sum(), second.sum(), (first * first).sum(), (first * second).sum())
        assert _native_dev.chroma_sums(luma, chroma, w, target) == expected


@pytest.mark.parametrize("target", TARGETS)
def test_colour(target: str) -> None:
    rng = np.random.default_rng(0)
    for n in (*range(1, 70), 1000):
        rgb = rng.integers(0, 256, (n, 3), dtype=np.uint8)
        planes = _native_dev.load_colour(rgb, target)
        np.testing.assert_array_equal(planes, _native_dev.load_colour(rgb, "scalar"))
        np.testing.assert_array_equal(_native_dev.store_colour(*planes, target), rgb)
        for reach in (1100, 32767):
            planes = rng.integers(-reach - 1, reach + 1, (3, n), dtype=np.int16)
            np.testing.assert_array_equal(
                _native_dev.store_colour(*planes, target),
                _native_dev.store_colour(*planes, "scalar"),
                err_msg=f"{n=} {reach=}",
            )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("above", [0, 1, 2, 4, 8, 16])
@pytest.mark.parametrize("before", [0, 1, 2, 4, 8, 16])
def test_expected_cells(target: str, above: int, before: int) -> None:
    if above == before == 0:
        return
    rng = np.random.default_rng(0)
    for high in (1, 2, 20, 256):
        for low in (0, high - 1):
            top, left = (rng.integers(low, high, (n, 64), dtype=np.uint8) for n in (above, before))
            got, expected = (_native_dev.expected_cells(top, left, name) for name in (target, "scalar"))
            assert got[0] == expected[0]
            np.testing.assert_array_equal(got[1], expected[1], err_msg=f"{high=} {low=}")
            # The definition: a mean of both sides, smoothed over cells with replicated borders.
            sides = [side for side in (top, left) if len(side)]
            quarter = sum(side.sum(axis=0, dtype=np.int64) * 2 // len(side) for side in sides) * (2 // len(sides))
            grid = np.pad(quarter.reshape(8, 8), 1, mode="edge")
            rows = grid[:-2] + 2 * grid[1:-1] + grid[2:]
            smooth = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]
            np.testing.assert_array_equal(got[1].reshape(8, 8), (smooth * 6 + 32) >> 6)
            assert got[0] == quarter.sum()
