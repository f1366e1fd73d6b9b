"""The loop of the texture stage, top to bottom. Needs torch, numpy and Pillow, not the compiled core.

A step: the discriminator learns to tell originals from textured pictures; then the generator's picture gets three
gradients: of the perceptual distance; of the discriminator, brought to a given share of that one's length so that the
two stay balanced; and of fidelity and guards. The weight of fidelity is a price that rises while the texture costs more
PSNR than its budget and falls while it costs less. The levels of grain are trained apart, from the missing detail.

A run is a folder: `checkpoint.pt`, `log.jsonl`, `sheet-*.png` (original, enhanced, textured), and the enhanced crops.
Everything random follows from the seed and the number of the step, so a run that was stopped resumes as if it had not
been.

    veneer train --stage texture --cache DIR --fidelity RUN --perceptual FILE --run DIR
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
from torch import Tensor, distributed, nn

from veneer.training import quantizers
from veneer.training.discriminator import Discriminator, DiscriminatorConfig
from veneer.training.graph_writer import REDUCTION
from veneer.training.networks import load_enhancer
from veneer.training.perceptual import SqueezeNet, tap_distances
from veneer.training.runs import (
    CHECKPOINT,
    LOG,
    SMOOTHING,
    Place,
    average_gradients,
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
from veneer.training.texture import config as configuration
from veneer.training.texture import losses
from veneer.training.texture.config import TextureConfig
from veneer.training.texture.data import Samples, Source, TextureCrops
from veneer.training.texture.grain import GRAIN_LEVEL, draw_noise, unlikelihood
from veneer.training.texture.network import Texturer
from veneer.training.texture.validation import draw_sheet, validate

# Layers of the perceptual distance, weighted so that their gradients by the picture are about as long: without, that of
# the deepest is 10 to 100 times that of the first ones, which show texture, and training came to a halt.
TAP_WEIGHTS = (2.0, 6.0, 3.0, 1.5, 1.0, 1.0, 0.5)
# Weights of the guards and of the contrast that is wanted, in units of the perceptual distance.
GUARD_WEIGHTS = {"flat": 1.0, "line": 2.0, "skin": 1.0, "excess": 25.0, "lack": 5.0, "mean": 0.5, "pattern": 50.0}
GUARDS = tuple(GUARD_WEIGHTS)
SHOWN = (
    *("perceptual", "cost_db", "price", "critic", "told_real", "told_fake", "score_real", "score_fake", "pull"),
    "grain",
    *GUARDS,
)
# The discriminator learns for so many steps before the generator uses it.
CRITIC_AHEAD = 600
# The price of fidelity: where it begins, how fast its logarithm follows the cost (per dB and step), its limits.
# Below the lower one a network drifted to 1.9 dB of noise before the price had risen again.
FIRST_PRICE, PRICE_RATE, PRICE_LIMITS = 0.1, 0.01, (0.03, 30.0)
SHIFTS = 8  # a multiple of the discriminator's patches
# Samples that need no texture pay so many times the price more.
FINE_PRICE = 100.0


@dataclasses.dataclass
class _State:
    """The state that a step changes.

    Attributes:
        step: number of the next.
        price: of fidelity, per dB.
        shown: running means, in the order of `SHOWN`.
    """

    step: int
    price: float
    shown: Tensor


class Stage:
    """Networks and optimisers of a run.

    Args:
        config: of the run.
        features: of the perceptual distance.
        place: of this process.
    """

    def __init__(self, config: TextureConfig, features: SqueezeNet, place: Place) -> None:
        torch.manual_seed(config.seed)
        self.config, self.features, self.place = config, features, place
        self.generator = Texturer(config).to(place.device, memory_format=torch.channels_last)
        self.critic = Discriminator(DiscriminatorConfig(config.critic_channels))
        self.critic.to(place.device, memory_format=torch.channels_last)
        self.means = copy.deepcopy(self.generator)
        self.means.requires_grad_(False)
        # The discriminator's first moments are short: what it judges changes.
        self.optimizers = {
            name: torch.optim.Adam(module.parameters(), betas=(beta, 0.99), fused=True)
            for name, module, beta in (("generator", self.generator, 0.9), ("critic", self.critic, 0.5))
        }
        self.state = _State(0, FIRST_PRICE, torch.full((len(SHOWN),), math.nan, device=place.device))

    @property
    def _modules(self) -> dict[str, nn.Module]:
        return {"generator": self.generator, "means": self.means, "discriminator": self.critic}

    def as_checkpoint(self) -> dict[str, Any]:
        """Everything that is needed to go on."""
        return {
            "config": dataclasses.asdict(self.config),
            **dataclasses.asdict(self.state),
            **{name: module.state_dict() for name, module in self._modules.items()},
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
        }

    def load(self, checkpoint: dict[str, Any]) -> None:
        """Goes back to a checkpoint."""
        for name, module in self._modules.items():
            module.load_state_dict(checkpoint[name])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(checkpoint["optimizers"][name])
        self.state = _State(checkpoint["step"], checkpoint["price"], checkpoint["shown"].to(self.place.device))

    def begin_with(self, checkpoint: dict[str, Any]) -> None:
        """Takes over what fits of another run: its mean weights, and the discriminator if there is one."""
        for module, name in ((self.generator, "means"), (self.critic, "discriminator")):
            if name in checkpoint:
                take_over(checkpoint[name], module)
        self.means.load_state_dict(self.generator.state_dict())

    def run_step(self, samples: Samples) -> None:
        """Learns from a batch. Everything random must follow from the number of the step."""
        config, state, device = self.config, self.state, samples.step.device
        for name, rate in (("generator", config.learning_rate), ("critic", config.critic_rate)):
            for group in self.optimizers[name].param_groups:
                group["lr"] = rate * rate_share(config, state.step)
        count, _, height, width = samples.step.shape
        noise = draw_noise((count, height, width), device)
        told = (torch.rand(count, device=device) >= config.unconditional).float()
        # What is missing is filled in any case.
        weight = torch.maximum(samples.coarse, samples.missing.amax(dim=(1, 2, 3)))
        results: dict[str, Tensor] = {}
        with mixed_precision(device):
            made = self.generator(
                *(samples.enhanced, samples.step, samples.settings, samples.maps, samples.missing, noise),
                observe=results.__setitem__,
            )
        grain = unlikelihood(results[GRAIN_LEVEL], samples).mean()
        # Originals are whole levels; what is told from them must be, too.
        picture = quantizers.rounded(made).detach().requires_grad_()
        news = dict.fromkeys(SHOWN, math.nan) | {"grain": grain.item()}
        self.optimizers["generator"].zero_grad(set_to_none=True)
        # The level of grain follows from what is lacking alone: whatever looks at pictures would rather have none.
        of_grain = self.generator.grain_parameters()
        grain.backward(inputs=of_grain, retain_graph=True)
        if not config.only_grain:
            if state.step >= config.alone - CRITIC_AHEAD:
                news |= self._teach_critic(picture.detach(), samples, told, weight)
            gradient, found = self._gradient(picture, samples, told, weight)
            news |= found
            apart = {id(parameter) for parameter in of_grain}
            made.backward(gradient, inputs=[p for p in self.generator.parameters() if id(p) not in apart])
        self._learn(self.generator, "generator")
        update_means(self.means, self.generator, config.ema, state.step)
        if not math.isnan(news["cost_db"]):
            price = math.log(state.price) + PRICE_RATE * (news["cost_db"] - config.budget_db)
            state.price = min(max(math.exp(price), PRICE_LIMITS[0]), PRICE_LIMITS[1])
        newest = torch.tensor([news[name] for name in SHOWN], device=device)
        mixed = torch.where(state.shown.isnan(), newest, torch.lerp(newest, state.shown, SMOOTHING))
        state.shown = torch.where(newest.isnan(), state.shown, mixed)
        state.step += 1

    def _teach_critic(self, fake: Tensor, samples: Samples, told: Tensor, weight: Tensor) -> dict[str, float]:
        """One step of the discriminator; what is to be shown of it."""
        original, fake, enhanced = _shifted(samples.original, fake, samples.enhanced)
        both = torch.cat([original, fake])
        side = fake.shape[2] // REDUCTION
        twice = [torch.cat([x, x]) for x in (enhanced, samples.amplitude[:, :, :side, :side], told)]
        with mixed_precision(fake.device):
            real, false = self.critic(both, *twice).chunk(2)
        loss = losses.hinge_critic(real, false, weight)
        self.optimizers["critic"].zero_grad(set_to_none=True)
        loss.backward()
        self._learn(self.critic, "critic")
        share = weight[:, None, None, None] / weight.sum().clamp(min=1e-3) / real[0].numel()
        return {
            "critic": loss.item(),
            "told_real": ((real > 0) * share).sum().item(),
            "told_fake": ((false < 0) * share).sum().item(),
            "score_real": (real * share).sum().item(),
            "score_fake": (false * share).sum().item(),
        }

    def _gradient(
        self, picture: Tensor, samples: Samples, told: Tensor, weight: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """Gradient of everything by the generator's picture, and what is to be shown."""
        config, state = self.config, self.state
        looked_at, original, enhanced = _shifted(picture, samples.original, samples.enhanced)
        with mixed_precision(picture.device):
            with torch.no_grad():
                wanted = self.features(original)
            perceptual = tap_distances(self.features(looked_at), wanted)
        weights = picture.new_tensor(TAP_WEIGHTS)[:, None]
        (gradient,) = torch.autograd.grad((weights * perceptual).sum(dim=0).mean(), picture, retain_graph=True)
        length = gradient.norm()
        cost = losses.loss_db(picture, samples)
        guards = losses.guards(picture, samples)
        price = state.price * (1 + FINE_PRICE * (1 - weight))
        guard = sum((GUARD_WEIGHTS[name] * guards[name] for name in GUARDS), torch.zeros_like(cost))
        (more,) = torch.autograd.grad((price * cost + config.guard * guard).mean(), picture)
        found = {"perceptual": perceptual.sum(dim=0).mean().item(), "price": state.price}
        found |= {name: guards[name].mean().item() for name in GUARDS}
        counted = samples.whole * samples.coarse
        sums = torch.stack([(cost.detach() * counted).sum(), counted.sum()])
        if self.place.processes > 1:
            distributed.all_reduce(sums)  # all have one price
        if sums[1] > 0:
            found["cost_db"] = (sums[0] / sums[1]).item()
        total = gradient + more
        share = config.adversarial * min(1.0, (state.step - config.alone) / max(1, config.adversarial_ramp))
        # One that cannot tell has no direction to give, however long its gradient is made.
        shown = self.named()
        share *= min(max(shown.get("score_real", 0.0) - shown.get("score_fake", 0.0), 0.0), 1.0)
        if share > 0:
            self.critic.requires_grad_(False)
            # The judgement of the picture alone. Told the change it knows textures by their being smaller than what was
            # lost, which they must be: its gradient is then one and the same pattern of dots everywhere.
            alone = torch.zeros_like(told)
            side = looked_at.shape[2] // REDUCTION
            with mixed_precision(picture.device):
                scores = self.critic(looked_at, enhanced, samples.amplitude[:, :, :side, :side], alone)
            (pull,) = torch.autograd.grad(losses.hinge_generator(scores, weight), picture)
            self.critic.requires_grad_(True)
            total = total + share * length / pull.norm().clamp(min=1e-12) * pull
            found["pull"] = (pull.norm() / length.clamp(min=1e-12)).item()
        return total, found

    def _learn(self, module: nn.Module, name: str) -> None:
        """A step of an optimiser with gradients of all processes, shortened."""
        if self.place.processes > 1:
            average_gradients(module, self.place.processes)
        nn.utils.clip_grad_norm_(module.parameters(), self.config.gradient_norm)
        self.optimizers[name].step()

    def named(self) -> dict[str, float]:
        """Running means by name, of those that there are."""
        shown = dict(zip(SHOWN, self.state.shown.tolist(), strict=True))
        return {name: value for name, value in shown.items() if not math.isnan(value)}


def _shifted(*pictures: Tensor) -> tuple[Tensor, ...]:
    """The same random part of pictures, 8 pixels smaller.

    Features are taken at strides of 2 to 16. With samples at multiples of 16 the generator could learn what they see at
    which place of a stride: regular dots, that a critic finds at once.
    """
    y, x = torch.randint(0, SHIFTS + 1, (2,)).tolist()
    side = pictures[0].shape[2] - SHIFTS
    return tuple(picture[:, :, y : y + side, x : x + side] for picture in pictures)


def train(
    config: TextureConfig,
    sources: Sequence[Source],
    perceptual: Path,
    run: Path,
    *,
    place: Place,
    minutes: float = math.inf,
    validate_minutes: float = 5.0,
    last_step: int | None = None,
    begin_with: Path | None = None,
) -> Stage:
    """Trains, or goes on with a run.

    Args:
        config: of the run; but for schedule and balance that of its checkpoint where there is one.
        sources: coded crops and what enhances them.
        perceptual: file of the SqueezeNet features.
        run: folder of the run.
        place: of this process.
        minutes: stop after so long, with a checkpoint.
        validate_minutes: between validations and sheets; there is one at the end in any case.
        last_step: stop before this step, with a checkpoint; None for all.
        begin_with: folder of a texture run, or its checkpoint, whose networks a new run begins with.

    Raises:
        FileNotFoundError: a cache, checkpoint or file is missing.
        ValueError: the run has another configuration.
    """
    started = time.monotonic()
    device, end = place.device, config.steps if last_step is None else min(last_step, config.steps)
    stage = Stage(config, SqueezeNet(perceptual).to(device, memory_format=torch.channels_last), place)
    state, path = stage.state, run / CHECKPOINT
    if path.exists():
        checkpoint = load_checkpoint(path)
        if not configuration.can_go_on(config, configuration.from_fields(checkpoint["config"])):
            raise ValueError(f"{run} was trained with another configuration; choose another folder")
        stage.load(checkpoint)
        state = stage.state
    elif begin_with is not None:
        checkpoint = load_checkpoint(begin_with)
        stage.begin_with(checkpoint)
    if not place.first:
        distributed.barrier()  # the first enhances, the others read what it has kept
    crops = TextureCrops(sources, "train", config.finest_step, run, device)
    held_out = TextureCrops(sources, "valid", config.finest_step, run, device)
    if place.first and place.processes > 1:
        distributed.barrier()
    entries = read_log(run / LOG, state.step)
    if place.first:
        graph = stage.generator.texture.definition.graph
        print(
            f"{config.model}: {graph.multiplications_per_pixel / 1e3:.1f} kMAC/pixel, "
            f"{len(crops)} decodings, step {state.step} of {config.steps}",
            flush=True,
        )

    def finish_part(measure: bool) -> None:
        """Writes a checkpoint, and with `measure` a validation and a sheet."""
        if not place.first:
            return
        save_checkpoint(path, stage.as_checkpoint())
        if measure:
            report = validate(stage.means, stage.features, held_out, config)
            entries.append({"step": state.step, **stage.named(), **report.as_fields()})
            print(f"\nvalidation at step {state.step}: {report.line()}", flush=True)
            print("  " + "  ".join(f"{name} {value:.3g}" for name, value in stage.named().items()), flush=True)
            write_log(run / LOG, entries)
            draw_sheet(stage.means, held_out, config, run / f"sheet-{state.step:06}.png")

    def show(steps_per_second: float) -> None:
        print("\r" + _progress(stage, steps_per_second), end="", flush=True)

    for generator in paced_steps(
        range(state.step, end),
        config.seed,
        place,
        stop_at=started + 60 * minutes,
        validate_minutes=validate_minutes,
        show=show,
        finish_part=finish_part,
    ):
        stage.run_step(crops.random_batch(config.batch // place.processes, config, generator))
    return stage


def _progress(stage: Stage, steps_per_second: float) -> str:
    shown = {name: f"{value:.3f}" for name, value in stage.named().items()}
    left = (stage.config.steps - stage.state.step) / steps_per_second
    speed = steps_per_second * stage.config.batch * stage.config.crop**2
    return (
        f"step {stage.state.step}/{stage.config.steps}  distance {shown.get('perceptual', '-')}  "
        f"cost {shown.get('cost_db', '-')} dB  price {shown.get('price', '-')}  "
        f"told {shown.get('told_real', '-')}/{shown.get('told_fake', '-')}  grain {shown.get('grain', '-')}  "
        f"{speed / 1e6:.2f} Mpix/s  {left / 3600:.1f} h left "
    )


def main(options: argparse.Namespace, place: Place) -> None:
    """Trains as the options of `veneer train --stage texture` say.

    Raises:
        FileNotFoundError: see `train`.
        ValueError: see `train`, and for what cannot be set.
    """
    if options.fidelity is None or options.perceptual is None:
        raise ValueError("--stage texture needs --fidelity and --perceptual")
    if (options.half is None) != (options.half_cache is None):
        raise ValueError("--half and --half-cache go together")
    sources = [Source(options.cache, options.fidelity)]
    if options.half is not None:
        sources.append(Source(options.half_cache, options.half))
    train(
        configuration.from_options(load_enhancer(options.fidelity).config.source, options.set),
        sources,
        options.perceptual,
        options.run,
        place=place,
        minutes=options.minutes,
        validate_minutes=options.validate_minutes,
        begin_with=options.begin_with,
    )
