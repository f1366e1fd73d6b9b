"""Enhancement of training pictures by the integer engine, and a teacher that is a weight file.

Place: `teacher.py` loads it where the compiled core is there; `drawing/prepare.py` enhances with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy
import numpy.typing
import torch
from torch import Tensor

from veneer.inference.model_network import Array, ModelNetwork, read_networks
from veneer.training.config import Config
from veneer.training.data import Batch
from veneer.training.graph_writer import BASE_FRACTION_BITS, STRENGTH_FRACTION_BITS


def enhance(network: ModelNetwork, given: Mapping[str, numpy.typing.ArrayLike], height: int, width: int) -> Array:
    """Result of `restore` or `restore_half`, int16 [height, width, 3] in units of its output, by one thread.

    Args:
        network: which.
        given: integers for its inputs, in shapes that can be spread over theirs; other inputs are 0, as latents are
            that are lost.
        height: of the result.
        width: of the result.
    """
    inputs: dict[str, Array] = {}
    for tensor in network.inputs:
        shape = (height // tensor.reduction, width // tensor.reduction, tensor.channels)
        inputs[tensor.name] = numpy.zeros(shape, numpy.int16)
        if tensor.name in given:
            inputs[tensor.name][:] = given[tensor.name]
    return network.run(inputs, (height, width), threads=1)["enhanced"].astype(numpy.int16)


class WeightFile:
    """A model in integers, run on the CPU by one thread.

    Args:
        network: `restore` or `restore_half`.
    """

    def __init__(self, network: ModelNetwork) -> None:
        self._network = network

    def enhance(self, batch: Batch) -> Tensor:
        """As of `teacher.Model`."""
        tensors = {"picture": batch.base * (1 << BASE_FRACTION_BITS), "maps": batch.maps, "step": batch.step}
        tensors["settings"] = batch.settings.expand(-1, -1, *batch.step.shape[2:])
        tensors["strength"] = torch.full_like(batch.step, 1 << STRENGTH_FRACTION_BITS)
        tensors["interpolated"] = batch.shown * (1 << BASE_FRACTION_BITS)
        wanted = [tensor.name for tensor in self._network.inputs if tensor.name in tensors]
        height, width = batch.original.shape[2:]
        made = []
        for number in range(len(batch.q)):
            given = {name: tensors[name][number].permute(1, 2, 0).round().cpu().numpy() for name in wanted}
            made.append(enhance(self._network, given, height, width))
        bits = {output.name: output.fraction_bits for output in self._network.outputs}["enhanced"]
        enhanced = torch.from_numpy(numpy.stack(made).astype(numpy.float32)).permute(0, 3, 1, 2) / (1 << bits)
        return enhanced.to(batch.original.device)


def load_weight_file(path: Path, config: Config) -> WeightFile:
    """The network of a weight file or of a model file that does what the networks of a configuration shall do.

    Raises:
        FileNotFoundError: there is no file.
        ValueError: it has no such network, or the network is not for Veneer's bases.
        VeneerError: it is no weight file, or cannot be used.
    """
    networks = read_networks(path)
    wanted = "restore" if config.scale == 1 else "restore_half"
    if config.source != "veneer" or wanted not in networks:
        raise ValueError(f"{path} cannot teach a {config.source} model of scale {config.scale}")
    return WeightFile(networks[wanted])
