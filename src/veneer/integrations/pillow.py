"""Pillow's reader and writer of Veneer files; `import veneer.pillow` registers them.

Opening reads only the headers. `draft` and `thumbnail` decode the preview or the base layer instead of the whole
picture.
Source: Pillow's documentation, "Writing your own image plugin".
"""

from __future__ import annotations

import inspect
import threading
import warnings
from typing import IO, Any

import numpy
from PIL import Image, ImageFile

from veneer import DecodedLayers, ErrorCode, VeneerError, VeneerWarning, colour, decode, encode, read_info
from veneer.sample_depth import as_bytes, dithered

FORMAT = "VENEER"

_SIGNATURE_START = b"\x8bVNR"
_EXIF_PREFIX = b"Exif\0\0"  # where Pillow's other readers leave it, too

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}

# What is turned into one of these modes without loss to 8 bits; modes with transparency go to the other column.
_PLAIN_MODES = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBX": "RGB"}
_PLAIN_MODES |= {"RGBA": "RGBA", "RGBa": "RGBA", "YCbCr": "RGB", "HSV": "RGB"}
_TRANSPARENT_MODES = {"1": "LA", "L": "LA", "P": "RGBA", "RGB": "RGBA"}

# Grey of 16 bits, for lossless files.
_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N")

# Options of `Image.save` that are handed on; Pillow's own way is to ignore others.
_SAVE_OPTIONS = frozenset(inspect.signature(encode).parameters) - {"pixels", "icc", "exif", "xmp", "cicp"}

_COMMENT = "Comment"  # the keyword that PNG has for it, too
_METRES_PER_INCH = 0.0254

# Reductions that `draft` offers: the preview's, and those made of the base layer.
_DRAFT_SCALES = (8, 4, 2)


class VeneerImageFile(ImageFile.ImageFile):
    """A Veneer file, of which only the headers have been read until pixels are asked for.

    `realism`, set before that, says how much texture enhancement may add, 0..1; None is what the file names.
    `info` holds icc_profile, exif, xmp, dpi and comment where the file has them. Where colour is said by codes of
    ITU-T H.273 other than sRGB's, `info` holds these as cicp, and an icc_profile made of them for programs that show
    colour by profiles.
    A file that is damaged or cut raises OSError when it is loaded, unless `ImageFile.LOAD_TRUNCATED_IMAGES` is set:
    then what is missing is filled in, with a warning.
    """

    format = FORMAT
    format_description = "Veneer image"
    realism: float | None = None
    n_frames = 1
    is_animated = False

    def _open(self) -> None:
        try:
            info = read_info(self._file())
        except VeneerError as error:
            raise OSError(str(error)) from error
        if info.sample_format == "half floats":
            raise OSError("the file has half floats, which Pillow has no mode for; decode it with veneer.decode")
        self._size = info.width, info.height
        self._depth = info.bit_depth
        self._mode = "I;16" if self._depth > 8 and info.channels == 1 else _MODES[info.channels]
        self._pixel_count = info.width * info.height
        self._scale = 1
        self._loading = threading.RLock()
        icc = info.icc
        if icc is None and info.cicp != colour.SRGB:
            self.info["cicp"] = info.cicp
            icc = None if colour.is_srgb(info.cicp) else colour.icc_profile(info.cicp, grey=info.channels <= 2)
        if icc is not None:
            self.info["icc_profile"] = icc
        if info.exif is not None:
            self.info["exif"] = _EXIF_PREFIX + info.exif
        if info.xmp is not None:
            self.info["xmp"] = info.xmp
        if info.density is not None and info.density[0] == 1:  # pixels per metre
            self.info["dpi"] = tuple(density * _METRES_PER_INCH for density in info.density[1:])
        comments = [text for keyword, text in info.text if keyword == _COMMENT]
        if comments:
            self.info["comment"] = "\n".join(comments)
        self._expect_pixels()

    def _file(self) -> IO[bytes]:
        if self.fp is None:
            raise ValueError("the file has been closed")
        return self.fp

    def _expect_pixels(self) -> None:
        """Tells Pillow that there is something to load."""
        self.tile = [ImageFile._Tile("raw", (0, 0, *self.size), 0, self.mode)]

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> tuple[str, tuple[int, int, float, float]] | None:
        """Chooses the smallest of whole, half, quarter and eighth that is not smaller than `size`.

        An eighth is the preview of the file, if it has one. The others are made of the base layer, whose enhancement
        would hardly be seen. As with Pillow's other readers, it may be called once, before the pixels are loaded.

        Args:
            mode: ignored.
            size: wanted width and height; None for the whole.

        Returns:
            Mode, and the box of the reduced picture that the whole one fills; None where nothing changes.
        """
        del mode
        if size is None or not self.tile or self._scale != 1 or self.mode == "I;16":  # which has no smaller version
            return None
        width, height = self.size
        fitting = min(width // max(size[0], 1), height // max(size[1], 1))
        scale = next((scale for scale in _DRAFT_SCALES if scale <= fitting), None)
        if scale is None:
            return None
        self._scale = scale
        self._size = -(-width // scale), -(-height // scale)
        self._expect_pixels()
        return self.mode, (0, 0, width / scale, height / scale)

    def load(self) -> Any:
        """Decodes the picture, if that has not been done. Several threads may ask for it."""
        if not self.tile:
            return super().load()
        with self._loading:
            self._load_pixels()
            return super().load()

    def load_seek(self, pos: int) -> None:
        """Is there to tell `ImageFile.Parser` that the bytes of the file are no rows of pixels."""

    def _load_pixels(self) -> None:
        if self.tile:
            file = self._file()
            self.im = self._decode(_whole(file)).im
            self.tile = []
            if self._exclusive_fp and self._close_exclusive_fp_after_loading:
                file.close()
                self.fp = None

    def _decode(self, data: bytes) -> Image.Image:
        layers: DecodedLayers = "full" if self._scale == 1 else "preview" if self._scale == 8 else "base"
        try:
            pixels = decode(
                data,
                layers=layers,
                realism=self.realism,
                strict=not ImageFile.LOAD_TRUNCATED_IMAGES,
                max_pixels=self._pixel_count,  # Pillow has seen it, and allowed it
            )
        except VeneerError as error:
            raise OSError(str(error)) from error
        if layers != "preview":
            pixels = self._as_pillow_has_them(pixels)
        image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
        return image.reduce(self._scale) if layers == "base" else image

    def _as_pillow_has_them(self, pixels: Any) -> Any:
        """Samples of 8 bits, dithered, or of 16 of grey; those of fewer bits by scale."""
        if self._depth == 8 or self.mode == "I;16":
            return pixels
        if self._depth > 8:
            text = f"Pillow has no mode for {self._depth} bits a sample of {self.mode}: 8 are left, dithered"
            warnings.warn(text, VeneerWarning, stacklevel=4)
            return dithered(pixels, self._depth)
        return as_bytes(pixels, self._depth)

    def verify(self) -> None:
        """Checks the whole file, without decoding a pixel.

        Raises:
            OSError: something is damaged or missing.
        """
        try:
            problems = read_info(self._file(), verify=True).problems
        except VeneerError as error:  # the file has changed since it was opened
            raise OSError(str(error)) from error
        super().verify()
        if problems:
            raise OSError(problems[0])


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _accept(prefix: bytes) -> bool:
    return prefix.startswith(_SIGNATURE_START)


def _save(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    """Pillow's writer. Options that it does not know are ignored, as by Pillow's other writers.

    The colour of the picture is kept unless `icc_profile` or `cicp` says otherwise; `exif` and `xmp` are written where
    they are given, like in Pillow's other writers, as are `dpi` and `comment`.

    Raises:
        OSError: the mode has no counterpart.
        VeneerError: an option is out of range, which is a ValueError, too.
    """
    del filename
    mode = (_TRANSPARENT_MODES if image.has_transparency_data else {}).get(image.mode) or _PLAIN_MODES.get(image.mode)
    if mode is None and image.mode in _DEEP_MODES and image.encoderinfo.get("lossless"):
        mode = image.mode
    if mode is None:
        raise OSError(f"cannot write mode {image.mode} as Veneer; convert it to L, LA, RGB or RGBA first")
    pixels = numpy.asarray(image if image.mode == mode else image.convert(mode))
    given = image.encoderinfo
    exif = given.get("exif")
    file.write(
        encode(
            pixels,
            **_colour(image.info, given, pixels.ndim == 2 or pixels.shape[2] == 2),
            exif=exif.tobytes() if isinstance(exif, Image.Exif) else exif,
            xmp=given.get("xmp"),
            **_density_and_text(given),
            **{option: given[option] for option in _SAVE_OPTIONS if option in given},
        )
    )


def _density_and_text(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments `density` and `text` for the options `dpi` and `comment` of Pillow, unless they are given themselves.

    Raises:
        VeneerError: of BAD_METADATA.
    """
    arguments: dict[str, Any] = {}
    if given.get("dpi") is not None and "density" not in given:
        try:
            across, down = (round(float(dpi) / _METRES_PER_INCH) for dpi in given["dpi"])
        except (TypeError, ValueError, OverflowError):
            text = f"dpi must be two numbers, across and down, not {given['dpi']!r}"
            raise VeneerError(ErrorCode.BAD_METADATA, text) from None
        arguments["density"] = (1, across, down)
    comment = given.get("comment")
    if comment and "text" not in given:
        arguments["text"] = [(_COMMENT, comment.decode("latin-1") if isinstance(comment, bytes) else comment)]
    return arguments


def _save_all(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    """Pillow's writer of all frames: of the one that there may be.

    Raises:
        OSError: there are several; what `_save` raises.
    """
    frames = getattr(image, "n_frames", 1) + sum(
        getattr(other, "n_frames", 1) for other in image.encoderinfo.get("append_images") or ()
    )
    if frames > 1:
        raise OSError(f"a Veneer file holds one picture, not {frames}; save each frame to a file of its own")
    _save(image, file, filename)


def _colour(info: dict[Any, Any], given: dict[str, Any], grey: bool) -> dict[str, Any]:
    """Arguments `icc` and `cicp`: what the caller gives to `save`, else what `info` says."""
    if "icc_profile" in given or "cicp" in given:
        cicp = given.get("cicp")
        return {"icc": given.get("icc_profile")} | ({} if cicp is None else {"cicp": cicp})
    icc, cicp = colour.colour_of_info(info, grey=grey)
    return {"icc": icc, "cicp": cicp}


def register() -> None:
    """Makes `Image.open` and `Image.save` know Veneer files."""
    Image.register_open(FORMAT, VeneerImageFile, _accept)
    Image.register_save(FORMAT, _save)
    Image.register_save_all(FORMAT, _save_all)
    Image.register_extension(FORMAT, ".vnr")
    Image.register_mime(FORMAT, "image/x-veneer")
