"""Previews: their size, their share of the file, what they show, and what they are good for."""

import warnings

import numpy as np
import pytest
from samples import XMP, Pixels, make_exif, make_picture, psnr_db, srgb_profile

import veneer
from veneer import ErrorCode, VeneerError, VeneerWarning, _native
from veneer.bitstream.chunks import write_chunk
from veneer.bitstream.container import CodedPreview, read_contents, read_front, write_contents, write_preview
from veneer.enc_preview import MAX_SHARE_PERCENT
from veneer.preview import covering_region, reduce_picture


def with_preview(height: int = 403, width: int = 397, channels: int = 3) -> tuple[Pixels, bytes]:
    """A picture with a noise that takes bytes, of sides that no tile and no eighth divides, and its file."""
    picture = make_picture(height, width, channels)
    return picture, veneer.encode(picture, quality=80, effort=1, tile_size=128, preview=True)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_shows_the_picture(channels: int) -> None:
    picture, data = with_preview(channels=channels)
    preview = veneer.decode(data, layers="preview", strict=True)
    assert preview.shape == (51, 50, channels)
    assert psnr_db(preview[:, :, :1], reduce_picture(picture)[:, :, :1]) > 24
    assert veneer.read_info(data).preview_size == (50, 51)
    np.testing.assert_array_equal(
        veneer.decode(data), veneer.decode(veneer.encode(picture, quality=80, effort=1, tile_size=128, preview=False))
    )


@pytest.mark.parametrize("quality", [0, 20, 50, 80, 100])
@pytest.mark.parametrize("channels", [3, 4])
def test_keeps_to_its_share(quality: int, channels: int) -> None:
    picture = make_picture(300, 300, channels)
    data = veneer.encode(picture, quality=quality, effort=1, preview=True)
    plain = veneer.encode(picture, quality=quality, effort=1, preview=False)
    assert 100 * (len(data) - len(plain)) <= MAX_SHARE_PERCENT * len(data)
    assert (len(data) > len(plain)) == (veneer.read_info(data).preview_size is not None)


def test_left_out_where_there_is_no_room() -> None:
    data = veneer.encode(np.full((100, 100, 3), 70, np.uint8), preview=True)
    assert veneer.read_info(data).preview_size is None


def test_given_as_a_target_the_size_holds_with_it() -> None:
    picture = make_picture(400, 400)
    data = veneer.encode(picture, target_size=20_000, effort=1, preview=True)
    assert len(data) <= 20_000
    assert veneer.read_info(data).preview_size is not None


def test_default_depends_on_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert veneer.Settings().wants_preview(2000, 2000)
    assert not veneer.Settings().wants_preview(1999, 2000)
    assert not veneer.Settings(preview=False).wants_preview(9000, 9000)
    picture = make_picture(300, 300)
    assert veneer.read_info(veneer.encode(picture, quality=80, effort=1)).preview_size is None
    monkeypatch.setattr("veneer.settings.PREVIEW_MIN_PIXELS", 90_000)
    assert veneer.read_info(veneer.encode(picture, quality=80, effort=1)).preview_size == (38, 38)


def test_setting_is_checked() -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.encode(make_picture(8, 8), preview="yes")  # type: ignore[arg-type]
    assert caught.value.code == ErrorCode.BAD_SETTING


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_made_of_the_base_where_there_is_none(channels: int) -> None:
    data = veneer.encode(make_picture(203, 133, channels), effort=1, tile_size=64)
    preview = veneer.decode(data, layers="preview", strict=True)
    np.testing.assert_array_equal(preview, reduce_picture(veneer.decode(data, layers="base")))


@pytest.mark.parametrize("has_preview", [False, True])
@pytest.mark.parametrize("region", [(0, 0, 1, 1), (7, 8, 2, 1), (100, 60, 33, 143), (132, 202, 1, 1), (0, 0, 133, 203)])
def test_region_of_a_preview(region: tuple[int, int, int, int], has_preview: bool) -> None:
    data = veneer.encode(make_picture(203, 133), quality=95, effort=1, tile_size=64, preview=has_preview)
    assert (veneer.read_info(data).preview_size is not None) == has_preview
    x, y, width, height = region
    whole = veneer.decode(data, layers="preview")
    part = veneer.decode(data, layers="preview", region=region)
    np.testing.assert_array_equal(part, whole[y // 8 : (y + height - 1) // 8 + 1, x // 8 : (x + width - 1) // 8 + 1])


@pytest.mark.parametrize("has_preview", [False, True])
def test_arguments_are_checked(has_preview: bool) -> None:
    data = veneer.encode(make_picture(203, 133), quality=95, effort=1, preview=has_preview)
    for options, code in (
        ({"region": (0, 0, 134, 1)}, ErrorCode.BAD_REGION),
        ({"max_pixels": 1000}, ErrorCode.PICTURE_TOO_LARGE),
        ({"threads": -1}, ErrorCode.BAD_SETTING),
    ):
        with pytest.raises(VeneerError) as caught:
            veneer.decode(data, layers="preview", **options)  # type: ignore[arg-type]
        assert caught.value.code == code


def test_needs_no_more_than_the_front() -> None:
    _, data = with_preview()
    front = data[: data.index(b"tOCS") - 4]
    with pytest.warns(VeneerWarning):
        preview = veneer.decode(front, layers="preview")
    np.testing.assert_array_equal(preview, veneer.decode(data, layers="preview"))
    np.testing.assert_array_equal(veneer.decode(data[: data.index(b"BASE") + 4], layers="preview"), preview)


def test_stands_before_what_is_not_needed_to_show_it() -> None:
    data = veneer.encode(
        make_picture(300, 300), quality=80, effort=1, preview=True, icc=srgb_profile(), exif=make_exif(), xmp=XMP
    )
    cut = data[: data.index(b"xMP_") - 4]
    info = veneer.read_info(cut)
    assert (info.icc, info.exif, info.xmp) == (srgb_profile(), make_exif()[6:], None)
    assert info.preview_size == (38, 38)


def broken_payload(data: bytes) -> bytes:
    """The same file with a preview whose payload no encoder writes."""
    contents = read_contents(memoryview(data), strict=True, max_pixels=1 << 20)
    assert contents.preview is not None
    broken = CodedPreview(contents.preview.parameters, b"\xff" * 40)
    tiles = [tile or b"" for tile in contents.colour_tiles]
    return write_contents(contents.head, contents.metadata, tiles, [], broken)


@pytest.mark.parametrize("damage", ["checksum", "payload"])
def test_damaged_one_is_made_anew(damage: str) -> None:
    _, data = with_preview()
    if damage == "checksum":
        place = data.index(b"pREV") + 30
        damaged = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        code = ErrorCode.CHECKSUM
    else:
        damaged, code = broken_payload(data), ErrorCode.TILE_DAMAGED
    with pytest.warns(VeneerWarning) as caught:
        preview = veneer.decode(damaged, layers="preview")
    assert [warning.message.problem.code for warning in caught] == [code]  # type: ignore[union-attr]
    np.testing.assert_array_equal(preview, reduce_picture(veneer.decode(data)))
    with pytest.raises(VeneerError) as error:
        veneer.decode(damaged, layers="preview", strict=True)
    assert error.value.code == code


def test_payload_does_not_matter_to_who_does_not_ask() -> None:
    _, data = with_preview()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(veneer.decode(broken_payload(data), strict=True), veneer.decode(data))


def test_old_readers_skip_it() -> None:
    """Renamed to a type that this version does not know, the chunk changes nothing."""
    _, data = with_preview()
    preview = read_front(memoryview(data)).preview
    assert preview is not None
    renamed = data.replace(write_preview(preview), write_chunk(b"pNEW", preview.parameters + preview.colour))
    assert renamed != data
    np.testing.assert_array_equal(veneer.decode(renamed, strict=True), veneer.decode(data))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_reduced_is_the_mean(channels: int) -> None:
    picture = make_picture(20, 17, channels)
    if channels in (2, 4):
        picture = np.concatenate((picture[:, :, :-1], np.full((20, 17, 1), 255, np.uint8)), axis=2)
    small = reduce_picture(picture)
    assert small.shape == (3, 3, channels)
    for y in range(3):
        for x in range(3):
            mean = picture[8 * y : 8 * y + 8, 8 * x : 8 * x + 8].mean(axis=(0, 1))
            np.testing.assert_array_equal(small[y, x], np.floor(mean + 0.5))


def test_hidden_colour_does_not_count() -> None:
    picture = np.zeros((8, 8, 4), np.uint8)
    picture[:, :4] = (200, 100, 50, 255)
    np.testing.assert_array_equal(reduce_picture(picture)[0, 0], (200, 100, 50, 128))
    picture[:, 4:] = (10, 0, 0, 51)  # a fifth of the weight
    np.testing.assert_array_equal(reduce_picture(picture)[0, 0], (168, 83, 42, 153))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_enlarged_regions_fit_together(channels: int) -> None:
    preview = make_picture(9, 6, channels)
    whole = _native.enlarge_picture(preview, (0, 0, 45, 70), 8)
    assert whole.shape == (70, 45, channels)
    for region in ((0, 0, 45, 33), (0, 33, 45, 37), (13, 5, 20, 40)):
        x, y, w, h = region
        part = _native.enlarge_picture(preview, region, 8)
        np.testing.assert_array_equal(part, whole[y : y + h, x : x + w])


def test_enlarged_pixels_stand_where_they_were() -> None:
    """A slope comes back as the same slope, without shift, also at the edge that an eighth does not divide."""
    slope = np.tile(np.linspace(0, 255, 69).round().astype(np.uint8)[None, :, None], (16, 1, 1))
    again = _native.enlarge_picture(reduce_picture(slope), (0, 0, 69, 16), 8)
    np.testing.assert_allclose(again[:, 6:-6].astype(int), slope[:, 6:-6], atol=4)


def test_covering_region() -> None:
    assert covering_region((0, 0, 8, 8)) == (0, 0, 1, 1)
    assert covering_region((7, 8, 2, 9)) == (0, 1, 2, 2)
