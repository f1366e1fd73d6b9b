"""The codec of zarr's format 3."""

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

zarr = pytest.importorskip("zarr", minversion="3")
from veneer.integrations.zarr import VeneerCodec  # noqa: E402


def create(path: Path | dict[str, Any], shape: tuple[int, ...], chunks: tuple[int, ...], **options: Any) -> Any:
    given = {"dtype": "u1", "zarr_format": 3, "compressors": None, "serializer": VeneerCodec(quality=90)} | options
    store = path if isinstance(path, dict) else str(path)
    return zarr.create_array(store, shape=shape, chunks=chunks, **given)


@pytest.mark.parametrize("order", ["C", "F"])
def test_there_and_back(order: str, tmp_path: Path) -> None:
    """With chunks that reach beyond the array, and whatever the order in memory is."""
    pictures = np.stack([make_picture(70, 96, seed=seed) for seed in range(2)])
    array = create(tmp_path / "a", pictures.shape, (1, 32, 48, 3), config={"order": order})
    array[:] = np.asarray(pictures, order=order)  # type: ignore[call-overload]
    again = zarr.open_array(str(tmp_path / "a"), mode="r")
    assert psnr_db(again[:], pictures) > 30
    expected = veneer.decode(veneer.encode(pictures[1, 32:64, 48:96], quality=90), realism=0)
    np.testing.assert_array_equal(again[1, 32:64, 48:96], expected)
    np.testing.assert_array_equal(again[1, 40, 50:60], expected[8, 2:12])


def test_metadata_of_the_array(tmp_path: Path) -> None:
    codec = VeneerCodec(quality=np.float32(33.5), effort=np.int64(3), channels="bands", channels_last=False)  # type: ignore[arg-type]
    create(tmp_path / "a", (5, 16, 24), (5, 16, 24), serializer=codec)
    entry = json.loads((tmp_path / "a" / "zarr.json").read_text())["codecs"][0]
    assert entry == codec.to_dict()
    assert entry["configuration"]["quality"] == 33.5
    assert VeneerCodec.from_dict(entry) == codec
    for wrong in ({"name": "gzip"}, entry | {"configuration": {"level": 5}}, entry | {"configuration": {"effort": 0}}):
        with pytest.raises(VeneerError) as caught:
            VeneerCodec.from_dict(wrong)
        assert caught.value.code == ErrorCode.BAD_SETTING


@pytest.mark.parametrize("shape", [(5, 32, 48), (3, 2, 32, 48)])
def test_bands(shape: tuple[int, ...]) -> None:
    ramp = np.add.outer(np.arange(32) * 2, np.arange(48) * 3)
    bands = np.broadcast_to(ramp, shape).astype(np.uint8)
    array = create({}, shape, shape, serializer=VeneerCodec(channels="bands", channels_last=False, quality=95))
    array[:] = bands
    assert np.abs(array[:].astype(int) - bands).max() < 12


def test_empty_chunks_are_not_stored() -> None:
    store: dict[str, Any] = {}
    array = create(store, (64, 48, 3), (32, 48, 3), fill_value=7)
    array[:32] = 7
    array[32:] = 9
    assert (array[:32] == 7).all()
    assert [name for name in store if name.startswith("c/")] == ["c/1/0/0"]


def test_shards() -> None:
    picture = make_picture(64, 96)
    array = create({}, picture.shape, (32, 48, 3), shards=(64, 96, 3))
    array[:] = picture
    assert psnr_db(array[:], picture) > 30


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "u2"}, "uint8, not uint16"),
        ({"dtype": "f4"}, "uint8, not float32"),
        ({"shape": (8, 8, 4), "chunks": (8, 8, 4)}, "4 channels"),
        ({"shape": (2, 8, 8, 3), "chunks": (2, 8, 8, 3)}, "axes of length 1"),
        ({"shape": (8,), "chunks": (8,)}, "chunks must be"),
    ],
)
def test_what_is_no_picture_is_refused_before_anything_is_stored(options: dict[str, Any], message: str) -> None:
    store: dict[str, Any] = {}
    with pytest.raises(VeneerError, match=message) as caught:
        create(store, **({"shape": (8, 8, 3), "chunks": (8, 8, 3)} | options))
    assert caught.value.code == ErrorCode.BAD_PIXELS
    assert store == {}


@pytest.mark.parametrize("dtype", ["u2", "i2", "<f2"])
def test_lossless(dtype: str) -> None:
    array = zarr.create_array(
        {},
        shape=(70, 90),
        chunks=(32, 48),
        dtype=dtype,
        serializer=VeneerCodec(lossless=True, effort=1),
        compressors=None,
    )
    values = np.arange(70 * 90).reshape(70, 90).astype(dtype) * 10
    array[:] = values
    np.testing.assert_array_equal(array[:], values)


def test_damaged_chunk(tmp_path: Path) -> None:
    array = create(tmp_path / "a", (32, 48, 3), (32, 48, 3))
    array[:] = make_picture(32, 48)
    (chunk,) = (path for path in (tmp_path / "a" / "c").rglob("*") if path.is_file())
    chunk.write_bytes(chunk.read_bytes()[:-30])
    with pytest.raises(VeneerError):
        array[:]
    chunk.write_bytes(veneer.encode(make_picture(8, 8)))
    with pytest.raises(VeneerError, match="no chunk of"):
        array[:]


def test_entry_point() -> None:
    """The entry point by which zarr finds the codec in an installed package names it."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    value = project["entry-points"]["zarr.codecs"]["veneer"]
    assert metadata.EntryPoint("veneer", value, "zarr.codecs").load() is VeneerCodec
    assert zarr.registry.get_codec_class("veneer") is VeneerCodec
