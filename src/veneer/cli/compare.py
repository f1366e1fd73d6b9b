"""The subcommand that compares two pictures."""

from __future__ import annotations

import dataclasses
import functools
import sys
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

import veneer
from veneer.cli import combinations, pictures
from veneer.cli.colours import comparison
from veneer.cli.colours.description import Colour
from veneer.cli.failure import FileFailure, from_veneer_error
from veneer.cli.files import Outputs, read_source, source_of
from veneer.cli.messages import printable, say, say_failure, say_json, say_note
from veneer.cli.paths import Task
from veneer.evaluation import compare as evaluation

MAX_PIXELS = 1 << 28


@click.command()
@click.argument("original", metavar="A")
@click.argument("other", metavar="B")
@click.option("-o", "--map", "map_path", metavar="OUT", help="Write the difference, as .png, or as a page in .html.")
@click.option("-f", "--force", is_flag=True, help="Replace OUT.")
@click.option("--json", "as_json", is_flag=True, help="Metrics as one line of JSON.")
def compare(original: str, other: str, map_path: str | None, force: bool, as_json: bool) -> None:
    """Measures how far picture B is from its original A.

    Both may be of any format that veneer reads, .vnr among them. Pictures of different colour spaces are converted to
    sRGB before. More metrics than PSNR come with
    pip install 'veneer[eval]', Butteraugli with libjxl's butteraugli_main.
    """
    if map_path is None:
        combinations.refuse(["force"], "without --map")
    name = original
    try:
        a = read_side(original)
        name = other
        b = read_side(other)
        check_sizes(a, b, "compare pictures of the same size")
        a, b = in_one_space(original, a, other, b)
        figures = evaluation.compare_pictures(a.pixels, b.pixels)
        if map_path is not None:
            name = map_path
            _write(Path(map_path), evaluation.write_map(Path(map_path).suffix.lower(), a, b, figures), force)
    except veneer.VeneerError as error:
        say_failure(name, from_veneer_error(error))
        sys.exit(1)
    except FileFailure as failure:
        say_failure(name, failure)
        sys.exit(1)
    except ValueError as error:
        say_failure(name, FileFailure(str(error), "name it so"))
        sys.exit(1)
    if as_json:
        say_json({"a": original, "b": other} | {metric.name: value for metric, value in figures})
        return
    say_lines([(figure[0].label, evaluation.figure_text(figure)) for figure in figures])


def read_side(name: str) -> evaluation.Side:
    """A picture as RGB; what is lost by that is noted."""
    data = read_source(source_of(name))
    if data.startswith(pictures.SIGNATURE):
        pixels, info, notes = veneer.decode(data), veneer.read_info(data), []
        described = Colour(info.cicp, info.icc)
    else:
        picture = pictures.load_picture(data, max_pixels=MAX_PIXELS, strip=False)
        pixels, notes, described = picture.pixels, picture.notes, Colour(picture.cicp, picture.icc)
    if pixels.shape[2] in (2, 4):
        notes.append("its transparency is left out, laid over white")
        pixels = _over_white(pixels)
    profile = comparison.rgb_profile(described, notes)
    for note in notes:
        say_note(name, note)
    rgb = np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    return evaluation.Side(printable(Path(name).name), rgb, len(data), profile)


def in_one_space(
    name_a: str, a: evaluation.Side, name_b: str, b: evaluation.Side
) -> tuple[evaluation.Side, evaluation.Side]:
    """Both pictures in sRGB where their colour spaces differ; that is noted."""
    notes = functools.partial(say_note, name_a), functools.partial(say_note, name_b)
    pixels_a, pixels_b, profile = comparison.in_one_space(a.pixels, a.profile, b.pixels, b.profile, notes)
    return dataclasses.replace(a, pixels=pixels_a, profile=profile), dataclasses.replace(
        b, pixels=pixels_b, profile=profile
    )


def check_sizes(a: evaluation.Side, b: evaluation.Side, remedy: str) -> None:
    """Raises FileFailure unless two pictures have the same size."""
    if a.pixels.shape != b.pixels.shape:
        sizes = " and ".join(f"{side.pixels.shape[1]}x{side.pixels.shape[0]}" for side in (a, b))
        raise FileFailure(f"pictures of different size, {sizes}", remedy)


def say_lines(lines: list[tuple[str, str]]) -> None:
    """Prints labels and what they say, one below the other."""
    width = max(len(label) for label, _ in lines)
    say(*(f"{label:{width}}  {text}" for label, text in lines), error=False)


def _over_white(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Colour as it looks over white; [H, W, C + 1] -> [H, W, C]."""
    alpha = pixels[:, :, -1:].astype(np.uint16)
    over = (pixels[:, :, :-1] * alpha + 255 * (255 - alpha) + 127) // 255
    return over.astype(np.uint8)


def _write(path: Path, data: bytes, force: bool) -> None:
    outputs = Outputs(force)
    task = Task(source=None, target=path)
    outputs.check(task)
    outputs.write(task, data)
