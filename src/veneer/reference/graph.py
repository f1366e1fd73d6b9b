"""A network's structure: an ordered list of operations on named tensors, checked when it is made.

Place: what `weights.py` reads and `network.py` runs.
A tensor of reduction d has ceil(H / A) A / d rows for a picture of H rows, where the alignment A is the least
common multiple of all reductions.
Source: docs/format.md, "Integer networks".
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import math
from collections.abc import Mapping

from veneer import limits
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.fixed_point import INT16_MAX, INT16_MIN, MAX_MIX_SHIFT, MAX_MIX_WEIGHT, MAX_PRODUCT_SHIFT


class Kind(enum.IntEnum):
    """The operations; the numbers stand in weight files."""

    CONVOLUTION = 0
    DEPTHWISE = 1
    SCALE = 2
    ADD = 3
    MULTIPLY = 4
    CLIP = 5
    TABLE = 6
    PIXEL_UNSHUFFLE = 7
    PIXEL_SHUFFLE = 8
    CONCAT = 9
    SLICE = 10


# Fewest and most operands.
OPERANDS = dict.fromkeys(Kind, (1, 1)) | {Kind.ADD: (2, 2), Kind.MULTIPLY: (2, 2), Kind.CONCAT: (2, 64)}

LINEAR = {Kind.CONVOLUTION, Kind.DEPTHWISE, Kind.SCALE}


@dataclasses.dataclass(frozen=True)
class Input:
    """A tensor that the caller gives.

    Attributes:
        name: of the tensor.
        channels: 1..1024.
        reduction: sides of the picture over sides of the tensor, 1..256.
        low: least value; smaller ones are raised to it.
        high: greatest value; larger ones are lowered to it.
        fraction_bits: the real number is value / 2^fraction_bits; an agreement with the caller.
    """

    name: str
    channels: int
    reduction: int = 1
    low: int = INT16_MIN
    high: int = INT16_MAX
    fraction_bits: int = 0


@dataclasses.dataclass(frozen=True)
class Operation:
    """One operation and its result. Parameters that its kind does not have keep their defaults.

    Attributes:
        name: of the resulting tensor.
        kind: what is done.
        inputs: names of the operands.
        channels: of the result (convolution, slice).
        kernel: side of the kernel, 1 or 3 (convolution).
        factor: side of the squares, 2..16 (pixel shuffle and unshuffle).
        first: first channel (slice), or the value of the first entry (table).
        entries: of the table, 1..65536.
        multiplier_a: weight of the first operand (add); |multiplier_a| + |multiplier_b| < 2^15.
        multiplier_b: of the second.
        shift: right shift after the sum (add, 0..15) or product (multiply, 0..30).
        low: least value of the result.
        high: greatest value of the result.
    """

    name: str
    kind: Kind
    inputs: tuple[str, ...]
    channels: int = 0
    kernel: int = 0
    factor: int = 0
    first: int = 0
    entries: int = 0
    multiplier_a: int = 0
    multiplier_b: int = 0
    shift: int = 0
    low: int = INT16_MIN
    high: int = INT16_MAX


@dataclasses.dataclass(frozen=True)
class Output:
    """A tensor that the caller gets: the result of an operation, and its real unit as in `Input`."""

    name: str
    fraction_bits: int = 0


@dataclasses.dataclass(frozen=True)
class Shape:
    """What all pictures have in common of a tensor: channels, and sides of the picture over its sides."""

    channels: int
    reduction: int


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, message)


@dataclasses.dataclass(frozen=True)
class Graph:
    """A network without its arrays.

    Attributes:
        name: of the network, such as "restore"; its names and numbers are those that `weights.py` lets through.
        inputs: in the order in which tensors are numbered.
        operations: each uses inputs and results of operations before it.
        outputs: at least one.

    Raises:
        VeneerError: WEIGHTS_INVALID if the parts do not make a network.
    """

    name: str
    inputs: tuple[Input, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        _require(1 <= len(self.inputs) <= 64 and 1 <= len(self.outputs) <= 64, f"{self.name}: 1..64 inputs and outputs")
        names = [tensor.name for tensor in self.inputs] + [operation.name for operation in self.operations]
        _require(len(set(names)) == len(names), f"{self.name}: two tensors have the same name")
        _require(self.alignment <= limits.MAX_REDUCTION, f"{self.name}: alignment {self.alignment} is too large")
        self._check_outputs(set(names))

    def _check_outputs(self, names: set[str]) -> None:
        results = {operation.name for operation in self.operations}
        outputs = [output.name for output in self.outputs]
        _require(len(set(outputs)) == len(outputs), f"{self.name}: an output occurs twice")
        _require(set(outputs) <= results, f"{self.name}: an output is not the result of an operation")
        used = {name for operation in self.operations for name in operation.inputs} | set(outputs)
        _require(names <= used, f"{self.name}: nothing uses {', '.join(sorted(names - used))}")

    @functools.cached_property
    def shapes(self) -> dict[str, Shape]:
        """Shape of every tensor, by name and in the order of their numbers."""
        shapes: dict[str, Shape] = {}
        for tensor in self.inputs:
            place = f"{self.name}/{tensor.name}"
            _require(1 <= tensor.channels <= limits.MAX_CHANNELS, f"{place}: {tensor.channels} channels")
            _require(1 <= tensor.reduction <= limits.MAX_REDUCTION, f"{place}: reduction {tensor.reduction}")
            _check_range(tensor, place)
            shapes[tensor.name] = Shape(tensor.channels, tensor.reduction)
        for operation in self.operations:
            place = f"{self.name}/{operation.name}"
            shapes[operation.name] = _result_shape(operation, [shapes[name] for name in operation.inputs], place)
        return shapes

    @functools.cached_property
    def alignment(self) -> int:
        """Both sides of a picture are extended to multiples of this."""
        return math.lcm(*(shape.reduction for shape in self.shapes.values()))

    @property
    def arrays(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """The arrays that the network needs: `operation/role` to type ("u1", "i2", "i4") and shape, in file order."""
        shapes = self.shapes
        return {
            f"{operation.name}/{role}": array
            for operation in self.operations
            for role, array in operation_arrays(operation, shapes).items()
        }


def _check_range(tensor: Input | Operation, place: str) -> None:
    _require(tensor.low <= tensor.high, f"{place}: limits {tensor.low}..{tensor.high}")


def operation_arrays(operation: Operation, shapes: Mapping[str, Shape]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Role, type and shape of the arrays of one operation, in file order."""
    if operation.kind == Kind.TABLE:
        return {"table": ("i2", (operation.entries,))}
    if operation.kind not in LINEAR:
        return {}
    channels = shapes[operation.name].channels
    weight: tuple[int, ...] = (channels,)
    if operation.kind == Kind.CONVOLUTION:
        weight = (channels, shapes[operation.inputs[0]].channels, operation.kernel, operation.kernel)
    elif operation.kind == Kind.DEPTHWISE:
        weight = (channels, 3, 3)
    return {
        "weight": ("i2", weight),
        "bias": ("i4", (channels,)),
        "multiplier": ("i4", (channels,)),
        "shift": ("u1", (channels,)),
    }


def _result_shape(operation: Operation, operands: list[Shape], place: str) -> Shape:
    """Shape of an operation's result; raises WEIGHTS_INVALID where parameters and operands do not fit."""
    fewest, most = OPERANDS[operation.kind]
    _require(fewest <= len(operands) <= most, f"{place}: {len(operands)} operands")
    _require(len({operand.reduction for operand in operands}) == 1, f"{place}: operands differ in size")
    _check_range(operation, place)
    channels, reduction = operands[0].channels, operands[0].reduction
    area = operation.factor**2
    match operation.kind:
        case Kind.CONVOLUTION:
            _require(operation.kernel in (1, 3), f"{place}: kernel {operation.kernel}")
            channels = operation.channels
        case Kind.ADD:
            weight = abs(operation.multiplier_a) + abs(operation.multiplier_b)
            _require(weight <= MAX_MIX_WEIGHT, f"{place}: multipliers are too large")
            _require(operation.shift <= MAX_MIX_SHIFT, f"{place}: shift {operation.shift}")
        case Kind.MULTIPLY:
            _require(operation.shift <= MAX_PRODUCT_SHIFT, f"{place}: shift {operation.shift}")
        case Kind.TABLE:
            _require(1 <= operation.entries <= 1 << 16, f"{place}: {operation.entries} entries")
        case Kind.PIXEL_UNSHUFFLE:
            _require(2 <= operation.factor <= 16, f"{place}: factor {operation.factor}")
            channels, reduction = channels * area, reduction * operation.factor
        case Kind.PIXEL_SHUFFLE:
            _require(2 <= operation.factor <= 16, f"{place}: factor {operation.factor}")
            divides = channels % area == 0 and reduction % operation.factor == 0
            _require(divides, f"{place}: factor {operation.factor} does not divide channels and reduction")
            channels, reduction = channels // area, reduction // operation.factor
        case Kind.CONCAT:
            channels = sum(operand.channels for operand in operands)
        case Kind.SLICE:
            inside = operation.first >= 0 and 1 <= operation.channels <= channels - operation.first
            _require(inside, f"{place}: no such channels")
            channels = operation.channels
    if operation.kind in (Kind.ADD, Kind.MULTIPLY):
        _require(operands[0] == operands[1], f"{place}: operands differ in channels")
    _require(1 <= channels <= limits.MAX_CHANNELS, f"{place}: {channels} channels")
    _require(reduction <= limits.MAX_REDUCTION, f"{place}: reduction {reduction}")
    return Shape(channels, reduction)
