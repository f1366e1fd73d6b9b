"""The Pillow plugin: what `Image.open` and `Image.save` do with Veneer files."""

import copy
import io
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from enhancers import enhanced_file, make_model, write_models
from PIL import Image, ImageFile, UnidentifiedImageError
from samples import XMP, four_tiles, make_exif, make_picture, srgb_profile

import veneer
import veneer.pillow
from veneer import colour
from veneer.preview import reduce_picture

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


class CountingFile(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


def saved(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "VENEER", **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_only_the_import_registers() -> None:
    code = (
        "import veneer, PIL.Image as I; I.init(); assert '.vnr' not in I.registered_extensions();"
        "import veneer.pillow; assert I.registered_extensions()['.vnr'] == 'VENEER'; assert I.MIME['VENEER']"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_opens_every_mode(channels: int) -> None:
    data = four_tiles(channels)
    with opened(data) as image:
        assert (image.format, image.mode, image.size) == ("VENEER", MODES[channels], (120, 100))
        assert image.get_format_mimetype() == "image/x-veneer"
        pixels = np.asarray(image).reshape(100, 120, channels)
    np.testing.assert_array_equal(pixels, veneer.decode(data))


def test_metadata() -> None:
    data = veneer.encode(make_picture(30, 40), icc=srgb_profile(), exif=make_exif(6), xmp=XMP)
    with opened(data) as image:
        assert image.info["icc_profile"] == srgb_profile()
        assert image.info["xmp"] == XMP
        assert image.getexif()[0x0112] == 6
        assert image.getexif()[0x010F] == "Maker"
    with opened(veneer.encode(make_picture(3, 4))) as image:
        assert image.info == {}


def test_cicp_is_handed_on_with_a_profile_made_of_it() -> None:
    data = veneer.encode(make_picture(30, 40), cicp=(12, 13, 0, 1))
    with opened(data) as image:
        assert image.info == {"cicp": (12, 13, 0, 1), "icc_profile": colour.icc_profile((12, 13, 0, 1))}
        again = veneer.read_info(saved(image))
    assert (again.cicp, again.icc) == ((12, 13, 0, 1), None)
    with opened(veneer.encode(make_picture(30, 40, 1), cicp=(9, 16, 0, 1))) as image:
        assert colour.profile_space(image.info["icc_profile"]) == "GRAY"
        assert veneer.read_info(saved(image)).cicp == (9, 16, 0, 1)
    with opened(veneer.encode(make_picture(3, 4), cicp=(200, 200, 0, 1))) as image:
        assert image.info == {"cicp": (200, 200, 0, 1)}


def test_what_is_said_of_colour_when_saving() -> None:
    p3 = colour.icc_profile((12, 13, 0, 1))
    with opened(veneer.encode(make_picture(30, 40), cicp="display-p3")) as image:
        image.load()
    info = veneer.read_info(saved(image, cicp=(9, 16, 0, 1)))
    assert (info.cicp, info.icc) == ((9, 16, 0, 1), None)
    info = veneer.read_info(saved(image, cicp="bt2100-hlg"))
    assert info.cicp == (9, 18, 0, 1)
    info = veneer.read_info(saved(image, icc_profile=p3))
    assert (info.cicp, info.icc) == ((1, 13, 0, 1), p3)
    image.info["icc_profile"] = srgb_profile()  # as after a conversion by ImageCms
    info = veneer.read_info(saved(image))
    assert (info.cicp, info.icc) == ((1, 13, 0, 1), srgb_profile())


def test_profiles_of_samples_that_were_converted() -> None:
    grey = colour.icc_profile((1, 8, 0, 1), grey=True)
    image = Image.fromarray(make_picture(20, 30, 1)[:, :, 0])
    image.info["icc_profile"] = grey
    assert veneer.read_info(saved(image)).icc == grey
    in_colour = veneer.read_info(saved(image.convert("RGB"))).icc
    assert in_colour is not None
    assert colour.profile_space(in_colour) == "RGB"
    image.info["icc_profile"] = srgb_profile()[:16] + b"CMYK" + srgb_profile()[20:]
    with pytest.warns(UserWarning, match="for CMYK samples, not for these"):
        assert veneer.read_info(saved(image.convert("RGB"))).icc is None


def test_opening_reads_the_front_alone() -> None:
    picture = make_picture(700, 900)
    data = veneer.encode(picture, quality=95, effort=1, tile_size=256, icc=srgb_profile(), preview=True)
    file = CountingFile(data)
    with Image.open(file) as image:
        assert image.size == (900, 700)
        assert image.info["icc_profile"] == srgb_profile()
        assert file.count < data.index(b"BASE") + 100 < len(data) / 10
        image.load()
    assert file.count >= len(data)


def test_file_is_closed_after_loading(tmp_path: Path) -> None:
    (tmp_path / "a.vnr").write_bytes(four_tiles())
    with Image.open(tmp_path / "a.vnr") as image:
        file = image.fp  # type: ignore[attr-defined]
        image.load()
        assert file.closed
        image.load()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_saves_every_mode(mode: str) -> None:
    picture = make_picture(50, 60, len(mode) if mode != "L" else 1)
    image = Image.fromarray(picture[:, :, 0] if mode == "L" else picture)
    assert image.mode == mode
    assert saved(image, quality=60, effort=2) == veneer.encode(picture, quality=60, effort=2)


def test_saves_by_suffix_with_all_options(tmp_path: Path) -> None:
    picture = make_picture(50, 60)
    options = {"effort": 2, "tune": "psnr", "tile_size": 64, "layers": "base", "preview": False, "threads": 1}
    Image.fromarray(picture).save(tmp_path / "a.vnr", step_index=90, optimize=True, **options)
    assert (tmp_path / "a.vnr").read_bytes() == veneer.encode(picture, step_index=90, **options)  # type: ignore[arg-type]


def test_saves_metadata() -> None:
    image = Image.fromarray(make_picture(20, 30))
    image.info["icc_profile"] = srgb_profile()
    exif = Image.Exif()
    exif[0x0112] = 3
    info = veneer.read_info(saved(image, exif=exif, xmp=XMP))
    assert (info.icc, info.orientation, info.xmp) == (srgb_profile(), 3, XMP)
    info = veneer.read_info(saved(image, exif=make_exif(5), icc_profile=None))
    assert (info.icc, info.orientation, info.xmp) == (None, 5, None)


def palette_picture(*, transparent: bool) -> Image.Image:
    image = Image.fromarray(make_picture(20, 30)).quantize(16)
    if transparent:
        image.info["transparency"] = 3
    return image


def with_transparent_colour(mode: str) -> Image.Image:
    image = Image.new(mode, (9, 9), 7 if mode == "L" else (7, 8, 9))
    image.putpixel((2, 3), 0)
    image.info["transparency"] = 7 if mode == "L" else (7, 8, 9)
    return image


@pytest.mark.parametrize(
    ("image", "mode"),
    [
        (Image.new("1", (9, 9), 1), "L"),
        (palette_picture(transparent=False), "RGB"),
        (palette_picture(transparent=True), "RGBA"),
        (palette_picture(transparent=True).convert("PA"), "RGBA"),
        (with_transparent_colour("L"), "LA"),
        (with_transparent_colour("RGB"), "RGBA"),
        (Image.fromarray(make_picture(9, 9, 4)).convert("RGBa"), "RGBA"),
        (Image.fromarray(make_picture(9, 9)).convert("YCbCr"), "RGB"),
        (Image.fromarray(make_picture(9, 9)).convert("HSV"), "RGB"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.mode,
)
def test_converts_what_keeps_its_look(image: Image.Image, mode: str) -> None:
    data = saved(image, quality=95)
    with opened(data) as again:
        assert again.mode == mode
        expected = np.asarray(image.convert(mode))
    assert data == veneer.encode(expected, quality=95)


@pytest.mark.parametrize("mode", ["CMYK", "LAB", "I", "F", "I;16"])
def test_refuses_the_rest_with_a_remedy(mode: str) -> None:
    with pytest.raises(OSError, match=f"cannot write mode {mode} as Veneer; convert it"):
        saved(Image.new(mode, (4, 4)))


def test_realism(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = write_models(tmp_path, make_model(902, "textured", texture=True))
    data = enhanced_file(make_picture(50, 60), models, "textured")
    monkeypatch.setenv("VENEER_MODELS", str(models))
    for realism in (None, 0, 1):
        with opened(data) as image:
            image.realism = realism  # type: ignore[attr-defined]
            np.testing.assert_array_equal(np.asarray(image), veneer.decode(data, realism=realism))


def test_bad_options_are_value_errors(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"quality must be 0..100"):
        Image.new("RGB", (4, 4)).save(tmp_path / "a.vnr", quality=200)
    assert not (tmp_path / "a.vnr").exists()


@pytest.fixture
def file_with_preview() -> bytes:
    return veneer.encode(make_picture(403, 397), quality=90, effort=1, tile_size=128, preview=True)


class TestDraft:
    """Reduced decoding."""

    @pytest.mark.parametrize(
        ("size", "scale"),
        [((50, 50), 8), ((49, 51), 4), ((50, 51), 4), ((60, 60), 4), ((99, 100), 4), ((100, 100), 2), ((1, 1), 8)],
    )
    def test_size(self, size: tuple[int, int], scale: int, file_with_preview: bytes) -> None:
        with opened(file_with_preview) as image:
            result = image.draft(None, size)
            fits = min(397 // size[0], 403 // size[1])
            scale = max(s for s in (1, 2, 4, 8) if s <= fits)
            if scale == 1:
                assert result is None
            else:
                assert result == ("RGB", (0, 0, 397 / scale, 403 / scale))
            assert image.size == (-(-397 // scale), -(-403 // scale))
            assert np.asarray(image).shape == (*image.size[::-1], 3)

    def test_pixels(self, file_with_preview: bytes) -> None:
        base = Image.fromarray(veneer.decode(file_with_preview, layers="base"))
        for scale in (2, 4, 8):
            with opened(file_with_preview) as image:
                image.draft("L", (397 // scale, 403 // scale))
                expected = (
                    veneer.decode(file_with_preview, layers="preview") if scale == 8 else np.asarray(base.reduce(scale))
                )
                np.testing.assert_array_equal(np.asarray(image), expected)

    def test_without_preview_the_base_is_reduced(self) -> None:
        data = veneer.encode(make_picture(100, 90), effort=1, preview=False)
        with opened(data) as image:
            assert image.draft(None, (10, 10)) is not None
            np.testing.assert_array_equal(np.asarray(image), reduce_picture(veneer.decode(data)))

    def test_only_before_loading_and_once(self, file_with_preview: bytes) -> None:
        with opened(file_with_preview) as image:
            assert image.draft(None, (90, 90)) is not None
            assert image.draft(None, (10, 10)) is None
        with opened(file_with_preview) as image:
            image.load()
            assert image.draft(None, (10, 10)) is None
        with opened(file_with_preview) as image:
            assert image.draft("L", None) is None
            assert image.size == (397, 403)

    def test_thumbnail_needs_no_tile(self, file_with_preview: bytes) -> None:
        """With the tiles damaged, a thumbnail still comes out, so they have not been decoded."""
        place = file_with_preview.index(b"BASE") + 50
        damaged = bytearray(file_with_preview)
        damaged[place] ^= 1
        with opened(bytes(damaged)) as image:
            image.thumbnail((24, 24))
            assert image.size == (24, 24)
            assert np.asarray(image).std() > 10


class TestDamage:
    """verify, and loading what is not whole."""

    def test_verify(self) -> None:
        image = opened(four_tiles())
        image.verify()

    @pytest.mark.parametrize("cut", [1, 20, 300])
    def test_cut(self, cut: int) -> None:
        data = four_tiles()[:-cut]
        with pytest.raises(OSError, match="the file ends"):
            opened(data).verify()
        with opened(data) as image, pytest.raises(OSError, match="the file ends"):
            image.load()

    def test_cut_and_allowed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
        with opened(four_tiles()[:-300]) as image:
            with pytest.warns(veneer.VeneerWarning):
                image.load()
            assert np.asarray(image).shape == (100, 120, 3)

    def test_damaged_head(self) -> None:
        data = bytearray(four_tiles())
        data[20] ^= 1
        with pytest.raises(OSError, match="the checksum of chunk HEAD is wrong") as caught:
            opened(bytes(data))
        assert not isinstance(caught.value, UnidentifiedImageError)

    def test_other_formats_are_left_alone(self) -> None:
        with pytest.raises(UnidentifiedImageError):
            opened(b"\x8bVNW something else")


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5000)
    return


@pytest.mark.usefixtures("small_limit")
def test_pillow_refuses_bombs() -> None:
    with pytest.raises(Image.DecompressionBombError):
        opened(four_tiles())


def test_pillow_warns_of_large_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 11_000)
    with pytest.warns(Image.DecompressionBombWarning), opened(four_tiles()) as image:
        image.load()


def test_what_pillow_allows_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    monkeypatch.setattr("veneer.limits.DEFAULT_MAX_PIXELS", 100)
    with opened(four_tiles()) as image:
        image.load()


class TestParser:
    """ImageFile.Parser, which is fed the file in pieces."""

    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    @pytest.mark.parametrize("size", [7, 500, 1 << 20])
    def test_pixels(self, channels: int, size: int) -> None:
        """They were the bytes of the file itself."""
        data = four_tiles(channels)
        parser = ImageFile.Parser()
        for start in range(0, len(data), size):
            parser.feed(data[start : start + size])
        image = parser.close()
        assert image.info["xmp"] == XMP
        np.testing.assert_array_equal(np.asarray(image).reshape(100, 120, channels), veneer.decode(data))

    @pytest.mark.parametrize("size", [0, 10, 40, -300, -100, -1])
    def test_cut(self, size: int) -> None:
        parser = ImageFile.Parser()
        parser.feed(four_tiles()[:size])
        with pytest.raises(OSError, match=r"cannot parse|the file ends"):
            parser.close()

    def test_cut_and_allowed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
        parser = ImageFile.Parser()
        parser.feed(four_tiles()[:-300])
        with pytest.warns(veneer.VeneerWarning):
            assert parser.close().size == (120, 100)


class TestFrames:
    """One picture a file."""

    @pytest.mark.parametrize("append", [[], [Image.new("L", (4, 4))]])
    def test_several_are_refused(self, append: list[Image.Image], tmp_path: Path) -> None:
        frames = [Image.new("L", (4, 4), value) for value in (0, 255)]
        buffer = io.BytesIO()
        frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
        with Image.open(buffer) as animation:
            expected = f"holds one picture, not {2 + len(append)}"
            with pytest.raises(OSError, match=expected):
                animation.save(tmp_path / "a.vnr", save_all=True, append_images=append)
        with pytest.raises(OSError, match="holds one picture, not 2"):
            frames[0].save(tmp_path / "a.vnr", append_images=frames[1:])
        assert not (tmp_path / "a.vnr").exists()

    def test_one_is_saved(self) -> None:
        image = Image.new("L", (4, 4), 7)
        assert saved(image, save_all=True) == saved(image, save_all=True, append_images=[]) == saved(image)

    def test_seek(self) -> None:
        with opened(four_tiles()) as image:
            assert (image.n_frames, image.is_animated, image.tell()) == (1, False, 0)  # type: ignore[attr-defined]
            image.seek(0)
            with pytest.raises(EOFError):
                image.seek(1)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "1"])
def test_lossless(mode: str) -> None:
    image = Image.fromarray(make_picture(40, 30, 4)).convert("RGB").convert(mode)
    expected = image.convert({"1": "L", "P": "RGB"}.get(mode, mode))
    np.testing.assert_array_equal(np.asarray(opened(saved(image, lossless=True))), np.asarray(expected))


def test_lossless_grey_of_16_bits() -> None:
    samples = (np.arange(40 * 30, dtype=np.uint16) * 50).reshape(40, 30)
    image = opened(saved(Image.fromarray(samples), lossless=True))
    assert image.mode == "I;16"
    np.testing.assert_array_equal(np.asarray(image), samples)


def test_colour_of_more_than_8_bits_is_reduced_with_a_warning() -> None:
    samples = make_picture(40, 30, 3).astype(np.uint16) * 257
    image = opened(veneer.encode(samples, lossless=True))
    with pytest.warns(veneer.VeneerWarning, match="Pillow has no mode for 16 bits"):
        image.load()
    np.testing.assert_array_equal(np.asarray(image), make_picture(40, 30, 3))
    between = np.full((64, 64, 3), 100 * 257 + 64, np.uint16)
    image = opened(veneer.encode(between, lossless=True))
    with pytest.warns(veneer.VeneerWarning, match="8 are left, dithered"):
        image.load()
    assert abs(np.asarray(image).mean() - 100 - 64 / 257) < 0.02


def test_numpy_scalars_are_options() -> None:
    image = Image.fromarray(make_picture(8, 9))
    assert saved(image, quality=np.int64(40), effort=np.uint8(2)) == saved(image, quality=40, effort=2)


def test_density_and_comment() -> None:
    image = Image.fromarray(make_picture(8, 9))
    data = saved(image, dpi=(300, np.float32(72)), comment="Grüße")
    info = veneer.read_info(data)
    assert (info.density, info.text) == ((1, 11811, 2835), (("Comment", "Grüße"),))
    with opened(data) as again:
        assert again.info["dpi"] == pytest.approx((300, 72), abs=0.02)
        assert again.info["comment"] == "Grüße"
    assert veneer.read_info(saved(image, comment="é".encode("latin-1"))).text == (("Comment", "é"),)
    assert veneer.read_info(saved(image)).density is None
    for dpi in (5, "300", (1, 2, 3), (float("nan"), 1), (-5, 5), (None, None)):
        with pytest.raises(veneer.VeneerError) as caught:
            saved(image, dpi=dpi)
        assert caught.value.code == veneer.ErrorCode.BAD_METADATA


@pytest.mark.parametrize("loaded", [False, True])
def test_copies_and_pickles(loaded: bool) -> None:
    data = four_tiles(4)
    expected = veneer.decode(data)
    with opened(data) as image:
        if loaded:
            image.load()
        for made in (copy.copy(image), copy.deepcopy(image), image.copy(), pickle.loads(pickle.dumps(image))):  # noqa: S301
            assert (made.mode, made.size) == ("RGBA", (120, 100))
            assert made.info["xmp"] == XMP
            np.testing.assert_array_equal(np.asarray(made), expected)
            made.thumbnail((20, 20))


def test_threads_may_load_the_same_picture() -> None:
    for _ in range(5):
        with opened(four_tiles()) as image, ThreadPoolExecutor(4) as pool:
            for pixels in pool.map(lambda one: np.asarray(one), [image] * 8):
                np.testing.assert_array_equal(pixels, veneer.decode(four_tiles()))


def test_files_of_the_caller_stay_open(tmp_path: Path) -> None:
    (tmp_path / "a.vnr").write_bytes(four_tiles())
    with (tmp_path / "a.vnr").open("rb") as file:
        with Image.open(file) as image:
            image.load()
        assert not file.closed


def test_half_floats_are_refused_in_one_line() -> None:
    data = veneer.encode(np.zeros((4, 5, 3), np.float16), lossless=True)
    with pytest.raises(OSError, match=r"half floats, which Pillow has no mode for; decode it with veneer\.decode"):
        Image.open(io.BytesIO(data))
