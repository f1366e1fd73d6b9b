"""Encoder settings: one frozen dataclass with units and ranges, and what follows from them. Encoder only.

Source: docs/format.md, "HEAD" (Step_Index, Tile_Log2), for what the file says; the mapping from quality is free.
"""

from __future__ import annotations

import dataclasses

from veneer import limits
from veneer.arguments import (
    LAYERS,
    TUNES,
    Folder,
    Layers,
    Tune,
    check_flag,
    check_folder,
    check_integer,
    check_model,
    check_name,
    check_number,
    check_realism,
    check_threads,
)
from veneer.enhancement.enc_default_realism import default_realism
from veneer.errors import ErrorCode, VeneerError
from veneer.straight_lines import on_straight_lines

DEFAULT_MODEL = "standard"

MAX_STEP_INDEX = 223

# The largest bound on the error of a near-lossless file: beyond it lossy files are smaller at the same error.
MAX_ERROR = 8

# The step index for some qualities, straight lines between. On the validation pictures these steps give on average
# SSIMULACRA2 43 at quality 30, 80 at 75 and 88 at 90, whole files at effort 5.
QUALITIES = (0, 30, 75, 90, 100)
QUALITY_STEPS = {"psnr": (176, 146, 115, 98, 56), "visual": (175, 143, 110, 93, 54)}

# How much coarser than at effort 5 the steps of efforts 1..9 are at the same quality, straight lines between: at the
# same step more effort makes a better picture, and a quality is a look. Nearest to the same SSIMULACRA2
# (benchmarks/quality.py).
EFFORT_QUALITIES = (30, 50)
EFFORT_STEPS = {
    "psnr": ((-1, -1, -1, 0, 0, 0, 1, 3, 3), (-1, -1, -1, 0, 0, 0, 1, 3, 3)),
    "visual": ((-1, -1, -1, 0, 0, 1, 1, 4, 4), (-2, -1, -1, 0, 0, 1, 1, 4, 4)),
}

# Up to this many pixels a picture is one tile: every tile starts its models afresh and cannot predict from its
# neighbours, while a second thread or a region hardly pays on less.
ONE_TILE_MAX_PIXELS = 1_500_000
DEFAULT_TILE_LOG2 = 10
# Of lossless files: tiles of 1024 take 1.5 % more bytes of a photograph, and 15 % more of a screenshot with much text.
LOSSLESS_TILE_LOG2 = 11

# Smaller pictures arrive and decode so fast that a preview hardly pays.
PREVIEW_MIN_PIXELS = 4_000_000


@dataclasses.dataclass(frozen=True)
class Settings:
    """Everything an encoder can be told about how, not what, to encode.

    Numbers may be those of NumPy; they are kept as int and float.

    Attributes:
        quality: 0..100; 90 is hard to tell from the original, 75 for the web, 30 small. Not looked at where
            one of step_index, target_size and bpp is given.
        effort: 1 (fast) .. 9 (small).
        tune: "visual" for the eye, "psnr" for the mean squared error.
        layers: "base" leaves enhancement out, "full" adds it where it pays. Where there are no models at all, as in a
            package that was built without, both give the base layer alone.
        model: name of the enhancement networks for "full"; None for "standard".
        models: a folder of models to look into before the package's own, with a manifest; None for none.
        realism: 0..1, how much texture decoders add where they are not told otherwise; None for 0 with tune "psnr", and
            else what suits the step. It is 0 in any case where the model has no texture, or enhancement does not pay.
        base_scale: 1 or 2, sides of the picture over those of the base layer; None for 1, or with enhancement for
            whichever is better at coarse steps.
        threads: 0 for as many as there are cores. Has no influence on the bytes.
        tile_size: side of a tile in pixels, a power of two in 64..65536; None lets the size of the picture decide.
        step_index: quantizer step in sixteenths of an octave, 0..223, in place of quality. A base layer of half size
            gets a step that is finer by a fixed number.
        target_size: largest size of the file in bytes; the finest step that keeps to it is searched for.
        bpp: the same in bits per pixel.
        lossless: whether every sample comes back as it is; quality 100 says the same, unless there is a target.
            Settings of lossy coding are refused then.
        max_error: 0..8; above 0 samples of colour may differ by so much, in a smaller file. For lossless files.
        exact: whether a lossless file keeps the colour of pixels whose alpha is 0, which nobody sees.
        preview: whether to add a small picture of the whole, of an eighth of its sides, where it takes at most 3 % of
            the file; None for pictures of 4 million pixels or more.

    Raises:
        VeneerError: BAD_SETTING.
    """

    quality: float = 75
    effort: int = 5
    tune: Tune = "visual"
    layers: Layers = "full"
    model: str | None = DEFAULT_MODEL
    threads: int = 0
    tile_size: int | None = None
    step_index: int | None = None
    target_size: int | None = None
    bpp: float | None = None
    preview: bool | None = None
    base_scale: int | None = None
    models: Folder | None = None
    realism: float | None = None
    lossless: bool = False
    max_error: int = 0
    exact: bool = False

    def __post_init__(self) -> None:
        self._set(
            quality=check_number("quality", self.quality, 0, 100),
            effort=check_integer("effort", self.effort, 1, 9),
            tune=check_name("tune", self.tune, TUNES),
            layers=check_name("layers", self.layers, LAYERS),
            model=check_model(self.model, DEFAULT_MODEL),
            models=check_folder("models", self.models),
            realism=check_realism(self.realism),
            threads=check_threads(self.threads),
            lossless=check_flag("lossless", self.lossless),
            max_error=check_integer("max_error", self.max_error, 0, MAX_ERROR),
            exact=check_flag("exact", self.exact),
        )
        targets = [name for name in ("step_index", "target_size", "bpp") if getattr(self, name) is not None]
        if len(targets) > 1:
            raise VeneerError(ErrorCode.BAD_SETTING, f"{' and '.join(targets)} exclude each other")
        if self.base_scale is not None:
            self._set(base_scale=check_integer("base_scale", self.base_scale, 1, 2))
        if self.step_index is not None:
            self._set(step_index=check_integer("step_index", self.step_index, 0, MAX_STEP_INDEX))
        if self.target_size is not None:
            self._set(target_size=check_integer("target_size", self.target_size, 1, 1 << 62))
        if self.bpp is not None:
            self._set(bpp=check_number("bpp", self.bpp, 1e-6, 1e6))
        if self.preview is not None:
            self._set(preview=check_flag("preview", self.preview))
        if self.tile_size is not None:
            side = check_integer("tile_size", self.tile_size, 1 << limits.MIN_TILE_LOG2, 1 << limits.MAX_TILE_LOG2)
            if side & (side - 1):
                raise VeneerError(ErrorCode.BAD_SETTING, f"tile_size must be a power of two, not {side}")
            self._set(tile_size=side)
        self._check_lossless(targets)

    def _check_lossless(self, targets: list[str]) -> None:
        """Notes whether the file is lossless; refuses what has no meaning then, or only then."""
        finest = self.quality == QUALITIES[-1] and not targets
        if not (self.lossless or finest):
            for name in ("max_error", "exact"):
                if getattr(self, name):
                    raise VeneerError(ErrorCode.BAD_SETTING, f"{name} has a meaning only with lossless=True")
            return
        where = "lossless=True" if self.lossless else "quality 100, which is lossless"
        if self.quality not in (Settings.quality, QUALITIES[-1]):
            targets = ["quality", *targets]
        lossy = [name for name in ("base_scale", "realism", "models") if getattr(self, name) is not None]
        lossy += [name for name in ("tune", "layers", "model") if getattr(self, name) != getattr(Settings, name)]
        for name in targets + lossy:
            raise VeneerError(ErrorCode.BAD_SETTING, f"{name} has no meaning with {where}; leave it out")
        self._set(lossless=True)

    def _set(self, **checked: object) -> None:
        """Keeps what has been checked, as plain numbers and names."""
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def tune_index(self) -> int:
        """The field Tune."""
        return TUNES.index(self.tune)

    def base_step_index(self) -> int:
        """Step that step_index or else quality stands for, 0 (finest) .. 223."""
        if self.step_index is not None:
            return self.step_index
        return self.quality_step(self.quality)

    def quality_step(self, quality: float) -> int:
        """Step that a quality of 0..100 stands for at this effort."""
        step = round(on_straight_lines(quality, QUALITIES, QUALITY_STEPS[self.tune]))
        return min(max(step + self._effort_steps(quality), 0), MAX_STEP_INDEX)

    def _effort_steps(self, quality: float) -> int:
        """How much coarser the steps of this effort are than those of effort 5 that look the same."""
        steps = [efforts[self.effort - 1] for efforts in EFFORT_STEPS[self.tune]]
        return round(on_straight_lines(quality, EFFORT_QUALITIES, steps))

    def chosen_realism(self, step_index: int) -> float:
        """What a file of that step asks decoders for, if its model has texture, 0..1."""
        if self.realism is not None:
            return self.realism
        # Realism changes above quality 50 alone, where steps of efforts are the same for all qualities.
        return default_realism(step_index - self._effort_steps(50)) if self.tune == "visual" else 0.0

    def wants_preview(self, width: int, height: int) -> bool:
        """Whether a picture of `width` x `height` pixels is to have a preview, if there is room for it."""
        return width * height >= PREVIEW_MIN_PIXELS if self.preview is None else self.preview

    def size_limit(self, width: int, height: int) -> int | None:
        """Largest size of the file in bytes, or None where there is no such target."""
        if self.bpp is not None:
            return int(self.bpp * width * height / 8)
        return self.target_size

    def tile_log2(self, width: int, height: int) -> int:
        """Side of the tiles for a picture of `width` x `height` pixels, as a power of two."""
        if self.tile_size is not None:
            return self.tile_size.bit_length() - 1
        whole = max(limits.MIN_TILE_LOG2, (max(width, height) - 1).bit_length())
        if self.lossless:
            return min(whole, LOSSLESS_TILE_LOG2)
        return DEFAULT_TILE_LOG2 if width * height > ONE_TILE_MAX_PIXELS else whole
