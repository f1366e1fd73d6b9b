"""Options that would have no effect beside others are refused: the user expects an effect of each option."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.core import ParameterSource

TARGETS = ("target_size", "bpp", "step_index", "target_ssimulacra2")

# What tells an encoder how; without meaning where a command decodes.
ENCODING = (
    "quality",
    "effort",
    "tune",
    "target_size",
    "bpp",
    "step_index",
    "model",
    "base_scale",
    "lossless",
    "max_error",
    "exact",
    "tile_size",
    "preview",
    "strip",
    "picture",
)


def is_given(name: str) -> bool:
    """Whether the parameter of that name was typed, rather than left at its default."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def refuse(names: Iterable[str], where: str) -> None:
    """Raises click.UsageError where a parameter was typed that has no effect; `where` says beside what."""
    parameters = {each.name: each for each in click.get_current_context().command.params}
    for name in names:
        if name in parameters and is_given(name):
            raise click.UsageError(f"{max(parameters[name].opts, key=len)} has no effect {where}")


def refuse_exclusive(names: Iterable[str]) -> None:
    """Raises click.UsageError where more than one of some parameters was typed."""
    given = [f"--{name.replace('_', '-')}" for name in names if is_given(name)]
    if len(given) > 1:
        raise click.UsageError(f"{given[0]} and {given[1]} exclude each other")


# What a lossless file has no use for.
LOSSY = (*TARGETS, "tune", "layers", "model", "models", "base_scale", "realism")


def check_encoding(layers: str, *, lossless: bool, quality: float) -> None:
    """Refuses what has no effect among the options of `encode_options` and those beside them."""
    finest = quality == 100 and not any(map(is_given, TARGETS))
    if lossless or finest:
        refuse(LOSSY, "with --lossless" if lossless else "with --quality 100, which is lossless")
        if not finest:
            refuse(["quality"], "with --lossless")
    else:
        refuse(["max_error", "exact"], "without --lossless")
    refuse_exclusive(TARGETS)
    for name in TARGETS:
        if is_given(name):
            refuse(["quality"], f"with --{name.replace('_', '-')}, which decides the step")
    if layers == "base":
        refuse(["realism", "model", "models"], "with --layers base, which leaves enhancement out")


# What asks for the pixels of a JPEG to be coded, rather than for the file to be kept.
OF_PIXELS = (*LOSSY, "quality", "max_error", "exact", "tile_size", "cicp", "strip", "picture")


def keeps_jpegs() -> bool:
    """Whether JPEGs are to be kept as they are, since no option asks for something else."""
    return not any(map(is_given, OF_PIXELS))


def gives_jpegs_back() -> bool:
    """Whether JPEGs that were kept are to be given back, since no option of decoding asks for their pixels."""
    return not any(map(is_given, ("output_quality", "layers", "models", "realism", "region", "backend", "pixels")))


def check_decoding(layers: str, backend: str = "native") -> None:
    """Refuses what has no effect among the options of decoding."""
    if backend == "reference":
        refuse(["threads"], "with --backend reference, which has one thread")
    if layers != "full":
        refuse(["realism", "models"], f"with --layers {layers}, which leaves enhancement out")


def check_batch(*, decodes: bool, layers: str, lossless: bool, quality: float) -> None:
    """Refuses what has no effect among the options of `veneer batch`."""
    if decodes:
        refuse(ENCODING, "with --decode")
        check_decoding(layers)
    else:
        refuse(["format_name"], "without --decode")
        check_encoding(layers, lossless=lossless, quality=quality)
    if is_given("scheduler"):
        refuse(["jobs"], "with --scheduler, whose cluster has workers of its own")
        if is_given("engine_name") and click.get_current_context().params["engine_name"] != "dask":
            refuse(["scheduler"], "without --engine dask")
