"""Half floats: every bit comes back, what is lost is filled in with finite values, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from float16_vectors import SPECIAL, light, with_specials
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from samples import make_picture

import veneer
from veneer import ErrorCode, VeneerError
from veneer.bitstream.chunks import ChunkReader, write_chunk
from veneer.half_floats import finite_ordered_bits, is_half, ordered_bits

SAMPLE_FORMAT_OFFSET = 24  # in the payload of HEAD


def bits_of(halves: np.ndarray) -> np.ndarray:
    """The bits, which compare where NaNs do not."""
    assert halves.dtype == np.float16
    return halves.view(np.uint16)


def as_integers(data: bytes) -> bytes:
    """The same file, whose samples are the ordered bits as integers of 16 bits."""
    head = next(ChunkReader(memoryview(data), len(veneer.bitstream.syntax.SIGNATURE), pytest.fail).chunks())
    payload = bytearray(head.payload)
    assert payload[SAMPLE_FORMAT_OFFSET] == 1
    payload[SAMPLE_FORMAT_OFFSET] = 0
    start, end = head.offset, head.end
    return data[:start] + write_chunk(b"HEAD", bytes(payload)) + data[end:]


def damaged(data: bytes, number: int) -> bytes:
    """A file of which the payload of a tile is damaged."""
    chunks = ChunkReader(memoryview(data), len(veneer.bitstream.syntax.SIGNATURE), pytest.fail).chunks()
    tile = [chunk for chunk in chunks if chunk.type == b"BASE"][number]
    broken = bytearray(data)
    broken[(tile.payload_offset + tile.end) // 2] ^= 0x40
    return bytes(broken)


def decoded(data: bytes, **options: Any) -> np.ndarray:
    """The picture of a damaged file."""
    problems: list[VeneerError] = []
    pixels = veneer.decode(data, problems=problems, **options)
    assert problems
    return pixels


@pytest.mark.parametrize("effort", [1, 5])
def test_every_half_float_comes_back(effort: int) -> None:
    halves = np.random.default_rng(0).permutation(65536).astype(np.uint16).reshape(256, 256, 1).view(np.float16)
    data = veneer.encode(halves, lossless=True, effort=effort)
    np.testing.assert_array_equal(bits_of(veneer.decode(data, strict=True)), bits_of(halves))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_both_decoders_give_every_bit(channels: int) -> None:
    halves = with_specials(light(70, 66, channels))
    if channels % 2 == 0:
        halves[:30, :, -1] = 0  # whose colour is kept
    data = veneer.encode(halves, lossless=True, tile_size=64, effort=1, cicp="linear-srgb")
    info = veneer.read_info(data, verify=True)
    assert (info.sample_format, info.bit_depth, info.max_error, info.lossless) == ("half floats", 16, 0, True)
    assert info.cicp == (1, 8, 0, 1)
    assert not info.problems
    for backend in ("native", "reference"):
        np.testing.assert_array_equal(bits_of(veneer.decode(data, strict=True, backend=backend)), bits_of(halves))
    region = veneer.decode(data, strict=True, region=(60, 50, 6, 20))
    np.testing.assert_array_equal(bits_of(region), bits_of(halves)[50:, 60:])


@settings(deadline=None, max_examples=30)
@given(arrays.arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))))
def test_any_bits_come_back(bits: np.ndarray) -> None:
    data = veneer.encode(bits.view(np.float16), lossless=True, effort=1)
    np.testing.assert_array_equal(bits_of(veneer.decode(data, strict=True)), bits)


def test_layouts_in_memory() -> None:
    halves = with_specials(light(20, 30, 3))
    data = veneer.encode(halves, lossless=True)
    assert veneer.encode(halves.astype(halves.dtype.newbyteorder(">")), lossless=True) == data
    assert veneer.encode(np.asfortranarray(halves), lossless=True) == data
    assert veneer.encode(halves, quality=100) == data
    wide = np.repeat(halves, 2, axis=1)
    assert veneer.encode(wide[:, ::2], lossless=True) == data
    grey = halves[..., 0]
    assert veneer.decode(veneer.encode(grey, lossless=True)).shape == (20, 30, 1)


def test_ordered_bits_have_the_order_of_the_floats() -> None:
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    ordered = ordered_bits(halves)
    assert sorted(ordered.tolist()) == list(range(65536))
    real = np.sort(halves[np.isfinite(halves)])
    assert (np.diff(ordered_bits(real).astype(int))[real[1:] != real[:-1]] > 0).all()
    assert ordered_bits(np.array([0.0, -0.0, 1.0, -2.0], np.float16)).tolist() == [32768, 32767, 48128, 16383]
    finite = finite_ordered_bits(SPECIAL)
    assert (finite.min(), finite.max()) == (1024, 64511)
    assert finite_ordered_bits(np.array([65504, -65504], np.float16)).tolist() == [64511, 1024]
    assert is_half(np.zeros(1, ">f2"))
    assert not is_half(np.zeros(1, np.uint16))


def test_arriving_pictures() -> None:
    halves = light(130, 130, 4)
    data = veneer.encode(halves, lossless=True, tile_size=64, effort=1)
    decoder = veneer.Decoder()
    decoder.feed(data[: len(data) // 2])
    part = decoder.picture()
    assert part is not None
    assert part.dtype == np.float16
    assert np.isfinite(part).all()
    np.testing.assert_array_equal(bits_of(part[:64, :64]), bits_of(halves[:64, :64]))
    decoder.feed(data[len(data) // 2 :])
    final = decoder.picture()
    assert final is not None
    np.testing.assert_array_equal(bits_of(final), bits_of(halves))
    assert decoder.info is not None
    assert decoder.info.sample_format == "half floats"


def test_lost_tiles_are_filled_in_by_order() -> None:
    """As in the file of the ordered bits, but for what is not finite; alpha is opaque."""
    halves = light(64, 192, 2)
    data = damaged(veneer.encode(halves, lossless=True, tile_size=64, effort=1), 1)
    filled, ordered = decoded(data), decoded(as_integers(data))
    assert filled.dtype == np.float16
    np.testing.assert_array_equal(ordered_bits(filled[..., :1]), ordered[..., :1])
    assert (filled[:, 64:128, 1] == 1).all()
    around = filled[:, [63, 128], 0].astype(float)
    assert around.min() / 2 <= filled[:, 64:128, 0].min() <= filled[:, 64:128, 0].max() <= 2 * around.max()


def test_filled_in_samples_are_finite() -> None:
    halves = light(64, 192, 3)
    halves[::2, 60:64], halves[1::2, 60:64] = np.inf, np.nan
    halves[::2, 128:132], halves[1::2, 128:132] = -np.inf, -np.nan
    filled = decoded(damaged(veneer.encode(halves, lossless=True, tile_size=64, effort=1), 1))
    assert np.isfinite(filled[:, 64:128]).all()
    np.testing.assert_array_equal(bits_of(filled[:, :64]), bits_of(halves[:, :64]))


def test_previews_show_the_order() -> None:
    halves = np.full((32, 48, 1), np.inf, np.float16)
    halves[:, :16], halves[:, 16:32] = 0, 1
    data = veneer.encode(halves, lossless=True)
    assert veneer.read_info(data).preview_size is None
    for backend in ("native", "reference"):
        shown = veneer.decode(data, layers="preview", backend=backend)
        assert (shown.dtype, shown.shape) == (np.uint8, (4, 6, 1))
        assert shown[0, :, 0].tolist() == [128, 128, 187, 187, 251, 251]


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        ({}, ErrorCode.BAD_PIXELS, "give lossless=True"),
        ({"quality": 90}, ErrorCode.BAD_PIXELS, "give lossless=True"),
        ({"lossless": True, "max_error": 1}, ErrorCode.BAD_SETTING, "max_error has no meaning with pixels of float16"),
        ({"lossless": True, "preview": True}, ErrorCode.BAD_SETTING, "have no preview"),
        ({"lossless": True, "depth": 10}, ErrorCode.BAD_PIXELS, "float16 have 16 bits a sample, not 10"),
    ],
)
def test_refusals(options: dict[str, Any], code: ErrorCode, text: str) -> None:
    with pytest.raises(VeneerError, match=text) as failure:
        veneer.encode(light(8, 8, 1), **options)
    assert failure.value.code == code
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.longdouble])
def test_wider_floats_are_refused_with_a_hint(kind: type) -> None:
    for options in ({}, {"lossless": True}):
        with pytest.raises(VeneerError, match=r"astype\(numpy.float16\), lossless=True") as failure:
            veneer.encode(np.zeros((4, 4), kind), **options)
        assert failure.value.code == ErrorCode.BAD_PIXELS


def test_a_depth_of_16_may_be_said() -> None:
    halves = light(8, 8, 1)
    assert veneer.encode(halves, lossless=True, depth=16) == veneer.encode(halves, lossless=True)


def test_integers_have_no_sample_format() -> None:
    data = veneer.encode(make_picture(9, 9, 1).astype(np.uint16), lossless=True)
    assert veneer.read_info(data).sample_format == "integers"
    assert veneer.decode(data).dtype == np.uint16
    assert veneer.read_info(veneer.encode(make_picture(9, 9, 3))).sample_format == "integers"


def test_gain_maps_are_integers() -> None:
    """A map of half floats has no scale that its metadata speak of."""
    with pytest.raises(VeneerError, match="uint8 or uint16"):
        veneer.GainMap(light(4, 4, 1), b"metadata")
    coded = veneer.encode(light(4, 4, 1), lossless=True)
    with pytest.raises(VeneerError, match="whole numbers, not half floats"):
        veneer.encode(make_picture(8, 8, 3), gain_map=veneer.GainMap(coded, b"metadata"))
