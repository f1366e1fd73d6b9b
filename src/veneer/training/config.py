"""Everything that decides a training run: the shape of the networks, the loss and the schedule.

Place: read by every other module of training; a checkpoint carries the one it was made with.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclasses.dataclass(frozen=True)
class Config:
    """One run. Channels are best multiples of 16, which the integer kernels work in.

    Attributes:
        model: name of the preset that the run began with.
        source: of the pictures to restore: "veneer" for base layers, "jpeg" for JPEGs.
        scale: sides of the picture over sides of the base layer, 1 or 2.
        channels: of the generator's trunk at 1/4 of the picture's sides.
        blocks_before: residual blocks at 1/4 before the deep part.
        deep_channels: of the deep part at 1/8.
        deep_blocks: residual blocks there; 0 leaves the deep part out.
        deep_inner: channels inside these blocks, which then are a 3x3 and a 1x1 convolution; 0 for two 3x3 of
            `deep_channels`. At equal cost that makes more of them.
        blocks_after: residual blocks at 1/4 after the deep part.
        map_features: channels of the layer that reads the maps of the base layer; 0 leaves them out.
        coefficients: 1 where `head` and `tail` are trained in coefficients of squares instead of pixels. The network is
            the same, and is learned much faster.
        latent_channels: of y at 1/16; 0 leaves `latent_analysis` and `latent_prior` out.
        latent_features: channels of the layers that bring y_hat to the trunk.
        analysis_channels: of `latent_analysis`.
        entropy_channels: of `latent_prior`.
        texture_channels: of the texture head; 0 leaves it out.
        rate_weight: lambda / q^2 of the latents' bits per pixel, as in the base encoder's own decisions.
        latents_lost: share of samples whose latents are lost, so that pictures without them are enhanced too.
        rate_ramp: share of the steps over which the weight of the rate rises from 0, so that latents get a use first.
        taught_steps: steps whose targets a trained model gives, in part from the half of them on, see `teacher.py`.
        steps: of the optimiser.
        batch: samples of each, in all processes together.
        crop: side of a sample in pixels, a multiple of 16.
        learning_rate: of Adam, at its highest.
        warm_up: steps of linear rise.
        decay: share of the steps over which the learning rate falls at the end, by half a cosine.
        gradient_norm: longer gradients are shortened to this.
        ema: decay of the mean weights, those that are validated and exported.
        seed: of weights, samples and noise.
    """

    model: str = "standard"
    source: str = "veneer"
    scale: int = 1
    channels: int = 64
    blocks_before: int = 3
    deep_channels: int = 128
    deep_blocks: int = 3
    deep_inner: int = 0
    blocks_after: int = 2
    map_features: int = 32
    coefficients: int = 0
    latent_channels: int = 8
    latent_features: int = 32
    analysis_channels: int = 64
    entropy_channels: int = 32
    texture_channels: int = 0
    rate_weight: float = 0.095
    latents_lost: float = 0.2
    rate_ramp: float = 0.1
    taught_steps: int = 0
    steps: int = 40_000
    batch: int = 16
    crop: int = 128
    learning_rate: float = 1e-3
    warm_up: int = 200
    decay: float = 0.5
    gradient_norm: float = 1.0
    ema: float = 0.999
    seed: int = 1


# Most of the work is at 1/8 of the sides, where a multiplication reaches furthest. `standard` takes 10 thousand of them
# per picture pixel, `fast` 5, `half` 6, `restore` 42.
_STANDARD = Config(
    channels=32,
    blocks_before=0,
    deep_channels=64,
    deep_blocks=8,
    deep_inner=96,
    blocks_after=0,
    map_features=16,
    coefficients=1,
    latent_channels=0,
)
PRESETS = {
    "standard": _STANDARD,
    "fast": dataclasses.replace(_STANDARD, model="fast", deep_channels=48, deep_blocks=6, deep_inner=64),
    "half": dataclasses.replace(
        _STANDARD, model="half", scale=2, crop=256, batch=8, channels=48, deep_channels=96, deep_inner=128
    ),
    "restore": Config(model="restore", source="jpeg", latent_channels=0, steps=20_000),
}

# Fields that may change when a run goes on: what is left of the schedule.
SCHEDULE = {"steps", "decay", "learning_rate", "rate_ramp", "taught_steps"}


def from_options(model: str, assignments: Sequence[str]) -> Config:
    """A preset with some of its fields changed.

    Args:
        model: name of a preset.
        assignments: "field=value" each.

    Returns:
        The configuration.

    Raises:
        ValueError: an unknown field or an invalid value.
    """
    return from_fields(changed(PRESETS[model], assignments))


def changed(preset: DataclassInstance, assignments: Sequence[str]) -> dict[str, str | int | float]:
    """The fields of a configuration of whatever stage, with some numbers changed.

    Args:
        preset: a dataclass.
        assignments: "field=value" each.

    Raises:
        ValueError: an unknown field or an invalid value.
    """
    types = {field.name: str(field.type) for field in dataclasses.fields(preset)}
    changes: dict[str, str | int | float] = {}
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        if types.get(name) not in ("int", "float"):
            raise ValueError(f"{name!r} is no number of a configuration; there are {', '.join(types)}")
        changes[name] = int(text) if types[name] == "int" else float(text)
    return {**dataclasses.asdict(preset), **changes}


def can_go_on(now: Config, before: Config) -> bool:
    """Whether a run of one configuration may go on with another: all but the schedule is the same."""
    schedule = {name: getattr(now, name) for name in SCHEDULE}
    return dataclasses.replace(before, **schedule) == now


def from_fields(fields: Mapping[str, str | int | float]) -> Config:
    """The configuration of a checkpoint; fields that are younger than it have their defaults, see `dataclasses.asdict`.

    Raises:
        ValueError: a field is unknown, or the crop is no multiple of 16.
    """
    unknown = fields.keys() - {field.name for field in dataclasses.fields(Config)}
    if unknown:
        raise ValueError(f"not the fields of a configuration: {', '.join(sorted(unknown))}")
    config = Config(**fields)  # type: ignore[arg-type]
    if config.crop % (16 * config.scale) or config.crop < 32:
        raise ValueError(f"crop {config.crop} is no multiple of {16 * config.scale} from 32 on")
    if config.scale not in (1, 2) or (config.scale == 2 and config.latent_channels):
        raise ValueError("scale is 1, or 2 without latents")
    return config
