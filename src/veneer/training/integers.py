"""A trained network as one of integers: the fixed point of every tensor, and the arrays that follow.

Every tensor is value x 2^f for a whole number f of fraction bits, chosen so that what calibration saw fits with room to
spare. Every output channel of a convolution has a scale of its own, the largest that 16-bit weights and the bound of
2^31 on accumulators allow; its multiplier brings the accumulator to the fraction bits of the result. The bound is
shared between activations and weights. Activations get all their 16 bits, which leaves a convolution of 64 x 9 weights
about 7 bits for a typical one: what rounds weights is small where features are, what rounds features is not, and
smooth pictures show it (docs/experiments/training.md).

Place: `export.py` calls it. Source: docs/format.md, "Integer operations" and "Proof against overflow".
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy
import numpy.typing

from veneer.inference.fixed_point import (
    ACCUMULATOR_LIMIT,
    INT16_MAX,
    INT16_MIN,
    MAX_PRODUCT_SHIFT,
    multiplier_of,
)
from veneer.inference.graph import LINEAR, Graph, Kind, Operation
from veneer.inference.network import Network
from veneer.training.float_network import FloatNetwork, Reals

# Room above the largest value that calibration saw.
HEADROOM = 1.25
# Bits below a unit of the result that an accumulator needs at most: beyond them the multiplier loses its own.
ACCUMULATOR_FRACTION = 16
# Bits below a unit of a sum that its operands have at most, and of anything. With 4 of them where residuals meet the
# base picture, a quarter of whose values lie just between two levels, smooth pictures lost up to 0.05 dB.
SUM_FRACTION, MOST_FRACTION_BITS = 8, 14

Array = numpy.typing.NDArray[Any]
# Operations that change no value.
MOVES = {Kind.PIXEL_UNSHUFFLE, Kind.PIXEL_SHUFFLE, Kind.CONCAT}
# What each kind of operation has in the state of a network.
STATE = dict.fromkeys(Kind, ()) | dict.fromkeys(LINEAR, ("weight", "bias")) | {Kind.TABLE: ("table",)}


class ExportError(ValueError):
    """A network cannot be brought to integers."""


@dataclasses.dataclass(frozen=True)
class _Tensor:
    """Fraction bits of a tensor, and its limits as integers."""

    fraction_bits: int
    low: int
    high: int

    @property
    def largest(self) -> int:
        """Largest magnitude."""
        return max(abs(self.low), abs(self.high))


def to_integers(network: FloatNetwork, largest: Mapping[str, float]) -> Network:
    """The integer network of a trained one.

    Args:
        network: with its weights.
        largest: magnitude of each result over calibration, by the operation's name.

    Returns:
        The network, proved.

    Raises:
        ExportError: a trained or constant tensor has no place in it, or a result no fixed point.
        VeneerError: the integer network does not hold.
    """
    graph = network.definition.graph
    wanted = _wanted_fraction_bits(network, largest)
    tensors = {x.name: _Tensor(x.fraction_bits, x.low, x.high) for x in graph.inputs}
    operations: list[Operation] = []
    arrays: dict[str, Array] = {}
    used: set[str] = set()
    for operation in graph.operations:
        name, bits = operation.name, wanted.get(operation.name, 0)
        operands = [tensors[x] for x in operation.inputs]
        made: dict[str, Array] = {}
        changes: dict[str, int] = {}
        match operation.kind:
            case Kind.CONVOLUTION | Kind.DEPTHWISE | Kind.SCALE:
                weight, bias = (value.detach().double().cpu().numpy() for value in network.linear(operation))
                bits, made = _linear(weight, bias, operands[0], bits)
            case Kind.TABLE:
                made = {"table": numpy.round(network.definition.constants[f"{name}/table"] * 2.0**bits).astype("i2")}
            case Kind.ADD:
                bits, changes = _add(operation, operands, bits)
            case Kind.MULTIPLY:
                bits, changes = _multiply(operands, bits)
            case kind if kind in MOVES:
                bits = operands[0].fraction_bits
                if any(x.fraction_bits != bits for x in operands):
                    raise ExportError(f"{graph.name}/{name}: operands differ in fraction bits")
            case _:
                raise ExportError(f"{graph.name}/{name}: {operation.kind.name} cannot be exported")
        if _is_bounded(operation) and bits != wanted[name]:
            raise ExportError(f"{graph.name}/{name}: its accumulators are too coarse for its result")
        if operation.kind == Kind.TABLE:
            tensors[name] = _Tensor(bits, int(made["table"].min()), int(made["table"].max()))
        elif operation.kind in MOVES:
            tensors[name] = _Tensor(bits, min(x.low for x in operands), max(x.high for x in operands))
        else:
            tensors[name] = _limited(operation, bits, _peak(network, operation, operands, largest))
            changes |= {"low": tensors[name].low, "high": tensors[name].high}
        operations.append(dataclasses.replace(operation, **changes))  # type: ignore[arg-type]
        arrays |= {f"{name}/{role}": array for role, array in made.items()}
        prefix = f"layers.{name}." if name in network.layers else f"{name}_"
        used |= {prefix + role for role in STATE[operation.kind]}
    left = network.state_dict().keys() ^ used
    if left:
        raise ExportError(f"{graph.name}: tensors without a place: {', '.join(sorted(left))}")
    outputs = tuple(dataclasses.replace(x, fraction_bits=tensors[x.name].fraction_bits) for x in graph.outputs)
    return Network(Graph(graph.name, graph.inputs, tuple(operations), outputs), arrays)


def _is_bounded(operation: Operation) -> bool:
    """Whether the definition has limits in real numbers beyond a ReLU's: then its fraction bits are given, or none."""
    return (operation.low, operation.high) not in ((INT16_MIN, INT16_MAX), (0, INT16_MAX))


def _readers(graph: Graph, name: str) -> list[Operation]:
    """Operations that calculate with a result, also those after operations that only move it."""
    found = []
    for operation in graph.operations:
        if name in operation.inputs:
            found += _readers(graph, operation.name) if operation.kind in MOVES else [operation]
    return found


def _wanted_fraction_bits(network: FloatNetwork, largest: Mapping[str, float]) -> dict[str, int]:
    """The most fraction bits that a result can have and has a use for, of all that calculate."""
    definition = network.definition
    wanted: dict[str, int] = {}
    for operation in reversed(definition.graph.operations):
        if operation.kind in MOVES:
            continue
        if operation.name in definition.fraction_bits or _is_bounded(operation):
            wanted[operation.name] = definition.fraction_bits.get(operation.name, 0)
            continue
        most = MOST_FRACTION_BITS
        for reader in _readers(definition.graph, operation.name):
            if reader.kind == Kind.ADD:
                most = min(most, wanted[reader.name] + SUM_FRACTION)
        peak = max(largest[operation.name] * HEADROOM, 1e-6)
        wanted[operation.name] = min(most, math.floor(math.log2(INT16_MAX / peak)))
    return wanted


def _peak(network: FloatNetwork, operation: Operation, operands: list[_Tensor], largest: Mapping[str, float]) -> float:
    """Largest magnitude that a result shall have; of constants the one it can have, whatever calibration saw."""
    if operation.name in network.definition.fraction_bits:
        return float(INT16_MAX)
    if operation.kind in LINEAR and operation.name not in network.layers:
        weight, bias = network.linear(operation)
        sums = weight.abs().reshape(len(weight), -1).sum(dim=1)
        return float((sums * operands[0].largest / 2.0 ** operands[0].fraction_bits + bias.abs()).max())
    return largest[operation.name] * HEADROOM


def _limited(operation: Operation, fraction_bits: int, peak: float) -> _Tensor:
    """Fraction bits and limits of a result."""
    if _is_bounded(operation):
        return _Tensor(fraction_bits, operation.low << fraction_bits, operation.high << fraction_bits)
    reach = max(1, min(INT16_MAX, math.ceil(peak * 2.0**fraction_bits)))
    return _Tensor(fraction_bits, 0 if operation.low == 0 else -reach, reach)


def _linear(weight: Reals, bias: Reals, operand: _Tensor, fraction_bits: int) -> tuple[int, dict[str, Array]]:
    """Fraction bits that a convolution or scale can have, whose multipliers must not exceed 1, and its arrays."""
    rows = numpy.abs(weight.reshape(len(weight), -1))
    unit = 2.0**operand.fraction_bits
    # Rounding may add half a unit to each weight and to the bias.
    room = ACCUMULATOR_LIMIT - 2 - operand.largest * (rows.shape[1] / 2 + 1)
    bound = operand.largest * rows.sum(axis=1) + numpy.abs(bias) * unit
    scale = numpy.minimum(INT16_MAX / numpy.maximum(rows.max(axis=1), 1e-30), room / numpy.maximum(bound, 1e-30))
    fraction_bits = min(fraction_bits, math.floor(math.log2(unit * scale.min())))
    scale = numpy.minimum(scale, 2.0 ** (fraction_bits - operand.fraction_bits + ACCUMULATOR_FRACTION))
    multipliers = [multiplier_of(float(value)) for value in 2.0**fraction_bits / (unit * scale)]
    shape = (len(weight), *(1,) * (weight.ndim - 1))
    return fraction_bits, {
        "weight": numpy.round(weight * scale.reshape(shape)).astype("i2"),
        "bias": numpy.round(bias * unit * scale).astype("i4"),
        "multiplier": numpy.array([multiplier for multiplier, _ in multipliers], "i4"),
        "shift": numpy.array([shift for _, shift in multipliers], "u1"),
    }


def _add(operation: Operation, operands: list[_Tensor], fraction_bits: int) -> tuple[int, dict[str, int]]:
    """Fraction bits of a sum; multipliers that bring operands to the finer one's, and the shift from there."""
    finest = max(x.fraction_bits for x in operands)
    fraction_bits = min(fraction_bits, finest)
    a, b = (1 << (finest - x.fraction_bits) for x in operands)
    signs = operation.multiplier_a, operation.multiplier_b
    return fraction_bits, {"multiplier_a": signs[0] * a, "multiplier_b": signs[1] * b, "shift": finest - fraction_bits}


def _multiply(operands: list[_Tensor], fraction_bits: int) -> tuple[int, dict[str, int]]:
    """Fraction bits of a product, and the shift from those of its operands together."""
    whole = sum(x.fraction_bits for x in operands)
    fraction_bits = max(min(fraction_bits, whole), whole - MAX_PRODUCT_SHIFT)
    return fraction_bits, {"shift": whole - fraction_bits}
