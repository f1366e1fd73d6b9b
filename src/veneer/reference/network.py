"""A network with its arrays: proved free of overflow when it is made, and run in NumPy.

Place: what `weights.py` gives, and `enhancement.py` and `texture.py` run.
Source: docs/format.md, "Integer networks" and "Proof against overflow".
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy
import numpy.typing

from veneer.errors import ErrorCode, VeneerError
from veneer.reference import fixed_point, ops
from veneer.reference.fixed_point import ACCUMULATOR_LIMIT, MAX_SHIFT, Integers
from veneer.reference.graph import LINEAR, Graph, Kind, Operation

Array = numpy.typing.NDArray[Any]
Range = tuple[int, int]


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """A network that can be run.

    Attributes:
        graph: its structure.
        arrays: `operation/role` to array, exactly those of `graph.arrays`: weight int16, bias and multiplier
            int32, shift uint8, table int16.

    Raises:
        VeneerError: WEIGHTS_INVALID for a multiplier or a shift out of range; WEIGHTS_OVERFLOW where an accumulator
            could leave 32 bits.
    """

    graph: Graph
    arrays: Mapping[str, Array]

    def __post_init__(self) -> None:
        ranges = self.ranges
        for operation in self.graph.operations:
            if operation.kind in LINEAR:
                self._prove(operation, ranges[operation.inputs[0]])

    def _invalid(self, message: str) -> VeneerError:
        return VeneerError(ErrorCode.WEIGHTS_INVALID, f"{self.graph.name}: {message}")

    def _role(self, operation: Operation, role: str) -> Integers:
        return self.arrays[f"{operation.name}/{role}"].astype(numpy.int64)

    def _prove(self, operation: Operation, operand: Range) -> None:
        """Raises VeneerError unless every accumulator and its rescaling stay within their widths."""
        shift = self._role(operation, "shift")
        multiplier = self._role(operation, "multiplier")
        if ((shift < 1) | (shift > MAX_SHIFT)).any():
            raise self._invalid(f"{operation.name}: a shift is not 1..{MAX_SHIFT}")
        if ((multiplier < 0) | (multiplier > 1 << shift)).any():
            raise self._invalid(f"{operation.name}: a multiplier is not 0..2^shift")
        largest = max(abs(operand[0]), abs(operand[1]))
        magnitude = numpy.abs(self.arrays[f"{operation.name}/weight"].astype(numpy.int32))
        weight = magnitude.reshape(len(shift), -1).sum(axis=1, dtype=numpy.int64)
        bound = largest * weight + numpy.abs(self._role(operation, "bias"))
        if (bound >= ACCUMULATOR_LIMIT).any():
            channel = int(bound.argmax())
            message = f"{self.graph.name}/{operation.name}: channel {channel} could reach {bound[channel]}"
            raise VeneerError(ErrorCode.WEIGHTS_OVERFLOW, f"{message}, 2^31 or more")

    @functools.cached_property
    def ranges(self) -> dict[str, Range]:
        """Least and greatest value that each tensor can have, as far as inputs, limits and tables tell."""
        ranges: dict[str, Range] = {tensor.name: (tensor.low, tensor.high) for tensor in self.graph.inputs}
        for operation in self.graph.operations:
            operands = [ranges[name] for name in operation.inputs]
            low, high = operation.low, operation.high
            if operation.kind == Kind.TABLE:
                table = self.arrays[f"{operation.name}/table"]
                low, high = int(table.min()), int(table.max())
            elif operation.kind in (Kind.PIXEL_UNSHUFFLE, Kind.PIXEL_SHUFFLE, Kind.CONCAT, Kind.SLICE):
                low, high = min(operand[0] for operand in operands), max(operand[1] for operand in operands)
            ranges[operation.name] = low, high
        return ranges

    def output_dtype(self, name: str) -> type[numpy.uint8] | type[numpy.int16]:
        """Type of an output: uint8 where its range allows it, else int16."""
        low, high = self.ranges[name]
        return numpy.uint8 if low >= 0 and high <= 255 else numpy.int16

    def run(self, inputs: Mapping[str, Array], size: tuple[int, int]) -> dict[str, Array]:
        """Runs the network on a whole picture at once.

        Args:
            inputs: every input by name, uint8 or int16 [ceil(H / d), ceil(W / d), C] for reduction d.
            size: H, W of the picture, 1..65536.

        Returns:
            Every output by name, [ceil(H / d), ceil(W / d), C], of `output_dtype`.
        """
        tensors = self.prepared(inputs, size)
        for operation in self.graph.operations:
            tensors[operation.name] = self._apply(operation, [tensors[name] for name in operation.inputs])
        return self.finished(tensors, size)

    def _apply(self, operation: Operation, operands: list[Integers]) -> Integers:
        x, low, high = operands[0], operation.low, operation.high
        match operation.kind:
            case Kind.CONVOLUTION | Kind.DEPTHWISE | Kind.SCALE:
                sums = {Kind.CONVOLUTION: ops.convolution, Kind.DEPTHWISE: ops.depthwise, Kind.SCALE: ops.scale}
                total = sums[operation.kind](x, self._role(operation, "weight"), self._role(operation, "bias"))
                multiplier, shift = self._role(operation, "multiplier"), self._role(operation, "shift")
                return fixed_point.rescale(total, multiplier, shift, low, high)
            case Kind.ADD:
                weights = operation.multiplier_a, operation.multiplier_b, operation.shift
                return fixed_point.mix(x, operands[1], *weights, low, high)
            case Kind.MULTIPLY:
                return fixed_point.product(x, operands[1], operation.shift, low, high)
            case Kind.CLIP:
                return fixed_point.saturate(x, low, high)
            case Kind.TABLE:
                return ops.table_lookup(x, self._role(operation, "table"), operation.first)
            case Kind.PIXEL_UNSHUFFLE:
                return ops.pixel_unshuffle(x, operation.factor)
            case Kind.PIXEL_SHUFFLE:
                return ops.pixel_shuffle(x, operation.factor)
            case Kind.CONCAT:
                return ops.concat(operands)
            case _:  # Kind.SLICE
                return ops.channel_slice(x, operation.first, operation.channels)

    def prepared(self, inputs: Mapping[str, Array], size: tuple[int, int]) -> dict[str, Integers]:
        """Inputs clamped to their limits and extended to the alignment, int64: where a backend begins."""
        alignment = self.graph.alignment
        tensors: dict[str, Integers] = {}
        for tensor in self.graph.inputs:
            array = inputs[tensor.name]
            full = [-(-side // alignment) * alignment // tensor.reduction for side in size]
            margin = [(0, full[i] - array.shape[i]) for i in (0, 1)]
            clamped = fixed_point.saturate(array.astype(numpy.int64), tensor.low, tensor.high)
            tensors[tensor.name] = numpy.pad(clamped, (*margin, (0, 0)), mode="edge")
        return tensors

    def finished(self, tensors: Mapping[str, Integers], size: tuple[int, int]) -> dict[str, Array]:
        """Outputs cut to the picture, in their types: where a backend ends."""
        results: dict[str, Array] = {}
        for output in self.graph.outputs:
            rows, columns = (-(-side // self.graph.shapes[output.name].reduction) for side in size)
            results[output.name] = tensors[output.name][:rows, :columns].astype(self.output_dtype(output.name))
        return results
