"""Integer networks for tests: random ones, ones at the bound of the proof, and one of the shape of the codec's."""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from veneer import backend
from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import LINEAR, Graph, Kind
from veneer.inference.network import Array, Network
from veneer.inference.weights import Model, write_model
from veneer.reference import network as reference
from veneer.reference.weights import read_model

INT16 = np.iinfo(np.int16)
SHIFT = 30


@functools.lru_cache(maxsize=64)
def of_reference(network: Network) -> reference.Network:
    """The same network as the reference decoder reads and runs it."""
    return read_model(write_model(Model(1, "model", {network.name: network}))).networks[network.name]


def run_with(target: str, network: Network, inputs: dict[str, Array], size: tuple[int, int], **how: Any) -> Any:
    """Runs a network with the kernels of a target."""
    assert backend.force_target(target)
    try:
        return network.run(inputs, size, **how)
    finally:
        backend.force_target("auto")


def limits_of(rng: np.random.Generator) -> dict[str, int]:
    """Limits of a result: the whole of int16, a ReLU, or something narrow."""
    low, high = [(INT16.min, INT16.max), (0, INT16.max), (-3000, 4000), (0, 255)][rng.integers(4)]
    return {"low": low, "high": high}


def random_arrays(graph: Graph, rng: np.random.Generator) -> dict[str, Array]:
    """Arrays that use the range of accumulators and results and keep to the proof."""
    arrays: dict[str, Array] = {}
    kinds = {operation.name: operation.kind for operation in graph.operations}
    for name, (kind, shape) in graph.arrays.items():
        operation, role = name.split("/")
        count = int(np.prod(shape[1:]))
        largest = min(INT16.max, ((1 << 31) - (1 << 20)) // (count << 15))
        values: npt.NDArray[np.int64]
        if role == "weight":
            values = rng.integers(-largest, largest + 1, shape)
        elif role == "bias":
            values = rng.integers(-(1 << 19), 1 << 19, shape)
        elif role == "shift":
            values = rng.integers(10, SHIFT + 1, shape)
            fan_in = int(np.prod(arrays[f"{operation}/weight"].shape[1:]))
            typical = 4e3 * np.abs(arrays[f"{operation}/weight"].astype(float)).mean() * np.sqrt(fan_in) + 1
            real = np.minimum(1, 10 ** rng.uniform(3, 5, shape) / typical)
            arrays[f"{operation}/multiplier"] = np.round(real * 2.0**values).astype("i4")
        elif role == "table":
            values = rng.integers(-4000, 4000, shape)
        else:
            values = np.zeros(shape, np.int64)  # the multiplier, set with the shift
        assert kinds[operation] in LINEAR | {Kind.TABLE}
        arrays[name] = values.astype(kind)
    return arrays


def random_network(rng: np.random.Generator, operations: int = 12) -> Network:
    """A network of random operations at several scales, whose outputs are all results that nothing else uses."""
    builder = GraphBuilder("random")
    tensors = {builder.input("picture", 3, low=0, high=255): (3, 1)}
    tensors[builder.input("map", int(rng.integers(1, 20)), reduction=4, low=-500, high=900)] = (0, 4)
    tensors["map"] = (builder._inputs[1].channels, 4)
    used: set[str] = set()

    def step(number: int, x: str) -> None:
        channels, reduction = tensors[x]
        name = f"t{number}"
        factor = int(rng.choice([2, 4]))
        same = [other for other, shape in tensors.items() if shape == tensors[x]]
        other = same[rng.integers(len(same))]
        result = channels, reduction
        kind = rng.choice(list(Kind), p=np.array([6, 2, 1, 3, 1, 1, 1, 2, 2, 1, 1]) / 21)
        if kind == Kind.PIXEL_UNSHUFFLE and reduction * factor <= 16 and channels * factor**2 <= 100:
            builder.pixel_unshuffle(name, x, factor)
            result = channels * factor**2, reduction * factor
        elif kind == Kind.PIXEL_SHUFFLE and reduction % factor == 0 and channels % factor**2 == 0:
            builder.pixel_shuffle(name, x, factor)
            result = channels // factor**2, reduction // factor
        elif kind == Kind.DEPTHWISE:
            builder.depthwise(name, x, **limits_of(rng))
        elif kind == Kind.SCALE:
            builder.scale(name, x, **limits_of(rng))
        elif kind == Kind.ADD:
            a, b = (int(v) for v in rng.integers(-16000, 16001, 2))
            shift = int(rng.integers(0, 16))
            builder.add(name, x, other, multiplier_a=a, multiplier_b=b, shift=shift, **limits_of(rng))
            used.add(other)
        elif kind == Kind.MULTIPLY:
            builder.multiply(name, x, other, shift=int(rng.integers(0, 31)), **limits_of(rng))
            used.add(other)
        elif kind == Kind.CLIP:
            builder.clip(name, x, **limits_of(rng))
        elif kind == Kind.TABLE:
            builder.table(name, x, first=int(rng.integers(-300, 1)), entries=int(rng.integers(1, 700)))
        elif kind == Kind.CONCAT and 2 * channels <= 100:
            builder.concat(name, x, other)
            used.add(other)
            result = 2 * channels, reduction
        elif kind == Kind.SLICE and channels > 1:
            first = int(rng.integers(channels - 1))
            count = int(rng.integers(1, channels - first + 1))
            builder.slice(name, x, first=first, channels=count)
            result = count, reduction
        else:
            count = int(rng.integers(1, 40))
            builder.convolution(name, x, count, kernel=int(rng.choice([1, 3])), **limits_of(rng))
            result = count, reduction
        used.add(x)
        tensors[name] = result

    for number in range(operations):
        # Mostly the newest, so that networks are deep.
        step(number, list(tensors)[-1] if rng.random() < 0.6 else list(tensors)[rng.integers(len(tensors))])
    for tensor in ("picture", "map"):
        if tensor not in used:
            step(len(tensors), tensor)
    for tensor in [name for name in tensors if name not in used]:
        builder.output(tensor)
    graph = builder.build()
    return Network(graph, random_arrays(graph, rng))


def random_inputs(network: Network, size: tuple[int, int], rng: np.random.Generator) -> dict[str, Array]:
    """Inputs over the whole of their types, which is more than their limits."""
    inputs: dict[str, Array] = {}
    for tensor in network.graph.inputs:
        shape = (-(-size[0] // tensor.reduction), -(-size[1] // tensor.reduction), tensor.channels)
        if tensor.low >= 0 and tensor.high <= 255:
            inputs[tensor.name] = rng.integers(0, 256, shape, dtype=np.uint8)
        else:
            inputs[tensor.name] = rng.integers(INT16.min, INT16.max + 1, shape, dtype=np.int16)
    return inputs


def residual_graph(channels: int = 64, blocks: int = 8) -> Graph:
    """The shape of the codec's generators: unshuffle by 4, residual blocks, shuffle, added to the picture."""
    builder = GraphBuilder("restore")
    picture = builder.input("picture", 3, low=0, high=255)
    squares = builder.pixel_unshuffle("squares", picture, 4)
    x = builder.convolution("head", squares, channels, low=-8000, high=8000)
    for i in range(blocks):
        inner = builder.convolution(f"block{i}.inner", x, channels, low=0, high=8000)
        residual = builder.convolution(f"block{i}.outer", inner, channels, low=-8000, high=8000)
        x = builder.add(f"block{i}", x, residual, low=-8000, high=8000)
    change = builder.convolution("tail", x, 48)
    total = builder.add("total", squares, change, multiplier_a=16, multiplier_b=1, shift=4, low=0, high=255)
    builder.output(builder.pixel_shuffle("enhanced", total, 4))
    return builder.build()


def bound_network(kernel: int, channels: int) -> Network:
    """Convolutions one unit below overflow: 2^15 times the sum of weights, plus the bias, is 2^31 - 1."""
    builder = GraphBuilder("bound")
    x = builder.input("x", channels)
    builder.output(builder.convolution("y", x, 20, kernel=kernel))
    graph = builder.build()
    taps = channels * kernel**2
    weight = np.full((20, channels, kernel, kernel), 65535 // taps, np.int64)
    weight[:, 0, 0, 0] += 65535 - weight[0].sum()  # together 65535
    weight[::2] *= -1
    bias = np.full(20, 32767)
    bias[1::2] *= -1
    multiplier, shift = np.full(20, 1 << 14), np.full(20, SHIFT)
    multiplier[2:4], shift[2:4] = 1 << 30, 30  # unscaled: saturates
    values = {"weight": weight, "bias": bias, "multiplier": multiplier, "shift": shift}
    types = {role: kind for role, (kind, _) in zip(values, graph.arrays.values(), strict=True)}
    return Network(graph, {f"y/{role}": array.astype(types[role]) for role, array in values.items()})
