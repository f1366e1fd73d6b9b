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

CELL = 64  # pixels: a superblock
PREVIEW_CELL = 8  # pixels of a preview

_COARSE = CELL // PREVIEW_CELL
_SWEEPS = 6
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
    box = _bounding_box(lost)
    (first_row, last_row), (first_column, last_column) = box
    lost = lost[first_row:last_row, first_column:last_column]
    view = _View(samples, origin, (first_row, first_column), lost, _TOP // top)
    if preview is None:
        base = numpy.zeros((lost.shape[0] * 8, lost.shape[1] * 8, samples.shape[2]), numpy.int16)
    else:
        part = preview[first_row * 8 : last_row * 8, first_column * 8 : last_column * 8]
        base = part.astype(numpy.int16) * numpy.int16(_TOP // 255)
    known, weight = view.means()
    start = numpy.zeros_like(base) if preview is not None else _membrane(known, weight)
    _refine(view, base, start, known, weight > 0)


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
        self._shift_y, self._shift_x = first[0] * CELL - origin[1], first[1] * CELL - origin[0]
        self.lost = lost
        self.unit = unit
        self.height, self.width = lost.shape[0] * CELL, lost.shape[1] * CELL
        self.channels = samples.shape[2]

    def rows(self, first: int, last: int) -> tuple[Values, Mask]:
        """Rows [first, last) of the box at work, and which pixels of them are known; [n, W, C] and [n, W, 1]."""
        values = numpy.zeros((last - first, self.width, self.channels), numpy.int16)
        known = numpy.zeros((last - first, self.width, 1), bool)
        inner, outer = self._overlap(first, last)
        values[inner] = self._samples[outer].astype(numpy.int16) * numpy.int16(self.unit)
        cells = ~self.lost[numpy.arange(first, last) // CELL]
        known[inner] = numpy.repeat(cells, CELL, axis=1)[inner[0], inner[1], None]
        return values, known

    def store(self, first: int, values: Values) -> None:
        """Writes rows from `first` on into the lost cells."""
        inner, outer = self._overlap(first, first + len(values))
        cells = numpy.repeat(self.lost[numpy.arange(first, first + len(values)) // CELL], CELL, axis=1)
        chosen = cells[inner[0], inner[1], None]
        target = self._samples[outer]
        rounded = numpy.clip(values[inner], 0, _TOP) + self.unit // 2 >> self.unit.bit_length() - 1
        numpy.copyto(target, rounded.astype(target.dtype), where=chosen)

    def means(self) -> tuple[Values, Values]:
        """Means of the known pixels in squares of 8, [rows, columns, C], and their number, [rows, columns, 1]."""
        shape = self.height // _COARSE, self.width // _COARSE
        means = numpy.zeros((*shape, self.channels), numpy.int16)
        counts = numpy.zeros((*shape, 1), numpy.int16)
        for row in range(self.lost.shape[0]):
            values, known = self.rows(row * CELL, (row + 1) * CELL)
            place = slice(row * 8, row * 8 + 8)
            number = _square_sums(known, _COARSE)
            total = _square_sums(values * known, _COARSE)
            means[place] = (total + number // 2) // numpy.maximum(number, 1)
            counts[place] = number
        return means, counts

    def _overlap(self, first: int, last: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Where rows [first, last) of the box meet the picture: relative to those rows, and in the picture."""
        height, width, _ = self._samples.shape
        top, left = max(first, -self._shift_y), max(0, -self._shift_x)
        bottom = max(min(last, height - self._shift_y), top)
        right = min(self.width, width - self._shift_x)
        inner = slice(top - first, bottom - first), slice(left, right)
        return inner, (
            slice(top + self._shift_y, bottom + self._shift_y),
            slice(left + self._shift_x, right + self._shift_x),
        )


def _membrane(known: Values, weight: Values) -> Values:
    """Known values where there are any, and between them what hangs from them, [rows, columns, C]."""
    fixed = weight > 0
    if max(known.shape[:2]) == 1:
        return numpy.where(fixed, known, _TOP // 2).astype(numpy.int16)
    padded_values, padded_weight = (_even(array) for array in (known, numpy.minimum(weight, 1)))
    number = _square_sums(padded_weight, 2)
    total = _square_sums(padded_values * padded_weight, 2)
    coarse = ((total + number // 2) // numpy.maximum(number, 1)).astype(numpy.int16)
    start = _enlarge(_membrane(coarse, number.astype(numpy.int16)))[: known.shape[0], : known.shape[1]]
    return _smooth(numpy.where(fixed, known, start), fixed)


def _refine(view: _View, base: Values, start: Values, known: Values, fixed: Mask) -> None:
    """From an eighth of the size to pixels: enlarges base and membrane, holds on to what is known, and stores.

    Args:
        view: the picture.
        base: what the membrane is added to, an eighth of the size.
        start: the membrane where nothing is known.
        known: what the picture has, an eighth of the size.
        fixed: where that is.
    """
    membrane = _smooth(numpy.where(fixed, known - base, start), fixed)
    for scale in (4, 2):
        base, membrane = _enlarge(base), _enlarge(membrane)
        values, fixed = _reduced(view, scale)
        membrane = _smooth(numpy.where(fixed, values - base, membrane), fixed)
    # The last level has the size of the picture: a row of cells at a time, with as many rows around it as the sweeps
    # reach, an even number.
    reach = _SWEEPS + _SWEEPS % 2
    for row in numpy.flatnonzero(view.lost.any(axis=1)):
        first, last = max(int(row) * CELL - reach, 0), min((int(row) + 1) * CELL + reach, view.height)
        margin = slice(max(first // 2 - 1, 0), last // 2 + 1)
        skip = first - 2 * margin.start
        part, hanging = (_enlarge(array[margin])[skip : skip + last - first] for array in (base, membrane))
        values, pixels = view.rows(first, last)
        hanging = _smooth(numpy.where(pixels, values - part, hanging), pixels)
        own = slice(int(row) * CELL - first, (int(row) + 1) * CELL - first)
        view.store(int(row) * CELL, (part + hanging)[own])


def _reduced(view: _View, scale: int) -> tuple[Values, Mask]:
    """The picture at a fraction of the size, and where all pixels of a square are known."""
    values = numpy.empty((view.height // scale, view.width // scale, view.channels), numpy.int16)
    fixed = numpy.empty((*values.shape[:2], 1), bool)
    for row in range(view.lost.shape[0]):
        pixels, known = view.rows(row * CELL, (row + 1) * CELL)
        place = slice(row * CELL // scale, (row + 1) * CELL // scale)
        values[place] = _square_sums(pixels, scale) // (scale * scale)
        fixed[place] = _square_sums(known, scale) == scale * scale
    return values, fixed


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


def _enlarge(values: Values) -> Values:
    """Twice the size by linear interpolation between the centres of squares."""
    for axis in (0, 1):
        before, after = _neighbours(values, axis)
        shape = list(values.shape)
        shape[axis] *= 2
        near = 3 * values + 2
        values = numpy.stack((near + before >> 2, near + after >> 2), axis=axis + 1).reshape(shape)
    return values


def _smooth(values: Values, fixed: Mask) -> Values:
    """Draws values towards the mean of those around them, except where they are fixed."""
    for _ in range(_SWEEPS):
        smoothed = values
        for axis in (0, 1):
            before, after = _neighbours(smoothed, axis)
            smoothed = before + 2 * smoothed + after + 2 >> 2
        values = numpy.where(fixed, values, smoothed)
    return values


def _neighbours(values: Values, axis: int) -> tuple[Values, Values]:
    """The values before and behind each one; the outermost are their own neighbours."""
    edge = [slice(None)] * values.ndim
    parts = []
    for outer, inner in ((slice(0, 1), slice(0, -1)), (slice(-1, None), slice(1, None))):
        pieces = []
        for place in (outer, inner):
            edge[axis] = place
            pieces.append(values[tuple(edge)])
        parts.append(pieces if outer.start == 0 else pieces[::-1])
    before, after = (numpy.concatenate(pieces, axis=axis) for pieces in parts)
    return before, after
