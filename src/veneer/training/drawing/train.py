"""The loop of the drawing network, top to bottom. Needs torch, numpy and Pillow, not the compiled core.

One folder, three stages, one after the other:
    amplitude   the trunk learns the levels of all bands from the missing detail, by likelihood; nothing is drawn
    drawing     everything but sharpening learns: Wasserstein distortion, levels of two seeds' difference, edges
    sharpening  the gains of the sharpening path alone, by squared error and features
A critic on Haar details would follow as a fourth one, with a term in `losses.Terms`. Terms are weighted so that their
gradients by the result have the lengths of their shares; the weights are found anew every now and then.

A run is a folder: `checkpoint.pt`, `log.jsonl`, `sheet-*.png`. Everything random of a step follows from the seed and
the number of the step; each start resumes from the last checkpoint.

    veneer train --drawing DIR --run DIR --perceptual FILE [--judge FILE]
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from veneer.training import config as configurations
from veneer.training.drawing import config as configuration
from veneer.training.drawing import gate, losses
from veneer.training.drawing.config import STAGES, DrawingConfig
from veneer.training.drawing.crops import HELD_OUT, TRAIN, WHOLE, Samples, Shown, random_samples, read_shown
from veneer.training.drawing.judge import Vgg
from veneer.training.drawing.network import LEVELS, SHARPNESS, Drawer, draw_noise
from veneer.training.perceptual import SqueezeNet
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
    take_means,
    take_over,
    update_means,
    write_log,
)

BALANCE_EVERY = 25  # steps
SHARPENING_SHARES = (0.5, 0.5)


@dataclasses.dataclass(frozen=True)
class _Pace:
    """Learning rates of a stage, as of `runs.Schedule`."""

    steps: int
    warm_up: int
    decay: float


class Run:
    """Network and optimiser of a run.

    Args:
        config: of the run.
        net: features that training looks at.
        place: of this process.
    """

    def __init__(self, config: DrawingConfig, net: SqueezeNet, place: Place) -> None:
        torch.manual_seed(config.seed)
        self.config, self.place, self.net = config, place, net
        self.model = Drawer(config).to(place.device, memory_format=torch.channels_last)
        self.means = copy.deepcopy(self.model)
        self.means.requires_grad_(False)
        self.terms = losses.Terms(net)
        self.step, self.stage = 0, ""
        self.weights: list[float] = []
        self.shown: dict[str, float] = {}
        self._enter(config.stage(0))

    def _enter(self, stage: str) -> None:
        """Begins a stage with an optimiser of its own."""
        self.stage, self.weights = stage, []
        self.optimizer = torch.optim.Adam(self.model.stage_parameters(stage), betas=(0.9, 0.98))

    def as_checkpoint(self) -> dict[str, Any]:
        """Everything that is needed to go on."""
        return {
            "config": dataclasses.asdict(self.config),
            "step": self.step,
            "stage": self.stage,
            "weights": self.weights,
            "scales": self.terms.scales,
            "shown": self.shown,
            "model": self.model.state_dict(),
            "means": self.means.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def load(self, checkpoint: dict[str, Any]) -> None:
        """Goes back to a checkpoint."""
        self.model.load_state_dict(checkpoint["model"])
        self.means.load_state_dict(checkpoint["means"])
        self._enter(checkpoint["stage"])
        self.optimizer.load_state_dict(checkpoint["optimizer"])
        self.step, self.weights, self.shown = checkpoint["step"], checkpoint["weights"], checkpoint["shown"]
        self.terms.scales = [scale.to(self.place.device) for scale in checkpoint["scales"]]

    def begin_with(self, checkpoint: dict[str, Any]) -> str:
        """Takes over the trained mean weights of another run that fit, not its constants; says how many."""
        trained = {name for name, _ in self.model.named_parameters()}
        said = take_over({name: value for name, value in checkpoint["means"].items() if name in trained}, self.model)
        self.means.load_state_dict(self.model.state_dict())
        return said

    def learn(self, pictures: Sequence[Shown], generator: torch.Generator) -> None:
        """Takes a step; everything random follows from `generator` and torch's own."""
        config, stage = self.config, self.config.stage(self.step)
        if stage != self.stage:
            self._enter(stage)
        before = {"amplitude": 0, **dict(zip(STAGES[1:], config.ends.values(), strict=False))}[stage]
        pace = _Pace(config.ends[stage] - before, config.warm_up, config.decay)
        highest = config.drawing_rate if stage == "drawing" else config.learning_rate
        for group in self.optimizer.param_groups:
            group["lr"] = highest * rate_share(pace, self.step - before)
        side = config.amplitude_crop if stage == "amplitude" else config.crop
        count = config.batch // self.place.processes
        samples = random_samples(pictures, count, side, generator, self.place.device)
        self.optimizer.zero_grad(set_to_none=True)
        with mixed_precision(self.place.device):
            news = {"amplitude": self._amplitude, "drawing": self._drawing, "sharpening": self._sharpening}[stage](
                samples
            )
        if self.place.processes > 1:
            average_gradients(self.model, self.place.processes)
        length = nn.utils.clip_grad_norm_(self.model.stage_parameters(stage), config.gradient_norm)
        if torch.isfinite(length):
            self.optimizer.step()
            update_means(self.means, self.model, config.ema, self.step - before)
        for name, value in news.items():
            self.shown[name] = value + SMOOTHING * (self.shown.get(name, value) - value)
        self.step += 1

    def _amplitude(self, samples: Samples) -> dict[str, float]:
        levels = self.model.guided(samples, (LEVELS,))[LEVELS]
        with torch.no_grad():
            wanted = losses.missing_deviations(samples)
        loss = losses.amplitude_loss(levels, wanted)
        loss.backward()
        return {"unlikelihood": loss.item(), "level": levels.mean().item(), "wanted": wanted.mean().item()}

    def _drawing(self, samples: Samples) -> dict[str, float]:
        config = self.config
        guide = self.model.guided(samples)
        residual, other = (self.model.residual(samples, draw_noise(samples), guide) for _ in range(2))
        terms = self.terms(residual, other, samples, config.wanted)
        shares = (config.features, config.pyramid, config.levels, config.pointwise)
        self._descend(terms, shares, residual)
        return {
            **{name: term.item() for name, term in zip(losses.Terms.names, terms, strict=True)},
            "drawn": residual.detach().std().item(),
        }

    def _sharpening(self, samples: Samples) -> dict[str, float]:
        with torch.no_grad():
            guide = self.model.guided(samples, (LEVELS, "mixed_gains"))
        # Nothing is drawn: what sharpening is worth must not depend on noise.
        guide[LEVELS] = torch.zeros_like(guide[LEVELS])
        guide |= self.model.guided(samples, (SHARPNESS,))
        residual = self.model.residual(samples, draw_noise(samples), guide)
        terms = losses.sharpening_terms(residual, samples, self.net)
        self._descend(terms, SHARPENING_SHARES, residual)
        return {"error": terms[0].item(), "sharp": terms[1].item(), "sharpened": residual.detach().std().item()}

    def _descend(self, terms: Sequence[Tensor], shares: Sequence[float], residual: Tensor) -> None:
        """Gradients of the balanced sum of terms."""
        if not self.weights or self.step % BALANCE_EVERY == 0:
            self.weights = losses.balanced(terms, shares, residual, self.weights)
        total = residual.new_zeros(())
        for weight, term in zip(self.weights, terms, strict=True):
            total = total + weight * term
        total.backward()


def train(
    config: DrawingConfig,
    folder: Path,
    run: Path,
    perceptual: Path,
    *,
    judge: Path | None,
    place: Place,
    minutes: float = math.inf,
    validate_minutes: float = 10.0,
    last_step: int | None = None,
    begin_with: Path | None = None,
) -> Run:
    """Trains, or goes on with a run.

    Args:
        config: of the run; but for schedule and balance that of its checkpoint where there is one.
        folder: files of `crops.py`.
        run: folder of the run.
        perceptual: file of the SqueezeNet features.
        judge: of the VGG features, or None.
        place: of this process.
        minutes: stop after so long, with a checkpoint.
        validate_minutes: between validations and sheets; there is one at the end in any case.
        last_step: stop before this step, with a checkpoint; None for all.
        begin_with: run or checkpoint whose mean weights a new run takes over, as far as they fit.

    Raises:
        FileNotFoundError: pictures or a file are missing.
        ValueError: the run has other networks.
    """
    started = time.monotonic()
    net = SqueezeNet(perceptual).to(place.device, memory_format=torch.channels_last)
    second = None if judge is None else Vgg(judge).to(place.device, memory_format=torch.channels_last)
    state = Run(config, net, place)
    path = run / CHECKPOINT
    if path.exists():
        checkpoint = load_checkpoint(path)
        if not configuration.can_go_on(config, configuration.from_fields(checkpoint["config"])):
            raise ValueError(f"{run} has networks of another form; choose another folder")
        state.load(checkpoint)
    elif begin_with is not None:
        print(state.begin_with(load_checkpoint(begin_with)), flush=True)
    pictures = read_shown(folder, TRAIN)
    held_out = read_shown(folder, HELD_OUT)
    end = config.ends[STAGES[-1]] if last_step is None else last_step
    entries = read_log(run / LOG, state.step)
    run.mkdir(parents=True, exist_ok=True)
    if place.first:
        work = state.model.texture.definition.graph.multiplications_per_pixel / 1e3
        print(f"{work:.1f} kMAC/pixel, {len(pictures)} crops, step {state.step} of {end}", flush=True)

    def finish_part(measure: bool) -> None:
        """Writes a checkpoint, and with `measure` figures and a sheet."""
        if not place.first:
            return
        save_checkpoint(path, state.as_checkpoint())
        if measure:
            figures = gate.measure(state.means, net, second, held_out)
            entries.append({"step": state.step, "stage": state.stage, **state.shown, **gate.as_fields(figures)})
            print(f"\nvalidation at step {state.step}, {state.stage}: {figures.line()}", flush=True)
            write_log(run / LOG, entries)
            gate.draw_sheet(state.means, held_out[::2], run / f"sheet-{state.step:06}.png")

    def show(steps_per_second: float) -> None:
        values = "  ".join(f"{name} {value:.4g}" for name, value in state.shown.items())
        left = (end - state.step) / steps_per_second / 3600
        print(f"\rstep {state.step}/{end} {state.stage}  {values}  {left:.1f} h left ", end="", flush=True)

    for generator in paced_steps(
        range(state.step, end),
        config.seed,
        place,
        stop_at=started + 60 * minutes,
        validate_minutes=validate_minutes,
        show=show,
        finish_part=finish_part,
    ):
        state.learn(pictures, generator)
    if place.first and state.step >= end:
        print("\nall stages are finished", flush=True)
    return state


def load_drawer(run: Path) -> Drawer:
    """The network of a run's folder or of a checkpoint, with its mean weights.

    Raises:
        FileNotFoundError: there is no checkpoint.
        ValueError: it is of another stage.
    """
    checkpoint = load_checkpoint(run, "drawing")
    model = Drawer(configuration.from_fields(checkpoint["config"]))
    take_means(model, checkpoint)
    return model


def measure_run(run: Path, folder: Path, perceptual: Path, judge: Path | None, sheet: Path | None) -> None:
    """Prints the figures of whole pictures at half and full strength, and writes a sheet at twice the size."""
    model = load_drawer(run)
    net, second = SqueezeNet(perceptual), None if judge is None else Vgg(judge)
    pictures = read_shown(folder, WHOLE)
    for strength in (0.5, 1.0):
        print(f"strength {strength}: {gate.measure(model, net, second, pictures, strength).line()}", flush=True)
    if sheet is not None:
        gate.draw_sheet(model, pictures, sheet, scale=2)


def main(arguments: Sequence[str]) -> None:
    """Command line entry.

    Raises:
        FileNotFoundError: see `train`.
        ValueError: see `train`, and for what cannot be set.
    """
    parser = argparse.ArgumentParser(prog="veneer train --drawing", description="Trains the drawing network.")
    parser.add_argument("folder", type=Path, help="what --prepare-drawing has made")
    parser.add_argument(
        "--run", type=Path, required=True, metavar="DIR", help="folder of the run, goes on if it is one"
    )
    parser.add_argument("--perceptual", type=Path, required=True, metavar="FILE", help="features of SqueezeNet 1.1")
    parser.add_argument("--judge", type=Path, metavar="FILE", help="features of VGG-16, which only measure")
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="numbers of the configuration")
    parser.add_argument("--begin-with", type=Path, metavar="RUN", help="whose weights a new run takes over")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long, with a checkpoint")
    parser.add_argument("--validate-minutes", type=float, default=10.0, help="between validations (default: 10)")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto")
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0 leaves it as it is")
    parser.add_argument("--gate", action="store_true", help="do not train: measure whole pictures")
    parser.add_argument("--sheet", type=Path, metavar="PNG", help="with --gate: a sheet to be looked at")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.gate:
        measure_run(options.run, options.folder, options.perceptual, options.judge, options.sheet)
        return
    train(
        configuration.from_fields(configurations.changed(DrawingConfig(), options.set)),
        options.folder,
        options.run,
        options.perceptual,
        judge=options.judge,
        place=find_place(options.device),
        minutes=options.minutes,
        validate_minutes=options.validate_minutes,
        begin_with=options.begin_with,
    )
