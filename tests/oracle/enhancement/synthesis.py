"""The enhanced picture: the network `restore` over the base picture, latents and strengths.

Place: behind the base in the decode path, before `texture.py`.
Source: docs/format.md, "Running the networks".
"""

from __future__ import annotations

import numpy
import numpy.typing
from oracle.enhancement.filters import MARGIN
from oracle.enhancement.geometry import widened
from oracle.enhancement.halo import halo_of
from oracle.enhancement.networks import Networks
from oracle.enhancement.runner import Runner, run_on

from veneer.enhancement.base_picture import BasePicture, Bytes
from veneer.enhancement.geometry import UNIT, Box, cells_of
from veneer.enhancement.networks import Latents
from veneer.enhancement.unrounded import Unrounded
from veneer.inference.model_network import MAX_COLUMNS

# Base pixels that the interpolation looks beyond a pixel.
INTERPOLATION_MARGIN = 3


def visible_part(networks: Networks, region: Box, size: tuple[int, int]) -> Box:
    """The part of a picture that `restore` and filters must see to make a region as it would be in the whole.

    Args:
        networks: of the model.
        region: x, y, width, height in pixels of the full size.
        size: rows and columns of the full size.

    Returns:
        Likewise, from multiples of the alignment to multiples of it or to the end of the picture.
    """
    halo = halo_of(networks.restore.graph) + MARGIN
    if networks.scale > 1:
        halo += networks.scale * INTERPOLATION_MARGIN
    return widened(region, halo, networks.alignment, size)


def synthesize(
    networks: Networks,
    base: BasePicture,
    y: Latents | None,
    strengths: Bytes,
    realism: int,
    runner: Runner,
) -> Unrounded:
    """Runs `restore`.

    Args:
        networks: of the model.
        base: the base picture, or a part as of `visible_part`.
        y: latents in the same part, int16 [rows, columns, C]; None where `restore` takes none.
        strengths: uint8 [h, w], Strength for each unit of 4 x 4 base pixels, 0..128.
        realism: 0..64.
        runner: what runs networks.

    Returns:
        int16 [H, W, 1 or 3] at full size, in 1/64 of a level, 0..16320.
    """
    height, width = base.size
    if width <= MAX_COLUMNS:
        return _run(networks, base, y, strengths, realism, runner)
    result = numpy.empty((height, width, base.quarters.shape[2]), numpy.int16)
    for left in range(0, width, MAX_COLUMNS):
        columns = min(MAX_COLUMNS, width - left)
        seen, _, seen_width, _ = visible_part(networks, (left, 0, columns, height), base.size)
        box = (seen // base.scale, 0, seen_width // base.scale, height // base.scale)
        part = None if y is None else networks.latents_in(box, y)
        made = _run(networks, base.part(box), part, strengths[cells_of(box, 1, UNIT)], realism, runner)
        result[:, left : left + columns] = made[:, left - seen : left - seen + columns]
    return result


def _run(
    networks: Networks, base: BasePicture, y: Latents | None, strengths: Bytes, realism: int, runner: Runner
) -> Unrounded:
    """The same, of all columns at once."""
    others = {} if y is None else {"y": y}
    share = numpy.broadcast_to(numpy.array([realism], numpy.uint8), (*strengths.shape, 1))
    enhanced = run_on(base, networks.restore, runner, **others, strength=strengths[:, :, None], realism=share)
    # Where all its values fit a byte, a network gives bytes.
    enhanced = enhanced.astype(numpy.int16, copy=False)
    return enhanced if base.quarters.shape[2] > 1 else numpy.ascontiguousarray(enhanced[:, :, 1:2])
