"""Metadata field by field through the command, and the check itself."""

from pathlib import Path

import pytest
from metadata_fields import read_fields, survey
from PIL import ExifTags, Image
from samples import XMP, make_picture, srgb_profile


def write_camera_picture(path: Path) -> None:
    """A JPEG with fields of every kind, in every directory that Pillow writes."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.XResolution] = 300.0
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.ExposureTime] = 1 / 250
    camera[ExifTags.Base.UserComment] = b"ASCII\0\0\0a comment"
    camera[ExifTags.Base.MakerNote] = bytes(range(200))
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (47.0, 33.0, 12.5)
    image = Image.fromarray(make_picture(40, 50))
    image.save(path, exif=exif, icc_profile=srgb_profile(), xmp=XMP, quality=90)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_camera_picture(tmp_path / "camera.jpg")
    (tmp_path / "note.txt").write_text("no picture")
    return tmp_path


@pytest.mark.slow
def test_nothing_changes(folder: Path) -> None:
    result = survey(folder)
    assert result.differences == result.silent == []
    assert result.encoded == 1
    assert result.compared >= 4 * 10
    assert len(result.refused) == 1
    assert result.refused[0].startswith("note.txt: veneer: ")


def test_fields_have_names(folder: Path) -> None:
    fields = read_fields(folder / "camera.jpg")
    assert fields["Make"] == "Maker"
    assert fields["Exif MakerNote"] == bytes(range(200))
    assert fields["GPS GPSLatitude"][2] == (25, 2)
    assert (fields["ICC"], fields["XMP"], fields["size"]) == (srgb_profile(), XMP, (50, 40))


def test_a_difference_is_seen(folder: Path) -> None:
    with Image.open(folder / "camera.jpg") as image:
        exif = image.getexif()
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ExposureTime] = 1 / 125
        image.save(folder / "other.jpg", exif=exif)
    first, second = (read_fields(folder / name) for name in ("camera.jpg", "other.jpg"))
    assert {name for name in first if first[name] != second.get(name)} == {"Exif ExposureTime", "ICC", "XMP"}
