"""Speed of the inference engine: `python benchmarks/inference.py [--seconds S]`.

Prints for every target of this machine the peak of its multiplication (registers only), convolutions against that peak,
and the generator-shaped network of 40 kMAC per pixel against the peak and against PyTorch float32 (where torch is
installed), one thread and all. Every figure is the best of short runs made next to each other.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from networks import random_arrays, residual_graph

from veneer import _native
from veneer.inference.builder import GraphBuilder
from veneer.inference.network import Array, Network

SIZE = 1024, 1536  # of the picture that networks run over
LAYERS = 8  # convolutions in a row, so that input and output of the network do not count
SHAPES = [(64, 64, 3), (48, 64, 3), (32, 32, 3), (16, 16, 3), (128, 128, 3), (64, 64, 1)]


def best(work: Callable[[], object], seconds: float) -> float:
    """Shortest time of a run in seconds, tried for as long as was asked."""
    work()
    shortest, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        work()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest


def peak(target: str, threads: int) -> float:
    """GMAC/s of `threads` cores that multiply in registers at the same time."""
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(lambda _: _native.multiply_peak(target, 60), range(threads)))


def layers(channels: int, inner: int, kernel: int) -> Network:
    """Convolutions from `channels` to `inner` and back."""
    builder = GraphBuilder("layers")
    x = builder.input("x", channels, low=-200, high=200)
    for i in range(LAYERS):
        x = builder.convolution(f"t{i}", x, channels if i % 2 else inner, kernel=kernel, low=-200, high=200)
    builder.output(x)
    graph = builder.build()
    return Network(graph, random_arrays(graph, np.random.default_rng(0)))


def gmacs(network: Network, size: tuple[int, int], target: str, threads: int, seconds: float) -> float:
    """GMAC/s of a network over a picture."""
    rng = np.random.default_rng(0)
    inputs: dict[str, Array] = {
        tensor.name: rng.integers(0, 200, (*size, tensor.channels), dtype=np.uint8) for tensor in network.graph.inputs
    }
    shortest = best(lambda: network.run(inputs, size, threads=threads, target=target), seconds)
    return network.graph.multiplications_per_pixel * size[0] * size[1] / shortest / 1e9


def torch_gmacs(threads: int, seconds: float) -> float | None:
    """GMAC/s of the same network in PyTorch float32, the better of both memory layouts; None without torch."""
    try:
        import torch
    except ImportError:
        return None
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
    shortest = float("inf")
    for layout in (torch.contiguous_format, torch.channels_last):
        network = Generator().eval().to(memory_format=layout)
        picture = torch.rand(1, 3, *SIZE).to(memory_format=layout)
        with torch.inference_mode():
            shortest = min(shortest, best(lambda net=network, x=picture: net(x), seconds))  # type: ignore[misc]
    return residual_graph().multiplications_per_pixel * SIZE[0] * SIZE[1] / shortest / 1e9


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=1.0, help="for each figure")
    parser.add_argument("--targets", nargs="+", default=[t for t in _native.inference_targets() if t != "scalar"])
    arguments = parser.parse_args()
    seconds, cores = arguments.seconds, len(os.sched_getaffinity(0))
    graph = residual_graph()
    network = Network(graph, random_arrays(graph, np.random.default_rng(0)))
    for target in arguments.targets:
        top = peak(target, 1)
        click.echo(f"{target}: peak of one core {top:.1f} GMAC/s")
        for channels, inner, kernel in SHAPES:
            reached = gmacs(layers(channels, inner, kernel), (96, 192), target, 1, seconds / 4)
            click.echo(
                f"  {kernel}x{kernel} {channels:3} -> {inner:3}: {reached:6.1f} GMAC/s, {reached / top:4.0%} of peak"
            )
        for threads in sorted({1, cores}):
            top, reached = peak(target, threads), gmacs(network, SIZE, target, threads, seconds)
            rate = reached * 1e3 / graph.multiplications_per_pixel
            click.echo(
                f"  network, {threads} threads: {reached:6.1f} GMAC/s, {reached / top:4.0%} of peak, {rate:.2f} MP/s"
            )
            other = torch_gmacs(threads, seconds)
            if other is not None:
                click.echo(f"    {reached / other:.2f} x torch float32 ({other:.1f} GMAC/s)")


if __name__ == "__main__":
    main()
