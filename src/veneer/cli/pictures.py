"""Picture files to pixels and back, through Pillow. Nothing is changed silently: there is a note, or a failure.

A picture keeps its orientation as it is, pixels and Exif alike, so that whoever applies it does so once.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from typing import Any

import numpy
import numpy.typing
from PIL import ExifTags, Image, ImageOps, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError

from veneer.cli import readers
from veneer.cli.alpha import channel_notes, mend_transparency, without_false_alpha
from veneer.cli.colours.conversion import cmyk_or_lab_to_srgb
from veneer.cli.colours.description import Colour
from veneer.cli.colours.fields import naming_srgb
from veneer.cli.colours.png import cicp_chunk
from veneer.cli.colours.reading import fitting, read_colour
from veneer.cli.colours.writing import Home, Written, place_colour, with_codes
from veneer.cli.depth import sample_bits
from veneer.cli.failure import FileFailure
from veneer.cli.frames import choose_frame, refuse_format
from veneer.cli.jxl import is_jxl, read_header, upright
from veneer.cli.known_starts import describe_unknown, refuse_raw, unusual_jpeg
from veneer.cli.tiff_pages import choose_page, is_tiff
from veneer.colour import SRGB, Cicp, describe

SIGNATURE = b"\x8bVNR"
_XMP_TAG = 700
_EXIF_PREFIX = b"Exif\0\0"  # in JPEG, and where Pillow wants it
_LONG_XMP_PREFIX = b"http://ns.adobe.com/xmp/extension/\0"  # of what did not fit into the one segment of JPEG
_IPTC_RESOURCE = 0x0404  # of Photoshop's in JPEG
_IPTC_TAG = 33723  # of TIFF

# What of a TIFF directory is about the picture and not about how the file stores it.
_TIFF_TAGS = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.Orientation,
    ExifTags.Base.XResolution,
    ExifTags.Base.YResolution,
    ExifTags.Base.ResolutionUnit,
    ExifTags.Base.Software,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
)
_TIFF_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)

# ImageMagick's command was renamed in version 7.
_REDUCE = "reduce it first, for instance with ImageMagick: convert IN -depth 8 OUT.png (magick IN ... in version 7)"

# Modes that are taken as they are, and those that need no more than a change of layout.
_DIRECT_MODES = frozenset(("L", "LA", "RGB", "RGBA"))
_PLAIN_MODES = {"1": "L", "La": "LA", "RGBa": "RGBA"}
_TRANSPARENT_MODES = {"1": "LA", "L": "LA", "RGB": "RGBA", "P": "RGBA", "PA": "RGBA"}


@dataclasses.dataclass
class Picture:
    """Pixels and what goes with them.

    Attributes:
        pixels: uint8 [H, W, C], C in 1..4.
        icc: ICC profile or None.
        exif: Exif or None.
        xmp: XMP packet or None.
        notes: what the reader of the picture should know was changed or left out.
        cicp: codes of ITU-T H.273 for its colour, where there is no ICC profile.
    """

    pixels: numpy.typing.NDArray[numpy.uint8]
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    notes: list[str] = dataclasses.field(default_factory=list)
    cicp: Cicp = SRGB


def load_picture(data: bytes, *, max_pixels: int, strip: bool, number: int | None = None) -> Picture:
    """Reads a picture of any format that Pillow knows.

    Args:
        data: the file.
        max_pixels: larger ones are refused.
        strip: leave out Exif and XMP, and apply the orientation that would be lost with them.
        number: which picture of a file with several to take, from 1 on; None for the first, with a note.

    Returns:
        The picture.

    Raises:
        FileFailure: it is no picture, is damaged, too large, or has more than 8 bits a sample.
    """
    if not data:
        raise FileFailure("the file is empty", "get the picture anew")
    if data.startswith(SIGNATURE):
        raise FileFailure("is a Veneer file already", "turn it into pixels with veneer decode")
    refuse_raw(data)
    readers.prepare(data)
    try:
        _check_before_opening(data, max_pixels)
        page = choose_page(data, number) if is_tiff(data) else None
        chosen = data if page is None else page.data
        with Image.open(io.BytesIO(chosen)) as image:
            refuse_format(image)
            _check_size(*image.size, max_pixels)  # before going to another picture, which loads some
            notes = choose_frame(image, data, number) if page is None else page.notes
            _check_size(*image.size, max_pixels)
            _check_depth(sample_bits(image, chosen))
            notes += channel_notes(image, data)
            if page is not None and not page.is_first:
                _take_metadata_of_first_page(image, data)
            if is_jxl(data):
                notes += readers.complete_jxl(image, data)
            mend_transparency(image, data)
            turned = ExifTags.Base.Orientation in getattr(image, "tag_v2", ())
            image.load()
            picture = _convert(without_false_alpha(image, data, notes), chosen, notes, strip)
            if page is not None and not page.is_first and picture.exif is None and not strip:
                picture.exif = _exif_of_first_page(data, turned=turned)
            return picture
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


def load_metadata(data: bytes) -> tuple[bytes | None, bytes | None, bytes | None, list[str], Cicp]:
    """ICC profile, Exif and XMP of a JPEG that has been read already, notes on what else it has, and its CICP."""
    with Image.open(io.BytesIO(data)) as image:
        info, notes = image.info, _homeless(image)
        described = fitting(read_colour(image, data, notes), 1 if image.mode == "L" else 3, notes)
    exif = info.get("exif", b"").removeprefix(_EXIF_PREFIX)
    return described.icc, exif or None, info.get("xmp") or None, notes, described.cicp


def _check_before_opening(data: bytes, max_pixels: int) -> None:
    """Refuses a JPEG XL that must not be loaded: opening it decodes it, and tells no depth."""
    if is_jxl(data):
        header = read_header(data)
        _check_size(header.width, header.height, max_pixels)
        _check_depth(header.bits)


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        what = f"{width}x{height} pixels are more than the {max_pixels} allowed"
        raise FileFailure(what, "raise --max-pixels if you trust the file")


def _check_depth(bits: int) -> None:
    if bits > 8:
        what = f"has {bits} bits a sample, but Veneer keeps 8"
        raise FileFailure(what, _REDUCE)


def _exif_of_first_page(data: bytes, *, turned: bool) -> bytes | None:
    """Exif for a page that has none of its own; without an orientation where the page has been turned by its own."""
    with Image.open(io.BytesIO(data)) as first:
        exif = _exif(first)
    return upright(exif) if exif and turned else exif


def _take_metadata_of_first_page(image: Image.Image, data: bytes) -> None:
    """ICC profile and XMP of a TIFF may stand in its first page alone."""
    with Image.open(io.BytesIO(data)) as first:
        for name in ("icc_profile", "xmp"):
            if name not in image.info and name in first.info:
                image.info[name] = first.info[name]


def _convert(image: Image.Image, data: bytes, notes: list[str], strip: bool) -> Picture:
    """Pixels in one of the four layouts, and metadata."""
    described = read_colour(image, data, notes)
    exif, xmp = _exif(image), image.info.get("xmp") or None
    if strip:
        image, exif, xmp = ImageOps.exif_transpose(image), None, None
    else:
        notes += _homeless(image)
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
        image, described, exif = cmyk_or_lab_to_srgb(image, described.icc, notes), Colour(), naming_srgb(exif)
    else:
        image = image.convert("RGB")
    array = numpy.asarray(image)
    pixels = array.reshape(*array.shape[:2], -1)
    described = fitting(described, pixels.shape[2], notes)
    return Picture(pixels, described.icc, exif, xmp, notes, described.cicp)


def _homeless(image: Image.Image) -> list[str]:
    """Notes on metadata that Veneer has no place for."""
    notes = []
    if _IPTC_RESOURCE in image.info.get("photoshop", ()) or _IPTC_TAG in getattr(image, "tag_v2", ()):
        notes.append("its IPTC fields are left out")
    if any(segment.startswith(_LONG_XMP_PREFIX) for _, segment in getattr(image, "applist", ())):
        notes.append("of its XMP only the first part is kept, what goes beyond 64 kB is left out")
    return notes


def _exif(image: Image.Image) -> bytes | None:
    """Exif byte for byte where the format stores it so; TIFF keeps its fields in the directory of the file."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.info.get("exif") or None
    # Pillow has turned a TIFF upright while loading it, and taken the orientation out of its directory.
    kept = _descriptive(image.getexif())
    return kept.tobytes() if kept else None


def _descriptive(directory: Image.Exif) -> Image.Exif:
    """The fields that say something about the picture, and nothing about how a file stores it."""
    kept = Image.Exif()
    for tag in _TIFF_TAGS:
        if tag in directory:
            kept[int(tag)] = directory[tag]
    for number in _TIFF_DIRECTORIES:
        # The directory of interoperability is named by its place in the old file, and says nothing of the picture.
        fields = {tag: value for tag, value in directory.get_ifd(number).items() if tag != ExifTags.IFD.Interop}
        if fields:
            kept.get_ifd(number).update(fields)
            kept[int(number)] = 0  # stands for its place in the file, which is not known yet
    return kept


@dataclasses.dataclass(frozen=True)
class OutputFormat:
    """A format to decode into.

    Attributes:
        name: Pillow's.
        options: for its writer; lossless, or as good as that.
        alpha: whether it has transparency.
        metadata: which of icc, exif and xmp it keeps.
        cicp: whether it has a place for CICP.
        grey: whether grey pictures are written as grey.
    """

    name: str
    options: Mapping[str, Any]
    alpha: bool
    metadata: frozenset[str]
    cicp: bool = False
    grey: bool = True

    @property
    def colour_home(self) -> Home:
        """Where it keeps colour; PNG has older readers, whom an ICC profile beside its cICP chunk serves."""
        png = self.name == "PNG"
        return Home(self.name, self.cicp, "icc" in self.metadata, self.grey, both=png, video_range=png)


_ALL = frozenset(("icc", "exif", "xmp"))
_PNG = OutputFormat("PNG", {"compress_level": 4}, True, _ALL, cicp=True)
_JPEG = OutputFormat("JPEG", {"quality": 95, "subsampling": 0}, False, _ALL)
_WEBP = OutputFormat("WEBP", {"lossless": True, "quality": 50}, True, _ALL, grey=False)
_TIFF = OutputFormat("TIFF", {}, True, _ALL)  # not compressed: Pillow would write it by libtiff, and lose Exif
_PPM = OutputFormat("PPM", {}, False, frozenset())
_BMP = OutputFormat("BMP", {}, False, frozenset())

OUTPUT_FORMATS = {
    ".png": _PNG,
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": _WEBP,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".ppm": _PPM,
    ".pgm": _PPM,
    ".pnm": _PPM,
    ".bmp": _BMP,
}


def save_picture(picture: Picture, suffix: str) -> bytes:
    """A picture file.

    Args:
        picture: what to save; a note is added to it for what the format has no place for, and its pixels become those
            that are saved where its colour is converted.
        suffix: of `OUTPUT_FORMATS`, which names the format.

    Returns:
        The file.

    Raises:
        FileFailure: the format cannot hold the picture.
    """
    output = OUTPUT_FORMATS[suffix]
    channels = picture.pixels.shape[2]
    if channels in (2, 4) and not output.alpha:
        raise FileFailure(f"{output.name} has no transparency", "choose PNG, WebP or TIFF")
    written = place_colour(picture.pixels, Colour(picture.cicp, picture.icc), output.colour_home, picture.notes)
    picture.pixels = written.pixels
    if written.converted:
        picture.exif = naming_srgb(picture.exif)
    image = Image.fromarray(written.pixels[:, :, 0] if written.pixels.shape[2] == 1 else written.pixels)
    options = {**output.options, **_metadata_options(picture, output, written)}
    buffer = io.BytesIO()
    try:
        image.save(buffer, output.name, **options)
    except (OSError, RuntimeError, ValueError) as error:
        raise FileFailure(f"cannot be saved as {output.name}: {error}", "choose PNG") from error
    return with_codes(buffer.getvalue(), written)


def _metadata_options(picture: Picture, output: OutputFormat, written: Written) -> dict[str, Any]:
    """Arguments for Pillow's writer that carry the metadata, and the colour as the format holds it."""
    present = {name for name in ("exif", "xmp") if getattr(picture, name) is not None}
    if present - output.metadata:
        names = " and ".join(sorted(name.upper() for name in present - output.metadata))
        picture.notes.append(f"{output.name} has no place for {names}")
        present &= output.metadata
    options: dict[str, Any] = {}
    if written.icc is not None:
        options["icc_profile"] = written.icc
    if output.name == "TIFF":
        options["tiffinfo"] = _tiff_directory(picture)
        return options
    if "exif" in present:
        options["exif"] = _EXIF_PREFIX + (picture.exif or b"")
    if "xmp" in present and output.name != "PNG":
        options["xmp"] = picture.xmp
    if output.name == "PNG":
        options["pnginfo"] = _png_chunks(picture, written)
    return options


def _tiff_directory(picture: Picture) -> Image.Exif:
    """Exif and XMP as TIFF keeps them: among the fields of its own directory."""
    kept = Image.Exif()
    try:
        directory = Image.Exif()
        directory.load(_EXIF_PREFIX + (picture.exif or b""))
        kept = _descriptive(directory)
        kept.tobytes()
    except Exception:  # Pillow raises whatever it stumbles over in broken Exif
        picture.notes.append("its Exif is damaged, and is left out of the TIFF")
        kept = Image.Exif()
    if picture.xmp is not None:
        kept[_XMP_TAG] = picture.xmp
    return kept


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
