"""The inference engine: NumPy, every native target and torch give the same bits, however the work is cut up."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from networks import (
    bound_network,
    of_reference,
    random_arrays,
    random_inputs,
    random_network,
    residual_graph,
    run_with,
)

from veneer.backend import inference_targets
from veneer.inference.builder import GraphBuilder
from veneer.inference.network import Array, Network

TARGETS = inference_targets()
SPLITS = [(strip, threads) for strip in (16, 32, 0) for threads in (1, 2, 8)]


def expect_equal(results: dict[str, Array], expected: dict[str, Array], what: str) -> None:
    assert list(results) == list(expected)
    for name, array in expected.items():
        assert results[name].dtype == array.dtype
        np.testing.assert_array_equal(results[name], array, err_msg=f"{what} {name}")


@pytest.mark.parametrize("seed", range(40))
def test_random_networks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    size = int(rng.integers(1, 70)), int(rng.integers(1, 70))
    inputs = random_inputs(network, size, rng)
    expected = of_reference(network).run(inputs, size)
    for target in TARGETS:
        strip, threads = SPLITS[rng.integers(len(SPLITS))]
        results = run_with(target, network, inputs, size, strip=strip, threads=threads)
        expect_equal(results, expected, f"{seed=} {size=} {target=} {strip=} {threads=}")


@pytest.mark.parametrize("seed", range(10))
def test_torch(seed: int) -> None:
    pytest.importorskip("torch")
    import torch_networks

    rng = np.random.default_rng(1000 + seed)
    network = random_network(rng)
    size = int(rng.integers(1, 50)), int(rng.integers(1, 50))
    inputs = random_inputs(network, size, rng)
    expect_equal(
        torch_networks.run(of_reference(network), inputs, size), of_reference(network).run(inputs, size), f"{seed=}"
    )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("channels", [1, 3, 4, 5, 48])
def test_every_width_of_convolution(target: str, channels: int) -> None:
    rng = np.random.default_rng(channels)
    for result in (1, 2, 3, 4, 5, 8, 9, 16, 17, 31, 32, 33, 48, 65):
        builder = GraphBuilder("net")
        x = builder.input("x", channels)
        wide = builder.convolution("wide", x, result, kernel=3)
        skip = builder.convolution("skip", x, result, kernel=1)
        builder.output(builder.add("sum", skip, wide, multiplier_a=-3, multiplier_b=5, shift=2))
        builder.output(builder.depthwise("deep", skip))
        network = Network(builder.build(), random_arrays(builder.build(), rng))
        for width in (1, 7, 8, 25):
            size = 3, width
            inputs = random_inputs(network, size, rng)
            results = run_with(target, network, inputs, size, threads=1)
            expect_equal(results, of_reference(network).run(inputs, size), f"{result=} {width=}")


@pytest.mark.parametrize(("kernel", "channels"), [(1, 3), (1, 33), (3, 1), (3, 64)])
def test_sums_at_the_bound(kernel: int, channels: int) -> None:
    network = bound_network(kernel, channels)
    size = 5, 21
    for value in (-32768, 32767):
        inputs: dict[str, Array] = {"x": np.full((*size, channels), value, np.int16)}
        expected = of_reference(network).run(inputs, size)
        # 2^31 - 1 times 2^14 / 2^30, its negative, and both unscaled and saturated.
        assert value > 0 or expected["y"][0, 0].tolist()[:4] == [32767, -32768, 32767, -32768]
        for target in TARGETS:
            expect_equal(run_with(target, network, inputs, size), expected, f"{value=} {target=}")


@pytest.mark.parametrize("target", TARGETS)
def test_strips_and_threads_of_the_codec_network(target: str) -> None:
    rng = np.random.default_rng(5)
    graph = residual_graph(channels=32, blocks=3)
    network = Network(graph, random_arrays(graph, rng))
    size = 203, 130
    inputs = random_inputs(network, size, rng)
    expected = run_with("scalar", network, inputs, size, strip=0, threads=1)
    for strip in (1, 16, 20, 64, 199, 0):
        for threads in (1, 2, 8):
            results = run_with(target, network, inputs, size, strip=strip, threads=threads)
            expect_equal(results, expected, f"{strip=} {threads=}")


def test_rows_of_the_codec_network_against_the_reference() -> None:
    rng = np.random.default_rng(6)
    graph = residual_graph()
    network = Network(graph, random_arrays(graph, rng))
    size = 33, 47
    inputs = random_inputs(network, size, rng)
    expect_equal(network.run(inputs, size), of_reference(network).run(inputs, size), "auto")


def test_runs_at_the_same_time() -> None:
    rng = np.random.default_rng(7)
    network = random_network(rng)
    size = 60, 60
    jobs = [random_inputs(network, size, rng) for _ in range(8)]
    expected = [network.run(inputs, size, threads=1) for inputs in jobs]
    fresh = Network(network.graph, network.arrays)  # nothing packed yet
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda inputs: fresh.run(inputs, size, threads=2), jobs))
    for one, other in zip(results, expected, strict=True):
        expect_equal(one, other, "concurrent")


def test_every_target_of_the_machine_is_named() -> None:
    assert TARGETS[0] == "scalar"
    assert set(TARGETS) <= {"scalar", "avx2", "avx512", "neon"}
