"""The numcodecs codec, by itself and in zarr."""

import json
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from samples import make_picture, psnr_db

import veneer
from veneer import ErrorCode, VeneerError

numcodecs = pytest.importorskip("numcodecs")
from veneer.integrations.numcodecs import Veneer  # noqa: E402


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_there_and_back(channels: int) -> None:
    picture = make_picture(40, 50, channels)
    codec = Veneer(quality=80, effort=2, channels="colour" if channels % 2 else "colour+alpha")
    data = codec.encode(picture)
    assert data == veneer.encode(picture, quality=80, effort=2)
    np.testing.assert_array_equal(codec.decode(data), veneer.decode(data))
    out = np.empty_like(picture)
    codec.decode(np.frombuffer(data, np.uint8), out)
    np.testing.assert_array_equal(out, veneer.decode(data))


def test_planes_and_axes_of_one() -> None:
    plane = make_picture(40, 50, 1)[:, :, 0]
    codec = Veneer(channels_last=False)
    np.testing.assert_array_equal(
        codec.decode(codec.encode(plane[None, None])), veneer.decode(veneer.encode(plane))[:, :, 0]
    )
    three = make_picture(40, 50)
    assert Veneer().encode(three[None]) == veneer.encode(three)


def test_refuses_what_is_no_picture() -> None:
    masked = np.ma.masked_less(np.arange(64, dtype=np.uint8).reshape(8, 8), 9)
    shapes = ((2, 8, 8, 3), (64,), (0, 8, 3), (8, 8, 5), ())
    for array in (*(np.zeros(shape, np.uint8) for shape in shapes), np.zeros((8, 8), np.float32), masked, None, "x"):
        with pytest.raises(VeneerError) as caught:
            Veneer().encode(array)
        assert caught.value.code == ErrorCode.BAD_PIXELS


def test_configuration() -> None:
    codec = Veneer(quality=33, tune="psnr", channels_last=False)
    assert numcodecs.get_codec(codec.get_config()) == codec
    codec = Veneer(quality=np.float32(33.5), effort=np.int64(3), channels_last=np.False_, channels="bands")  # type: ignore[arg-type]
    assert numcodecs.get_codec(json.loads(json.dumps(codec.get_config()))) == codec


@pytest.mark.parametrize(
    "wrong",
    [{"quality": 101}, {"effort": True}, {"channels": "rgb"}, {"channels": 3}, {"channels_last": 1}, {"tune": None}],
)
def test_wrong_configuration(wrong: dict[str, Any]) -> None:
    with pytest.raises(VeneerError, match=f"{next(iter(wrong))} must be") as caught:
        Veneer(**wrong)
    assert caught.value.code == ErrorCode.BAD_SETTING


@pytest.mark.parametrize("count", [2, 4])
def test_alpha_is_not_guessed(count: int) -> None:
    """The fourth of four bands as alpha would destroy the other three where it is 0."""
    with pytest.raises(VeneerError, match=f'{count} channels: channels="colour" takes 1.*"bands" any number'):
        Veneer().encode(make_picture(8, 9, count))
    for channels in ("colour+alpha", "colour"):
        with pytest.raises(VeneerError, match="5 channels"):
            Veneer(channels=channels).encode(np.zeros((8, 9, 5), np.uint8))
    with pytest.raises(VeneerError, match="3 channels"):
        Veneer(channels="colour+alpha").encode(make_picture(8, 9))


@pytest.mark.parametrize("shape", [(24, 32, 4), (24, 32, 1), (24, 32, 7), (2, 24, 32, 2), (1, 1, 24, 32, 3)])
def test_bands(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    ramp = np.add.outer(np.arange(24) * 3, np.arange(32) * 4)[:, :, None]
    bands = np.broadcast_to(ramp + rng.integers(0, 60, shape[-1]), shape).astype(np.uint8)
    codec = Veneer(channels="bands", quality=95)
    data = codec.encode(bands)
    back = codec.decode(data)
    assert (back.shape, back.flags.c_contiguous) == (shape, True)
    assert np.abs(back.astype(int) - bands).max() < 12
    index = (0,) * (len(shape) - 3)
    np.testing.assert_array_equal(
        back[(*index, ..., 0)], veneer.decode(veneer.encode(bands[(*index, ..., 0)], quality=95), realism=0)[:, :, 0]
    )
    first = np.ascontiguousarray(np.moveaxis(bands, -1, 0))
    codec = Veneer(channels="bands", quality=95, channels_last=False)
    np.testing.assert_array_equal(np.moveaxis(codec.decode(codec.encode(first)), 0, -1), back)


def test_a_band_of_zeros_destroys_nothing() -> None:
    y, x = np.mgrid[0:64, 0:64]
    infrared = np.where(y < 32, 0, 120)
    bands = np.stack([x * 4, y * 4, 255 - x * 2, infrared], -1).astype(np.uint8)
    codec = Veneer(quality=95, channels="bands")
    error = np.abs(codec.decode(codec.encode(bands)).astype(int) - bands)
    assert error.mean(axis=(0, 1)).max() < 2


def test_damaged_bands() -> None:
    data = Veneer(channels="bands").encode(np.zeros((8, 9, 3), np.uint8))
    for place in range(0, len(data), 3):
        wrong = bytearray(data)
        wrong[place] ^= 0x55
        with pytest.raises(VeneerError):
            Veneer().decode(wrong)
        with pytest.raises(VeneerError):
            Veneer().decode(data[:place])
    for wrong in (data + b"x", b"VNRB", data[:5] + b"\xff\x00" + data[7:], data[:7] + b"\xff" * 16):
        with pytest.raises(VeneerError):
            Veneer().decode(wrong)


@pytest.mark.parametrize("dtype", ["u1", "i1", "<u2", "<i2", ">i2"])
@pytest.mark.parametrize("channels", ["colour", "colour+alpha", "bands"])
def test_lossless(dtype: str, channels: Any) -> None:
    shape = (30, 20, 4 if channels == "colour+alpha" else 3)
    info = np.iinfo(dtype)
    chunk = np.random.default_rng(5).integers(info.min, info.max, shape, endpoint=True).astype(dtype)
    chunk[3:9, :, -1] = 0
    codec = Veneer(lossless=True, channels=channels, effort=1)
    decoded = codec.decode(codec.encode(chunk))
    assert decoded.dtype == chunk.dtype.newbyteorder("=")
    np.testing.assert_array_equal(decoded, chunk)
    out = np.empty(chunk.size * chunk.itemsize, np.uint8)
    codec.decode(codec.encode(chunk), out)
    np.testing.assert_array_equal(out.view(decoded.dtype), chunk.ravel())


@pytest.mark.parametrize("dtype", ["u2", "i1", "f4", "u4"])
def test_types_that_are_refused(dtype: str) -> None:
    with pytest.raises(VeneerError, match="chunks must be uint8, not"):
        Veneer().encode(np.zeros((8, 8), dtype))
    if np.dtype(dtype).itemsize > 2:
        with pytest.raises(VeneerError, match="chunks must be integers of 8 or 16 bits"):
            Veneer(lossless=True).encode(np.zeros((8, 8), dtype))


def test_errors_of_chunks_are_bounded() -> None:
    chunk = np.random.default_rng(6).integers(0, 65536, (30, 20), dtype=np.uint16)
    codec = Veneer(lossless=True, max_error=3, effort=1)
    assert np.abs(codec.decode(codec.encode(chunk))[:, :, 0].astype(int) - chunk).max() <= 3


def test_fortran_order() -> None:
    """A chunk in Fortran order comes back scrambled, so it is refused; a target in any order is filled rightly."""
    picture = make_picture(24, 32)
    codec = Veneer(quality=95)
    with pytest.raises(VeneerError, match='order="C"'):
        codec.encode(np.asfortranarray(picture))
    assert codec.encode(picture[::-1][::-1]) == codec.encode(np.pad(picture, ((0, 0), (1, 1), (0, 0)))[:, 1:-1])
    expected = codec.decode(codec.encode(picture))
    for out in (np.empty((24, 32, 3), np.uint8, order="F"), np.empty((1, 24, 32, 3), np.uint8, order="F")):
        assert codec.decode(codec.encode(picture), out=out) is out
        np.testing.assert_array_equal(out.reshape(24, 32, 3), expected)
    flat = bytearray(expected.size)
    codec.decode(codec.encode(picture), out=flat)
    assert bytes(flat) == expected.tobytes()
    frozen = np.empty((24, 32, 3), np.uint8)
    frozen.flags.writeable = False
    for wrong in (np.empty((32, 24, 3), np.uint8), np.empty((24, 32, 3), np.int8), np.empty(5, np.uint8), frozen):
        with pytest.raises(VeneerError, match="out"):
            codec.decode(codec.encode(picture), out=wrong)


def test_buffers() -> None:
    picture = make_picture(24, 32)
    data = Veneer().encode(picture)
    frozen = picture.copy()
    frozen.flags.writeable = False
    assert Veneer().encode(frozen) == Veneer().encode(memoryview(picture)) == data
    for buffer in (bytearray(data), memoryview(data), np.frombuffer(data, np.uint8), np.frombuffer(data, np.int8)):
        np.testing.assert_array_equal(Veneer().decode(buffer), Veneer().decode(data))


def test_entry_point() -> None:
    """The entry point by which numcodecs finds the codec in an installed package names it."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    value = project["entry-points"]["numcodecs.codecs"][Veneer.codec_id]
    assert metadata.EntryPoint(Veneer.codec_id, value, "numcodecs.codecs").load() is Veneer


def test_zarr(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    pictures = np.stack([make_picture(64, 96, seed=seed) for seed in range(3)])
    path = str(tmp_path / "a.zarr")
    array = zarr.create_array(
        path, shape=pictures.shape, chunks=(1, 32, 48, 3), dtype="u1", zarr_format=2, compressors=Veneer(quality=90)
    )
    array[:] = pictures
    again = zarr.open_array(path, mode="r")[:]
    assert psnr_db(again, pictures) > 30
    np.testing.assert_array_equal(
        again[1, 32:64, 48:96], veneer.decode(veneer.encode(pictures[1, 32:64, 48:96], quality=90))
    )


def test_zarr_in_fortran_order(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    array = zarr.create_array(
        str(tmp_path / "a.zarr"),
        shape=(1, 32, 48, 3),
        chunks=(1, 32, 48, 3),
        dtype="u1",
        zarr_format=2,
        compressors=Veneer(),
        order="F",
    )
    with pytest.raises(VeneerError, match='order="C"'):
        array[:] = make_picture(32, 48)[None]


def test_zarr_3_says_what_it_needs() -> None:
    zarr = pytest.importorskip("zarr")
    with pytest.raises(TypeError, match="serializer=veneer"):
        zarr.create_array({}, shape=(8, 8, 3), chunks=(8, 8, 3), dtype="u1", zarr_format=3, compressors=Veneer())


def test_half_floats_come_back_bit_by_bit() -> None:
    bits = np.random.default_rng(0).integers(0, 65536, (9, 12, 3)).astype(np.uint16)
    for codec in (Veneer(lossless=True, effort=1), Veneer(lossless=True, channels="bands", effort=1)):
        decoded = codec.decode(codec.encode(bits.view(np.float16)))
        assert decoded.dtype == np.float16
        np.testing.assert_array_equal(decoded.view(np.uint16), bits)
    with pytest.raises(VeneerError, match=r"uint8, not float16.*or use lossless=True"):
        Veneer().encode(bits.view(np.float16))
    with pytest.raises(VeneerError, match="or float16, not float32"):
        Veneer(lossless=True).encode(np.zeros((4, 4, 3), np.float32))
    with pytest.raises(VeneerError, match="max_error has no meaning"):
        Veneer(lossless=True, max_error=1).encode(bits.view(np.float16))
