"""Networks: shapes, halo, what is refused, memory, inputs and outputs."""

import numpy as np
import pytest
from networks import of_reference, random_arrays, random_inputs, random_network, residual_graph

from veneer.errors import ErrorCode, VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import Graph, Input, Kind, Operation, Output, Shape
from veneer.inference.network import Array, Network

CODEC = residual_graph()


def refused(code: ErrorCode = ErrorCode.WEIGHTS_INVALID, match: str | None = None) -> "pytest.RaisesExc[VeneerError]":
    return pytest.raises(VeneerError, match=match, check=lambda error: error.code == code)


def test_the_codec_network() -> None:
    network = Network(CODEC, random_arrays(CODEC, np.random.default_rng(0)))
    assert network.alignment == 4
    assert CODEC.multiplications_per_pixel == (48 * 64 + 16 * 64 * 64 + 64 * 48) * 9 / 16
    assert CODEC.shapes["block3"] == Shape(64, 4)
    assert CODEC.shapes["enhanced"] == Shape(3, 1)
    assert network.halo == 18 * 4 + 3


def test_graphs_that_are_refused() -> None:
    """By the core: tests/native/test_network.py has all that it refuses."""
    for operation, match in (
        (Operation("y", Kind.CONVOLUTION, ("x",), channels=4, kernel=5), "kernel 5"),
        (Operation("y", Kind.CONVOLUTION, ("z",), channels=4, kernel=3), "not made before"),
        (Operation("y", Kind.CONVOLUTION, (), channels=4, kernel=3), "0 operands"),
        (Operation("y", Kind.PIXEL_SHUFFLE, ("x",), factor=0), "factor 0"),
        (Operation("y", Kind.TABLE, ("x",), entries=1 << 32), "do not fit their fields"),
        (Operation("Y", Kind.CLIP, ("x",)), "no name"),
    ):
        graph = Graph("net", (Input("x", 8, 4),), (operation,), (Output(operation.name),))
        with refused(match=match):
            Network(graph, {name: np.zeros(shape, kind) for name, (kind, shape) in graph.arrays.items()})
    with refused(match="is no tensor"):
        Network(Graph("net", (Input("x", 8, 4),), (Operation("y", Kind.CLIP, ("x",)),), (Output("z"),)), {})


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
            reach = network.halo + reduction
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


def test_memory_does_not_grow_with_the_halo() -> None:
    """The first rows, which need all of the halo, are made strip by strip: no tensor keeps more for them."""
    builder = GraphBuilder("net")
    x = builder.input("x", 16, low=0, high=255)
    for number in range(30):
        x = builder.depthwise(f"layer_{number}", x, low=0)
    builder.output(x)
    graph = builder.build()
    network = Network(graph, random_arrays(graph, np.random.default_rng(0)))
    few, many = (network.memory_bytes((1000, 512), strip=strip) for strip in (16, 32))
    row = (many - few) // 16  # of every tensor
    assert few <= row * (16 + 2)


def test_strips_do_not_change_values() -> None:
    """Nor does the number of rows above the picture with which the first strip begins."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        network = random_network(rng)
        size = 150, 40
        inputs = random_inputs(network, size, rng)
        expected = of_reference(network).run(inputs, size)
        for strip in (1, 7, 16, 24, 64, 149, 0):
            made = network.run(inputs, size, strip=strip, threads=1 + seed % 2)
            for name, array in expected.items():
                np.testing.assert_array_equal(made[name], array, f"{seed=} {strip=} {name}")


def test_inputs_are_clamped_and_extended_outputs_cut() -> None:
    builder = GraphBuilder("net")
    x = builder.input("x", 1, low=-5, high=300)
    squares = builder.pixel_unshuffle("squares", x, 4)
    builder.output(builder.clip("y", squares, low=-32768, high=32767))
    builder.output(builder.pixel_shuffle("z", squares, 4))
    network = Network(builder.build(), {})
    picture = np.array([[[1000], [-1000]]], np.int16)
    for run in (network.run, of_reference(network).run):
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
    for arguments in ({"strip": -1}, {"strip": (1 << 16) + 1}):
        with refused(ErrorCode.BAD_SETTING):
            network.run({"picture": picture}, (8, 9), **arguments)  # type: ignore[arg-type]
    for size in ((0, 9), (8, 65537)):
        with refused(ErrorCode.BAD_SETTING):
            network.run({"picture": picture}, size)
    strided = np.zeros((8, 18, 3), np.uint8)[:, ::2]
    assert network.run({"picture": strided}, (8, 9))["enhanced"].shape == (8, 9, 3)
