"""The numcodecs codec, by itself and in zarr."""

import tomllib
from importlib import metadata
from pathlib import Path

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
    codec = Veneer(quality=80, effort=2)
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
    for array in (np.zeros((2, 8, 8, 3), np.uint8), np.zeros((8, 8), np.float32)):
        with pytest.raises(VeneerError) as caught:
            Veneer().encode(array)
        assert caught.value.code == ErrorCode.BAD_PIXELS


def test_configuration() -> None:
    codec = Veneer(quality=33, tune="psnr", channels_last=False)
    assert numcodecs.get_codec(codec.get_config()) == codec


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
