"""Fills in what a damaged or cut file has lost: smoothly from the edges of what is left, or from the preview.

Behind `layer.py`, on the samples of a picture, and of no influence on files that are whole. What is lost is a set of
cells of 64 x 64 pixels, the superblocks; tiles are made of them. The lost area becomes a membrane that hangs from the
pixels around it: coarse to fine, each level begins with the one above, enlarged, and is then smoothed where nothing is
known. With a preview the membrane carries only the difference between the picture and the enlarged preview, which
hides the seam. Integers throughout, so that all machines fill in the same.
Source: docs/format.md, "Damaged and cut files"; the idea is that of cascadic multigrid (Bornemann and Deuflhard, 1996)
and of membranes for seamless cloning (Perez et al., "Poisson image editing", 2003).
"""

from __future__ import annotations

from typing import Any

import numpy
import numpy.typing

from veneer._native import enlarge

CELL = 64  # pixels: a superblock
PREVIEW_CELL = 8  # pixels of a preview

_COARSE = CELL // PREVIEW_CELL
_SWEEPS = 6
_BLOCK = 8  # cells of a side
_TOP = 255 << 4  # the largest value at work: 4 fractional bits of a level, whose smoothing still fits int16

Samples = numpy.typing.NDArray[Any]
Values = numpy.typing.NDArray[numpy.int16]  # levels in sixteenths
Mask = numpy.typing.NDArray[numpy.bool_]


def conceal(
    samples: Samples,
    lost: Mask,
    *,
    origin: tuple[int, int] = (0, 0),
    top: int = 255,
    preview: numpy.typing.NDArray[numpy.uint8] | None = None,
) -> None:
    """Fills the lost cells of a picture, or of a region of it, in place.

    Args:
        samples: [H, W, C] of any integer type, 0..top; what lost cells hold has no influence.
        lost: [rows, columns] of the cells that the region touches, the first ones perhaps only in part.
        origin: x and y of the region within its first cell, 0..63.
        top: the largest sample, 255 or 1020.
        preview: uint8 [rows * 8, columns * 8, C], the cells at an eighth of the size; None to fill from what is
            around alone.
    """
    if not lost.any():
        return
    if preview is None and lost.all():
        samples[...] = _middle(top)
        return
    box = _bounding_box(lost)
    (first_row, last_row), (first_column, last_column) = box
    lost = lost[first_row:last_row, first_column:last_column]
    view = _View(samples, origin, (first_row, first_column), lost, _TOP // top)
    known, weight = view.means()
    if preview is None:
        membrane = _membrane(known, weight)
        _refine(view, None, _smooth(numpy.where(weight > 0, known, membrane), weight > 0))
        return
    part = preview[first_row * 8 : last_row * 8, first_column * 8 : last_column * 8]
    base = part.astype(numpy.int16) * numpy.int16(_TOP // 255)
    _refine(view, base, _smooth(numpy.where(weight > 0, known - base, 0).astype(numpy.int16), weight > 0))


def _middle(top: int) -> int:
    """What is shown where nothing is known at all."""
    unit = _TOP // top
    return _TOP // 2 + unit // 2 >> unit.bit_length() - 1


def _bounding_box(lost: Mask) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows and columns of cells, [first, last), that hold all lost ones and those around them."""
    rows, columns = (numpy.flatnonzero(lost.any(axis=axis)) for axis in (1, 0))
    return tuple(  # type: ignore[return-value]
        (max(int(found[0]) - 1, 0), min(int(found[-1]) + 2, size))
        for found, size in zip((rows, columns), lost.shape, strict=True)
    )


class _View:
    """The cells of a box as one array of whole cells, of which the picture may cover only a part.

    Args:
        samples: as of `conceal`, like `origin`.
        first: row and column of the box's first cell.
        lost: [rows, columns] of the box.
        unit: what a sample is multiplied by to be at work.
    """

    def __init__(
        self, samples: Samples, origin: tuple[int, int], first: tuple[int, int], lost: Mask, unit: int
    ) -> None:
        self._samples = samples
        self._shift = first[0] * CELL - origin[1], first[1] * CELL - origin[0]
        self.lost = lost
        self.unit = unit
        self.channels = samples.shape[2]

    def pixels(self, rows: slice, columns: slice) -> tuple[Values, Mask]:
        """Pixels of some cells at work, and which of them are known; [H, W, C] and [H, W, 1], zeros where none are."""
        lost = self.lost[rows, columns]
        shape = lost.shape[0] * CELL, lost.shape[1] * CELL
        values, known = numpy.zeros((*shape, self.channels), numpy.int16), numpy.zeros((*shape, 1), bool)
        inner, outer = self._overlap(rows.start * CELL, columns.start * CELL, shape)
        values[inner] = self._samples[outer]
        values *= numpy.int16(self.unit)
        known[inner] = ~_grown(lost)[inner]
        return values, known

    def store(self, top: int, left: int, values: Values) -> None:
        """Writes pixels from a corner of a cell on, where they are lost."""
        inner, outer = self._overlap(top, left, values.shape[:2])
        rows, columns = (slice(first // CELL, first // CELL + _BLOCK) for first in (top, left))
        target, lost = self._samples[outer], self.lost[rows, columns]
        rounded = numpy.clip(values[inner], 0, _TOP)
        rounded += numpy.int16(self.unit // 2)
        rounded >>= self.unit.bit_length() - 1
        if lost.all():
            numpy.copyto(target, rounded, casting="unsafe")
        else:
            numpy.copyto(target, rounded, casting="unsafe", where=_grown(lost)[inner])

    def means(self) -> tuple[Values, Values]:
        """Means of the known pixels in squares of 8, [rows, columns, C], and their number, [rows, columns, 1]."""
        shape = self.lost.shape[0] * PREVIEW_CELL, self.lost.shape[1] * PREVIEW_CELL
        means = numpy.zeros((*shape, self.channels), numpy.int16)
        counts = numpy.zeros((*shape, 1), numpy.int16)
        everywhere = slice(0, self.lost.shape[1])
        for row in numpy.flatnonzero(~self.lost.all(axis=1)):
            values, known = self.pixels(slice(row, row + 1), everywhere)
            place = _scaled(slice(row, row + 1), PREVIEW_CELL)
            number = _square_sums(known, _COARSE)
            total = _square_sums(values * known, _COARSE)
            means[place] = (total + number // 2) // numpy.maximum(number, 1)
            counts[place] = number
        return means, counts

    def _overlap(self, top: int, left: int, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Where a rectangle of the box meets the picture: relative to its own corner, and in the picture."""
        inner, outer = [], []
        for first, size, shift, end in zip((top, left), shape, self._shift, self._samples.shape, strict=False):
            start = max(first, -shift)
            stop = max(min(first + size, end - shift), start)
            inner.append(slice(start - first, stop - first))
            outer.append(slice(start + shift, stop + shift))
        return (inner[0], inner[1]), (outer[0], outer[1])


def _grown(lost: Mask) -> Mask:
    """Which pixels of cells are lost, [H, W, 1]."""
    return lost.repeat(CELL, axis=0).repeat(CELL, axis=1)[:, :, None]


def _membrane(known: Values, weight: Values) -> Values:
    """Known values where there are any, and between them what hangs from them, [rows, columns, C]."""
    fixed = weight > 0
    if max(known.shape[:2]) == 1:
        return numpy.where(fixed, known, _TOP // 2).astype(numpy.int16)
    padded_values, padded_weight = (_even(array) for array in (known, numpy.minimum(weight, 1)))
    number = _square_sums(padded_weight, 2)
    total = _square_sums(padded_values * padded_weight, 2)
    coarse = ((total + number // 2) // numpy.maximum(number, 1)).astype(numpy.int16)
    start = enlarge(_membrane(coarse, number.astype(numpy.int16)), 1)[: known.shape[0], : known.shape[1]]
    return _smooth(numpy.where(fixed, known, start), fixed)


def _refine(view: _View, base: Values | None, membrane: Values) -> None:
    """From an eighth of the size to pixels: enlarges base and membrane, holds on to what is known, and stores.

    A block of cells at a time, so that memory does not grow with the picture. One more cell on every side is more than
    the sweeps of all levels reach, so that blocks fit together.

    Args:
        view: the picture.
        base: what the membrane is added to, an eighth of the size; None for 0.
        membrane: an eighth of the size.
    """
    for row in range(0, view.lost.shape[0], _BLOCK):
        for column in range(0, view.lost.shape[1], _BLOCK):
            block = slice(row, row + _BLOCK), slice(column, column + _BLOCK)
            if view.lost[block].any():
                _refine_block(view, base, membrane, block)


def _refine_block(view: _View, base: Values | None, membrane: Values, block: tuple[slice, slice]) -> None:
    """The same for the cells of a block."""
    wide = tuple(slice(max(side.start - 1, 0), side.stop + 1) for side in block)
    small = tuple(_scaled(side, PREVIEW_CELL) for side in wide)
    hanging = membrane[small]
    is_free = view.lost[wide].all()
    hanging = enlarge(hanging, 3) if is_free else _hang(view, base, hanging, wide, small)
    if base is not None:
        hanging += enlarge(base[small], 3)
    own = tuple(
        _scaled(slice(side.start - outer.start, side.stop - outer.start), CELL)
        for side, outer in zip(block, wide, strict=True)
    )
    view.store(block[0].start * CELL, block[1].start * CELL, hanging[own])


def _hang(
    view: _View, base: Values | None, hanging: Values, wide: tuple[slice, ...], small: tuple[slice, ...]
) -> Values:
    """A part of the membrane at full size, held on to what is known of those cells at each level."""
    pixels, known = view.pixels(wide[0], wide[1])
    part = None if base is None else base[small]
    for scale in (4, 2, 1):
        part, hanging = None if part is None else enlarge(part, 1), enlarge(hanging, 1)
        values = (_square_sums(pixels, scale) // (scale * scale)).astype(numpy.int16)
        fixed = _square_sums(known, scale) == scale * scale
        hanging = _smooth(numpy.where(fixed, values if part is None else values - part, hanging), fixed)
    return hanging


def _scaled(side: slice, factor: int) -> slice:
    return slice(side.start * factor, side.stop * factor)


def _square_sums(array: Samples, side: int) -> numpy.typing.NDArray[numpy.int32]:
    """Sums over squares, [H, W, C] to [H / side, W / side, C]."""
    height, width, channels = array.shape
    squares = array.reshape(height // side, side, width // side, side, channels)
    sums: numpy.typing.NDArray[numpy.int32] = squares.sum(axis=(1, 3), dtype=numpy.int32)
    return sums


def _even(array: Values) -> Values:
    """With a row and a column of zeros more where their number is odd."""
    height, width, _ = array.shape
    return numpy.pad(array, ((0, height % 2), (0, width % 2), (0, 0)))


def _smooth(values: Values, fixed: Mask) -> Values:
    """Draws values towards the mean of those around them, except where they are fixed."""
    for _ in range(_SWEEPS):
        smoothed = values
        for axis in (0, 1):
            before, after = _neighbours(smoothed, axis)
            before += after
            before += 2 * smoothed
            before += 2
            before >>= 2
            smoothed = before
        values = numpy.where(fixed, values, smoothed)
    return values


def _neighbours(values: Values, axis: int) -> tuple[Values, Values]:
    """Copies of the values before and behind each one; the outermost are their own neighbours."""
    before, after = numpy.empty_like(values), numpy.empty_like(values)
    if axis == 0:
        before[1:], before[:1] = values[:-1], values[:1]
        after[:-1], after[-1:] = values[1:], values[-1:]
    else:
        before[:, 1:], before[:, :1] = values[:, :-1], values[:, :1]
        after[:, :-1], after[:, -1:] = values[:, 1:], values[:, -1:]
    return before, after
