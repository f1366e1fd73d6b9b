"""encode, decode and read_info: what goes in comes out, and what cannot be done is said."""

import inspect
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from samples import IPTC, XMP, Pixels, four_tiles, make_exif, make_picture, psnr_db, srgb_profile

import veneer
from veneer import ErrorCode, ErrorKind, VeneerError, VeneerWarning
from veneer.bitstream.container import read_contents, write_contents

SIZES = [(1, 1), (1, 65), (65, 1), (2, 3), (7, 8), (17, 33), (64, 64), (63, 130), (129, 127), (3, 700)]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_any_size_and_channels(size: tuple[int, int], channels: int) -> None:
    picture = make_picture(*size, channels)
    data = veneer.encode(picture, quality=90, effort=2)
    decoded = veneer.decode(data, strict=True)
    assert decoded.shape == picture.shape
    assert decoded.dtype == np.uint8
    assert psnr_db(picture, decoded) > 27
    info = veneer.read_info(data, verify=True)
    assert (info.height, info.width, info.channels) == picture.shape
    assert info.has_alpha == (channels in (2, 4))
    assert info.problems == ()


def test_grey_without_channel_axis() -> None:
    picture = make_picture(40, 50, 1)
    assert veneer.encode(picture[:, :, 0]) == veneer.encode(picture)
    assert veneer.decode(veneer.encode(picture[:, :, 0])).shape == (40, 50, 1)


def test_layout_in_memory_does_not_matter() -> None:
    picture = make_picture(40, 50)
    data = veneer.encode(picture)
    assert veneer.encode(np.asfortranarray(picture)) == data
    assert veneer.encode(picture[::-1][::-1]) == data
    assert veneer.encode(np.pad(picture, ((0, 0), (3, 5), (0, 0)))[:, 3:-5]) == data


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, np.frombuffer])
def test_any_buffer(kind: Any) -> None:
    data = four_tiles()
    buffer = kind(data, np.uint8) if kind is np.frombuffer else kind(data)
    np.testing.assert_array_equal(veneer.decode(buffer), veneer.decode(data))
    assert veneer.read_info(buffer) == veneer.read_info(data)


@pytest.mark.parametrize("threads", [1, 2, 8])
@pytest.mark.parametrize("channels", [3, 4])
def test_threads_do_not_matter(threads: int, channels: int) -> None:
    picture = make_picture(200, 260, channels)
    data = veneer.encode(picture, effort=2, tile_size=64, threads=0)
    assert veneer.encode(picture, effort=2, tile_size=64, threads=threads) == data
    np.testing.assert_array_equal(veneer.decode(data, threads=threads), veneer.decode(data))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "region",
    [
        (0, 0, 1, 1),
        (0, 0, 120, 100),
        (63, 63, 2, 2),
        (64, 64, 56, 36),
        (119, 99, 1, 1),
        (10, 20, 30, 70),
        (0, 50, 120, 1),
    ],
)
def test_region_is_a_crop(channels: int, region: tuple[int, int, int, int]) -> None:
    data = four_tiles(channels)
    x, y, w, h = region
    part = veneer.decode(data, region=region)
    np.testing.assert_array_equal(part, veneer.decode(data)[y : y + h, x : x + w])


@pytest.mark.parametrize("tune", ["visual", "psnr"])
def test_finer_and_larger_with_quality(tune: str) -> None:
    picture = make_picture(96, 128)
    files = [veneer.encode(picture, quality=q, tune=tune, effort=3) for q in (5, 30, 60, 90, 99)]
    quality = [psnr_db(picture, veneer.decode(data)) for data in files]
    assert [len(data) for data in files] == sorted(len(data) for data in files)
    assert quality == sorted(quality)
    assert all(veneer.read_info(data).tune == tune for data in files)


@pytest.mark.parametrize("effort", [1, 3])
def test_target_size(effort: int) -> None:
    picture = make_picture(96, 128)
    finest = len(veneer.encode(picture, step_index=0, effort=effort))
    for target in (finest, finest // 3, finest // 10):
        data = veneer.encode(picture, target_size=target, effort=effort)
        step = veneer.read_info(data).step_index
        assert len(data) <= target
        assert step == 0 or len(veneer.encode(picture, step_index=step - 1, effort=effort)) > target
    assert len(veneer.encode(picture, bpp=2, effort=effort)) <= 96 * 128 * 2 / 8


def test_target_too_small() -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.encode(make_picture(96, 128), target_size=60, effort=1)
    assert caught.value.code == ErrorCode.TARGET_TOO_SMALL


def test_metadata_and_info() -> None:
    picture = make_picture(30, 40, 4)
    data = veneer.encode(
        picture,
        step_index=70,
        tune="psnr",
        icc=srgb_profile(),
        exif=make_exif(8),
        xmp=XMP,
        cicp=(9, 16, 0, 0),
        tile_size=128,
    )
    info = veneer.read_info(data)
    assert (info.icc, info.exif, info.xmp) == (srgb_profile(), make_exif(8)[6:], XMP)
    assert info.orientation == 8
    assert (info.cicp, info.tile_size, info.tile_count, info.tune) == ((9, 16, 0, 0), 128, 1, "psnr")
    assert (info.step_index, info.base_scale, info.default_realism, info.format_version) == (70, 1, 0, 1)
    assert info.size_bytes == len(data)
    assert info.rate_bpp == pytest.approx(8 * len(data) / 1200)
    assert veneer.decode(data).shape == (30, 40, 4)  # not turned


TEXTS = [("Comment", "first\nline"), ("Überschrift", "写真"), ("Comment", "")]


def test_iptc_texts_and_density() -> None:
    picture = make_picture(30, 40)
    data = veneer.encode(picture, iptc=IPTC, text=TEXTS, density=(1, np.uint32(11811), 5906))
    info = veneer.read_info(data)
    assert (info.iptc, info.text, info.density) == (IPTC, tuple(TEXTS), (1, 11811, 5906))
    np.testing.assert_array_equal(veneer.decode(data, strict=True), veneer.decode(veneer.encode(picture)))
    mapping = veneer.encode(picture, text={"Author": "somebody"}, density=(0, 2, 1))
    assert veneer.read_info(mapping).text == (("Author", "somebody"),)
    assert veneer.read_info(mapping).density == (0, 2, 1)


@pytest.mark.parametrize("options", [{"layers": "base"}, {"lossless": True}])
def test_light_of_hdr(options: dict[str, Any]) -> None:
    picture = make_picture(30, 40)
    display = veneer.MasteringDisplay((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), (0.3127, 0.329), 4000, 0.005)
    data = veneer.encode(picture, content_light=(np.uint16(1000), 400), mastering_display=display, **options)
    info = veneer.read_info(data)
    assert (info.content_light, info.mastering_display) == ((1000, 400), display)
    np.testing.assert_array_equal(veneer.decode(data, strict=True), veneer.decode(veneer.encode(picture, **options)))
    none = veneer.read_info(veneer.encode(picture, **options))
    assert (none.content_light, none.mastering_display, none.gain_map) == (None, None, None)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"iptc": "text"}, "iptc must be bytes, not str"),
        ({"xmp": "\ud800"}, "surrogate"),
        ({"text": "Author"}, "pairs"),
        ({"text": 5}, "pairs"),
        ({"text": [("Author", b"bytes")]}, "pairs"),
        ({"text": [("", "x")]}, "0 characters"),
        ({"text": {"a" * 80: "x"}}, "80 characters"),
        ({"text": {"ж": "x"}}, "Latin-1"),
        ({"text": {"a\nb": "x"}}, r"Latin-1: 'a\\nb'"),
        ({"text": {"a  b": "x"}}, "two in a row"),
        ({"text": {" a": "x"}}, "space"),
        ({"text": {"a": "\0"}}, "NUL"),
        ({"text": {"a": "\udc80"}}, "surrogate"),
        ({"density": 300}, "density must be"),
        ({"density": (300, 300)}, "density must be"),
        ({"density": (2, 300, 300)}, "density must be"),
        ({"density": (1, 0, 300)}, "density must be"),
        ({"density": (1, 300, 1 << 31)}, "density must be"),
        ({"density": (1, 300.5, 300)}, "density must be"),
        ({"content_light": 1000}, "content_light must be"),
        ({"content_light": (1000,)}, "content_light must be"),
        ({"content_light": (1000, 65536)}, "content_light must be"),
        ({"content_light": (-1, 400)}, "content_light must be"),
        ({"mastering_display": (1, 2)}, "mastering_display must be a MasteringDisplay"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_bad_metadata(metadata: Any, message: str) -> None:
    with pytest.raises(VeneerError, match=message) as caught:
        veneer.encode(make_picture(30, 40), **metadata)
    assert caught.value.code == ErrorCode.BAD_METADATA


def test_too_many_texts() -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.encode(make_picture(30, 40), layers="base", text=[("a", "")] * 1025)
    assert caught.value.code == ErrorCode.METADATA_TOO_LARGE


def test_empty_metadata_is_left_out() -> None:
    plain = veneer.encode(make_picture(30, 40))
    empty: dict[str, Any] = {"icc": b"", "exif": b"Exif\0\0", "xmp": "", "iptc": b"", "text": [], "density": None}
    assert veneer.encode(make_picture(30, 40), **empty) == plain
    assert veneer.read_info(veneer.encode(make_picture(30, 40), xmp="<x/>")).xmp == b"<x/>"


def test_info_of_a_beginning() -> None:
    data = four_tiles()
    info = veneer.read_info(data[: data.index(b"BASE")])
    assert (info.width, info.height, info.xmp, info.problems) == (120, 100, XMP, ())
    assert veneer.read_info(data[: data.index(b"BASE") - 4]).problems == ()  # not a byte of the first tile
    assert veneer.read_info(data[: data.index(b"xMP_") + 9]).problems == (
        "the file ends within chunk xMP_, {} bytes too early (at byte {})".format(
            len(XMP) - 1, data.index(b"xMP_") - 4
        ),
    )


def test_layers_and_realism_of_a_base_file() -> None:
    data = four_tiles()
    expected = veneer.decode(data)
    np.testing.assert_array_equal(veneer.decode(data, layers="base"), expected)
    np.testing.assert_array_equal(veneer.decode(data, realism=1.0), expected)


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((4, 4, 3)), "float64"),
        (np.zeros((4, 4), np.uint32), "uint32"),
        (np.zeros((4, 4), bool), "bool"),
        (np.zeros((4,), np.uint8), r"\[4\]"),
        (np.zeros((4, 4, 5), np.uint8), "5"),
        (np.zeros((0, 4, 3), np.uint8), "4x0"),
        (np.zeros((1, 65536), np.uint8), "65536x1"),
        ("photo.jpg", "uint8"),
    ],
)
def test_bad_pixels(pixels: Any, message: str) -> None:
    with pytest.raises(VeneerError, match=message) as caught:
        veneer.encode(pixels)
    assert (caught.value.code, caught.value.kind) == (ErrorCode.BAD_PIXELS, ErrorKind.ARGUMENT)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"icc": "text"}, ErrorCode.BAD_METADATA),
        ({"exif": 5}, ErrorCode.BAD_METADATA),
        ({"cicp": (1, 13, 1, 1)}, ErrorCode.BAD_SETTING),
        ({"cicp": (1, 13, 0)}, ErrorCode.BAD_SETTING),
        ({"quality": 101}, ErrorCode.BAD_SETTING),
    ],
)
def test_bad_encode_arguments(options: dict[str, Any], code: ErrorCode) -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.encode(make_picture(4, 4), **options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"layers": "half"}, ErrorCode.BAD_SETTING),
        ({"realism": 1.5}, ErrorCode.BAD_SETTING),
        ({"threads": -1}, ErrorCode.BAD_SETTING),
        ({"region": (0, 0, 121, 1)}, ErrorCode.BAD_REGION),
        ({"max_pixels": 11999}, ErrorCode.PICTURE_TOO_LARGE),
    ],
)
def test_bad_decode_arguments(options: dict[str, Any], code: ErrorCode) -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.decode(four_tiles(), **options)
    assert caught.value.code == code
    assert veneer.decode(four_tiles(), max_pixels=12000).shape == (100, 120, 3)


def damaged(data: bytes, tile: int, name: bytes = b"BASE") -> bytes:
    """Changes one bit in the last byte of a tile's payload."""
    changed = bytearray(data)
    place = -1
    for _ in range(tile + 1):
        place = changed.index(name, place + 1)
    length = int.from_bytes(changed[place - 4 : place], "little")
    changed[place + 3 + length] ^= 1
    return bytes(changed)


@pytest.mark.parametrize("tile", range(4))
def test_damage_costs_one_tile(tile: int) -> None:
    data = four_tiles()
    whole = veneer.decode(data)
    with pytest.warns(VeneerWarning) as seen:
        decoded = veneer.decode(damaged(data, tile))
    same = (decoded == whole).all(axis=2)
    hit = np.zeros((100, 120), bool)
    hit[tile // 2 * 64 : tile // 2 * 64 + 64, tile % 2 * 64 : tile % 2 * 64 + 64] = True
    assert same[~hit].all()
    assert not same[hit].all()
    messages = [str(warning.message) for warning in seen]
    assert "checksum" in messages[0]
    assert f": {tile}" in messages[1]
    assert seen[0].message.problem.code == ErrorCode.CHECKSUM  # type: ignore[union-attr]
    with pytest.raises(VeneerError) as caught:
        veneer.decode(damaged(data, tile), strict=True)
    assert (caught.value.code, caught.value.kind) == (ErrorCode.CHECKSUM, ErrorKind.DAMAGED)
    assert len(veneer.read_info(damaged(data, tile), verify=True).problems) == 2


def test_lost_alpha_leaves_colour() -> None:
    data = four_tiles(4)
    whole = veneer.decode(data)
    with pytest.warns(VeneerWarning) as seen:
        decoded = veneer.decode(damaged(data, 1, b"ALPH"))
    assert "1 of 4 tiles have no alpha: 1" in str(seen[1].message)
    np.testing.assert_array_equal(decoded[:, :64], whole[:, :64])


def test_region_beside_the_damage_is_whole() -> None:
    data = damaged(four_tiles(), 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        part = veneer.decode(data, region=(0, 0, 64, 64))
    np.testing.assert_array_equal(part, veneer.decode(four_tiles())[:64, :64])


def test_payload_that_is_no_code() -> None:
    """A tile of nonsense with a right checksum is found by the base decoder or gives some picture, never a crash."""
    contents = read_contents(memoryview(four_tiles()), strict=True, max_pixels=1 << 20)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        tiles = [tile or b"" for tile in contents.colour_tiles]
        tiles[2] = rng.bytes(int(rng.integers(0, 400)))
        data = write_contents(contents.head, contents.metadata, tiles, [])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VeneerWarning)
            decoded: Pixels = veneer.decode(data)
        np.testing.assert_array_equal(decoded[:64], veneer.decode(four_tiles())[:64])


def test_errors_survive_pickling() -> None:
    error = VeneerError(ErrorCode.CHECKSUM, "wrong", 7)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (copy.code, copy.offset, str(copy)) == (error.code, 7, "wrong (at byte 7)")


def test_codes_have_kinds() -> None:
    assert {code.kind for code in ErrorCode} == set(ErrorKind)


def test_defaults_agree() -> None:
    """encode() repeats the defaults of Settings, where help() shows them."""
    parameters = inspect.signature(veneer.encode).parameters
    defaults = vars(veneer.Settings())
    assert {name: parameters[name].default for name in defaults} == defaults
