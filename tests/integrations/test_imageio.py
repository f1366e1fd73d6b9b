"""The imageio v3 plugin."""

import io
from pathlib import Path

import numpy as np
import pytest
from samples import four_tiles, make_picture, srgb_profile

import veneer

iio = pytest.importorskip("imageio.v3")
import veneer.imageio  # noqa: E402


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_reads(channels: int, tmp_path: Path) -> None:
    path = tmp_path / "a.vnr"
    path.write_bytes(four_tiles(channels))
    expected = veneer.decode(four_tiles(channels))
    expected = expected[:, :, 0] if channels == 1 else expected
    np.testing.assert_array_equal(iio.imread(path), expected)
    np.testing.assert_array_equal(iio.imread(path, index=np.int64(0)), expected)
    np.testing.assert_array_equal(iio.imread(path, index=...), expected[None])
    of_all = iio.improps(path, index=...)
    assert (of_all.shape, of_all.n_images, of_all.is_batch) == ((1, *expected.shape), 1, True)
    assert [picture.shape for picture in iio.imiter(path)] == [expected.shape]
    properties = iio.improps(path)
    assert (properties.shape, properties.dtype) == (expected.shape, np.uint8)


def test_reads_what_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.vnr"
    path.write_bytes(four_tiles())
    np.testing.assert_array_equal(iio.imread(path, region=(3, 4, 20, 10)), veneer.decode(four_tiles())[4:14, 3:23])
    np.testing.assert_array_equal(iio.imread(path, layers="preview"), veneer.decode(four_tiles(), layers="preview"))


def test_reads_bytes() -> None:
    np.testing.assert_array_equal(iio.imread(four_tiles(), extension=".vnr"), veneer.decode(four_tiles()))
    np.testing.assert_array_equal(iio.imread(io.BytesIO(four_tiles()), plugin="veneer"), veneer.decode(four_tiles()))


def test_writes(tmp_path: Path) -> None:
    picture = make_picture(40, 50)
    expected = veneer.encode(picture, quality=60, icc=srgb_profile())
    for number, pixels in enumerate((picture, [picture])):
        iio.imwrite(tmp_path / f"{number}.vnr", pixels, quality=60, icc=srgb_profile())
        assert (tmp_path / f"{number}.vnr").read_bytes() == expected
    assert iio.imwrite("<bytes>", picture, extension=".vnr", quality=60, icc=srgb_profile()) == expected
    assert iio.imwrite("<bytes>", picture[None], extension=".vnr", is_batch=True, quality=60) == veneer.encode(
        picture, quality=60
    )


def test_metadata(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "a.vnr", make_picture(8, 8), icc=srgb_profile())
    metadata = iio.immeta(tmp_path / "a.vnr")
    assert (metadata["icc"], metadata["orientation"], metadata["xmp"]) == (srgb_profile(), 1, None)


def test_there_is_one_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.vnr"
    path.write_bytes(four_tiles())
    for index in (1, -1, "0", True, [0], np.array([0, 0])):
        for call in (iio.imread, iio.improps, iio.immeta):
            with pytest.raises(IndexError, match="holds one picture"):
                call(path, index=index)
    many = np.stack([make_picture(8, 8)] * 2)
    for pictures, count in ((list(many), 2), (many, 2), ([], 0), (many[:0], 0)):
        with pytest.raises(ValueError, match=f"holds one picture, not {count}"):
            iio.imwrite("<bytes>", pictures, extension=".vnr")
    assert iio.imwrite("<bytes>", many[:1], extension=".vnr") == veneer.encode(many[0])


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((8, 8, 5), np.uint8), np.zeros(8, np.uint8), np.zeros((8, 8), np.uint32), np.zeros((8, 8)), None, "x"],
)
def test_wrong_shapes_and_kinds(wrong: object) -> None:
    with pytest.raises(veneer.VeneerError) as caught:
        iio.imwrite("<bytes>", wrong, extension=".vnr")
    assert caught.value.code == veneer.ErrorCode.BAD_PIXELS


def test_damaged_and_other_files(tmp_path: Path) -> None:
    (tmp_path / "a.vnr").write_bytes(four_tiles()[:-300])
    with pytest.raises(veneer.VeneerError, match="the file ends"):
        iio.imread(tmp_path / "a.vnr", strict=True)
    with pytest.warns(veneer.VeneerWarning):
        assert iio.imread(tmp_path / "a.vnr").shape == (100, 120, 3)


def test_leaves_other_formats_alone(tmp_path: Path) -> None:
    iio.imwrite(tmp_path / "a.png", make_picture(8, 8))
    np.testing.assert_array_equal(iio.imread(tmp_path / "a.png"), make_picture(8, 8))
    with pytest.raises(OSError, match="can not handle"):
        iio.imread(tmp_path / "a.png", plugin="veneer")
    with pytest.raises(OSError, match="can not handle"):
        iio.imwrite(tmp_path / "b.png", make_picture(8, 8), plugin="veneer")


def test_half_floats() -> None:
    light = np.linspace(-1, 16, 60).reshape(5, 4, 3).astype(np.float16)
    data = iio.imwrite("<bytes>", light, extension=".vnr", lossless=True)
    assert iio.improps(data, extension=".vnr").dtype == np.float16
    np.testing.assert_array_equal(iio.imread(data, extension=".vnr"), light)
