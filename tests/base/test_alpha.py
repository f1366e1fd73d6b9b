"""Alpha planes: lossless, small on masks, safe on any bytes, and the colour under them is free."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from veneer import _native
from veneer.reference.decoder import decode_alpha as decode_by_reference
from veneer.reference.range_coder import RangeDecoder, bytes_to_words

Plane = npt.NDArray[np.uint8]
STEP = 160  # coarse: these tests are about alpha

KINDS = ["constant", "mask", "smooth edge", "slope", "stripes", "few", "noise", "clear last row"]


def make_alpha(kind: str, w: int, h: int, seed: int = 0) -> Plane:
    rng = np.random.default_rng([w, h, seed])
    y, x = np.mgrid[:h, :w]
    distance = np.hypot(x - rng.uniform(0, w), y - rng.uniform(0, h))
    plane = {
        "constant": lambda: np.full((h, w), rng.integers(256)),
        "mask": lambda: 255 * (distance > max(w, h) / 3),
        "smooth edge": lambda: (distance - max(w, h) / 3) * 90 + 128,
        "slope": lambda: distance * 2 + rng.uniform(0, 2, (h, w)),
        "stripes": lambda: 60 * ((x * 3 + y) // 7 % 5),
        "few": lambda: rng.choice([0, 77, 201, 255], (h, w)),
        "noise": lambda: rng.integers(0, 256, (h, w)),
        "clear last row": lambda: rng.integers(1, 255, (h, w)) * (y < h - 1),
    }[kind]()
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)


def encode(pixels: Plane, tile_log2: int = 6, step_index: int = STEP) -> tuple[bytes, list[bytes], list[bytes]]:
    return _native.encode_base(
        np.ascontiguousarray(pixels), step_index=step_index, tune=0, effort=1, tile_log2=tile_log2, threads=1
    )


def decode(
    coded: tuple[bytes, list[bytes], list[bytes]],
    shape: tuple[int, ...],
    tile_log2: int = 6,
    region: tuple[int, int, int, int] | None = None,
) -> tuple[Plane, list[int]]:
    h, w, channels = shape
    return _native.decode_base(
        coded[1],
        coded[2],
        width=w,
        height=h,
        channels=channels,
        tile_log2=tile_log2,
        params=coded[0],
        region=region or (0, 0, w, h),
        threads=1,
    )


def alpha_payload(alpha: Plane) -> bytes:
    """Of a picture of one tile."""
    tile_log2 = max(6, (max(alpha.shape) - 1).bit_length())
    (payload,) = encode(np.dstack([np.zeros_like(alpha), alpha]), tile_log2)[2]
    return payload


def decode_alpha(payload: bytes, w: int, h: int) -> Plane:
    """By the reference decoder."""
    return decode_by_reference(RangeDecoder(bytes_to_words(payload)), w, h)


def png_size(alpha: Plane) -> int:
    out = io.BytesIO()
    Image.fromarray(alpha).save(out, "PNG", optimize=True)
    return len(out.getvalue())


def draw(antialiased: bool) -> Plane:
    """A cut-out of 256 x 256 pixels."""
    image = Image.new("L", (1024, 1024))
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 200, 800, 900), fill=255)
    pen.polygon([(500, 20), (1000, 400), (600, 700)], fill=255)
    pen.ellipse((300, 400, 500, 640), fill=0)
    return np.asarray(image.resize((256, 256), Image.Resampling.BOX if antialiased else Image.Resampling.NEAREST))


@given(st.sampled_from(KINDS), st.integers(1, 140), st.integers(1, 90), st.integers(0, 99), st.sampled_from([2, 4]))
@settings(deadline=None, max_examples=60)
def test_lossless(kind: str, w: int, h: int, seed: int, channels: int) -> None:
    alpha = make_alpha(kind, w, h, seed)
    pixels = np.dstack([np.full((h, w, channels - 1), 90, np.uint8), alpha])
    coded = encode(pixels)
    out, status = decode(coded, pixels.shape)
    assert set(status) == {0}
    np.testing.assert_array_equal(out[:, :, -1], alpha)
    x, y = w // 3, h // 4
    part, _ = decode(coded, pixels.shape, region=(x, y, w - x, h - y))
    np.testing.assert_array_equal(part, out[y:, x:])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("w", "h"), [(1, 1), (3, 40), (70, 45)])
def test_specification(kind: str, w: int, h: int) -> None:
    alpha = make_alpha(kind, w, h)
    np.testing.assert_array_equal(decode_alpha(alpha_payload(alpha), w, h), alpha)


@pytest.mark.slow
def test_specification_of_drawings() -> None:
    alpha = draw(antialiased=True)[:, 20:]
    np.testing.assert_array_equal(decode_alpha(alpha_payload(alpha), 236, 256), alpha)
    soft = np.asarray(Image.fromarray(alpha).filter(ImageFilter.GaussianBlur(6)))
    np.testing.assert_array_equal(decode_alpha(alpha_payload(soft), 236, 256), soft)


@pytest.mark.parametrize(("value", "size_bytes"), [(255, 0), (0, 4), (128, 4)])
def test_constant_alpha_costs_nothing(value: int, size_bytes: int) -> None:
    assert len(alpha_payload(np.full((1000, 1000), value, np.uint8))) <= size_bytes


def test_mostly_opaque_is_cheap() -> None:
    alpha = np.full((1000, 1000), 255, np.uint8)
    alpha[400:404, 600:604] = 0
    assert len(alpha_payload(alpha)) < 40


@pytest.mark.parametrize(
    ("name", "share"), [("hard", 0.35), ("antialiased", 0.35), ("soft", 0.6)], ids=lambda value: str(value)
)
def test_smaller_than_png(name: str, share: float) -> None:
    alpha = draw(antialiased=name != "hard")
    if name == "soft":
        alpha = np.asarray(Image.fromarray(alpha).filter(ImageFilter.GaussianBlur(9)))
    assert len(alpha_payload(alpha)) < share * png_size(alpha)


@given(st.integers(0, 3), st.binary(max_size=300), st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_damaged_payloads(how: int, noise: bytes, seed: int) -> None:
    pixels = np.dstack([np.full((70, 100), 90, np.uint8), make_alpha(KINDS[1 + seed % 6], 100, 70, seed)])
    parameters, colour, alpha = encode(pixels)
    payload = bytearray(alpha[0])
    position = seed * len(payload) // 100
    if how == 0:
        payload[:] = noise
    elif how == 1:
        del payload[position:]
    elif how == 2:
        payload[position : position + len(noise)] = noise
    elif payload:
        payload[position] ^= 1 << seed % 8
    damaged = (parameters, colour, [bytes(payload), *alpha[1:]])
    out, status = decode(damaged, pixels.shape)
    assert status[0] in (0, 4)
    assert status[1:] == [0, 0, 0]
    if status[0] == 4:
        assert np.all(out[:64, :64, 1] == 255)
    np.testing.assert_array_equal(out[64:, :, 1], pixels[64:, :, 1])
    np.testing.assert_array_equal(out[:, :, 0], decode((parameters, colour, alpha), pixels.shape)[0][:, :, 0])


def test_truncated_stream_is_noticed() -> None:
    pixels = np.dstack([np.full((64, 64), 90, np.uint8), make_alpha("noise", 64, 64)])
    parameters, colour, alpha = encode(pixels)
    _, status = decode((parameters, colour, [alpha[0][:500]]), pixels.shape)
    assert status == [4]


def test_missing_alpha_is_opaque() -> None:
    pixels = np.dstack([np.full((64, 130), 90, np.uint8), make_alpha("mask", 130, 64)])
    parameters, colour, alpha = encode(pixels)
    out, status = decode((parameters, colour, [None, *alpha[1:]]), pixels.shape)  # type: ignore[list-item]
    assert status == [0, 0, 0]
    assert np.all(out[:, :64, 1] == 255)
    np.testing.assert_array_equal(out[:, 64:, 1], pixels[:, 64:, 1])


@pytest.mark.parametrize("tiles", [0, 1, 3])
def test_wrong_number_of_tiles(tiles: int) -> None:
    parameters, colour, _ = encode(np.full((64, 128, 2), 255, np.uint8))
    with pytest.raises(ValueError, match="alpha_tiles"):
        decode((parameters, colour, [b""] * tiles), (64, 128, 2))


@pytest.mark.parametrize("channels", [2, 4])
def test_hidden_colour_is_free(channels: int) -> None:
    rng = np.random.default_rng(1)
    alpha = draw(antialiased=True)
    pixels = np.dstack([np.full((256, 256, channels - 1), 90, np.uint8), alpha])
    pixels[:, :, :-1] += rng.integers(0, 160, (256, 256, 1), dtype=np.uint8)
    noisy = pixels.copy()
    noisy[alpha == 0, :-1] = rng.integers(0, 256, (int((alpha == 0).sum()), channels - 1))
    assert encode(noisy) == encode(pixels)
    whole = pixels.copy()
    whole[:, :, -1] = 255
    assert len(encode(noisy, 8)[1][0]) < len(encode(whole, 8)[1][0])


def test_visible_colour_is_kept() -> None:
    alpha = draw(antialiased=True)
    y, x = np.mgrid[:256, :256]
    pixels = np.dstack([x, y, 255 - x, alpha]).astype(np.uint8)
    out, _ = decode(encode(pixels, 8, step_index=32), pixels.shape, 8)
    visible = alpha > 0
    assert np.abs(out[visible].astype(int) - pixels[visible]).max() <= 3


def test_nothing_visible_costs_nothing() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (256, 256, 4), dtype=np.uint8)
    pixels[:, :, 3] = 0
    parameters, colour, alpha = encode(pixels, 8)
    assert len(colour[0]) + len(alpha[0]) < 40
    assert len(parameters) > 0
