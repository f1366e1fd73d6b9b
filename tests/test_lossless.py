"""Lossless files: every sample back at every depth, bounds of near-lossless ones, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import make_picture

import veneer
from veneer import ErrorCode, VeneerError


def make_samples(height: int, width: int, channels: int, depth: int, seed: int = 0) -> np.ndarray:
    """A photograph-like picture of some depth with noise in its lowest bits."""
    rng = np.random.default_rng(seed)
    most = (1 << depth) - 1
    picture = make_picture(height, width, channels).astype(float) / 255 * most
    noisy = np.clip(np.rint(picture + rng.normal(0, most / 500, picture.shape)), 0, most)
    return noisy.astype(np.uint8 if depth <= 8 else np.uint16)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [1, 2, 7, 8, 9, 12, 16])
def test_every_sample_comes_back(depth: int, channels: int) -> None:
    samples = make_samples(70, 90, channels, depth)
    data = veneer.encode(samples, lossless=True, depth=depth, exact=True, tile_size=64, effort=1)
    decoded = veneer.decode(data, strict=True)
    assert decoded.dtype == samples.dtype
    np.testing.assert_array_equal(decoded, samples)
    info = veneer.read_info(data, verify=True)
    assert (info.bit_depth, info.channels, info.lossless, info.max_error) == (depth, channels, True, 0)
    np.testing.assert_array_equal(veneer.decode(data, backend="reference"), samples)


@pytest.mark.parametrize("shape", [(1, 1), (1, 65535), (65535, 1), (64, 64), (65, 129)])
def test_odd_sizes(shape: tuple[int, int]) -> None:
    samples = np.arange(shape[0] * shape[1], dtype=np.uint16).reshape(shape)
    decoded = veneer.decode(veneer.encode(samples, lossless=True, effort=1))
    np.testing.assert_array_equal(decoded[..., 0], samples)


def test_quality_100_is_lossless() -> None:
    samples = make_picture(50, 40, 3)
    data = veneer.encode(samples, quality=100)
    assert veneer.read_info(data).lossless
    np.testing.assert_array_equal(veneer.decode(data), samples)
    assert not veneer.read_info(veneer.encode(samples, quality=100, step_index=40)).lossless


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 8), st.integers(1, 16), st.integers(0, 1000), st.integers(1, 4))
def test_errors_are_bounded(max_error: int, depth: int, seed: int, channels: int) -> None:
    dtype = np.uint8 if depth <= 8 else np.uint16
    samples = np.random.default_rng(seed).integers(0, 1 << depth, (17, 23, channels)).astype(dtype)
    samples[0, 0], samples[0, 1] = 0, (1 << depth) - 1
    data = veneer.encode(samples, lossless=True, max_error=max_error, depth=depth, exact=True, effort=1)
    decoded = veneer.decode(data)
    assert np.abs(decoded.astype(int) - samples).max() <= max_error
    assert decoded.max() < 1 << depth
    if channels in (2, 4):
        np.testing.assert_array_equal(decoded[..., -1], samples[..., -1])
    assert veneer.read_info(data).max_error == max_error


def test_a_bound_makes_files_smaller() -> None:
    samples = make_samples(100, 100, 3, 8)
    sizes = [len(veneer.encode(samples, lossless=True, max_error=error)) for error in (0, 1, 4, 8)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.7 * sizes[0]


def test_hidden_colour_is_kept_if_asked_for() -> None:
    samples = np.random.default_rng(3).integers(0, 256, (40, 40, 4), dtype=np.uint8)
    samples[10:30, :, 3] = 0
    np.testing.assert_array_equal(veneer.decode(veneer.encode(samples, lossless=True, exact=True)), samples)
    free = veneer.encode(samples, lossless=True)
    shown = samples[..., 3] > 0
    decoded = veneer.decode(free)
    np.testing.assert_array_equal(decoded[shown], samples[shown])
    np.testing.assert_array_equal(decoded[..., 3], samples[..., 3])
    assert len(free) <= len(veneer.encode(samples, lossless=True, exact=True))


def test_regions_threads_and_previews() -> None:
    samples = make_samples(200, 330, 4, 12)
    data = veneer.encode(samples, lossless=True, depth=12, exact=True, tile_size=64, preview=True, effort=1)
    assert data == veneer.encode(
        samples, lossless=True, depth=12, exact=True, tile_size=64, preview=True, effort=1, threads=3
    )
    for region in ((0, 0, 330, 200), (63, 65, 2, 1), (100, 20, 150, 170)):
        x, y, w, h = region
        part = veneer.decode(data, region=region, threads=2)
        np.testing.assert_array_equal(part, samples[y : y + h, x : x + w])
    preview = veneer.decode(data, layers="preview")
    assert preview.dtype == np.uint8
    assert preview.shape == (25, 42, 4)
    reduced = veneer.decode(
        veneer.encode(samples, lossless=True, depth=12, exact=True, preview=False, effort=1), layers="preview"
    )
    assert np.abs(preview.astype(int) - reduced)[..., 3].mean() < 3


@pytest.mark.parametrize("depth", [5, 8, 14])
def test_files_that_arrive_in_pieces(depth: int) -> None:
    samples = make_samples(190, 130, 3, depth)
    data = veneer.encode(samples, lossless=True, depth=depth, tile_size=64, preview=True, effort=1)
    decoder = veneer.Decoder()
    shown = []
    for start in range(0, len(data), 700):
        decoder.feed(data[start : start + 700])
        if (picture := decoder.picture()) is not None:
            assert picture.dtype == samples.dtype
            assert picture.shape == samples.shape
            shown.append(float(np.abs(picture.astype(float) - samples).mean()))
    decoder.finish()
    np.testing.assert_array_equal(decoder.picture(), samples)
    assert shown[0] < 0.2 * (1 << depth)
    assert shown[-1] < shown[0]


def _without_tile(data: bytes, number: int, *, damage: bool) -> bytes:
    """A file of which a tile is missing, or has a payload that is no code."""
    from veneer.bitstream.chunks import write_chunk
    from veneer.bitstream.syntax import SIGNATURE
    from veneer.reference.chunks import read_chunks

    parts = [SIGNATURE]
    for chunk in read_chunks(data):
        payload = chunk.payload
        if chunk.type == b"tOCS":
            continue
        if chunk.type == b"BASE" and payload[:2] == number.to_bytes(2, "little"):
            if not damage:
                continue
            payload = payload[:2] + b"\xff" + payload[3:]
        parts.append(write_chunk(chunk.type, payload))
    return b"".join(parts)


@pytest.mark.parametrize("damage", [False, True])
@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("depth", [3, 8, 16])
def test_lost_tiles_are_filled_in(depth: int, preview: bool, damage: bool) -> None:
    samples = make_samples(192, 192, 4, depth)
    data = veneer.encode(samples, lossless=True, depth=depth, exact=True, tile_size=64, preview=preview, effort=1)
    broken = _without_tile(data, 4, damage=damage)
    problems: list[VeneerError] = []
    decoded = veneer.decode(broken, problems=problems)
    code = ErrorCode.TILE_DAMAGED if damage else ErrorCode.TILE_MISSING
    assert [problem.code for problem in problems] == [code]
    lost = np.zeros(samples.shape[:2], bool)
    lost[64:128, 64:128] = True
    np.testing.assert_array_equal(decoded[~lost], samples[~lost])
    difference = np.abs(decoded[lost].astype(float) - samples[lost]).mean()
    assert difference < 0.3 * (1 << depth)
    if not preview:
        assert (decoded[lost][:, 3] == (1 << depth) - 1).all()
    with pytest.raises(VeneerError) as caught:
        veneer.decode(broken, strict=True)
    assert caught.value.code == code


def test_cut_files() -> None:
    samples = make_samples(192, 192, 3, 16)
    data = veneer.encode(samples, lossless=True, tile_size=64, effort=1)
    problems: list[VeneerError] = []
    decoded = veneer.decode(data[: len(data) * 2 // 3], problems=problems)
    np.testing.assert_array_equal(decoded[:64], samples[:64])
    assert ErrorCode.CHUNK_CUT in [problem.code for problem in problems]


LOSSY = {
    "tune": "psnr",
    "layers": "base",
    "model": "fast",
    "step_index": 30,
    "target_size": 1000,
    "bpp": 1.0,
    "base_scale": 1,
    "realism": 0.5,
    "quality": 90,
}


@pytest.mark.parametrize("name", LOSSY)
def test_settings_of_lossy_coding_are_refused(name: str) -> None:
    with pytest.raises(VeneerError, match=f"{name} has no meaning with lossless=True") as caught:
        veneer.encode(make_picture(8, 8, 3), lossless=True, **{name: LOSSY[name]})
    assert caught.value.code is ErrorCode.BAD_SETTING


@pytest.mark.parametrize(
    ("keywords", "code", "text"),
    [
        ({"max_error": 1}, ErrorCode.BAD_SETTING, "max_error has a meaning only with lossless=True"),
        ({"exact": True}, ErrorCode.BAD_SETTING, "exact has a meaning only with lossless=True"),
        ({"lossless": True, "max_error": 9}, ErrorCode.BAD_SETTING, "max_error must be 0..8, not 9"),
        ({"lossless": 1}, ErrorCode.BAD_SETTING, "lossless must be True or False"),
        ({"lossless": True, "depth": 0}, ErrorCode.BAD_SETTING, "depth must be 1..16, not 0"),
        ({"depth": 4}, ErrorCode.BAD_SETTING, "depth 4 needs lossless=True"),
        ({"lossless": True, "depth": 7}, ErrorCode.BAD_PIXELS, "a sample is 200, but with depth 7"),
        ({"lossless": True, "depth": 9}, ErrorCode.BAD_PIXELS, "depth 9 needs an array of uint16"),
    ],
)
def test_wrong_settings(keywords: dict[str, object], code: ErrorCode, text: str) -> None:
    with pytest.raises(VeneerError, match=text) as caught:
        veneer.encode(np.full((4, 4), 200, np.uint8), **keywords)
    assert caught.value.code is code


def test_lossy_files_take_no_shallow_samples() -> None:
    with pytest.raises(VeneerError, match="lossless=True"):
        veneer.encode(np.zeros((4, 4), np.uint8), depth=7)


def test_the_byte_order_of_the_array_does_not_matter() -> None:
    samples = make_samples(20, 20, 3, 16)
    assert veneer.encode(samples.astype(">u2"), lossless=True) == veneer.encode(samples, lossless=True)


def test_more_effort_is_never_larger() -> None:
    samples = make_samples(64, 64, 3, 8)
    sizes = [len(veneer.encode(samples, lossless=True, effort=effort)) for effort in range(1, 10)]
    assert sizes == sorted(sizes, reverse=True)
