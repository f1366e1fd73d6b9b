"""Writing a network down: one call for each operation, which gives the name of its result.

Encoder-side convenience for whoever defines networks (training, tests); reading a weight file does not need it.
Source: docs/format.md, "Integer networks".
"""

from __future__ import annotations

from typing import Any

from veneer.inference.fixed_point import INT16_MAX, INT16_MIN
from veneer.inference.graph import Graph, Input, Kind, Operation, Output


class GraphBuilder:
    """Collects inputs, operations and outputs.

    Args:
        name: of the network, such as "restore".

    Every method but `output` and `build` takes the name of the new tensor first and returns it; `low` and `high`
    clamp the result, so that low=0 is a ReLU.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._inputs: list[Input] = []
        self._operations: list[Operation] = []
        self._outputs: list[Output] = []

    def input(
        self,
        name: str,
        channels: int,
        *,
        reduction: int = 1,
        low: int = INT16_MIN,
        high: int = INT16_MAX,
        fraction_bits: int = 0,
    ) -> str:
        """A tensor that the caller gives, of 1 / reduction of the picture's sides."""
        self._inputs.append(Input(name, channels, reduction, low, high, fraction_bits))
        return name

    def output(self, tensor: str, *, fraction_bits: int = 0) -> None:
        """Marks a result as one that the caller gets."""
        self._outputs.append(Output(tensor, fraction_bits))

    def build(self) -> Graph:
        """The finished graph, which is checked when a `Network` is made of it."""
        return Graph(self._name, tuple(self._inputs), tuple(self._operations), tuple(self._outputs))

    def convolution(
        self, name: str, x: str, channels: int, *, kernel: int = 3, low: int = INT16_MIN, high: int = INT16_MAX
    ) -> str:
        """Convolution 1x1 or 3x3 with bias, rescaled and clamped."""
        return self._add(name, Kind.CONVOLUTION, x, channels=channels, kernel=kernel, low=low, high=high)

    def depthwise(self, name: str, x: str, *, low: int = INT16_MIN, high: int = INT16_MAX) -> str:
        """Depthwise convolution 3x3 with bias, rescaled and clamped."""
        return self._add(name, Kind.DEPTHWISE, x, low=low, high=high)

    def scale(self, name: str, x: str, *, low: int = INT16_MIN, high: int = INT16_MAX) -> str:
        """Each channel times its weight, plus its bias, rescaled and clamped."""
        return self._add(name, Kind.SCALE, x, low=low, high=high)

    def add(
        self,
        name: str,
        a: str,
        b: str,
        *,
        multiplier_a: int = 1,
        multiplier_b: int = 1,
        shift: int = 0,
        low: int = INT16_MIN,
        high: int = INT16_MAX,
    ) -> str:
        """Weighted sum (multiplier_a a + multiplier_b b) / 2^shift, rounded and clamped.

        Where `a` or `b` is a convolution that nothing else uses, both run as one operation.
        """
        weights = {"multiplier_a": multiplier_a, "multiplier_b": multiplier_b, "shift": shift}
        return self._add(name, Kind.ADD, a, b, **weights, low=low, high=high)

    def multiply(self, name: str, a: str, b: str, *, shift: int, low: int = INT16_MIN, high: int = INT16_MAX) -> str:
        """Product a b / 2^shift, rounded and clamped: a gate."""
        return self._add(name, Kind.MULTIPLY, a, b, shift=shift, low=low, high=high)

    def clip(self, name: str, x: str, *, low: int, high: int) -> str:
        """Clamps; convolutions and sums do so by themselves."""
        return self._add(name, Kind.CLIP, x, low=low, high=high)

    def table(self, name: str, x: str, *, first: int, entries: int) -> str:
        """Looks up every value in one table, whose first entry stands for the value `first`."""
        return self._add(name, Kind.TABLE, x, first=first, entries=entries)

    def pixel_unshuffle(self, name: str, x: str, factor: int) -> str:
        """Squares of pixels to channels."""
        return self._add(name, Kind.PIXEL_UNSHUFFLE, x, factor=factor)

    def pixel_shuffle(self, name: str, x: str, factor: int) -> str:
        """Channels to squares of pixels."""
        return self._add(name, Kind.PIXEL_SHUFFLE, x, factor=factor)

    def concat(self, name: str, *tensors: str) -> str:
        """Channels of all tensors, in order."""
        return self._add(name, Kind.CONCAT, *tensors)

    def slice(self, name: str, x: str, *, first: int, channels: int) -> str:
        """Some of the channels."""
        return self._add(name, Kind.SLICE, x, first=first, channels=channels)

    def _add(self, name: str, kind: Kind, *inputs: str, **parameters: Any) -> str:
        self._operations.append(Operation(name, kind, inputs, **parameters))
        return name
