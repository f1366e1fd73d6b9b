"""Picture files to pixels and back, through Pillow. Nothing is changed silently: there is a note, or a failure.

Pixels and orientation in the Exif stay as they are, so that a viewer applies the orientation exactly once.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from typing import Any

import numpy
import numpy.typing
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError, features

import veneer
from veneer.cli import readers
from veneer.cli.alpha import channel_notes, mend_transparency, without_false_alpha
from veneer.cli.colours.conversion import cmyk_or_lab_to_srgb
from veneer.cli.colours.description import Colour
from veneer.cli.colours.fields import naming_srgb
from veneer.cli.colours.gain_maps import gain_map_of_boxes, gain_map_of_jpeg
from veneer.cli.colours.light import Light
from veneer.cli.colours.png import cicp_chunk
from veneer.cli.colours.reading import fitting, read_colour, read_light
from veneer.cli.colours.writing import Written, place_colour, with_codes, with_light
from veneer.cli.deep.exr import is_exr, read_exr, write_exr
from veneer.cli.deep.half_floats import refuse_half_floats
from veneer.cli.deep.reading import open_picture, read_samples
from veneer.cli.deep.tiff_layout import DirectoryImage, layout_notes
from veneer.cli.deep.writing import Page, fit_depth, is_deep, write_deep
from veneer.cli.depth import at_full_range, sample_bits
from veneer.cli.failure import FileFailure
from veneer.cli.frames import choose_frame, refuse_format
from veneer.cli.gain_map_output import put_gain_map
from veneer.cli.jxl import is_jxl
from veneer.cli.jxl import upright as upright_exif
from veneer.cli.known_starts import describe_unknown, refuse_raw, unusual_jpeg
from veneer.cli.metadata.reading import for_pillow, read_metadata
from veneer.cli.metadata.tiff import directory_of
from veneer.cli.metadata.turning import orientation_of, said_to_be_upright, turn_upright, upright
from veneer.cli.metadata.writing import finish, fit
from veneer.cli.output_formats import AVIF, EXR, JXL, OutputFormat
from veneer.cli.output_formats import OUTPUT_FORMATS as OUTPUT_FORMATS
from veneer.cli.picture_limits import check_before_opening, check_depth, check_size
from veneer.cli.tiff_pages import choose_page, is_tiff
from veneer.colour import SRGB, Cicp, describe
from veneer.file_metadata.found import Density, Metadata, Texts, metadata_of
from veneer.sample_depth import BYTE_DEPTH, as_bytes

SIGNATURE = b"\x8bVNR"
_EXIF_PREFIX = b"Exif\0\0"  # in JPEG, and where Pillow wants it

# Modes that are taken as they are, and those that need no more than a change of layout.
_DIRECT_MODES = frozenset(("L", "LA", "RGB", "RGBA"))
_PLAIN_MODES = {"1": "L", "La": "LA", "RGBa": "RGBA"}
_TRANSPARENT_MODES = {"1": "LA", "L": "LA", "RGB": "RGBA", "P": "RGBA", "PA": "RGBA"}


@dataclasses.dataclass
class Picture:
    """Pixels and what goes with them.

    Attributes:
        pixels: uint8 [H, W, C], C in 1..4; uint16 of more than 8 bits; float16.
        icc: ICC profile or None.
        exif: Exif or None.
        xmp: XMP packet or None.
        notes: for the user, on what was changed or left out.
        cicp: codes of ITU-T H.273 for its colour, where there is no ICC profile.
        iptc: records of IPTC-IIM or None.
        text: pairs of keyword and text.
        density: unit (0: a ratio, 1: pixels per metre), density along x, and along y; or None.
        depth: bits of a sample.
        light: light levels of HDR.
        gain_map: of a picture file, or None.
        place: x and y of the first pixel in the picture that this is a part of.
    """

    pixels: numpy.typing.NDArray[Any]
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    notes: list[str] = dataclasses.field(default_factory=list)
    cicp: Cicp = SRGB
    iptc: bytes | None = None
    text: Texts = ()
    density: Density | None = None
    depth: int = BYTE_DEPTH
    light: Light = dataclasses.field(default_factory=Light)
    gain_map: veneer.GainMap | None = None
    place: tuple[int, int] = (0, 0)

    def arguments(self) -> dict[str, Any]:
        """Arguments for `veneer.encode` beside the pixels."""
        colour = {"icc": self.icc, "cicp": self.cicp, "depth": self.depth, "gain_map": self.gain_map}
        return {**colour, **self.light.keywords(), **self.metadata.keywords()}

    @property
    def metadata(self) -> Metadata:
        """All of the metadata except for colour."""
        return Metadata(self.exif, self.xmp, self.iptc, self.text, self.density)


def load_picture(data: bytes, *, max_pixels: int, strip: bool, number: int | None = None) -> Picture:
    """Reads a picture of any format that Pillow knows.

    Args:
        data: the file.
        max_pixels: larger ones are refused.
        strip: leave out all metadata but colour, and apply the orientation that would be lost with it.
        number: which picture of a file with several to take, from 1 on; None for the first, with a note.

    Returns:
        The picture.

    Raises:
        FileFailure: it is no picture, is damaged, too large, or has more than 16 bits a sample.
    """
    if not data:
        raise FileFailure("the file is empty", "get the picture anew")
    if data.startswith(SIGNATURE):
        raise FileFailure("is a Veneer file already", "turn it into pixels with veneer decode")
    refuse_raw(data)
    if is_exr(data):
        scene = read_exr(data, max_pixels, number)
        return Picture(scene.pixels, scene.described.icc, notes=scene.notes, cicp=scene.described.cicp, depth=16)
    readers.prepare(data)
    try:
        check_before_opening(data, max_pixels)
        page = choose_page(data, number) if is_tiff(data) else None
        chosen = data if page is None else page.data
        with open_picture(for_pillow(chosen), page.bits if page is not None else None) as image:
            refuse_format(image)
            check_size(*image.size, max_pixels)  # before going to another picture, which loads some
            notes = choose_frame(image, data, number) if page is None else page.notes
            check_size(*image.size, max_pixels)
            bits = sample_bits(image, chosen)
            check_depth(bits, image.format or "")
            notes += channel_notes(image, data)
            if is_jxl(data):
                notes += readers.complete_jxl(image, data)
            mend_transparency(image, data)
            by_pillow = bits <= BYTE_DEPTH and not isinstance(image, DirectoryImage)
            turned = by_pillow and ExifTags.Base.Orientation in getattr(image, "tag_v2", ())
            if by_pillow:
                image.load()
            dropped: list[str] = []
            metadata = read_metadata(image, chosen, dropped)
            if page is not None and not page.is_first:
                _complete_from_first_page(metadata, image, data, turned=turned)
            notes += [] if strip else dropped
            orientation = orientation_of(metadata.exif, metadata.xmp)
            if by_pillow:
                orientation = 1 if is_tiff(data) else orientation  # Pillow turns TIFF
                picture = _convert(
                    without_false_alpha(at_full_range(image, data), data, notes), chosen, notes, metadata
                )
            else:
                picture = _deep_picture(image, chosen, notes, bits)
            picture.light = read_light(image, chosen, notes)
            picture.gain_map = read_gain_map(image, chosen, notes, max_pixels)
            if strip:
                picture.pixels = upright(picture.pixels, orientation)
                if orientation != 1 and picture.gain_map is not None:
                    notes.append("its gain map is left out, since the picture is turned upright")
                    picture.gain_map = None
                return picture
            return dataclasses.replace(picture, **metadata.keywords())
    except UnidentifiedImageError:
        raise describe_unknown(data) from None
    except Image.DecompressionBombError:
        raise FileFailure("more pixels than allowed", "raise --max-pixels if you trust the file") from None
    except (FileFailure, MemoryError):
        raise
    except Exception as error:  # Pillow's readers raise whatever they stumble over in a broken file
        if unusual := unusual_jpeg(data):
            raise unusual from error
        if is_jxl(data):  # whose reader does not say what is wrong
            raise FileFailure("is JPEG XL that cannot be read", "the file is damaged or cut, get it anew") from error
        what = f"cannot be read: {' '.join(str(error).split()) or type(error).__name__}"
        raise FileFailure(what, "the file is damaged or cut, get it anew") from error


def name_colour(picture: Picture, cicp: Cicp) -> None:
    """Gives a picture the colour space that its user names, in place of what its file says."""
    if picture.icc is not None:
        picture.notes.append(f"its ICC profile is left out: its colour is named {describe(cicp)}")
    picture.icc, picture.cicp = None, cicp
    if cicp == SRGB:
        picture.exif = naming_srgb(picture.exif)


def of_file(pixels: numpy.typing.NDArray[Any], info: veneer.Info, depth: int) -> Picture:
    """Decoded pixels of a Veneer file or of a part, with its colour and metadata; a note names what is left out."""
    picture = Picture(pixels, info.icc, cicp=info.cicp, depth=depth, light=Light.of_file(info), **metadata_of(info))
    picture.gain_map = info.gain_map if pixels.shape[:2] == (info.height, info.width) else None
    if info.has_gain_map and picture.gain_map is None:  # that of a JPEG which was kept, or of a picture of another size
        picture.notes.append("its gain map is left out")
    return picture


def with_metadata(pixels: numpy.typing.NDArray[numpy.uint8], data: bytes) -> Picture:
    """Pixels of a JPEG that have been read already, with its colour and metadata, and notes on what else it has."""
    notes: list[str] = []
    with Image.open(io.BytesIO(data)) as image:
        metadata = read_metadata(image, data, notes)
        described = fitting(read_colour(image, data, notes), 1 if image.mode == "L" else 3, notes)
    return Picture(pixels, described.icc, notes=notes, cicp=described.cicp, **metadata.keywords())


def read_gain_map(image: Image.Image, data: bytes, notes: list[str], max_pixels: int) -> veneer.GainMap | None:
    """The gain map of a picture file, opened; None where there is none that can be read, which a note names."""
    if image.format in ("JPEG", "MPO") and not image.tell():
        return gain_map_of_jpeg(data, notes)
    if image.format in ("AVIF", "HEIF") and not image.tell():

        def decode(changed: bytes) -> numpy.typing.NDArray[Any]:
            return load_picture(changed, max_pixels=max_pixels, strip=True).pixels

        return gain_map_of_boxes(data, notes, decode)
    return None


def _complete_from_first_page(metadata: Metadata, image: Image.Image, data: bytes, *, turned: bool) -> None:
    """Takes what a page of a TIFF has not of the first page, where it may stand alone for all.

    The Exif goes without an orientation where the page has been turned by its own.
    """
    with open_picture(data, BYTE_DEPTH) as first:
        others = read_metadata(first, data, [])
        if "icc_profile" in first.info:
            image.info.setdefault("icc_profile", first.info["icc_profile"])
    if others.exif is not None and turned:
        others.exif = upright_exif(others.exif)
    for name in ("exif", "xmp", "iptc"):
        if getattr(metadata, name) is None:
            setattr(metadata, name, getattr(others, name))


def _convert(image: Image.Image, data: bytes, notes: list[str], metadata: Metadata) -> Picture:
    """Pixels in one of the four layouts, and their colour; where it changes, the Exif says so."""
    described = read_colour(image, data, notes)
    if image.mode == "1":
        transparency = image.info.get("transparency")  # in the range of L already
        image = image.convert("L")
        if transparency is not None:
            image.info["transparency"] = transparency
    if image.mode in _TRANSPARENT_MODES and image.has_transparency_data:
        image = image.convert(_TRANSPARENT_MODES[image.mode])
    elif image.mode in _DIRECT_MODES:
        pass  # converting would copy
    elif image.mode in _PLAIN_MODES:
        image = image.convert(_PLAIN_MODES[image.mode])
    elif image.mode in ("CMYK", "LAB"):
        image, described = cmyk_or_lab_to_srgb(image, described.icc, notes), Colour()
        metadata.exif = naming_srgb(metadata.exif)
    else:
        image = image.convert("RGB")
    array = numpy.asarray(image)
    pixels = array.reshape(*array.shape[:2], -1)
    described = fitting(described, pixels.shape[2], notes)
    return Picture(pixels, described.icc, notes=notes, cicp=described.cicp)


def _deep_picture(image: Image.Image, data: bytes, notes: list[str], bits: int) -> Picture:
    """Samples that Pillow does not read, and their colour; those of less than 8 bits become 8."""
    samples, depth = read_samples(image, data, bits)
    if isinstance(image, DirectoryImage):
        notes += layout_notes(image.layout)
    described = fitting(read_colour(image, data, notes), samples.shape[2], notes)
    if depth < BYTE_DEPTH:
        samples, depth = as_bytes(samples, depth), BYTE_DEPTH
    return Picture(samples, described.icc, notes=notes, cicp=described.cicp, depth=depth)


_MAX_SIDES = {"JPEG": 65500, "WEBP": 16383}  # in pixels, where Veneer files can have more: libjpeg-turbo's and WebP's


def check_output(suffix: str, quality: int | None) -> None:
    """Raises FileFailure where a format of `OUTPUT_FORMATS` cannot be written here, or not with a quality."""
    output = OUTPUT_FORMATS[suffix]
    if output is JXL and not readers.has_jxl():
        raise FileFailure("JPEG XL cannot be written without pillow-jxl-plugin", "pip install '.[jxl]'")
    if output is AVIF and not features.check("avif"):
        raise FileFailure("AVIF cannot be written by this Pillow", "install a Pillow with it, or choose WebP")
    if quality is not None and output.lossy is None:
        raise FileFailure(f"{output.name} has no quality: it is lossless", "leave --output-quality out")


def save_picture(picture: Picture, suffix: str, quality: int | None = None) -> bytes:
    """A picture file.

    Args:
        picture: what to save; a note is added to it for what the format has no place for, and its pixels become those
            that are saved where its colour is converted, or where it is turned upright since the Exif is left out
            that says how.
        suffix: of `OUTPUT_FORMATS`, which names the format.
        quality: 0 to 100 by the measure of the format; None for lossless, or as good as that.

    Returns:
        The file.

    Raises:
        FileFailure: the format cannot hold the picture.
    """
    check_output(suffix, quality)
    output = OUTPUT_FORMATS[suffix]
    if output is EXR:
        return _save_exr(picture)
    refuse_half_floats(picture.pixels, f"{output.name} cannot hold")
    height, width, channels = picture.pixels.shape
    most = _MAX_SIDES.get(output.name)
    if most is not None and max(height, width) > most:
        what = f"{output.name} holds at most {most} pixels a side, not {width}x{height}"
        raise FileFailure(what, "choose PNG or TIFF")
    if channels in (2, 4) and not output.alpha:
        raise FileFailure(f"{output.name} has no transparency", "choose PNG, WebP, AVIF or TIFF")
    depth = picture.depth
    deep = is_deep(depth, output.name, quality)
    home = output.colour_home(deep=deep, lossless=quality is None)
    written = place_colour(picture.pixels, Colour(picture.cicp, picture.icc), home, picture.notes, depth)
    picture.pixels = written.pixels
    if written.converted:
        picture.exif = naming_srgb(picture.exif)
    fit_depth(picture, output.name, quality)
    orientation = orientation_of(picture.exif, picture.xmp)
    if output is JXL or (deep and output is AVIF):  # whose readers do not look at Exif for the orientation
        picture.pixels = upright(picture.pixels, orientation)
        picture.exif = picture.exif and upright_exif(picture.exif)
        picture.xmp = picture.xmp and said_to_be_upright(picture.xmp)
    options, kept = _metadata_options(picture, output, written)
    if deep:
        data = write_deep(output.name, Page(picture, written, kept, options, quality, depth))
    else:
        data = with_codes(_write_by_pillow(picture, output, options, quality), written)
    data = with_light(data, picture.light, output.name, picture.notes)
    data = put_gain_map(data, picture, output.name, quality, turned=orientation != 1)
    return finish(data, output.name, kept, picture.notes)


def _save_exr(picture: Picture) -> bytes:
    """A file of OpenEXR, which holds half floats."""
    kept = fit(picture.metadata, EXR.metadata, EXR.name, picture.notes)
    turn_upright(picture, kept)
    data = write_exr(picture.pixels, Colour(picture.cicp, picture.icc), picture.notes)
    return with_light(data, picture.light, EXR.name, picture.notes)


def _write_by_pillow(picture: Picture, output: OutputFormat, options: Mapping[str, Any], quality: int | None) -> bytes:
    image = Image.fromarray(picture.pixels[:, :, 0] if picture.pixels.shape[2] == 1 else picture.pixels)
    options = {**output.options, **options}
    if quality is not None:
        options |= {**(output.lossy or {}), "quality": quality}
    buffer = io.BytesIO()
    try:
        image.save(buffer, output.name, **options)
    except (OSError, RuntimeError, ValueError) as error:
        raise FileFailure(f"cannot be saved as {output.name}: {error}", "choose PNG") from error
    return buffer.getvalue()


def _metadata_options(picture: Picture, output: OutputFormat, written: Written) -> tuple[dict[str, Any], Metadata]:
    """Arguments for Pillow's writer that carry metadata, and colour as the format holds it; all that is to be kept.

    The picture is turned upright if need be.
    """
    kept = fit(picture.metadata, output.metadata, output.name, picture.notes)
    options: dict[str, Any] = {}
    if written.icc is not None:
        options["icc_profile"] = written.icc
    has_exif = kept.exif is not None
    if output.name == "TIFF":
        options["tiffinfo"], has_exif = directory_of(kept, picture.notes)
    elif kept.exif is not None:
        options["exif"] = _EXIF_PREFIX + kept.exif
    if not has_exif:
        turn_upright(picture, kept)
    if output.name == "PNG":
        options["pnginfo"] = _png_chunks(picture, written)
    elif kept.xmp is not None and output.name != "JPEG":
        options["xmp"] = kept.xmp
    return options, kept


def _png_chunks(picture: Picture, written: Written) -> PngImagePlugin.PngInfo:
    """CICP and XMP as PNG keeps them."""
    chunks = PngImagePlugin.PngInfo()
    if written.cicp is not None:
        chunks.add(*cicp_chunk(written.cicp))
    try:
        if picture.xmp is not None:
            chunks.add_itxt("XML:com.adobe.xmp", picture.xmp.decode())
    except UnicodeDecodeError:
        picture.notes.append("its XMP is no UTF-8, and is left out of the PNG")
    return chunks
