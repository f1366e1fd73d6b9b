"""Running networks on what they may know of a base picture.

Source: docs/format.md, "Inputs of networks".
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy

from veneer import backend
from veneer.enhancement.base_picture import BasePicture
from veneer.inference import network as core
from veneer.inference.model_network import Array
from veneer.reference.network import Network

COLOURS = 3

# Runs a network on inputs for a picture of so many rows and columns: `Network.run` of the reference, or another one.
Runner = Callable[[Network, Mapping[str, Array], tuple[int, int]], dict[str, Array]]


def native_runner(threads: int) -> Runner:
    """Runs networks in the compiled core with so many threads, 0 for as many as there are cores."""
    return functools.partial(run_native, threads=threads)


def run_native(
    network: Network,
    inputs: Mapping[str, Array],
    size: tuple[int, int],
    *,
    threads: int = 1,
    strip: int | None = None,
    target: str = "auto",
) -> dict[str, Array]:
    """Runs a network in the compiled core."""
    assert backend.force_target(target)
    try:
        return _in_core(network).run(inputs, size, threads=threads, strip=strip)
    finally:
        backend.force_target("auto")


@functools.lru_cache(maxsize=64)
def _in_core(network: Network) -> core.Network:
    return core.Network(network.graph, network.arrays)


def run_on(base: BasePicture, network: Network, runner: Runner, **others: Array) -> Array:
    """Runs a network that has one output.

    Args:
        base: the base picture, or a part of it.
        network: one of a model's.
        runner: how.
        others: inputs that are no part of the base, by name; those that the network does not declare are left out.

    Returns:
        Its output.
    """
    inputs: dict[str, Array] = {"maps": base.maps, "step": base.steps[:, :, None], **others}
    inputs["picture"] = numpy.broadcast_to(base.quarters, (*base.quarters.shape[:2], COLOURS))
    inputs["interpolated"] = numpy.broadcast_to(base.shown, (*base.shown.shape[:2], COLOURS))
    settings = numpy.array(base.settings, numpy.int16)
    inputs["settings"] = numpy.broadcast_to(settings, (*base.steps.shape, len(base.settings)))
    declared = {tensor.name: inputs[tensor.name] for tensor in network.graph.inputs}
    (result,) = runner(network, declared, base.size).values()
    return result
