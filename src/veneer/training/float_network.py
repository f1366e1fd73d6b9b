"""A network of the integer engine's operations in real numbers, for training.

The structure is a `Graph` itself, so trained and exported networks have the same layers by construction. Its numbers
have another meaning here: the limits of an operation are real (0 below and none above is a ReLU), multipliers of a sum
are signs, and shifts have no meaning; `export.py` replaces them by integers.

Place: `networks.py` defines networks, this runs them, `export.py` turns them into integers.
Tensors are [N, C, H, W]. A tensor that is the same all over a picture may have H = W = 1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy
import numpy.typing
import torch
from torch import Tensor, nn
from torch.nn import functional

from veneer.inference.fixed_point import INT16_MAX, INT16_MIN
from veneer.inference.graph import LINEAR, Graph, Kind, Operation

Reals = numpy.typing.NDArray[numpy.float64]


@dataclasses.dataclass(frozen=True)
class Definition:
    """Description of a network except for its trained weights.

    Attributes:
        graph: its structure.
        constants: arrays by `operation/role` that are not trained. A table stands for the results in real numbers.
        fraction_bits: of results that must have just so many when they are integers, by name.
        bases: coordinates that convolutions are trained in, where they are not those of the graph. `name/inputs` times
            the channels of the operand is what the trained weights multiply; `name/outputs` times what they give is the
            result. Both [C, C].
    """

    graph: Graph
    constants: Mapping[str, Reals]
    fraction_bits: Mapping[str, int]
    bases: Mapping[str, Reals] = dataclasses.field(default_factory=dict)


class _Clamp(torch.autograd.Function):
    """Clamps; the gradient passes within the limits, and beyond them where it leads back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, low: float, high: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.limits = low, high
        return x.clamp(low, high)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        low, high = ctx.limits
        # A step of descent moves x against the gradient.
        blocked = ((x < low) & (gradient > 0)) | ((x > high) & (gradient < 0))
        return gradient.masked_fill(blocked, 0), None, None


class FloatNetwork(nn.Module):
    """Runs a definition. Trained convolutions are in `layers` under the name of their operation.

    Args:
        definition: what to run.
    """

    def __init__(self, definition: Definition) -> None:
        super().__init__()
        self.definition = definition
        self.layers = nn.ModuleDict()
        shapes = definition.graph.shapes
        for operation in definition.graph.operations:
            roles = {"weight", "bias"} if operation.kind in LINEAR else set()
            roles |= {"table"} if operation.kind == Kind.TABLE else set()
            constants = {role for role in roles if f"{operation.name}/{role}" in definition.constants}
            if constants:
                assert constants == roles, f"{operation.name} is constant in part"
                for role in roles:
                    value = torch.tensor(definition.constants[f"{operation.name}/{role}"], dtype=torch.float32)
                    self.register_buffer(f"{operation.name}_{role}", value)
            elif operation.kind == Kind.CONVOLUTION:
                inputs = shapes[operation.inputs[0]].channels
                self.layers[operation.name] = nn.Conv2d(inputs, operation.channels, operation.kernel)
            else:
                assert not roles, f"{operation.name}: only convolutions are trained"
        self._bases = {name: f"basis_{name.replace('/', '_')}" for name in definition.bases}
        for name, buffer in self._bases.items():
            values = torch.tensor(definition.bases[name], dtype=torch.float32)
            self.register_buffer(buffer, values, persistent=False)

    def forward(
        self,
        inputs: Mapping[str, Tensor],
        observe: Callable[[str, Tensor], None] | None = None,
        wanted: Sequence[str] = (),
    ) -> dict[str, Tensor]:
        """Every output by name.

        Args:
            inputs: every input by name, in real numbers; results that are known already may be among them.
            observe: told of every result that is calculated and its name.
            wanted: results to be given in place of the outputs; what they do not need is not calculated.
        """
        wanted = wanted or [output.name for output in self.definition.graph.outputs]
        tensors = dict(inputs)
        for operation in self._needed(wanted, tensors):
            tensors[operation.name] = self._calculate(operation, [tensors[name] for name in operation.inputs])
            if observe is not None:
                observe(operation.name, tensors[operation.name])
        return {name: tensors[name] for name in wanted}

    def _needed(self, wanted: Sequence[str], known: Mapping[str, Tensor]) -> list[Operation]:
        """The operations, in order, that wanted results are made by, of those that are known."""
        missing, found = set(wanted) - known.keys(), []
        for operation in reversed(self.definition.graph.operations):
            if operation.name in missing:
                missing |= set(operation.inputs) - known.keys()
                found.append(operation)
        return found[::-1]

    def linear(self, operation: Operation) -> tuple[Tensor, Tensor]:
        """Weight and bias of an operation, trained or constant, in the coordinates of the graph."""
        weight, bias = self._trained(operation)
        basis = self._basis(operation, "inputs")
        return (weight if basis is None else torch.einsum("oikl,ij->ojkl", weight, basis)), bias

    def _trained(self, operation: Operation) -> tuple[Tensor, Tensor]:
        """The same, but for the coordinates of the operand."""
        if operation.name not in self.layers:
            return getattr(self, f"{operation.name}_weight"), getattr(self, f"{operation.name}_bias")
        layer = self.layers[operation.name]
        basis = self._basis(operation, "outputs")
        if basis is None:
            return layer.weight, layer.bias
        return torch.einsum("po,oikl->pikl", basis, layer.weight), basis @ layer.bias

    def _basis(self, operation: Operation, end: str) -> Tensor | None:
        name = self._bases.get(f"{operation.name}/{end}")
        return None if name is None else getattr(self, name)

    def _convolved(self, operation: Operation, x: Tensor) -> Tensor:
        basis = self._basis(operation, "inputs")
        if basis is not None:
            # With all digits: what is small in the new coordinates is a difference of large numbers in the old ones.
            with torch.autocast(x.device.type, enabled=False):
                x = functional.conv2d(x.float(), basis[:, :, None, None])
        if operation.kernel == 3:
            x = functional.pad(x, (1, 1, 1, 1), mode="replicate")
        return functional.conv2d(x, *self._trained(operation))

    def _calculate(self, operation: Operation, operands: list[Tensor]) -> Tensor:
        x = operands[0]
        match operation.kind:
            case Kind.CONVOLUTION:
                return limited(operation, self._convolved(operation, x))
            case Kind.DEPTHWISE:
                weight, bias = self.linear(operation)
                x = functional.pad(x, (1, 1, 1, 1), mode="replicate")
                return limited(operation, functional.conv2d(x, weight[:, None], bias, groups=len(weight)))
            case Kind.SCALE:
                weight, bias = (value[:, None, None] for value in self.linear(operation))
                return limited(operation, x * weight + bias)
            case Kind.ADD:
                return limited(operation, operation.multiplier_a * x + operation.multiplier_b * operands[1])
            case Kind.MULTIPLY:
                return limited(operation, x * operands[1])
            case Kind.TABLE:
                index = (x.long() - operation.first).clamp(0, operation.entries - 1)
                table: Tensor = getattr(self, f"{operation.name}_table")
                return table[index]
            case Kind.PIXEL_UNSHUFFLE:
                return functional.pixel_unshuffle(x, operation.factor)
            case Kind.PIXEL_SHUFFLE:
                return functional.pixel_shuffle(x, operation.factor)
            case Kind.CONCAT:
                return torch.cat(operands, dim=1)
            case _:
                raise NotImplementedError(f"{operation.kind.name} cannot be trained")


def limited(operation: Operation, x: Tensor) -> Tensor:
    """The limits of an operation in real numbers; those of int16 are none."""
    low, high = operation.low, operation.high
    if (low, high) == (INT16_MIN, INT16_MAX):
        return x
    if (low, high) == (0, INT16_MAX):
        return functional.relu(x)
    result: Tensor = _Clamp.apply(x, low, high)
    return result
