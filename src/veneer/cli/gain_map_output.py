"""The gain map of a picture in the file that is made of it: AVIF has a place for it, with metadata of ISO 21496-1."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy
from PIL import Image

import veneer
from veneer.cli.colours.gain_maps import with_gain_map
from veneer.cli.deep.avif import encode_avif
from veneer.sample_depth import BYTE_DEPTH, Samples, dithered, scaled

if TYPE_CHECKING:
    from veneer.cli.pictures import Picture

_DEPTHS = (8, 10, 12)
_LEFT_OUT = "its gain map is left out"


def put_gain_map(data: bytes, picture: Picture, format_name: str, quality: int | None, *, turned: bool) -> bytes:
    """A file with the gain map of its picture; a note says why it is left out elsewhere.

    Args:
        data: the file without.
        picture: with the gain map or without; notes are added.
        format_name: of the file, as Pillow names it.
        quality: 0..100 of the map as well; None for lossless.
        turned: the picture is turned upright in the file or by it, and the map is not.

    Returns:
        The file.
    """
    gain_map = picture.gain_map
    if gain_map is None:
        return data
    if format_name != "AVIF":
        picture.notes.append(_LEFT_OUT)
    elif gain_map.metadata_kind != "iso21496-1":
        picture.notes.append(f"{_LEFT_OUT}: its metadata are XMP, and those in AVIF are of ISO 21496-1")
    elif turned:
        picture.notes.append(f"{_LEFT_OUT}, since the picture is turned upright")
    else:
        try:
            made = with_gain_map(data, _encoded(gain_map, quality, picture.notes), gain_map)
            with Image.open(io.BytesIO(made)):  # by libavif, which refuses the whole file for metadata that are wrong
                return made
        except (OSError, RuntimeError):
            picture.notes.append(f"{_LEFT_OUT}: its metadata are not as ISO 21496-1 has them")
        except ImportError as error:
            picture.notes.append(f"{_LEFT_OUT}: it is written by {error.name}, which is missing; pip install '.[deep]'")
        except veneer.VeneerError as error:
            picture.notes.append(f"{_LEFT_OUT}: {error}")
    return data


def _encoded(gain_map: veneer.GainMap, quality: int | None, notes: list[str]) -> bytes:
    """An AVIF of the map."""
    samples: Samples = gain_map.decode()
    depth = BYTE_DEPTH
    if samples.dtype == numpy.uint16:
        depth = veneer.read_info(gain_map.picture).bit_depth
    to = min((each for each in _DEPTHS if each >= depth), default=_DEPTHS[-1])
    if to < depth:
        notes.append(f"the {depth} bits a sample of its gain map become {to}, dithered")
        samples = dithered(samples, depth, to)
    elif to > depth:
        samples = scaled(samples, depth, to)
    return encode_avif(samples, to, None, True, quality)
