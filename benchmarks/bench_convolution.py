"""Speed of the inference engine in GMAC/s: `pytest benchmarks/bench_convolution.py`.

For every target of this machine: convolutions against the peak of its multiplication (in registers only, measured in
the same run), and the generator-shaped network of 40 kMAC per pixel against the peak and, where torch is installed,
PyTorch float32, on one thread (CPU time) and on all (wall time).
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import Rate
from networks import random_arrays, residual_graph, run_with

from veneer import _native, _native_dev
from veneer.inference.builder import GraphBuilder
from veneer.inference.network import Array, Network

SIZE = 1024, 1536  # of the picture that networks run over
LAYERS = 8  # convolutions in a row, so that input and output of the network do not count
SHAPES = [(64, 64, 3), (48, 64, 3), (32, 32, 3), (16, 16, 3), (128, 128, 3), (64, 64, 1)]


def peak(target: str, threads: int) -> float:
    """GMAC/s of `threads` cores that multiply in registers at the same time."""
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(lambda _: _native_dev.multiply_peak(target, 60), range(threads)))


def layers(channels: int, inner: int, kernel: int) -> Network:
    """Convolutions from `channels` to `inner` and back."""
    builder = GraphBuilder("layers")
    x = builder.input("x", channels, low=-200, high=200)
    for i in range(LAYERS):
        x = builder.convolution(f"t{i}", x, channels if i % 2 else inner, kernel=kernel, low=-200, high=200)
    builder.output(x)
    graph = builder.build()
    return Network(graph, random_arrays(graph, np.random.default_rng(0)))


def torch_network(threads: int) -> Callable[[], object]:
    """The same network in PyTorch float32, in the better of both memory layouts."""
    import torch
    from torch import nn

    class Generator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head, self.tail = nn.Conv2d(48, 64, 3, padding=1), nn.Conv2d(64, 48, 3, padding=1)
            pairs = [[nn.Conv2d(64, 64, 3, padding=1) for _ in range(2)] for _ in range(8)]
            self.blocks = nn.ModuleList(nn.Sequential(a, nn.ReLU(inplace=True), b) for a, b in pairs)

        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            squares = nn.functional.pixel_unshuffle(picture, 4)
            x = self.head(squares)
            for block in self.blocks:
                x = x + block(x)
            return nn.functional.pixel_shuffle(squares + self.tail(x), 4)

    torch.set_num_threads(threads)
    calls = []
    for layout in (torch.contiguous_format, torch.channels_last):
        network = Generator().eval().to(memory_format=layout)
        picture = torch.rand(1, 3, *SIZE).to(memory_format=layout)

        def call(network: nn.Module = network, picture: torch.Tensor = picture) -> object:
            with torch.inference_mode():
                return network(picture)

        calls.append(call)
    return min(calls, key=lambda call: min(_seconds(call) for _ in range(2)))


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


TARGETS = [target for target in _native.inference_targets() if target != "scalar"]
CORES = len(os.sched_getaffinity(0))


@functools.cache
def generator() -> Network:
    """A network of the generator's shape, with random weights."""
    graph = residual_graph()
    return Network(graph, random_arrays(graph, np.random.default_rng(0)))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "{2}x{2} {0}-{1}".format(*shape))
@pytest.mark.parametrize("target", TARGETS)
def test_layers(rate: Rate, target: str, shape: tuple[int, int, int]) -> None:
    """Convolutions of one shape, one thread."""
    channels, inner, kernel = shape
    network, size = layers(channels, inner, kernel), (96, 192)
    name = f"{kernel}x{kernel} {channels} -> {inner}"
    run(rate, network, size, target, 1, f"convolutions on {target}, one thread", name)


@pytest.mark.parametrize("target", TARGETS)
def test_peak_of_layers(rate: Rate, target: str) -> None:
    """What one core multiplies in registers, for comparison."""
    measure_peak(rate, target, 1, f"convolutions on {target}, one thread")


@pytest.mark.parametrize("threads", sorted({1, CORES}))
@pytest.mark.parametrize("target", TARGETS)
def test_network(rate: Rate, target: str, threads: int) -> None:
    """The generator-shaped network of 40 kMAC per pixel."""
    run(rate, generator(), SIZE, target, threads, f"network on {target}, {threads} threads", "veneer")


@pytest.mark.parametrize("threads", sorted({1, CORES}))
@pytest.mark.parametrize("target", TARGETS)
def test_peak_of_network(rate: Rate, target: str, threads: int) -> None:
    """What as many cores multiply in registers at the same time."""
    measure_peak(rate, target, threads, f"network on {target}, {threads} threads")


@pytest.mark.parametrize("threads", sorted({1, CORES}))
@pytest.mark.parametrize("target", TARGETS)
def test_torch(rate: Rate, target: str, threads: int) -> None:
    """The same network in PyTorch float32, the better of both memory layouts."""
    pytest.importorskip("torch")
    call = torch_network(threads)
    work = residual_graph().multiplications_per_pixel * SIZE[0] * SIZE[1] / 1e9
    group = f"network on {target}, {threads} threads"
    rate(call, group=group, name="torch float32", work=work, unit="GMAC/s", peer=True, clock=clock(threads), rounds=3)


def run(rate: Rate, network: Network, size: tuple[int, int], target: str, threads: int, group: str, name: str) -> None:
    """Measures a network over a picture."""
    rng = np.random.default_rng(0)
    inputs: dict[str, Array] = {
        tensor.name: rng.integers(0, 200, (*size, tensor.channels), dtype=np.uint8) for tensor in network.graph.inputs
    }
    work = network.graph.multiplications_per_pixel * size[0] * size[1] / 1e9
    call = functools.partial(run_with, target, network, inputs, size, threads=threads)
    rate(call, group=group, name=name, work=work, unit="GMAC/s", clock=clock(threads))


def clock(threads: int) -> str:
    """CPU time does not count what else the machine does, but only tells the speed of one thread."""
    return "cpu" if threads == 1 else "wall"


def measure_peak(rate: Rate, target: str, threads: int, group: str) -> None:
    """Keeps what `peak` says; the multiplication times itself, in the threads."""
    top = max(peak(target, threads) for _ in range(3))
    rate(lambda: time.sleep(0.001), group=group, name="peak", work=0, unit="GMAC/s", peer=True, known=top)
