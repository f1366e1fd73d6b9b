"""Everything that decides a run of the drawing network.

Place: read by every other module of `drawing`; a checkpoint carries the one it was made with.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

STAGES = ("amplitude", "drawing", "sharpening")


@dataclasses.dataclass(frozen=True)
class DrawingConfig:
    """One run: its stages follow each other in one folder. Channels are best multiples of 16.

    Attributes:
        channels: of the trunk at 1/4 of the picture's sides.
        blocks_before: residual blocks at 1/4 before the deep part.
        deep_channels: of the deep part at 1/8.
        deep_blocks: residual blocks there.
        blocks_after: residual blocks at 1/4 after the deep part.
        map_features: channels of the layer that reads the maps of the base layer.
        details: features of single pixels, which say what varies in the picture that is shown.
        mixed: features at full size between the two layers that draw.
        amplitude_steps: of the stage that learns the levels alone.
        drawing_steps: of the stage that learns to draw.
        sharpening_steps: of the stage that learns to sharpen.
        batch: samples of each step, in all processes together.
        crop: side of a sample, a multiple of 16.
        amplitude_crop: the same in the first stage.
        learning_rate: of Adam at its highest, in the first and third stage.
        drawing_rate: of Adam at its highest, in the second stage.
        warm_up: steps of linear rise in each stage.
        decay: share of each stage's steps over which the rate falls.
        gradient_norm: longer gradients are shortened to this.
        ema: decay of the mean weights, those that are measured and exported.
        wanted: deviation of what is added in units of that of what is missing.
        features: length of the gradient of Wasserstein distortion of features, in shares.
        pyramid: of Wasserstein distortion of the Haar pyramid.
        levels: of the levels of the difference of two seeds.
        pointwise: of squared errors at edges and text.
        seed: of weights, samples and noise.
    """

    channels: int = 48
    blocks_before: int = 1
    deep_channels: int = 96
    deep_blocks: int = 2
    blocks_after: int = 1
    map_features: int = 16
    details: int = 8
    mixed: int = 16
    amplitude_steps: int = 2500
    drawing_steps: int = 50_000
    sharpening_steps: int = 5000
    batch: int = 8
    crop: int = 128
    amplitude_crop: int = 96
    learning_rate: float = 1e-3
    drawing_rate: float = 4e-4
    warm_up: int = 100
    decay: float = 0.4
    gradient_norm: float = 1.0
    ema: float = 0.997
    wanted: float = 0.9
    features: float = 0.6
    pyramid: float = 0.4
    levels: float = 0.4
    pointwise: float = 0.1
    seed: int = 1

    @property
    def ends(self) -> dict[str, int]:
        """The step at which each stage is finished."""
        first = self.amplitude_steps
        second = first + self.drawing_steps
        return dict(zip(STAGES, (first, second, second + self.sharpening_steps), strict=True))

    def stage(self, step: int) -> str:
        """The stage that a step belongs to; after the end of the last stage, the last."""
        return next((stage for stage, end in self.ends.items() if step < end), STAGES[-1])


# Fields that may change when a run goes on: schedule and balance.
SCHEDULE = frozenset(
    {field.name for field in dataclasses.fields(DrawingConfig)}
    - {"channels", "blocks_before", "deep_channels", "deep_blocks", "blocks_after", "map_features", "details", "mixed"}
)


def can_go_on(now: DrawingConfig, before: DrawingConfig) -> bool:
    """Whether a run of one configuration may go on with another: the networks are the same."""
    return dataclasses.replace(before, **{name: getattr(now, name) for name in SCHEDULE}) == now


def from_fields(fields: Mapping[str, str | int | float]) -> DrawingConfig:
    """The configuration of a checkpoint, all of whose fields must be known; see `dataclasses.asdict`.

    Raises:
        ValueError: a field is unknown or missing, or a side of samples is no multiple of 16.
    """
    known = {field.name for field in dataclasses.fields(DrawingConfig)}
    if fields.keys() != known:
        raise ValueError(f"not the fields of a drawing run: {', '.join(sorted(fields.keys() ^ known))}")
    config = DrawingConfig(**fields)  # type: ignore[arg-type]
    for side in (config.crop, config.amplitude_crop):
        if side % 16 or not 64 <= side <= 256:
            raise ValueError(f"crop {side} is no multiple of 16 from 64 to 256")
    return config
