"""The training loop, top to bottom. Needs torch, numpy and Pillow, not the compiled core.

A run is a folder: `checkpoint.pt` (weights, their means, the optimiser's state, the step), `log.jsonl`, `curves.png`.
Everything random follows from the seed and the number of the step, and the schedule from the number of all steps, so
that a run that was stopped goes on as if it had not been.

Place: between `data.py` and `export.py`.

    veneer train --cache DIR --run DIR [--model standard|fast] [--minutes M] [--set field=value ...]
    torchrun --nproc-per-node N -m veneer.training.train ...        # several GPUs
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed

from veneer.training import config as configuration
from veneer.training import curves, losses
from veneer.training.config import Config
from veneer.training.jpegs import open_crops
from veneer.training.networks import Enhancer
from veneer.training.validation import validate

CHECKPOINT, LOG, CURVES = "checkpoint.pt", "log.jsonl", "curves.png"
CACHE_HELP = "coded crops, made with --prepare; for the model restore a folder of pictures, in its train and valid"
CHECKPOINT_SECONDS = 240
PROGRESS_SECONDS = 10
# What the progress line shows are running means; the share of the old in them.
SHOWN = ("loss", "gain", "bpp")
SMOOTHING = 0.98


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a process runs.

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


def learning_rate(config: Config, step: int) -> float:
    """Learning rate of a step: a short rise, level, then half a cosine down to a thousandth."""
    rise = min(1.0, (step + 1) / max(1, config.warm_up))
    begin = config.steps * (1 - config.decay)
    progress = min(1.0, max(0.0, (step - begin) / max(1.0, config.steps - begin)))
    return config.learning_rate * rise * max(1e-3, 0.5 + 0.5 * math.cos(math.pi * progress))


def rate_weight(config: Config, step: int) -> float:
    """Weight of the latents' rate at a step: rises, then level."""
    return config.rate_weight * min(1.0, (step + 1) / max(1.0, config.rate_ramp * config.steps))


def average_gradients(model: Enhancer, processes: int) -> None:
    """Puts the mean over all processes in place of each gradient."""
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    for gradient, mean in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient) / processes)


@torch.no_grad()
def update_means(means: Enhancer, model: Enhancer, decay: float, step: int) -> None:
    """Moves the mean weights towards the newest; quicker in the first steps."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    for mean, parameter in zip(means.parameters(), model.parameters(), strict=True):
        mean.lerp_(parameter, share)


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint, which replaces the one before only when it is whole."""
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a checkpoint on the CPU."""
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def _take_over(run: Path, model: Enhancer, means: Enhancer) -> None:
    """Copies what fits of the mean weights of another run, a folder or a checkpoint."""
    given = load_checkpoint(run / CHECKPOINT if run.is_dir() else run)["means"]
    own = model.state_dict()
    fitting = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
    print(f"{len(fitting)} of {len(own)} tensors are taken over from {run}", flush=True)
    for networks in (model, means):
        networks.load_state_dict(fitting, strict=False)


def _read_log(path: Path, step: int) -> list[dict[str, Any]]:
    """Entries up to a step: those of a continuation that came to nothing are dropped."""
    if not path.exists():
        return []
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    return [entry for entry in entries if entry["step"] <= step]


def train(
    config: Config,
    cache: Path,
    run: Path,
    *,
    place: Place,
    minutes: float = math.inf,
    validate_minutes: float = 10.0,
    last_step: int | None = None,
    begin_with: Path | None = None,
) -> Enhancer:
    """Trains, or goes on with a run.

    Args:
        config: of the run; must be that of its checkpoint where there is one.
        cache: folder of the crops.
        run: folder of the run.
        place: of this process.
        minutes: stop after so long, with a checkpoint.
        validate_minutes: between validations; there is one at the end in any case.
        last_step: stop before this step, with a checkpoint; None for all.
        begin_with: folder of a run, or a checkpoint, whose mean weights a new run begins with, where names and shapes
            agree.

    Returns:
        The networks with their mean weights.

    Raises:
        FileNotFoundError: there is no cache, or it is not finished.
        ValueError: the run has another configuration, or the cache another scale.
    """
    started = time.monotonic()
    device, end = place.device, config.steps if last_step is None else min(last_step, config.steps)
    torch.manual_seed(config.seed)
    model = Enhancer(config)
    model.to(device, memory_format=torch.channels_last)
    means = copy.deepcopy(model)
    means.requires_grad_(False)
    # The fused form does the same with a tenth of the overhead.
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate, betas=(0.9, 0.99), fused=True)
    step, shown = 0, torch.full((len(SHOWN),), math.nan, device=device)
    path = run / CHECKPOINT
    if path.exists():
        state = load_checkpoint(path)
        if not configuration.can_go_on(config, configuration.from_fields(state["config"])):
            raise ValueError(f"{run} was trained with another configuration; choose another folder")
        step, shown = state["step"], state["shown"].to(device)
        model.load_state_dict(state["model"])
        means.load_state_dict(state["means"])
        optimizer.load_state_dict(state["optimizer"])
    elif begin_with is not None:
        _take_over(begin_with, model, means)
    crops = open_crops(config, cache, "train", device)
    if crops.scale != config.scale:
        raise ValueError(f"{cache} holds crops of scale {crops.scale}, the networks are for {config.scale}")
    held_out = open_crops(config, cache, "valid", device) if place.first else None
    run.mkdir(parents=True, exist_ok=True)
    entries = _read_log(run / LOG, step)
    if place.first:
        print(
            f"{config.model}: {model.g_s.definition.graph.multiplications_per_pixel / 1e3:.1f} kMAC/pixel to decode, "
            f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M weights, {len(crops)} decodings, step {step} "
            f"of {config.steps}",
            flush=True,
        )

    def finish_part(measure: bool) -> None:
        """What is written now and then: a checkpoint, and with `measure` a validation and the curves."""
        if held_out is None:
            return
        state = {
            "config": dataclasses.asdict(config),
            "step": step,
            "shown": shown,
            "model": model.state_dict(),
            "means": means.state_dict(),
            "optimizer": optimizer.state_dict(),
        }
        save_checkpoint(path, state)
        if measure:
            report = validate(means, held_out)
            entries.append({"step": step, **_named(shown), **report.as_fields()})
            print(f"\nvalidation at step {step}: {report.line()}", flush=True)
            (run / LOG).write_text("".join(json.dumps(entry) + "\n" for entry in entries))
            curves.draw(entries, run / CURVES)

    first_step, pixels = step, config.batch * config.crop**2
    began = checkpointed = validated = printed = time.monotonic()
    while step < end:
        # Everything random of this step follows from its number.
        seed = (config.seed << 40) + (step << 8) + place.rank
        torch.manual_seed(seed)
        batch = crops.random_batch(config.batch // place.processes, config.crop, torch.Generator().manual_seed(seed))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(config, step)
        with torch.autocast(device.type, torch.bfloat16):
            keep = (torch.rand_like(batch.q) >= config.latents_lost).float()
            result = model(
                batch.original, batch.base, batch.step, batch.settings, batch.maps, shown=batch.shown, keep=keep
            )
        error, rate = (
            losses.squared_error(result.enhanced, batch.original),
            losses.rate_bpp(result.bits, config.crop**2),
        )
        scale = losses.scale(batch.shown, batch.original, batch.q)
        loss = losses.fidelity(error, rate, batch.q, rate_weight(config, step), scale).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if place.processes > 1:
            average_gradients(model, place.processes)
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.gradient_norm)
        optimizer.step()
        update_means(means, model, config.ema, step)
        step += 1
        gain = losses.gain_db(result.enhanced.detach(), batch.shown, batch.original).mean()
        newest = torch.stack([loss.detach(), gain, rate.detach().mean()])
        shown = torch.where(shown.isnan(), newest, torch.lerp(newest, shown, SMOOTHING))

        now = time.monotonic()
        if place.first and now - printed > PROGRESS_SECONDS:
            printed = now
            speed = (step - first_step) * pixels / (now - began)
            print("\r" + _progress(step, config, _named(shown), speed, pixels), end="", flush=True)
        out_of_time = _agreed(now - started > 60 * minutes, place)
        if out_of_time:
            break
        if now - validated > 60 * validate_minutes:
            finish_part(measure=True)
            validated = checkpointed = time.monotonic()
        elif now - checkpointed > CHECKPOINT_SECONDS:
            finish_part(measure=False)
            checkpointed = time.monotonic()
    finish_part(measure=True)
    return means


def _named(shown: Tensor) -> dict[str, float]:
    return dict(zip(SHOWN, shown.tolist(), strict=True))


def _agreed(decision: bool, place: Place) -> bool:
    """The first process's decision, which all follow."""
    if place.processes == 1:
        return decision
    flag = torch.tensor([float(decision)], device=place.device)
    distributed.broadcast(flag, 0)
    return bool(flag.item())


def _progress(step: int, config: Config, shown: dict[str, float], speed: float, pixels: int) -> str:
    seconds = (config.steps - step) * pixels / speed
    return (
        f"step {step}/{config.steps}  loss {shown['loss']:.4f}  gain {shown['gain']:+.3f} dB  "
        f"latents {shown['bpp']:.4f} bpp  {speed / 1e6:.2f} Mpix/s  {seconds / 3600:.1f} h left "
    )


def main(arguments: Sequence[str]) -> None:
    """Command line entry.

    Raises:
        FileNotFoundError: see `train`.
        ValueError: see `train`, and for what cannot be set.
    """
    parser = argparse.ArgumentParser(
        prog="veneer train",
        description="Trains the enhancement networks.",
        epilog="Before it: veneer train --prepare --help. Behind it: veneer train --export --help.",
    )
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help=CACHE_HELP)
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="of the run, new or to go on with")
    parser.add_argument("--model", choices=configuration.PRESETS, default="standard")
    parser.add_argument("--set", nargs="+", default=[], metavar="FIELD=VALUE", help="change fields of the preset")
    parser.add_argument(
        "--begin-with", type=Path, metavar="RUN", help="run or checkpoint whose weights a new run begins with"
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long; the same command goes on")
    parser.add_argument("--validate-minutes", type=float, default=10.0, help="between validations (default: 10)")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto (default)")
    parser.add_argument("--threads", type=int, default=0, help="of the CPU (default: one per core)")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    config = configuration.from_options(options.model, options.set)
    place = find_place(options.device)
    train(
        config,
        options.cache,
        options.run,
        place=place,
        minutes=options.minutes,
        validate_minutes=options.validate_minutes,
        begin_with=options.begin_with,
    )
    if place.processes > 1:
        distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1:])
