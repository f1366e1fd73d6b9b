"""The subcommand that compares two pictures."""

from __future__ import annotations

import dataclasses
import functools
import sys
from pathlib import Path
from typing import Any

import click

import veneer
from veneer.cli import combinations, pictures
from veneer.cli.colours import comparison
from veneer.cli.colours.description import Colour
from veneer.cli.deep.half_floats import refuse_half_floats
from veneer.cli.failure import FileFailure, from_veneer_error, out_of_memory
from veneer.cli.files import Outputs, read_source, source_of
from veneer.cli.messages import printable, say, say_failure, say_json, say_note
from veneer.cli.paths import Task
from veneer.cli.progress import Progress
from veneer.evaluation import compare as evaluation
from veneer.sample_depth import BYTE_DEPTH, as_bytes

MAX_PIXELS = 1 << 28
OVER_WHITE = "its transparency is left out, laid over white"
OVER_BOTH = "it is laid over white and over black for its transparency, and each metric is that of the worse"


class MetricsParameter(click.ParamType[tuple[str, ...]]):
    """Names of metrics with commas between them."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        names = tuple(str(value).split(","))
        try:
            evaluation.chosen_metrics(names)
        except KeyError as unknown:
            known = ", ".join(evaluation.METRIC_NAMES)
            self.fail(f"there is no metric {unknown.args[0]!r}, only {known}", param, ctx)
        return names


@click.command()
@click.argument("original", metavar="A")
@click.argument("other", metavar="B")
@click.option("-o", "--map", "map_path", metavar="OUT", help="Write the difference, as .png, or as a page in .html.")
@click.option("-f", "--force", is_flag=True, help="Replace OUT.")
@click.option(
    "--metrics",
    "names",
    type=MetricsParameter(),
    default=(),
    metavar="NAME,...",
    help=f"Only these of {', '.join(evaluation.METRIC_NAMES)}. Default: all.",
)
@click.option("--json", "as_json", is_flag=True, help="Metrics as one line of JSON.")
def compare(
    original: str, other: str, map_path: str | None, force: bool, names: tuple[str, ...], as_json: bool
) -> None:
    """Measures how far picture B is from its original A.

    Both may be of any format that veneer reads, .vnr among them. Pictures of different colour spaces are converted to
    sRGB before. More metrics than PSNR come with
    pip install '.[eval]', Butteraugli with libjxl's butteraugli_main.
    """
    if map_path is None:
        combinations.refuse(["force"], "without --map")
    name = original
    try:
        metrics = evaluation.chosen_metrics(names)
        for metric in metrics if names else ():
            if not metric.present():
                what = f"the metric {metric.name} needs {' and '.join(metric.needs)}"
                raise FileFailure(what, "install that (pip install '.[eval]' has most), or name another metric")
        with Progress(2 + len(metrics)) as progress:
            a = read_side(original, OVER_BOTH)
            progress.advance()
            name = other
            b = read_side(other, OVER_BOTH)
            progress.advance()
            check_sizes(a, b, "compare pictures of the same size")
            a, b = in_one_space(original, a, other, b)
            figures = []
            for figure in evaluation.compare_sides(a, b, metrics):
                figures.append(figure)
                progress.advance()
        if map_path is not None:
            name = map_path
            page = evaluation.write_map(Path(map_path).suffix.lower(), a, b, figures)
            _write(Path(map_path), page, force, original, other)
    except veneer.VeneerError as error:
        say_failure(name, from_veneer_error(error))
        sys.exit(1)
    except FileFailure as failure:
        say_failure(name, failure)
        sys.exit(1)
    except MemoryError:
        say_failure(name, out_of_memory())
        sys.exit(1)
    except ValueError as error:
        say_failure(name, FileFailure(str(error), "name it so"))
        sys.exit(1)
    if as_json:
        say_json({"a": original, "b": other} | {metric.name: value for metric, value in figures})
        return
    say_lines([(figure[0].label, evaluation.figure_text(figure)) for figure in figures])


def read_side(name: str, transparency: str = OVER_WHITE) -> evaluation.Side:
    """A picture as RGB; what is lost by that is noted, of transparency by that text."""
    data = read_source(source_of(name))
    if data.startswith(pictures.SIGNATURE):
        pixels, info, notes = veneer.decode(data), veneer.read_info(data), []
        refuse_half_floats(pixels, "are not compared")
        if info.bit_depth != BYTE_DEPTH:
            pixels = as_bytes(pixels, info.bit_depth)
            notes.append(f"its {info.bit_depth} bits a sample are compared as 8")
        described = Colour(info.cicp, info.icc)
    else:
        picture = pictures.load_picture(data, max_pixels=MAX_PIXELS, strip=False)
        refuse_half_floats(picture.pixels, "are not compared")
        pixels, notes, described = picture.pixels, picture.notes, Colour(picture.cicp, picture.icc)
        if picture.depth != BYTE_DEPTH:
            pixels = as_bytes(pixels, picture.depth)
            notes.append(f"its {picture.depth} bits a sample are compared as 8")
    profile = comparison.rgb_profile(described, notes)
    side = evaluation.make_side(printable(Path(name).name), pixels, len(data), profile)
    if side.over_black is not None:
        notes.append(transparency)
    for note in notes:
        say_note(name, note)
    return side


def in_one_space(
    name_a: str, a: evaluation.Side, name_b: str, b: evaluation.Side
) -> tuple[evaluation.Side, evaluation.Side]:
    """Both pictures in sRGB where their colour spaces differ; that is noted."""
    notes = functools.partial(say_note, name_a), functools.partial(say_note, name_b)
    white_a, white_b, profile = comparison.in_one_space(a.pixels, a.profile, b.pixels, b.profile, notes)
    a_black, b_black = a.over_black, b.over_black
    if a_black is not None or b_black is not None:
        blacks = [side.pixels if side.over_black is None else side.over_black for side in (a, b)]
        both = comparison.in_one_space(blacks[0], a.profile, blacks[1], b.profile, (_ignore, _ignore))
        a_black, b_black = both[0], both[1]
    return (
        dataclasses.replace(a, pixels=white_a, profile=profile, over_black=a_black),
        dataclasses.replace(b, pixels=white_b, profile=profile, over_black=b_black),
    )


def _ignore(_: str) -> None:
    """Takes a note that has been said already."""


def check_sizes(a: evaluation.Side, b: evaluation.Side, remedy: str) -> None:
    """Raises FileFailure unless two pictures have the same size."""
    if a.pixels.shape != b.pixels.shape:
        sizes = " and ".join(f"{side.pixels.shape[1]}x{side.pixels.shape[0]}" for side in (a, b))
        raise FileFailure(f"pictures of different size, {sizes}", remedy)


def say_lines(lines: list[tuple[str, str]]) -> None:
    """Prints labels and what they say, one below the other."""
    width = max(len(label) for label, _ in lines)
    say(*(f"{label:{width}}  {text}" for label, text in lines), error=False)


def _write(path: Path, data: bytes, force: bool, *sources: str) -> None:
    outputs = Outputs(force)
    task = Task(source=None, target=path)
    outputs.check(task, *map(Path, sources))
    outputs.write(task, data)
