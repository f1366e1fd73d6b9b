"""A network with its arrays: proved free of overflow when it is made, and run by the native core or by NumPy.

Place: what `weights.py` gives and `enhancement` runs.
Source: docs/format.md, "Integer networks" and "Proof against overflow".
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy
import numpy.typing

from veneer import backend, limits
from veneer.errors import ErrorCode, VeneerError
from veneer.inference import fixed_point, ops
from veneer.inference.fixed_point import ACCUMULATOR_LIMIT, MAX_SHIFT, Integers
from veneer.inference.graph import LINEAR, Graph, Kind, Operation

Array = numpy.typing.NDArray[Any]
Range = tuple[int, int]

# Columns that whoever runs a network on a whole picture takes at a time: the memory of a run grows with the width.
# Wider pictures are made in parts, which overlap by what the network sees: a few percent of the work.
MAX_COLUMNS = 8192


def default_strip(width: int) -> int:
    """Picture rows made at a time: enough work for threads to share, little enough to stay within caches.

    Wide pictures have enough of it in fewer rows, and what a network holds grows with both.
    """
    return 16 if width > 2048 else 32


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """A network that can be run.

    Attributes:
        graph: its structure.
        arrays: `operation/role` to array, exactly those of `graph.arrays`: weight int16, bias and multiplier
            int32, shift uint8, table int16.

    Raises:
        VeneerError: WEIGHTS_INVALID where arrays and graph do not agree; WEIGHTS_OVERFLOW where an accumulator
            could leave 32 bits.
    """

    graph: Graph
    arrays: Mapping[str, Array]

    def __post_init__(self) -> None:
        expected = self.graph.arrays
        if self.arrays.keys() != expected.keys():
            raise self._invalid(
                f"arrays missing or left over: {', '.join(sorted(self.arrays.keys() ^ expected.keys()))}"
            )
        for name, (kind, shape) in expected.items():
            array = self.arrays[name]
            if array.dtype.newbyteorder("=") != numpy.dtype(kind) or array.shape != shape:
                raise self._invalid(f"{name} is {array.dtype} {list(array.shape)}, not {kind} {list(shape)}")
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

    @functools.cached_property
    def _native(self) -> Any:
        numbers = {name: number for number, name in enumerate(self.graph.shapes)}
        return backend.inference_network(
            [(tensor.channels, tensor.reduction, tensor.low, tensor.high) for tensor in self.graph.inputs],
            [self._native_operation(operation, numbers) for operation in self.graph.operations],
            [(numbers[output.name], self.output_dtype(output.name) is numpy.uint8) for output in self.graph.outputs],
        )

    def _native_operation(self, operation: Operation, numbers: Mapping[str, int]) -> dict[str, Any]:
        native: dict[str, Any] = {
            "kind": int(operation.kind),
            "inputs": [numbers[name] for name in operation.inputs],
            "channels": operation.channels,
            "first": operation.first,
            "multiplier_a": operation.multiplier_a,
            "multiplier_b": operation.multiplier_b,
            "mix_shift": operation.shift,
            "low": operation.low,
            "high": operation.high,
        }
        # What the kind does not have keeps the core's own defaults.
        native |= {"kernel": operation.kernel} if operation.kernel else {}
        native |= {"factor": operation.factor} if operation.factor else {}
        for role in ("weight", "bias", "multiplier", "shift", "table"):
            array = self.arrays.get(f"{operation.name}/{role}")
            if array is not None:
                native[role] = numpy.ascontiguousarray(array, array.dtype.newbyteorder("="))
        return native

    def memory_bytes(self, size: tuple[int, int], strip: int | None = None) -> int:
        """Bytes that the activations of one run take, whatever the height once it is above the strip's and halo's."""
        strip = default_strip(size[1]) if strip is None else strip
        return int(self._native.memory_bytes(height=size[0], width=size[1], strip=strip))

    def run(
        self,
        inputs: Mapping[str, Array],
        size: tuple[int, int],
        *,
        strip: int | None = None,
        threads: int = 0,
        target: str = "auto",
        max_memory_bytes: int = limits.MAX_NETWORK_MEMORY,
    ) -> dict[str, Array]:
        """Runs the network in the native core. Strip, threads and target have no influence on the result.

        Args:
            inputs: every input by name, uint8 or int16 [ceil(H / d), ceil(W / d), C] for reduction d.
            size: H, W of the picture, 1..65536.
            strip: picture rows made at a time, rounded up to the alignment; 0 for the whole picture, None for what
                `default_strip` says.
            threads: at most this many; 0 for as many as there are cores.
            target: kernels by name: "scalar", "avx2", "avx512", "neon"; "auto" for the best, or for what
                `backend.force_target` chose.
            max_memory_bytes: refuse to take more for activations.

        Returns:
            Every output by name, [ceil(H / d), ceil(W / d), C], of `output_dtype`.

        Raises:
            VeneerError: BAD_TENSOR for inputs that do not fit; BAD_SETTING for other arguments that do not;
                NETWORK_TOO_LARGE.
        """
        arrays = self._checked(inputs, size)
        strip = default_strip(size[1]) if strip is None else strip
        if not 0 <= strip <= limits.MAX_NETWORK_SIDE:
            raise VeneerError(ErrorCode.BAD_SETTING, f"strip {strip} is not 0..{limits.MAX_NETWORK_SIDE}")
        if target != "auto" and target not in backend.inference_targets():
            raise VeneerError(ErrorCode.BAD_SETTING, f"this machine or build has no kernels {target!r}")
        memory = self.memory_bytes(size, strip)
        if memory > max_memory_bytes:
            message = f"{self.graph.name} needs {memory} bytes for a picture of {size[1]} x {size[0]}"
            raise VeneerError(ErrorCode.NETWORK_TOO_LARGE, message)
        results = self._native.run(
            [numpy.ascontiguousarray(array) for array in arrays],
            height=size[0],
            width=size[1],
            strip=strip,
            threads=backend.thread_count(threads),
            target=backend.inference_target() if target == "auto" else target,
        )
        return {output.name: result for output, result in zip(self.graph.outputs, results, strict=True)}

    def run_reference(self, inputs: Mapping[str, Array], size: tuple[int, int]) -> dict[str, Array]:
        """Runs the network in NumPy, the whole picture at once: slow, and the definition of the result.

        Arguments, result and errors as of `run`.
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
            case Kind.SLICE:
                return ops.channel_slice(x, operation.first, operation.channels)

    def _checked(self, inputs: Mapping[str, Array], size: tuple[int, int]) -> list[Array]:
        """The inputs in order; raises VeneerError unless they are what the graph asks for."""
        height, width = size
        if not all(1 <= side <= limits.MAX_NETWORK_SIDE for side in size):
            raise VeneerError(ErrorCode.BAD_SETTING, f"a picture of {width} x {height} is out of range")
        if set(inputs) != {tensor.name for tensor in self.graph.inputs}:
            raise VeneerError(ErrorCode.BAD_TENSOR, f"{self.graph.name} does not take inputs {sorted(inputs)}")
        for tensor in self.graph.inputs:
            array = inputs[tensor.name]
            shape = (-(-height // tensor.reduction), -(-width // tensor.reduction), tensor.channels)
            if array.dtype not in (numpy.uint8, numpy.int16) or array.shape != shape:
                message = f"{tensor.name} is {array.dtype} {list(array.shape)}, not uint8 or int16 {list(shape)}"
                raise VeneerError(ErrorCode.BAD_TENSOR, message)
        return [inputs[tensor.name] for tensor in self.graph.inputs]

    def prepared(self, inputs: Mapping[str, Array], size: tuple[int, int]) -> dict[str, Integers]:
        """Inputs clamped to their limits and extended to the alignment, int64: where a backend begins."""
        alignment = self.graph.alignment
        tensors: dict[str, Integers] = {}
        for tensor, array in zip(self.graph.inputs, self._checked(inputs, size), strict=True):
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
