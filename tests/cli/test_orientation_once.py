"""An orientation that was applied is said nowhere any more; one that was not is said once."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin, features
from samples import make_exif

from veneer import exif
from veneer.cli.pictures import Picture, load_picture, save_picture

ATTRIBUTE = b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
ELEMENT = b"<rdf:Description><tiff:Orientation>6</tiff:Orientation></rdf:Description>"


def picture_bytes(name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(buffer, name, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("description", [ATTRIBUTE, ELEMENT])
def test_tiff_is_turned_and_its_xmp_says_so(description: bytes) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>' + description + b"</rdf:RDF></x:xmpmeta>"
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    directory[274], directory[700], directory.tagtype[700] = 6, xmp, 1
    loaded = load_picture(picture_bytes("TIFF", tiffinfo=directory), max_pixels=1000, strip=False)
    assert loaded.pixels.shape == (30, 20, 3)
    assert exif.orientation(exif.without_prefix(loaded.exif or b"")) == 1
    assert loaded.xmp is not None
    assert not re.search(rb"Orientation\W+6", loaded.xmp)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_others_keep_it(name: str) -> None:
    if name in ("WEBP", "AVIF") and not features.check(name.lower()):
        pytest.skip(f"Pillow has no {name} here")
    data = picture_bytes(name, exif=make_exif(6))
    kept = load_picture(data, max_pixels=1000, strip=False)
    assert kept.pixels.shape == (20, 30, 3)
    assert exif.orientation(exif.without_prefix(kept.exif or b"")) == 6
    turned = load_picture(data, max_pixels=1000, strip=True)
    assert turned.pixels.shape == (30, 20, 3)
    assert turned.exif is None


def test_makers_notes_through_tiff() -> None:
    """They may name places in the Exif, which are others in a TIFF, and in what is read of one."""
    exif_of_camera = Image.Exif()
    exif_of_camera.get_ifd(0x8769)[0x927C] = b"CAMERA\0\0"
    exif_of_camera[0x8769] = 0
    pixels = np.zeros((20, 30, 3), np.uint8)
    for suffix, count in ((".png", 0), (".tif", 1)):
        picture = Picture(pixels, exif=exif_of_camera.tobytes().removeprefix(b"Exif\0\0"))
        data = save_picture(picture, suffix)
        loaded = load_picture(data, max_pixels=1000, strip=False)
        for notes in (picture.notes, loaded.notes):
            assert len([note for note in notes if "makers' notes" in note]) == count
