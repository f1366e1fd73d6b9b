"""The encode path, top to bottom: pixels and settings to the bytes of a file. Encoder only.

pixels -> check -> step (from quality, or searched for a size) -> base layer, enhancement -> preview -> container
Source: docs/format.md for the result; which result is the encoder's choice.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, cast

import numpy
import numpy.typing

from veneer import arguments, limits, stages
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import checksum
from veneer.bitstream.container import Metadata, write_contents
from veneer.bitstream.contents import head_of_picture
from veneer.bitstream.metadata import ContentLight, Density
from veneer.bitstream.syntax import Head
from veneer.colour.codes import SRGB, Cicp, check_cicp
from veneer.colour.images import colour_of_info
from veneer.enc_gain_map import coded_gain_map
from veneer.enc_layering import Layers, encode_layers, expected_passes
from veneer.enc_lossless import Samples, check_depth, check_half_floats, encode_lossless
from veneer.enc_original import Original
from veneer.enc_preview import encode_preview
from veneer.enc_search import finest_fitting_step
from veneer.errors import ErrorCode, VeneerError
from veneer.gain_maps import GainMap
from veneer.half_floats import is_half
from veneer.image_modes import in_known_mode, is_pillow_image
from veneer.mastering_display import MasteringDisplay
from veneer.metadata import check_metadata
from veneer.sample_depth import BYTE_DEPTH
from veneer.settings import Settings

if TYPE_CHECKING:
    from PIL import Image

MAX_DEFAULT_REALISM = 255  # of the field
MAX_DEPTH = 16

# Effort of the trial encodes of base layers that look for a size, before those at the effort asked for.
TRIAL_EFFORT = 1

# Trials and encodes that a search for a size takes, about.
SEARCH_PASSES = 14


def encode(
    pixels: numpy.typing.ArrayLike,
    *,
    quality: float = 75,
    effort: int = 5,
    tune: arguments.Tune = "visual",
    layers: arguments.Layers = "full",
    model: str | None = "standard",
    threads: int = 0,
    icc: bytes | None = None,
    exif: bytes | None = None,
    xmp: bytes | str | None = None,
    iptc: bytes | None = None,
    text: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    density: Density | None = None,
    content_light: ContentLight | None = None,
    mastering_display: MasteringDisplay | None = None,
    gain_map: GainMap | None = None,
    cicp: Cicp | str | None = None,
    tile_size: int | None = None,
    step_index: int | None = None,
    target_size: int | None = None,
    bpp: float | None = None,
    preview: bool | None = None,
    base_scale: int | None = None,
    realism: float | None = None,
    models: arguments.Folder | None = None,
    lossless: bool = False,
    max_error: int = 0,
    exact: bool = False,
    depth: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> bytes:
    """Encodes a picture.

    The same pixels and settings give the same bytes on every machine and with any number of threads.

    Args:
        pixels: uint8 or uint16, or with lossless float16, [H, W] or [H, W, C]: grey (C = 1), grey and alpha (2), RGB
            (3), RGB and alpha (4), each side 1..65535. Colour is sRGB unless `icc` or `cicp` say otherwise; alpha is
            not premultiplied. Colour where alpha is 0 is not kept, except by `exact`. Of float16 every bit is kept, and
            alpha is premultiplied; they are mostly of linear light: cicp="linear-srgb". An image of Pillow is taken as
            well, in its modes of grey, RGB and palette; of its `info` the colour (`icc_profile`, `cicp`) where neither
            `icc` nor `cicp` is given, and nothing else, for which there are `exif` and `xmp`. Images in CMYK, LAB and
            with more than 8 bits a sample are refused; an array made of such an image does not show it.
        quality: 0 (smallest) .. 100, which is lossless; 90 is hard to tell from the original, 75 for the web. Not
            looked at where one of step_index, target_size and bpp is given.
        effort: 1 (fast) .. 9 (small).
        tune: "visual" for the eye, "psnr" for the mean squared error.
        layers: "base" or "full"; see `Settings`.
        model: name of the enhancement networks, None for "standard"; see `Settings`.
        models: a folder of more models, before the package's own.
        realism: 0..1, how much texture decoders add where they are not told otherwise, if the model has any; None for
            what suits tune and step. Decoders can always be told otherwise.
        base_scale: 2 for a base layer of half the sides, 1 for one of full size, None for the better one.
        threads: at most this many; 0 for as many as there are cores.
        icc: an ICC profile.
        exif: Exif, with or without the prefix it has in JPEG. Its orientation is kept, not applied.
        xmp: an XMP packet.
        iptc: records of IPTC-IIM, without the Photoshop resource around them in JPEG.
        text: keywords and texts, several of one keyword if need be. A keyword has 1..79 printable characters of
            Latin-1, and no space at its ends or behind another; "Comment" is that of a JPEG's comment. A text has no
            NUL.
        density: unit, density along x and along y, 1..2147483647 each: pixels per metre where the unit is 1, only their
            ratio where it is 0.
        content_light: of HDR pictures: largest light level of a pixel, and largest mean of a picture, in cd/m2,
            0..65535 each; 0 where it is not known.
        mastering_display: the display on which an HDR picture was made.
        gain_map: a picture that says how another rendition follows from this one. One that is given as an array is
            coded without loss where this picture is, or where it is uint16; else with quality 90.
        cicp: colour primaries, transfer characteristics, matrix coefficients (0) and range flag (0, 1) of ITU-T H.273,
            or a name of `veneer.colour.NAMES`, such as "display-p3"; None for sRGB. An `icc` stands before it.
        tile_size: side of a tile in pixels, a power of two in 64..65536; None lets the size of the picture decide.
        step_index: quantizer step in sixteenths of an octave, 0 (finest) .. 223.
        target_size: largest size of the file in bytes.
        bpp: largest size of the file in bits per pixel.
        preview: whether the file begins with a small picture of the whole, of an eighth of its sides; None for
            pictures of 4 million pixels or more. It is left out where it would take more than 3 % of the file.
        lossless: whether every sample comes back as it is. Settings of lossy coding (tune, layers, model, models,
            realism, base_scale, step_index, target_size, bpp, a quality below 100) are refused then.
        max_error: 0..8; above 0 samples of colour may differ from those given by so much and no more, which makes a
            lossless file smaller. Alpha does not differ.
        exact: whether a lossless file keeps the colour of pixels whose alpha is 0.
        depth: bits of a sample: samples are 0 .. 2^depth - 1. 8 of uint8, 9..16 of uint16, of lossless files 1..16.
            None for 8 of uint8, 16 of uint16 and of float16.
        progress: is called, in this thread, with the share of the work that is done by then, 0..1: a few times, when a
            stage is complete. What it raises ends the encode.

    Returns:
        The bytes of a Veneer file.

    Raises:
        VeneerError: BAD_PIXELS, BAD_SETTING, BAD_METADATA, METADATA_TOO_LARGE, TOO_MANY_TILES or TARGET_TOO_SMALL;
            NO_WEIGHTS or another code of weight files where there is no folder `models` or the model cannot be used.
    """
    settings = Settings(
        quality=quality,
        effort=effort,
        tune=tune,
        layers=layers,
        model=model,
        threads=threads,
        tile_size=tile_size,
        step_index=step_index,
        target_size=target_size,
        bpp=bpp,
        preview=preview,
        base_scale=base_scale,
        realism=realism,
        models=models,
        lossless=lossless,
        max_error=max_error,
        exact=exact,
    )
    arguments.check_callback("progress", progress)
    checked = check_pixels(pixels)
    if is_half(checked):
        check_half_floats(settings)
    bits = _checked_depth(checked, depth, settings)
    if icc is None and cicp is None and is_pillow_image(pixels):
        icc, cicp = colour_of_info(cast("Image.Image", pixels).info, grey=checked.shape[2] <= 2)
    metadata = check_metadata(
        icc=icc,
        exif=exif,
        xmp=xmp,
        iptc=iptc,
        text=text,
        density=density,
        content_light=content_light,
        mastering_display=mastering_display,
        gain_map=coded_gain_map(gain_map, settings, encode),
    )
    space = SRGB if cicp is None else check_cicp(cicp)
    if settings.lossless:
        with stages.watched(progress, 1):
            return encode_lossless(checked, bits, settings, metadata, space)
    original = Original(checked, bits)
    with stages.watched(progress, _expected_passes(original, settings)):
        return encode_picture(original, settings, metadata, space)


def _checked_depth(pixels: Samples, depth: int | None, settings: Settings) -> int:
    """Bits of a sample."""
    if depth is not None:
        depth = arguments.check_integer("depth", depth, 1, MAX_DEPTH)
        if not settings.lossless and depth < BYTE_DEPTH:
            what = f"depth {depth} needs lossless=True; lossy files have 8 to 16 bits a sample"
            raise VeneerError(ErrorCode.BAD_SETTING, what)
    bits = check_depth(pixels, depth)
    if not settings.lossless and (bits > BYTE_DEPTH) != (pixels.dtype == numpy.uint16):
        what = f"pixels of {pixels.dtype} have samples of {bits} bits; give those of 8 as uint8, deeper ones as uint16"
        raise VeneerError(ErrorCode.BAD_SETTING, what)
    return bits


def _expected_passes(original: Original, settings: Settings) -> int:
    """About how often layers are coded."""
    height, width, _ = original.shape
    if settings.size_limit(width, height) is not None:
        return SEARCH_PASSES
    return expected_passes(original, settings, settings.base_step_index())


def encode_picture(original: Original, settings: Settings, metadata: Metadata, cicp: Cicp) -> bytes:
    """Encodes what has been checked; see `encode`."""
    height, width, _ = original.shape
    encode_at = functools.partial(_encode_at_step, original, metadata, cicp)
    size_limit = settings.size_limit(width, height)
    if size_limit is None:
        return encode_at(settings, settings.base_step_index())
    trial_settings = dataclasses.replace(settings, effort=min(TRIAL_EFFORT, settings.effort), layers="base")
    return finest_fitting_step(
        size_limit,
        trial=lambda step: len(encode_at(trial_settings, step)),
        final=lambda step: encode_at(settings, step),
    )


def _encode_at_step(original: Original, metadata: Metadata, cicp: Cicp, settings: Settings, step_index: int) -> bytes:
    """One encode: layers, head, preview, container."""
    height, width, _ = original.shape
    layers = encode_layers(original, settings, step_index)
    realism = settings.chosen_realism(step_index) if layers.textured else 0.0
    head = make_head(original, settings, layers, cicp, realism)
    write = functools.partial(
        write_contents,
        head,
        metadata,
        layers.base.colour_tiles,
        layers.base.alpha_tiles,
        enhancement=layers.enhancement,
    )
    data = write()
    if settings.wants_preview(width, height):
        data = write(preview=encode_preview(original.levels, settings, step_index=step_index, other_bytes=len(data)))
    return data


def make_head(original: Original, settings: Settings, layers: Layers, cicp: Cicp, realism: float) -> Head:
    """The HEAD chunk; `realism` is 0..1."""
    height, width, channels = original.shape
    parameters = fields.read(syntax.BASE_PARAMETERS, memoryview(layers.base.parameters))
    return head_of_picture(
        (width, height, channels),
        cicp,
        base_kind=syntax.TRANSFORM,
        tile_log2=layers.tile_log2,
        tune=settings.tune_index,
        bit_depth=original.depth,
        base_scale=layers.base_scale,
        default_realism=int(realism * MAX_DEFAULT_REALISM + 0.5),
        noise_seed=noise_seed(layers.base.colour_tiles[0]) if layers.textured else 0,
        models=(layers.model,) if layers.model is not None else (),
        **vars(parameters),
    )


def noise_seed(payload: bytes) -> int:
    """Noise that differs from picture to picture, and is the same for the same picture."""
    return checksum(payload) & 0xFFFF


def check_pixels(pixels: numpy.typing.ArrayLike) -> Samples:
    """Brings pixels to uint8, uint16 or float16 [H, W, C], C-contiguous.

    Raises:
        VeneerError: BAD_PIXELS.
    """
    if is_pillow_image(pixels):
        pixels = numpy.asarray(in_known_mode(cast("Image.Image", pixels)))
    array = arguments.guarded(lambda: numpy.asarray(pixels), "pixels are no array")
    if isinstance(pixels, numpy.ma.MaskedArray) and numpy.ma.is_masked(pixels):
        raise VeneerError(ErrorCode.BAD_PIXELS, "some pixels are masked; fill them first: pixels.filled(0)")
    if array.dtype.newbyteorder("=") not in (numpy.uint8, numpy.uint16, numpy.float16):
        text = f"pixels must be uint8 or uint16, not {array.dtype}; scale them to 0..255 or 0..65535 and convert them"
        if array.dtype.kind == "f":
            text += ", or keep them as half floats: encode(pixels.astype(numpy.float16), lossless=True)"
        raise VeneerError(ErrorCode.BAD_PIXELS, text)
    if array.ndim == 2:
        array = array[:, :, numpy.newaxis]
    if array.ndim != 3 or not 1 <= array.shape[2] <= 4:
        text = f"pixels must be [H, W] or [H, W, 1..4], not {list(array.shape)}"
        raise VeneerError(ErrorCode.BAD_PIXELS, text)
    height, width, _ = array.shape
    if not (1 <= width <= limits.MAX_SIDE and 1 <= height <= limits.MAX_SIDE):
        text = f"sides must be 1..{limits.MAX_SIDE} pixels; this picture is {width}x{height}"
        raise VeneerError(ErrorCode.BAD_PIXELS, text)
    return numpy.ascontiguousarray(array, array.dtype.newbyteorder("="))
