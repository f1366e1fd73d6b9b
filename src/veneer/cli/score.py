"""The subcommand that judges a picture."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import veneer
from veneer.cli.compare import check_sizes, in_one_space, read_side, say_lines
from veneer.cli.failure import FileFailure, from_veneer_error, out_of_memory
from veneer.cli.messages import say_failure, say_json
from veneer.evaluation import score as evaluation

LABEL = "Taken for an original"


@click.command(short_help="How real a picture looks; metrics.")
@click.argument("image")
@click.option("--reference", metavar="REF", help="The original: every metric against it as well.")
@click.option(
    "--discriminator",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Of a training run, instead of the package's own.",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def score(image: str, reference: str | None, discriminator: Path | None, as_json: bool) -> None:
    """Says how much a picture looks like an original, and with --reference how far it is from one.

    The judgement is that of the discriminator which Veneer's networks were trained against: the share of the picture
    that it takes for an original, and its mean score, above 0 for originals. It needs torch: pip install
    '.[train]'. The metrics are those of veneer compare, and the Frechet distance of patches.
    """
    name = image
    try:
        picture = read_side(image)
        figures = []
        if reference is not None:
            name = reference
            original = read_side(reference)
            check_sizes(original, picture, "give the original of IMAGE")
            pair = in_one_space(reference, original, image, picture)
            figures = evaluation.measure(pair[0].pixels, pair[1].pixels)
            name = image
        judgement = _judge(picture, discriminator, needed=reference is None)
    except veneer.VeneerError as error:
        say_failure(name, from_veneer_error(error))
        sys.exit(1)
    except FileFailure as failure:
        say_failure(name, failure)
        sys.exit(1)
    except MemoryError:
        say_failure(name, out_of_memory())
        sys.exit(1)
    if as_json:
        judged = {"share": judgement and judgement.share, "score": judgement and judgement.score}
        values = {metric.name: value for metric, value in figures}
        say_json({"image": image, "reference": reference} | judged | values)
        return
    text = f"{100 * judgement.share:.1f} %, mean score {judgement.score:+.3f}" if judgement else "needs torch"
    say_lines([(LABEL, text), *((figure[0].label, evaluation.figure_text(figure)) for figure in figures)])


def _judge(picture: evaluation.Side, path: Path | None, *, needed: bool) -> evaluation.Judgement | None:
    """The judgement; None where torch is missing and there is something else to say."""
    try:
        return evaluation.judge(picture.pixels, evaluation.find_discriminator(path))
    except ImportError as error:
        if not needed:
            return None
        remedy = "pip install '.[train]', or give a --reference"
        raise FileFailure(f"{error.name} is not installed", remedy) from None
    except ValueError as error:
        raise FileFailure(str(error), "see veneer score --help") from error
