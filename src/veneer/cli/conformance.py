"""The subcommand that holds decoders to the conformance vectors, or makes more vectors."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from tqdm import tqdm

from veneer import VeneerError
from veneer import conformance as suite
from veneer.cli import combinations
from veneer.cli.failure import FileFailure, from_os_error, from_veneer_error
from veneer.cli.messages import say, say_failure
from veneer.cli.progress import BAR_DELAY_SECONDS


@click.command(epilog="Exit codes: 0 all vectors came out right, 1 some did not, 2 wrong usage.")
@click.option(
    "--vectors",
    type=click.Path(path_type=Path),
    help="Folder of vectors with their index.tsv. Default: those that came with the package.",
)
@click.option(
    "--decoder",
    metavar="COMMAND",
    help="Another decoder: a command with {in} and {out} and, if it knows layers and realism, {options}.",
)
@click.option(
    "--output",
    "format_name",
    type=click.Choice(suite.FORMATS),
    default="png",
    show_default=True,
    help="What the command writes: PNG, PPM or PGM, or rows of samples and nothing else.",
)
@click.option("--backend", "backends", multiple=True, help="Only decoders whose name begins so: reference, avx2, ...")
@click.option(
    "--generate",
    "count",
    type=click.IntRange(1),
    help="Instead, write so many files of random choices, and their index, to --vectors.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="First seed of --generate.")
def conformance(
    vectors: Path | None,
    decoder: str | None,
    format_name: str,
    backends: tuple[str, ...],
    count: int | None,
    seed: int,
) -> None:
    """Holds decoders to the conformance vectors.

    These are files that use all of the format, and files that are to be refused.

    \b
    veneer conformance                                   every decoder of this package
    veneer conformance --decoder 'mydec {in} {out}'      another one
    veneer conformance --generate 100 --vectors DIR      more vectors
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    if count is None:
        combinations.refuse(["seed"], "without --generate")
    else:
        combinations.refuse(["decoder", "format_name", "backends"], "with --generate, which runs no decoder")
    if decoder is None:
        combinations.refuse(["format_name"], "without --decoder")
    else:
        combinations.refuse(["backends"], "with --decoder, which is the only one then")
    try:
        if count is not None:
            if vectors is None:
                raise click.UsageError("--generate needs --vectors, the folder to write to")
            suite.generate(vectors, count, seed)
            return
        decoders: list[suite.Decoder] = [suite.Command(decoder, format_name)] if decoder else suite.own_decoders()
        if backends:
            decoders = [one for one in decoders if one.name.startswith(backends)]
        if not decoders:
            raise click.UsageError("no decoder of that name on this machine")
        good = _run(decoders, vectors or suite.find_vectors())
    except VeneerError as error:
        say_failure("conformance", from_veneer_error(error))
        good = False
    except OSError as error:
        failure = from_os_error(error)
        say_failure("conformance", FileFailure(f"{error.filename}: {failure.what}", failure.remedy))
        good = False
    sys.exit(0 if good else 1)


def _run(decoders: list[suite.Decoder], folder: Path) -> bool:
    """Runs all and prints the table; whether all came out right."""
    vectors = suite.read_index(folder) + suite.read_weights_index(folder)
    results = []
    with tqdm(
        total=len(decoders) * len(vectors), unit="file", delay=BAR_DELAY_SECONDS, disable=None, leave=False
    ) as bar:
        results = [suite.run(decoder, folder, vectors, bar.update) for decoder in decoders]
    pictures = sum(vector.valid for vector in vectors)
    say(*_table(results, pictures, len(vectors) - pictures), error=False)
    for result in results:
        for vector, outcome in result.failures:
            say(
                f"FAILED {result.name}: {vector.name} {vector.options}",
                f"    is there for {vector.about}",
                f"    expected {vector.outcome}, got {outcome}",
                error=False,
            )
    return not any(result.failures for result in results)


def _table(results: list[suite.Result], pictures: int, refusals: int) -> list[str]:
    width = max(len("decoder"), *(len(result.name) for result in results))
    lines = [f"{'decoder':{width}}  pictures  refusals  skipped  failed  seconds"]
    for result in results:
        right = f"{result.pictures}/{pictures}", f"{result.refusals}/{refusals}"
        counts = f"{right[0]:>8}  {right[1]:>8}  {result.skipped:>7}  {len(result.failures):>6}"
        lines.append(f"{result.name:{width}}  {counts}  {result.seconds:>7.1f}")
    return lines
