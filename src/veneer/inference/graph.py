"""A network's structure, as training writes it down: an ordered list of operations on named tensors.

Place: what `GraphBuilder` builds, `training/float_network.py` trains and `weights.py` writes. The core checks it.
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

from veneer.inference.fixed_point import INT16_MAX, INT16_MIN


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


@dataclasses.dataclass(frozen=True)
class Graph:
    """A network without its arrays.

    Attributes:
        name: of the network, such as "restore".
        inputs: in the order in which tensors are numbered.
        operations: each uses inputs and results of operations before it.
        outputs: at least one.
    """

    name: str
    inputs: tuple[Input, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[Output, ...]

    @functools.cached_property
    def shapes(self) -> dict[str, Shape]:
        """Shape of every tensor, by name and in the order of their numbers; of no meaning where the core refuses it."""
        shapes = {tensor.name: Shape(tensor.channels, tensor.reduction) for tensor in self.inputs}
        for operation in self.operations:
            shapes[operation.name] = _result_shape(operation, _operands(operation, shapes))
        return shapes

    @property
    def multiplications_per_pixel(self) -> float:
        """Multiply-accumulates of convolutions, depthwise convolutions and scales per picture pixel."""
        shapes = self.shapes
        total = 0.0
        for operation in self.operations:
            for role, (_, shape) in operation_arrays(operation, shapes).items():
                if role == "weight":
                    total += math.prod(shape) / shapes[operation.name].reduction ** 2
        return total

    @property
    def arrays(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """The arrays that the network needs: `operation/role` to type ("u1", "i2", "i4") and shape, in file order."""
        shapes = self.shapes
        return {
            f"{operation.name}/{role}": array
            for operation in self.operations
            for role, array in operation_arrays(operation, shapes).items()
        }


def operation_arrays(operation: Operation, shapes: Mapping[str, Shape]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Role, type and shape of the arrays of one operation, in file order."""
    if operation.kind == Kind.TABLE:
        return {"table": ("i2", (operation.entries,))}
    if operation.kind not in LINEAR:
        return {}
    channels = shapes[operation.name].channels
    weight: tuple[int, ...] = (channels,)
    if operation.kind == Kind.CONVOLUTION:
        weight = (channels, _operands(operation, shapes)[0].channels, operation.kernel, operation.kernel)
    elif operation.kind == Kind.DEPTHWISE:
        weight = (channels, 3, 3)
    return {
        "weight": ("i2", weight),
        "bias": ("i4", (channels,)),
        "multiplier": ("i4", (channels,)),
        "shift": ("u1", (channels,)),
    }


def _operands(operation: Operation, shapes: Mapping[str, Shape]) -> list[Shape]:
    """Shapes of the operands that there are; at least one, which stands for what the core refuses."""
    return [shapes[name] for name in operation.inputs if name in shapes] or [Shape(1, 1)]


def _result_shape(operation: Operation, operands: list[Shape]) -> Shape:
    """Shape of an operation's result, where parameters and operands fit."""
    channels, reduction = operands[0].channels, operands[0].reduction
    match operation.kind:
        case Kind.CONVOLUTION | Kind.SLICE:
            channels = operation.channels
        case Kind.PIXEL_UNSHUFFLE:
            channels, reduction = channels * operation.factor**2, reduction * operation.factor
        case Kind.PIXEL_SHUFFLE:
            factor = max(1, operation.factor)
            channels, reduction = channels // factor**2, reduction // factor
        case Kind.CONCAT:
            channels = sum(operand.channels for operand in operands)
    return Shape(channels, reduction)
