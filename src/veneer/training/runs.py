"""Common parts of the runs of every stage: the device, resuming, the schedule.

Place: `train.py` and `texture/train.py` use it.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import distributed, nn

CHECKPOINT, LOG = "checkpoint.pt", "log.jsonl"
CHECKPOINT_SECONDS = 240
PROGRESS_SECONDS = 10
SMOOTHING = 0.98  # running means in progress lines; the share of the old in them


class Schedule(Protocol):
    """The fields of a configuration for learning rates, see `config.Config`."""

    @property
    def steps(self) -> int: ...
    @property
    def warm_up(self) -> int: ...
    @property
    def decay(self) -> float: ...


@dataclasses.dataclass(frozen=True)
class Place:
    """Device and rank of a process.

    Attributes:
        device: of its tensors.
        rank: its number among the processes.
        processes: how many there are.
    """

    device: torch.device
    rank: int
    processes: int

    @property
    def first(self) -> bool:
        """Whether this process writes files and lines."""
        return self.rank == 0


def find_place(device: str) -> Place:
    """The place of this process: alone, or one of those that torchrun has started."""
    rank, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
        torch.cuda.set_device(device)
    if processes > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    return Place(torch.device(device), rank, processes)


def mixed_precision(device: torch.device) -> torch.autocast:
    """Layers run in bfloat16 within it where the machine multiplies such numbers, else in float32.

    Where it does not they are emulated: eleven times slower than float32 with AVX2.
    """
    if device.type == "cpu":
        fast = any(able and "bf16" in name for name, able in torch.cpu.get_capabilities().items())
    else:
        fast = True
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def rate_share(schedule: Schedule, step: int) -> float:
    """Learning rate of a step in units of the highest: a short rise, level, then half a cosine down to a thousandth."""
    rise = min(1.0, (step + 1) / max(1, schedule.warm_up))
    begin = schedule.steps * (1 - schedule.decay)
    progress = min(1.0, max(0.0, (step - begin) / max(1.0, schedule.steps - begin)))
    return rise * max(1e-3, 0.5 + 0.5 * math.cos(math.pi * progress))


def average_gradients(model: nn.Module, processes: int) -> None:
    """Puts the mean over all processes in place of each gradient."""
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    for gradient, mean in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient) / processes)


@torch.no_grad()
def update_means(means: nn.Module, model: nn.Module, decay: float, step: int) -> None:
    """Moves the mean weights towards the newest; quicker in the first steps."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    for mean, parameter in zip(means.parameters(), model.parameters(), strict=True):
        mean.lerp_(parameter, share)


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint, which replaces the one before only when it is whole."""
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)


def load_checkpoint(path: Path, stage: str = "") -> dict[str, Any]:
    """Reads a checkpoint, or that of a run's folder, on the CPU.

    Raises:
        FileNotFoundError: there is none; `stage` says of what.
    """
    file = path / CHECKPOINT if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(f"{path} has no checkpoint{f' of the {stage} stage' if stage else ''}; train first")
    state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    return state


def take_means(module: nn.Module, checkpoint: dict[str, Any]) -> None:
    """Copies the mean weights of a checkpoint into networks that will not be trained."""
    module.load_state_dict({name: value.float() for name, value in checkpoint["means"].items()})
    module.requires_grad_(False)
    module.eval()


def take_over(given: dict[str, torch.Tensor], module: nn.Module) -> str:
    """Copies those of given tensors whose names and shapes a module has; says how many there were."""
    own = module.state_dict()
    fitting = {name: value.float() for name, value in given.items() if name in own and own[name].shape == value.shape}
    module.load_state_dict(fitting, strict=False)
    return f"{len(fitting)} of {len(own)} tensors are taken over"


def read_log(path: Path, step: int) -> list[dict[str, Any]]:
    """Entries up to a step: those of a continuation that came to nothing are dropped."""
    if not path.exists():
        return []
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    return [entry for entry in entries if entry["step"] <= step]


def agreed(decision: bool, place: Place) -> bool:
    """The first process's decision, which all follow."""
    if place.processes == 1:
        return decision
    flag = torch.tensor([float(decision)], device=place.device)
    distributed.broadcast(flag, 0)
    return bool(flag.item())


def write_log(path: Path, entries: list[dict[str, Any]]) -> None:
    """Writes a log anew, a line for each entry."""
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def paced_steps(
    steps: range,
    seed: int,
    place: Place,
    *,
    stop_at: float,
    validate_minutes: float,
    show: Callable[[float], None],
    finish_part: Callable[[bool], None],
) -> Iterator[torch.Generator]:
    """Goes through the steps of a run; between them shows how it goes, writes checkpoints and validates.

    The caller takes each step when it is given the generator of its samples, and counts it before it comes back.

    Args:
        steps: numbers of the steps to be taken.
        seed: of the run. Everything random of a step follows from it and the step's number; torch's own generator is
            set as well.
        place: of this process.
        stop_at: time of `time.monotonic` from which no further step is begun.
        validate_minutes: between validations; there is one at the end in any case.
        show: shows how far the run is; its argument is the number of steps a second.
        finish_part: writes a checkpoint; where its argument is true it validates too.
    """
    began = checkpointed = validated = printed = time.monotonic()
    for step in steps:
        of_step = (seed << 40) + (step << 8) + place.rank
        torch.manual_seed(of_step)
        yield torch.Generator().manual_seed(of_step)
        now = time.monotonic()
        if place.first and now - printed > PROGRESS_SECONDS:
            printed = now
            show((step + 1 - steps.start) / (now - began))
        if agreed(now > stop_at, place):
            break
        if now - validated > 60 * validate_minutes:
            finish_part(True)
            validated = checkpointed = time.monotonic()
        elif now - checkpointed > CHECKPOINT_SECONDS:
            finish_part(False)
            checkpointed = time.monotonic()
    finish_part(True)
