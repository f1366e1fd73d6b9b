"""AVIF of 10 and 12 bits, by imagecodecs, which writes neither profiles nor metadata: they are added to its file."""

from __future__ import annotations

from veneer.cli.colours.box_editing import XMP_TYPE, Item, exif_item, with_boxes
from veneer.colour import SRGB, Cicp
from veneer.sample_depth import Samples

_LOSSLESS = 100
_UNSPECIFIED = 2
_RGB, _BT709, _BT601, _BT2020 = 0, 1, 6, 9  # matrices of ITU-T H.273
_MATRICES = {1: _BT601, 9: _BT2020}  # by primaries; BT.601 is what other writers take beside sRGB
_SPEED = 6  # of 0 to 10


def encode_avif(samples: Samples, depth: int, cicp: Cicp | None, has_profile: bool, quality: int | None) -> bytes:
    """An AVIF, lossless unless a quality is asked for.

    Args:
        samples: uint16 [H, W, C].
        depth: 10 or 12.
        cicp: their colour; None for sRGB, or where a profile says it.
        has_profile: an ICC profile will say the colour.
        quality: 0..100; None for lossless.

    Returns:
        The file.

    Raises:
        ImportError: imagecodecs is not there.
    """
    import imagecodecs

    primaries, transfer = (_UNSPECIFIED, _UNSPECIFIED) if has_profile else (cicp or SRGB)[:2]
    grey = samples.shape[2] <= 2
    lossless = quality is None or quality == _LOSSLESS
    matrix = _RGB if lossless and not grey else _MATRICES.get(primaries, _BT601)
    encoded = imagecodecs.avif_encode(
        samples[:, :, 0] if samples.shape[2] == 1 else samples,
        level=_LOSSLESS if quality is None else quality,
        speed=_SPEED,
        bitspersample=depth,
        pixelformat=None if grey else "444",
        primaries=primaries,
        transfer=transfer,
        matrix=matrix,
    )
    return bytes(encoded)


def with_metadata(data: bytes, exif: bytes | None, xmp: bytes | None, icc: bytes | None) -> bytes:
    """An AVIF with Exif, XMP and ICC profile."""
    items = [exif_item(exif)] if exif is not None else []
    if xmp is not None:
        items.append(Item(b"mime", xmp, XMP_TYPE))
    return with_boxes(data, [(b"colr", b"prof" + icc)] if icc is not None else [], items)
