"""Pixels of a JPEG from its coefficients.

Source: docs/format.md, "Pixels of a JPEG".
"""

from __future__ import annotations

import dataclasses
import enum

import numpy

from veneer.reference.tile import Samples


class Colour(enum.IntEnum):
    """What components mean."""

    GREY = 0
    YCC = 1
    RGB = 2
    CMYK = 3
    YCCK = 4


@dataclasses.dataclass(frozen=True)
class Component:
    """A component of a JPEG.

    Attributes:
        h: sampling across, 1..4.
        v: sampling down, 1..4.
        steps: quantization table, int64 [64] in natural order.
        levels: quantized coefficients, int64 [rows of blocks, columns of blocks, 64] in natural order.
    """

    h: int
    v: int
    steps: Samples
    levels: Samples


@dataclasses.dataclass(frozen=True)
class Jpeg:
    """A JPEG: sides of the picture, its components, 1..4, and what they mean."""

    width: int
    height: int
    components: list[Component]
    colour: Colour


def decode_pixels(jpeg: Jpeg) -> Samples:
    """The pixels of the whole picture, int64 [H, W, 1 or 3] in 0..255."""
    planes = [enlarged(jpeg, each) for each in jpeg.components]
    if len(planes) < 3:
        return planes[0][:, :, None]
    luma_first = jpeg.colour in (Colour.YCC, Colour.YCCK)
    colours = from_ycc(*planes[:3]) if luma_first else numpy.stack(planes[:3], axis=2)
    if len(planes) == 3:
        return colours
    inks = 255 - colours if jpeg.colour == Colour.CMYK else colours
    black = planes[3][:, :, None]
    products = inks * black + 128
    return black - ((products >> 8) + products >> 8)


def samples_of(component: Component) -> Samples:
    """The samples of all blocks of a component, [8 rows of blocks, 8 columns of blocks]."""
    rows, columns, _ = component.levels.shape
    f = (component.levels * component.steps).clip(-32767, 32767).reshape(rows, columns, 8, 8)
    # The axis of frequencies goes first: [v, rows, columns, u], then [u, rows, columns, y].
    t = eight(numpy.moveaxis(f, 2, 0), 11).clip(-32768, 32767)
    s = (eight(numpy.moveaxis(t, 3, 0), 18) + 128).clip(0, 255)  # x, y, rows, columns
    return numpy.ascontiguousarray(s.transpose(2, 1, 3, 0)).reshape(8 * rows, 8 * columns)


def eight(f: Samples, shift: int) -> Samples:
    """Eight values of eight frequencies; the first axis is that of frequencies, then of values."""
    half = 1 << shift - 1
    e0, e1 = 8192 * (f[0] + f[4]), 8192 * (f[0] - f[4])
    e2, e3 = 4433 * (f[2] + f[6]) - 15137 * f[6], 4433 * (f[2] + f[6]) + 6270 * f[2]
    even = e0 + e3, e1 + e2, e1 - e2, e0 - e3
    z5 = 9633 * (f[1] + f[3] + f[5] + f[7])
    z1, z2 = 7373 * (f[7] + f[1]), 20995 * (f[5] + f[3])
    z3, z4 = z5 - 16069 * (f[7] + f[3]), z5 - 3196 * (f[5] + f[1])
    odd = 12299 * f[1] - z1 + z4, 25172 * f[3] - z2 + z3, 16819 * f[5] - z2 + z4, 2446 * f[7] - z1 + z3
    first = [even[n] + odd[n] + half >> shift for n in range(4)]
    last = [even[n] - odd[n] + half >> shift for n in range(3, -1, -1)]
    return numpy.stack(first + last)


def enlarged(jpeg: Jpeg, component: Component) -> Samples:
    """A component at the size of the picture, [H, W]."""
    h, v, h_most, v_most = 1, 1, 1, 1
    if len(jpeg.components) > 1:
        h, v = component.h, component.v
        h_most, v_most = max(each.h for each in jpeg.components), max(each.v for each in jpeg.components)
    width, height = -(-jpeg.width * h // h_most), -(-jpeg.height * v // v_most)
    samples = samples_of(component)

    def at(x: Samples, y: Samples) -> Samples:
        result: Samples = samples[y.clip(0, height - 1)[:, None], x.clip(0, width - 1)[None, :]]
        return result

    x, y = numpy.arange(jpeg.width), numpy.arange(jpeg.height)
    i, k = x >> 1, (x >> 1) + numpy.where(x % 2 == 0, -1, 1)
    j, m = y >> 1, (y >> 1) + numpy.where(y % 2 == 0, -1, 1)
    if (h, v) == (h_most, v_most):
        return at(x, y)
    if h == h_most and 2 * v == v_most:
        return 3 * at(x, j) + at(x, m) + numpy.where(y % 2 == 0, 1, 2)[:, None] >> 2
    if 2 * h == h_most and v == v_most and width > 2:
        return 3 * at(i, y) + at(k, y) + numpy.where(x % 2 == 0, 1, 2) >> 2
    if 2 * h == h_most and 2 * v == v_most and width > 2:
        near, far = (3 * at(column, j) + at(column, m) for column in (i, k))
        return 3 * near + far + numpy.where(x % 2 == 0, 8, 7) >> 4
    return at(x * h // h_most, y * v // v_most)


def from_ycc(y: Samples, cb: Samples, cr: Samples) -> Samples:
    """R, G and B, [H, W, 3], of luma and chroma."""
    b, r = cb - 128, cr - 128
    red = y + (91881 * r + 32768 >> 16)
    green = y + (-22554 * b - 46802 * r + 32768 >> 16)
    blue = y + (116130 * b + 32768 >> 16)
    return numpy.stack([red, green, blue], axis=2).clip(0, 255)
