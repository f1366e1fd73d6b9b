"""Pixels of JPEGs by the core: those of Pillow's decoder, by every kernel, in regions, for any coefficients."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from jpeg_files import Component, blocks_of, random_levels, standard_tables, write_jpeg
from PIL import Image, features

from veneer import _native

Pixels = npt.NDArray[np.uint8]
GREY, YCC, RGB, CMYK, YCCK = range(5)

# Pillow may be built with another library, whose enlarging of chroma is another.
pytestmark = pytest.mark.skipif(not features.check_feature("libjpeg_turbo"), reason="needs Pillow with libjpeg-turbo")


@pytest.fixture(params=["auto", "scalar"])
def kernels(request: pytest.FixtureRequest) -> Iterator[str]:
    _native.force_target(request.param)
    yield request.param
    _native.force_target("auto")


def by_pillow(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image.convert("RGB") if image.mode == "CMYK" else image)
    return pixels.reshape(*pixels.shape[:2], -1)


def random_components(
    width: int, height: int, sampling: list[tuple[int, int]], tables: npt.NDArray[np.uint16], seed: int
) -> list[Component]:
    rng = np.random.default_rng([width, height, seed])
    made = []
    for i, ((h, v), (rows, columns)) in enumerate(zip(sampling, blocks_of(width, height, sampling), strict=True)):
        table = min(i, len(tables) - 1)
        made.append(Component(h, v, table, random_levels(rows, columns, tables[table], rng)))
    return made


def picture_of(
    width: int, height: int, components: list[Component], tables: npt.NDArray[np.uint16], colour: int
) -> _native.JpegPicture:
    arrays = [(each.h, each.v, each.table, each.levels) for each in components]
    return _native.JpegPicture(width, height, arrays, tables, colour)


def check(
    width: int,
    height: int,
    sampling: list[tuple[int, int]],
    colour: int = YCC,
    tables: npt.NDArray[np.uint16] | None = None,
    seed: int = 0,
    **markers: object,
) -> None:
    tables = standard_tables(75) if tables is None else tables
    components = random_components(width, height, sampling, tables, seed)
    expected = by_pillow(write_jpeg(width, height, components, tables, **markers))  # type: ignore[arg-type]
    found = picture_of(width, height, components, tables, colour).pixels()
    np.testing.assert_array_equal(found, expected, err_msg=f"{width} x {height}, {sampling}")


def luma_and_chroma(h: int, v: int) -> list[tuple[int, int]]:
    return [(h, v), (1, 1), (1, 1)]


@pytest.mark.parametrize("factors", [(1, 1), (2, 1), (1, 2), (2, 2)], ids=str)
@pytest.mark.usefixtures("kernels")
def test_every_size(factors: tuple[int, int]) -> None:
    sizes = [(n, 1 + 7 * n % 40) for n in range(1, 41)] + [(1 + 11 * n % 40, n) for n in range(1, 41)]
    for width, height in sizes + list(itertools.product(range(1, 7), repeat=2)):
        check(width, height, luma_and_chroma(*factors))


@pytest.mark.parametrize("factors", list(itertools.product(range(1, 5), repeat=2)), ids=str)
def test_every_sampling_of_luma(factors: tuple[int, int]) -> None:
    for width, height in ((37, 29), (9, 70), (64, 48), (1, 1), (5, 6)):
        check(width, height, luma_and_chroma(*factors))


MIXED = [
    [(2, 2), (1, 2), (1, 1)],
    [(2, 2), (2, 1), (1, 2)],
    [(1, 1), (2, 2), (2, 2)],
    [(1, 2), (2, 1), (2, 2)],
    [(4, 4), (2, 2), (1, 1)],
    [(4, 2), (2, 2), (4, 1)],
    [(2, 4), (1, 2), (2, 2)],
    [(4, 1), (1, 3), (2, 1)],
    [(3, 3), (3, 1), (1, 3)],
    [(2, 2), (2, 2), (2, 2)],
]


@pytest.mark.parametrize("sampling", MIXED, ids=str)
@pytest.mark.usefixtures("kernels")
def test_mixed_sampling(sampling: list[tuple[int, int]]) -> None:
    for width, height in ((45, 67), (130, 33), (3, 3), (8, 5)):
        check(width, height, sampling)


@pytest.mark.parametrize("quality", range(1, 101, 3))
def test_every_quality(quality: int) -> None:
    check(64, 40, luma_and_chroma(2, 2), tables=standard_tables(quality), seed=quality)


@pytest.mark.usefixtures("kernels")
def test_steps_of_16_bits() -> None:
    tables = (standard_tables(50).astype(np.uint16) * 7 + 200).astype(np.uint16)
    tables[:, -5:] = 65535  # of coefficients that are 0
    check(64, 40, luma_and_chroma(2, 1), tables=tables)


@pytest.mark.parametrize(
    ("colour", "count", "markers"),
    [
        (GREY, 1, {}),
        (YCC, 3, {}),
        (YCC, 3, {"jfif": True, "adobe": 0}),
        (YCC, 3, {"adobe": 1}),
        (YCC, 3, {"adobe": 2}),
        (YCC, 3, {"identifiers": (82, 71, 66), "jfif": True}),
        (YCC, 3, {"identifiers": (0, 1, 2)}),
        (RGB, 3, {"adobe": 0}),
        (RGB, 3, {"identifiers": (82, 71, 66)}),
        (CMYK, 4, {}),
        (CMYK, 4, {"adobe": 0}),
        (YCCK, 4, {"adobe": 2}),
        (YCCK, 4, {"adobe": 1}),
    ],
    ids=str,
)
@pytest.mark.usefixtures("kernels")
def test_every_colour(colour: int, count: int, markers: dict[str, object]) -> None:
    check(53, 38, [(1, 1)] * count, colour, **markers)
    if count > 1:
        check(53, 38, [(2, 2), *[(1, 1)] * (count - 2), (2, 1)], colour, **markers)
    check(40, 19, [(2, 3)] * count, colour, **markers)  # of a single component the factors mean nothing


def test_a_second_component_is_not_shown() -> None:
    tables = standard_tables(80)
    components = random_components(30, 20, [(1, 1), (1, 1)], tables, 5)
    alone = picture_of(30, 20, components[:1], tables, GREY).pixels()
    np.testing.assert_array_equal(picture_of(30, 20, components, tables, GREY).pixels(), alone)


def test_ratios_that_pillow_refuses_repeat_samples() -> None:
    tables = standard_tables(80)
    components = random_components(50, 41, [(3, 3), (2, 2), (2, 1)], tables, 6)
    found = picture_of(50, 41, components, tables, RGB).pixels()
    rows, columns = np.mgrid[:41, :50]
    for i, each in enumerate(components):
        whole = each.levels.shape[1] * 8, each.levels.shape[0] * 8
        plane = picture_of(*whole, [Component(1, 1, each.table, each.levels)], tables, GREY).pixels()[:, :, 0]
        np.testing.assert_array_equal(found[:, :, i], plane[rows * each.v // 3, columns * each.h // 3])


REGIONS = [[(2, 2), (1, 1), (1, 1)], [(2, 1), (1, 1), (1, 1)], [(1, 2), (1, 1), (1, 1)], [(4, 4), (1, 1), (2, 2)]]


@pytest.mark.parametrize("sampling", REGIONS, ids=str)
@pytest.mark.usefixtures("kernels")
def test_regions_and_threads(sampling: list[tuple[int, int]]) -> None:
    width, height, tables = 150, 301, standard_tables(60)
    components = random_components(width, height, sampling, tables, 7)
    picture = picture_of(width, height, components, tables, YCC)
    whole = picture.pixels()
    np.testing.assert_array_equal(picture.pixels(threads=3), whole)
    rng = np.random.default_rng(8)
    mcu = 8 * sampling[0][0], 8 * sampling[0][1]
    for _ in range(60):
        x, y = rng.integers(width), rng.integers(height)
        w, h = 1 + rng.integers(min(60, width - x)), 1 + rng.integers(height - y)
        part = picture.pixels((x, y, w, h), threads=2)
        np.testing.assert_array_equal(part, whole[y : y + h, x : x + w])
        # No other MCUs have an influence.
        left, top, across, down = picture.mcus((x, y, w, h))
        kept = []
        for each in components:
            levels = np.full_like(each.levels, 333)
            rows, columns = (slice(a * n, (a + m) * n) for a, m, n in ((top, down, each.v), (left, across, each.h)))
            levels[rows, columns] = each.levels[rows, columns]
            kept.append(Component(each.h, each.v, each.table, levels))
        np.testing.assert_array_equal(picture_of(width, height, kept, tables, YCC).pixels((x, y, w, h)), part)
        # The region has those that it covers, and at most one more on each side.
        for begin, size, first, count, side in ((x, w, left, across, mcu[0]), (y, h, top, down, mcu[1])):
            assert begin // side - 1 <= first <= begin // side
            assert (begin + size - 1) // side + 1 <= first + count <= (begin + size - 1) // side + 2


def by_definition(levels: npt.NDArray[np.int16], steps: npt.NDArray[np.uint16]) -> Pixels:
    """Samples [8, 8] of blocks [n, 64], in whole numbers without limits, as the specification has them."""

    def eight(f: npt.NDArray[np.int64], shift: int) -> npt.NDArray[np.int64]:
        half = 1 << shift - 1
        e0, e1 = 8192 * (f[0] + f[4]), 8192 * (f[0] - f[4])
        e2, e3 = 4433 * (f[2] + f[6]) - 15137 * f[6], 4433 * (f[2] + f[6]) + 6270 * f[2]
        even = e0 + e3, e1 + e2, e1 - e2, e0 - e3
        z5 = 9633 * (f[1] + f[3] + f[5] + f[7])
        z1, z2 = 7373 * (f[7] + f[1]), 20995 * (f[5] + f[3])
        z3, z4 = z5 - 16069 * (f[7] + f[3]), z5 - 3196 * (f[5] + f[1])
        odd = 12299 * f[1] - z1 + z4, 25172 * f[3] - z2 + z3, 16819 * f[5] - z2 + z4, 2446 * f[7] - z1 + z3
        sums = [even[n] + odd[n] for n in range(4)] + [even[n] - odd[n] for n in range(3, -1, -1)]
        assert all(np.abs(each + half).max() < 1 << 31 for each in sums)
        return np.stack([each + half >> shift for each in sums])

    f = (levels.astype(np.int64) * steps).clip(-32767, 32767).reshape(-1, 8, 8)
    t = eight(f.transpose(1, 0, 2), 11).clip(-32768, 32767)  # y, n, u
    s = eight(t.transpose(2, 1, 0), 18)  # x, n, y
    return (s.transpose(1, 2, 0) + 128).clip(0, 255).astype(np.uint8)


@pytest.mark.usefixtures("kernels")
def test_any_coefficients() -> None:
    """Sums that leave 16 bits or 10 are limited, not wrapped, and none leaves 32 bits."""
    rng = np.random.default_rng(9)
    levels = np.concatenate(
        [
            rng.integers(-32768, 32768, (300, 64)),
            rng.choice([-32768, 32767], (300, 64)),
            rng.integers(-300, 301, (300, 64)) * (rng.random((300, 64)) < 0.1),
            rng.integers(-32768, 32768, (101, 64)) * (np.arange(64) == 0),
        ]
    ).astype(np.int16)
    for steps in (1, 2, 77, 32767, 32768, 65535):
        table = np.full((1, 64), steps, np.uint16)
        if steps == 77:
            table[0] = rng.integers(1, 65536, 64)
        component = Component(1, 1, 0, levels.reshape(1, -1, 64))
        found = picture_of(8 * len(levels), 8, [component], table, GREY).pixels()[:, :, 0]
        np.testing.assert_array_equal(found.reshape(8, -1, 8).swapaxes(0, 1), by_definition(levels, table[0]))
