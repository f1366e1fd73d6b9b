"""Networks: shapes, halo, what is refused, memory, inputs and outputs."""

import dataclasses

import numpy as np
import pytest
from networks import random_arrays, random_inputs, random_network, residual_graph

from veneer.errors import ErrorCode, VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import Graph, Input, Kind, Operation, Output, Shape
from veneer.inference.network import Array, Network

CODEC = residual_graph()


def refused(code: ErrorCode = ErrorCode.WEIGHTS_INVALID, match: str | None = None) -> "pytest.RaisesExc[VeneerError]":
    return pytest.raises(VeneerError, match=match, check=lambda error: error.code == code)


def one_operation(operation: Operation, channels: int = 8, reduction: int = 4) -> Graph:
    return Graph("net", (Input("x", channels, reduction),), (operation,), (Output(operation.name),))


def test_the_codec_network() -> None:
    assert CODEC.alignment == 4
    assert CODEC.multiplications_per_pixel == (48 * 64 + 16 * 64 * 64 + 64 * 48) * 9 / 16
    assert CODEC.shapes["block3"] == Shape(64, 4)
    assert CODEC.shapes["enhanced"] == Shape(3, 1)
    assert CODEC.halo == 18 * 4 + 3


@pytest.mark.parametrize(
    ("operation", "match"),
    [
        (Operation("y", Kind.CONVOLUTION, ("x",), channels=4, kernel=5), "kernel 5"),
        (Operation("y", Kind.CONVOLUTION, ("x",), channels=0, kernel=3), "0 channels"),
        (Operation("y", Kind.CONVOLUTION, ("x",), channels=1025, kernel=3), "1025 channels"),
        (Operation("y", Kind.CONVOLUTION, ("x", "x"), channels=4, kernel=3), "2 operands"),
        (Operation("y", Kind.CONVOLUTION, ("z",), channels=4, kernel=3), "not made before"),
        (Operation("y", Kind.CONVOLUTION, ("y",), channels=4, kernel=3), "not made before"),
        (Operation("y", Kind.DEPTHWISE, ("x",), low=1, high=0), "limits"),
        (Operation("y", Kind.DEPTHWISE, ("x",), high=32768), "limits"),
        (Operation("y", Kind.ADD, ("x",), multiplier_a=1), "1 operands"),
        (Operation("y", Kind.ADD, ("x", "x"), multiplier_a=-16384, multiplier_b=16384), "multipliers"),
        (Operation("y", Kind.ADD, ("x", "x"), shift=16), "shift 16"),
        (Operation("y", Kind.MULTIPLY, ("x", "x"), shift=31), "shift 31"),
        (Operation("y", Kind.TABLE, ("x",), entries=0), "0 entries"),
        (Operation("y", Kind.TABLE, ("x",), entries=65537), "entries"),
        (Operation("y", Kind.TABLE, ("x",), entries=5, first=40000), "first value"),
        (Operation("y", Kind.PIXEL_UNSHUFFLE, ("x",), factor=1), "factor 1"),
        (Operation("y", Kind.PIXEL_UNSHUFFLE, ("x",), factor=16), "2048 channels"),
        (Operation("y", Kind.PIXEL_SHUFFLE, ("x",), factor=3), "divide"),
        (Operation("y", Kind.PIXEL_SHUFFLE, ("x",), factor=8), "divide"),
        (Operation("y", Kind.CONCAT, ("x",)), "1 operands"),
        (Operation("y", Kind.SLICE, ("x",), first=5, channels=4), "channels"),
        (Operation("y", Kind.SLICE, ("x",), first=-1, channels=4), "channels"),
        (Operation("x", Kind.CLIP, ("x",)), "same name"),
        (Operation("Y", Kind.CLIP, ("x",)), "name"),
        (Operation("", Kind.CLIP, ("x",)), "name"),
    ],
)
def test_operations_that_are_refused(operation: Operation, match: str) -> None:
    with refused(match=match):
        one_operation(operation)


def test_networks_that_are_refused() -> None:
    clip = Operation("y", Kind.CLIP, ("x",))
    x = Input("x", 8, 4)
    for arguments, match in [
        (("Net", (x,), (clip,), (Output("y"),)), "no name"),
        (("net", (), (), (Output("y"),)), "1..64"),
        (("net", (x,), (clip,), ()), "1..64"),
        (("net", (x,), (clip,), (Output("x"),)), "not the result"),
        (("net", (x,), (clip,), (Output("y"), Output("y"))), "twice"),
        (("net", (x, Input("z", 1)), (clip,), (Output("y"),)), "nothing uses z"),
        (("net", (x,), (clip, dataclasses.replace(clip, name="z")), (Output("y"),)), "nothing uses z"),
        (("net", (Input("x", 0),), (clip,), (Output("y"),)), "0 channels"),
        (("net", (Input("x", 1, 257),), (clip,), (Output("y"),)), "reduction 257"),
        (("net", (Input("x", 1, low=5, high=4),), (clip,), (Output("y"),)), "limits"),
        (
            ("net", (x,), tuple(dataclasses.replace(clip, name=f"y{i}") for i in range(1025)), (Output("y0"),)),
            "too many",
        ),
    ]:
        with refused(match=match):
            Graph(*arguments)
    builder = GraphBuilder("net")
    a, b = builder.input("a", 2, reduction=9), builder.input("b", 2, reduction=32)
    builder.output(builder.clip("c", a, low=0, high=1))
    builder.output(builder.clip("d", b, low=0, high=1))
    with refused(match="alignment 288"):
        builder.build()
    builder.output(builder.add("e", a, b))
    with refused(match="differ in size"):
        builder.build()


def test_nothing_beyond_the_halo_has_an_influence() -> None:
    rng = np.random.default_rng(0)
    for seed in range(8):
        network = random_network(np.random.default_rng(seed))
        size = 160, 160
        inputs = random_inputs(network, size, rng)
        before = network.run(inputs, size)
        inputs["picture"][80, 80] ^= 0xFF
        after = network.run(inputs, size)
        for name, array in before.items():
            reduction = network.graph.shapes[name].reduction
            changed = np.argwhere((array != after[name]).any(axis=2)) * reduction
            reach = network.graph.halo + reduction
            assert (np.abs(changed - 80) <= reach).all(), f"{seed=} {name}"


def test_memory_does_not_depend_on_the_height() -> None:
    network = Network(CODEC, random_arrays(CODEC, np.random.default_rng(0)))
    assert network.memory_bytes((2000, 5500)) == network.memory_bytes((60000, 5500)) < 100e6
    assert network.memory_bytes((2000, 5500)) < network.memory_bytes((2000, 5500), strip=32)
    assert network.memory_bytes((2000, 500)) == network.memory_bytes((2000, 500), strip=32)
    assert network.memory_bytes((2000, 5500), strip=0) > 1e9
    inputs: dict[str, Array] = {"picture": np.zeros((2000, 5500, 3), np.uint8)}
    with refused(ErrorCode.NETWORK_TOO_LARGE):
        network.run(inputs, (2000, 5500), strip=0)


def test_inputs_are_clamped_and_extended_outputs_cut() -> None:
    builder = GraphBuilder("net")
    x = builder.input("x", 1, low=-5, high=300)
    squares = builder.pixel_unshuffle("squares", x, 4)
    builder.output(builder.clip("y", squares, low=-32768, high=32767))
    builder.output(builder.pixel_shuffle("z", squares, 4))
    network = Network(builder.build(), {})
    picture = np.array([[[1000], [-1000]]], np.int16)
    for run in (network.run, network.run_reference):
        results = run({"x": picture}, (1, 2))
        assert results["y"].tolist() == [[[300, -5, -5, -5] * 4]]
        assert results["z"].tolist() == [[[300], [-5]]]


def test_outputs_are_bytes_where_they_fit() -> None:
    builder = GraphBuilder("net")
    x = builder.input("x", 1)
    for name, low, high in [("a", 0, 255), ("b", 0, 256), ("c", -1, 255)]:
        builder.output(builder.clip(name, x, low=low, high=high))
    results = Network(builder.build(), {}).run({"x": np.zeros((1, 1, 1), np.int16)}, (1, 1))
    assert [array.dtype for array in results.values()] == [np.uint8, np.int16, np.int16]


def test_inputs_that_are_refused() -> None:
    network = Network(CODEC, random_arrays(CODEC, np.random.default_rng(0)))
    picture = np.zeros((8, 9, 3), np.uint8)
    for inputs in (
        {},
        {"picture": picture, "other": picture},
        {"picture": picture[:7]},
        {"picture": picture[:, :, :2]},
        {"picture": picture.astype(np.int32)},
        {"picture": picture[0]},
    ):
        with refused(ErrorCode.BAD_TENSOR):
            network.run(inputs, (8, 9))
    for arguments in ({"strip": -1}, {"strip": (1 << 16) + 1}, {"target": "sse9"}):
        with refused(ErrorCode.BAD_SETTING):
            network.run({"picture": picture}, (8, 9), **arguments)  # type: ignore[arg-type]
    for size in ((0, 9), (8, 65537)):
        with refused(ErrorCode.BAD_SETTING):
            network.run({"picture": picture}, size)
    strided = np.zeros((8, 18, 3), np.uint8)[:, ::2]
    assert network.run({"picture": strided}, (8, 9))["enhanced"].shape == (8, 9, 3)
