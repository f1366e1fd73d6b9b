"""A teacher: a trained network whose results are the targets of another.

Nine tenths of the error that coding leaves cannot be predicted from the coded picture, and to a network that learns
from originals they are noise. A larger trained network gives the predictable part without that noise. So a run may
begin with the teacher's pictures as its targets; originals replace them step by step, since a teacher has its own
faults.

A teacher is a checkpoint, or a weight file or model file, which the integer engine runs: on CPUs that is about twice
as fast.

Place: `train.py` asks it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from veneer.training.config import Config
from veneer.training.data import Batch
from veneer.training.networks import Enhancer, load_enhancer

INTEGER_FILES = {".vnw", ".vnm"}  # of a network, of a model


class Model(Protocol):
    """A model that enhances base pictures."""

    def enhance(self, batch: Batch) -> Tensor:
        """Enhanced pictures, [N, 3, H, W], of a batch without latents."""


class Checkpoint:
    """A model in real numbers.

    Args:
        model: with its weights.
    """

    def __init__(self, model: Enhancer) -> None:
        self._model = model

    def enhance(self, batch: Batch) -> Tensor:
        """As of `Model`."""
        side = (batch.step, batch.settings, batch.maps)
        return self._model(batch.original, batch.base, *side, shown=batch.shown, latents=False).enhanced


def load_model(path: Path, config: Config, device: torch.device) -> Model:
    """The teacher for networks of a configuration.

    Args:
        path: folder of a run, a checkpoint, a weight file or a model file.
        config: of what is to be taught.
        device: where batches are.

    Raises:
        FileNotFoundError: there is nothing.
        ValueError: the model is for other pictures.
        VeneerError: as of `read_networks`.
    """
    if path.suffix in INTEGER_FILES:
        # Training from a checkpoint needs no compiled core.
        from veneer.training.integer_teacher import load_weight_file

        return load_weight_file(path, config)
    model = load_enhancer(path).to(device, memory_format=torch.channels_last)
    own = model.config
    if (own.source, own.scale) != (config.source, config.scale):
        raise ValueError(f"{path} is a {own.source} model of scale {own.scale}: it cannot teach this one")
    return Checkpoint(model)


@torch.no_grad()
def target(model: Model, batch: Batch, share: float) -> Tensor:
    """Target pictures of a batch, [N, 3, H, W].

    The squared error to it has the same gradient as `share` times the one to the teacher's pictures and the rest of
    that to the originals.
    """
    return torch.lerp(batch.original, model.enhance(batch), share)


def teacher_share(config: Config, step: int) -> float:
    """The teacher's share in the targets of a step: 1, and in the second half of its steps less and less."""
    if config.taught_steps <= 0:
        return 0.0
    return min(1.0, max(0.0, 2 - 2 * step / config.taught_steps))
