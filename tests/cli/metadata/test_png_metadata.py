"""Metadata of PNG: every chunk is read, or named."""

import struct
import zlib

import numpy as np
import pytest
from metadata_files import IPTC, RGB, file_of, load, losses, png, png_chunk, raw_profile, resource
from samples import XMP, make_exif, srgb_profile

import veneer
from veneer import limits
from veneer.cli.metadata import png as png_module
from veneer.file_metadata import found

EXIF = make_exif(6)
APP1_XMP = b"http://ns.adobe.com/xap/1.0/\0" + XMP


def test_limits_are_those_of_the_format() -> None:
    limit = (found.MAX_LENGTH, found.MAX_TEXTS, found.MAX_KEYWORD)
    assert limit == (limits.MAX_METADATA_LENGTH, limits.MAX_TEXTS, limits.MAX_KEYWORD_LENGTH)


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize(
    ("kind", "content", "attribute", "value"),
    [
        ("exif", EXIF, "exif", EXIF[6:]),
        ("APP1", EXIF, "exif", EXIF[6:]),
        ("APP1", APP1_XMP, "xmp", XMP),
        ("xmp", XMP, "xmp", XMP),
        ("iptc", resource(0x0404, IPTC), "iptc", IPTC),
        ("iptc", IPTC, "iptc", IPTC),
        ("8bim", resource(0x0404, IPTC, b"name"), "iptc", IPTC),
        ("icc", srgb_profile(), "icc", srgb_profile()),
        ("icm", srgb_profile(), "icc", srgb_profile()),
    ],
)
def test_raw_profiles(kind: str, content: bytes, attribute: str, value: bytes, name: bytes) -> None:
    picture = load(png(raw_profile(kind, content, name=name)))
    assert getattr(picture, attribute) == value
    assert (picture.text, picture.notes) == ((), [])


def test_orientation_of_a_raw_profile_is_applied_with_strip() -> None:
    data = png(raw_profile("exif", EXIF))
    stripped = load(data, strip=True)
    np.testing.assert_array_equal(stripped.pixels, np.rot90(np.asarray(RGB), -1))
    assert (stripped.exif, stripped.text, stripped.notes) == (None, (), [])
    np.testing.assert_array_equal(load(data).pixels, np.asarray(RGB))


def test_raw_profile_beside_the_real_thing() -> None:
    other = make_exif(3)
    picture = load(png((b"eXIf", other[6:]), raw_profile("exif", other)))
    assert (picture.exif, picture.text) == (other[6:], ())
    picture = load(png((b"eXIf", other[6:]), raw_profile("exif", EXIF)))
    assert picture.exif == other[6:]
    assert [keyword for keyword, _ in picture.text] == ["Raw profile type exif"]  # kept as the text that it is


def test_damaged_raw_profile_stays_a_text() -> None:
    picture = load(png((b"tEXt", b"Raw profile type exif\0\nexif\n  9\n00zz")))
    assert picture.text == (("Raw profile type exif", "\nexif\n  9\n00zz"),)
    assert picture.exif is None


def test_texts_of_every_sort() -> None:
    long = "é" * 3000
    picture = load(
        png(
            (b"tEXt", "Title\0Grüße".encode("latin-1")),
            (b"zTXt", b"Description\0\0" + zlib.compress(long.encode("latin-1"))),
            (b"iTXt", b"Title\0\0\0\0\0" + "写真".encode()),
            (b"iTXt", b"Author\0\1\0\0\0" + zlib.compress("Ünal".encode())),
            (b"tEXt", b"Software\0"),
        )
    )
    expected = (("Title", "Grüße"), ("Description", long), ("Title", "写真"), ("Author", "Ünal"), ("Software", ""))
    assert (picture.text, picture.notes) == (expected, [])


def test_language_of_a_text_is_named() -> None:
    picture = load(png((b"iTXt", b"Title\0\0\0de\0Titel\0" + "Grüße".encode())))
    assert picture.text == (("Title", "Grüße"),)
    assert picture.notes == ["of its text 'Title' the language and keyword in it is left out"]


def test_texts_behind_the_pixels() -> None:
    data = file_of("PNG")
    late = data[:-12] + png_chunk(b"tEXt", b"Comment\0late") + data[-12:]
    assert load(late).text == (("Comment", "late"),)


@pytest.mark.parametrize(
    ("chunk", "note"),
    [
        ((b"tEXt", b"no separator"), "its text 'no separator' is damaged"),
        ((b"zTXt", b"Title\0\0nonsense"), "its text 'Title' is damaged"),
        ((b"zTXt", b"Title\0\0" + zlib.compress(b"x" * 99)[:-9]), "its text 'Title' is damaged"),
        ((b"iTXt", b"Title\0\0\0\0\0\xff"), "its text 'Title' is damaged"),
        ((b"iTXt", b"Title\0"), "its text 'Title' is damaged"),
        ((b"tEXt", b"a\nb\0text"), r"its text of the keyword 'a\nb' is left out"),
        ((b"tEXt", b"\0text"), "its text of the keyword '' is left out"),
        ((b"tEXt", b"Title\0a\0b"), "its text Title is left out: it has a NUL"),
        ((b"pHYs", bytes(8)), "its density is damaged"),
        ((b"pHYs", bytes(8) + b"\1"), "its density, 0 x 0 of unit 1, makes no sense"),
        ((b"tIME", struct.pack(">HBBBBB", 2001, 2, 3, 4, 5, 6)), "the time of its last change, 2001-02-03 04:05:06"),
        ((b"tIME", b""), "its chunk tIME is damaged"),
        ((b"caBX", b"provenance"), "its chunk caBX is left out"),
        ((b"oFFs", bytes(9)), "its chunk oFFs is left out"),
    ],
)
def test_what_is_not_kept_is_named(chunk: tuple[bytes, bytes], note: str) -> None:
    picture = load(png(chunk))
    assert len(losses(picture)) == 1
    assert picture.notes[0].startswith(note)
    assert (picture.text, picture.density) == ((), None)
    assert load(png(chunk), strip=True).notes == []


def test_hints_are_named_without_counting_as_lost() -> None:
    picture = load(png((b"bKGD", bytes(6)), (b"sBIT", b"\5\5\5")))
    assert picture.notes == ["its chunks bKGD, sBIT are left out"]
    assert losses(picture) == []


def test_a_damaged_text_does_not_cost_the_picture() -> None:
    data = bytearray(png((b"tEXt", b"Title\0text")))
    data[data.index(b"Title")] ^= 1
    picture = load(bytes(data))
    np.testing.assert_array_equal(picture.pixels, np.asarray(RGB))
    assert picture.notes == ["its chunk tEXt is damaged, and is left out"]


def test_density() -> None:
    assert load(png((b"pHYs", struct.pack(">IIB", 11811, 5906, 1)))).density == (1, 11811, 5906)
    assert load(png((b"pHYs", struct.pack(">IIB", 2, 1, 0)))).density == (0, 2, 1)
    assert load(png((b"pHYs", struct.pack(">IIB", 1, 1, 0)))).density is None  # pixels are square anyway


def test_bytes_behind_the_end() -> None:
    assert load(png(behind=b"x" * 99)).notes == ["99 bytes behind the end of the PNG are left out"]


def test_texts_and_profiles_above_a_megabyte() -> None:
    text, icc = "long " * 300_000, srgb_profile() + bytes(1_500_000)
    texts = (b"zTXt", b"Comment\0\0" + zlib.compress(text.encode()))
    picture = load(png(texts, (b"iCCP", b"icc\0\0" + zlib.compress(icc))))
    np.testing.assert_array_equal(picture.pixels, np.asarray(RGB))
    assert (picture.text, picture.icc, picture.notes) == ((("Comment", text),), icc, [])


def test_many_texts_above_the_memory_that_pillow_allows() -> None:
    chunk = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1_000_000).replace(b"\0", b" ")))
    picture = load(png(*[chunk] * 66))
    assert len(picture.text) == 66
    assert picture.notes == []


def test_what_unpacks_beyond_the_limit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_module, "MAX_LENGTH", 1000)
    texts = [(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 600))] * 2
    picture = load(png(*texts, (b"iCCP", b"icc\0\0" + zlib.compress(bytes(2000)))))
    assert picture.text == (("Comment", "x" * 600),)
    starts = sorted(note.split(":")[0] for note in picture.notes)
    assert starts == ["its ICC profile is left out", "its text 'Comment' is left out"]


def test_more_texts_than_a_file_holds() -> None:
    picture = load(png(*[(b"tEXt", b"Comment\0x")] * 1026))
    assert len(picture.text) == 1024
    assert picture.notes == ["2 of its 1026 texts are left out: Veneer keeps 1024 of 64 MB together"]
    veneer.encode(picture.pixels, layers="base", **picture.metadata.keywords())


def test_xmp() -> None:
    picture = load(png((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)))
    assert (picture.xmp, picture.text, picture.notes) == (XMP, (), [])
    picture = load(png((b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP)), raw_profile("xmp", XMP)))
    assert (picture.xmp, picture.text, picture.notes) == (XMP, (), [])


def test_notes_do_not_grow_with_the_file() -> None:
    picture = load(png(*[(b"tEXt", b"damaged")] * 1000))
    assert len(picture.notes) == 21
    assert picture.notes[-1] == "980 more pieces of its metadata are left out or damaged"
