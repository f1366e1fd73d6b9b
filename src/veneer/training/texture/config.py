"""Everything that decides a run of the texture stage.

Place: read by every other module of `texture`; a checkpoint carries the one it was made with.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from veneer.training import config as configuration


@dataclasses.dataclass(frozen=True)
class TextureConfig:
    """One run. Channels are best multiples of 16, which the integer kernels work in.

    Attributes:
        model: name of the preset that the run began with.
        source: what is textured: "veneer" for enhanced pictures, "jpeg" for restored JPEGs; follows from the enhancer.
        texture: 0 for a network that adds grain and draws nothing itself.
        channels: of the generator's trunk at 1/4 of the picture's sides.
        blocks_before: residual blocks at 1/4 before the deep part.
        deep_channels: of the deep part at 1/8.
        deep_blocks: residual blocks there.
        blocks_after: residual blocks at 1/4 after the deep part, where noise comes in.
        map_features: channels of the layer that reads the maps of the base layer.
        critic_channels: of the discriminator at 1/2; twice and three times as many at 1/4 and 1/8.
        alone: steps without discriminator to begin with, for the perceptual distance and fidelity alone.
        adversarial: weight of the discriminator's gradient by the picture, in units of the perceptual distance's.
        adversarial_ramp: steps over which it rises to that.
        budget_db: PSNR that coarsely coded samples may lose; the weight of fidelity follows from it.
        guard: weight of what keeps flat areas, lines, skin and means as they are.
        missing: share of samples part of which is lost and filled by concealment.
        unconditional: share of samples that the discriminator judges without knowing what was decoded.
        finest_step: step index below which decodings are left out; their enhanced pictures need nothing.
        coarse_step: from here on the texture has all its weight.
        coarse_share: share of the samples from there.
        steps: of the optimiser.
        batch: samples of each, in all processes together.
        crop: side of a sample in pixels, a multiple of 64.
        learning_rate: of Adam for the generator, at its highest.
        critic_rate: of Adam for the discriminator.
        warm_up: steps of linear rise.
        decay: share of the steps over which the learning rates fall at the end, by half a cosine.
        gradient_norm: longer gradients are shortened to this.
        ema: decay of the mean weights, those that are validated and exported.
        grain_share: deviation of the grain, in units of that of the fine detail that must be lacking. More of it is
            told from originals more easily, and costs more.
        only_grain: 1 to train only the levels of grain, which takes minutes.
        seed: of weights, samples and noise.
    """

    model: str = "texture"
    source: str = "veneer"
    texture: int = 1
    channels: int = 48
    blocks_before: int = 2
    deep_channels: int = 96
    deep_blocks: int = 3
    blocks_after: int = 2
    map_features: int = 16
    critic_channels: int = 32
    alone: int = 1000
    adversarial: float = 0.3
    adversarial_ramp: int = 1000
    budget_db: float = 0.9
    guard: float = 1.0
    missing: float = 0.15
    unconditional: float = 0.75
    finest_step: int = 92
    coarse_step: int = 132
    coarse_share: float = 0.8
    steps: int = 12_000
    batch: int = 8
    crop: int = 128
    learning_rate: float = 4e-4
    critic_rate: float = 4e-4
    warm_up: int = 100
    decay: float = 0.3
    gradient_norm: float = 1.0
    ema: float = 0.998
    grain_share: float = 0.875
    only_grain: int = 0
    seed: int = 1


PRESETS = {
    "texture": TextureConfig(),
    "grain": TextureConfig(
        model="grain",
        texture=0,
        blocks_after=0,
        missing=0.0,
        finest_step=0,
        coarse_step=0,
        only_grain=1,
        steps=1000,
        learning_rate=2e-3,
        decay=0.7,
        ema=0.99,
        grain_share=0.35,
    ),
}

# Fields that may change when a run goes on: schedule and balance.
SCHEDULE = (
    "steps",
    "decay",
    "learning_rate",
    "critic_rate",
    "adversarial",
    "adversarial_ramp",
    "alone",
    "budget_db",
    "guard",
    "ema",
    "only_grain",
)


def from_options(source: str, assignments: Sequence[str]) -> TextureConfig:
    """A preset with some of its fields changed, "field=value" each.

    Args:
        source: what is textured. JPEGs get grain alone.
        assignments: of fields.

    Raises:
        ValueError: an unknown field or an invalid value.
    """
    preset = dataclasses.replace(PRESETS["grain" if source == "jpeg" else "texture"], source=source)
    return from_fields(configuration.changed(preset, assignments))


def can_go_on(now: TextureConfig, before: TextureConfig) -> bool:
    """Whether a run of one configuration may go on with another: all but schedule and balance is the same."""
    return dataclasses.replace(before, **{name: getattr(now, name) for name in SCHEDULE}) == now


def from_fields(fields: Mapping[str, str | int | float]) -> TextureConfig:
    """The configuration of a checkpoint, all of whose fields must be known; see `dataclasses.asdict`.

    Raises:
        ValueError: a field is unknown or missing, the crop is no multiple of 64, or nothing is to be learned.
    """
    known = {field.name for field in dataclasses.fields(TextureConfig)}
    if fields.keys() != known:
        raise ValueError(f"not the fields of a texture run: {', '.join(sorted(fields.keys() ^ known))}")
    config = TextureConfig(**fields)  # type: ignore[arg-type]
    if config.crop % 64 or not 64 <= config.crop <= 256:
        raise ValueError(f"crop {config.crop} is no multiple of 64 from 64 to 256")
    if not config.texture and not config.only_grain:
        raise ValueError("without texture there is nothing but grain to learn: only_grain=1")
    return config
