"""The training loop, top to bottom. Needs torch, numpy and Pillow, not the compiled core.

A run is a folder: `checkpoint.pt` (weights, their means, the optimiser's state, the step), `log.jsonl`, `curves.png`.
Everything random follows from the seed and the number of the step, and the schedule from the number of all steps, so
that a run that was stopped resumes as if it had not been.

Place: between `data.py` and `export.py`.

    veneer train --cache DIR --run DIR [--model standard|fast] [--minutes M] [--set field=value ...]
    torchrun --nproc-per-node N -m veneer.training.train ...        # several GPUs
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, distributed

from veneer.training import config as configuration
from veneer.training import curves, losses
from veneer.training.config import Config
from veneer.training.jpegs import open_crops
from veneer.training.networks import Enhancer
from veneer.training.runs import (
    CHECKPOINT,
    LOG,
    SMOOTHING,
    Place,
    average_gradients,
    find_place,
    load_checkpoint,
    mixed_precision,
    paced_steps,
    rate_share,
    read_log,
    save_checkpoint,
    take_over,
    update_means,
    write_log,
)
from veneer.training.teacher import load_model, target, teacher_share
from veneer.training.validation import validate

CACHE_HELP = "coded crops, made with --prepare; for the model restore a folder of pictures, in its train and valid"
CURVES = "curves.png"
SHOWN = ("loss", "gain", "bpp")  # in progress lines


def learning_rate(config: Config, step: int) -> float:
    """Learning rate of a step."""
    return config.learning_rate * rate_share(config, step)


def rate_weight(config: Config, step: int) -> float:
    """Weight of the latents' rate at a step: rises, then level."""
    return config.rate_weight * min(1.0, (step + 1) / max(1.0, config.rate_ramp * config.steps))


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
    teacher: Path | None = None,
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
        teacher: folder of a run, a checkpoint or a weight file that gives the targets of the first `taught_steps`.

    Returns:
        The networks with their mean weights.

    Raises:
        FileNotFoundError: there is no cache, or it is not finished.
        ValueError: the run has another configuration, the cache another scale, or there is no teacher where the
            configuration asks for one.
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
        given = load_checkpoint(begin_with)["means"]
        print(f"{take_over(given, model)} from {begin_with}", flush=True)
        means.load_state_dict(model.state_dict())
    crops = open_crops(config, cache, "train", device)
    if crops.scale != config.scale:
        raise ValueError(f"{cache} holds crops of scale {crops.scale}, the networks are for {config.scale}")
    held_out = open_crops(config, cache, "valid", device) if place.first else None
    run.mkdir(parents=True, exist_ok=True)
    entries = read_log(run / LOG, step)
    taught_by = None
    if teacher_share(config, step) > 0:
        if teacher is None:
            raise ValueError(f"the first {config.taught_steps} steps are taught: name a trained model with --teacher")
        taught_by = load_model(teacher, config, device)
    if place.first:
        graph = model.restore.definition.graph
        print(
            f"{config.model}: {graph.multiplications_per_pixel / 1e3:.1f} kMAC/pixel to decode, "
            f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M weights, {len(crops)} decodings, step {step} "
            f"of {config.steps}",
            flush=True,
        )

    def finish_part(measure: bool) -> None:
        """Writes a checkpoint, and with `measure` a validation and the curves."""
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
            write_log(run / LOG, entries)
            curves.draw(entries, run / CURVES)

    def show(steps_per_second: float) -> None:
        print("\r" + _progress(step, config, _named(shown), steps_per_second), end="", flush=True)

    for generator in paced_steps(
        range(step, end),
        config.seed,
        place,
        stop_at=started + 60 * minutes,
        validate_minutes=validate_minutes,
        show=show,
        finish_part=finish_part,
    ):
        batch = crops.random_batch(config.batch // place.processes, config.crop, generator)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(config, step)
        share = teacher_share(config, step)
        with mixed_precision(device):
            wanted = target(taught_by, batch, share) if taught_by and share else batch.original
            keep = (torch.rand_like(batch.q) >= config.latents_lost).float()
            result = model(
                batch.original, batch.base, batch.step, batch.settings, batch.maps, shown=batch.shown, keep=keep
            )
        error, rate = (
            losses.squared_error(result.enhanced, wanted),
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
    if place.first and step >= config.steps:
        print(f"all steps are taken: {run}", flush=True)
    return means


def _named(shown: Tensor) -> dict[str, float]:
    return dict(zip(SHOWN, shown.tolist(), strict=True))


def _progress(step: int, config: Config, shown: dict[str, float], steps_per_second: float) -> str:
    seconds, speed = (config.steps - step) / steps_per_second, steps_per_second * config.batch * config.crop**2
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
        epilog="Before it: veneer train --prepare --help. After it: veneer train --export --help.",
    )
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help=CACHE_HELP)
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="of the run, new or to go on with")
    parser.add_argument("--stage", choices=("fidelity", "texture"), default="fidelity", help="which networks to train")
    parser.add_argument("--model", choices=configuration.PRESETS, default="standard", help="preset of the first stage")
    parser.add_argument("--set", nargs="+", default=[], metavar="FIELD=VALUE", help="change fields of the preset")
    parser.add_argument(
        "--begin-with", type=Path, metavar="RUN", help="run or checkpoint whose weights a new run begins with"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="RUN", help="run, checkpoint or weight file that teaches in taught_steps"
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long; the same command goes on")
    parser.add_argument("--validate-minutes", type=float, default=10.0, help="between validations (default: 10)")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto (default)")
    parser.add_argument("--threads", type=int, default=0, help="of the CPU (default: one per core)")
    texture = parser.add_argument_group("stage texture")
    texture.add_argument("--fidelity", type=Path, metavar="RUN", help="run or checkpoint that enhances the crops")
    texture.add_argument("--perceptual", type=Path, metavar="FILE", help="features of SqueezeNet 1.1, npz")
    texture.add_argument("--half", type=Path, metavar="RUN", help="the same for bases of half the sides, if any")
    texture.add_argument("--half-cache", type=Path, metavar="DIR", help="their coded crops")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    place = find_place(options.device)
    if options.stage == "texture":
        from veneer.training.texture import train as texture_stage

        texture_stage.main(options, place)
    else:
        train(
            configuration.from_options(options.model, options.set),
            options.cache,
            options.run,
            place=place,
            minutes=options.minutes,
            validate_minutes=options.validate_minutes,
            begin_with=options.begin_with,
            teacher=options.teacher,
        )
    if place.processes > 1:
        distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1:])
