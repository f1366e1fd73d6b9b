"""How real decoded pictures look, by several judges, at equal rates: Veneer's realism beside other codecs.

    python benchmarks/realism.py PICTURES [--rates 0.15 0.5] [--codecs veneer veneer-real1 ...]

Every codec is set, picture by picture, to the largest file of at most 2 % more than the rate asked for. Files are kept
in --work, figures in --out as they come: run it again to go on. realism.csv and realism.md have a row for each codec
and rate, realism_pictures.csv one for each picture as well. Needs the extras `eval` and `train`.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import itertools
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from coded_files import FileStore

from veneer.evaluation import critic, frechet, metrics
from veneer.evaluation.bench import find_pictures
from veneer.evaluation.codecs import Codec, Pixels, all_codecs
from veneer.evaluation.machine import describe
from veneer.evaluation.measure import check_decoded, load_picture
from veneer.evaluation.records import Records, Row

ROOT = Path(__file__).parents[1]
RATES = (0.15, 0.5, 0.25, 0.1)
CODECS = (
    "jpeg-420",
    "webp-m6",
    "jxl-e7",
    "avif-444-s4",
    "veneer-base",
    "veneer-real0",
    "veneer",
    "veneer-real1",
)
TWICE = ("avif-444-s4", 0.15, 0.3)  # judged at another rate too, since realism at the first is to be held to it
METRICS = ("psnr", "ssimulacra2", "squeezenet")
PICTURE_FIELDS = ("codec", "target_bpp", "image", "setting", "bytes", "bpp", "reached", *METRICS, "version")
POINT_FIELDS = ("codec", "target_bpp", "pictures", "reached", "bpp", *METRICS, "frechet", "auc", "version")
ABOUT = """\
Means of the pictures; real file bytes, at most 2 % above the rate asked for. SqueezeNet distance, Frechet distance
(of patches of 64 x 64, in percent of the originals' own variance) and critic AUC (0.5: the critic cannot tell decoded
patches from originals, 1: it always can): less is better. How they are made: docs/evaluation.md."""
HEADER = ("codec", "bpp", "PSNR, dB", "SSIMULACRA2", "SqueezeNet distance", "Frechet distance, %", "critic AUC")


class Bench:
    """What is measured, and where it is kept.

    Args:
        paths: of the pictures.
        store: of coded files.
        out: folder of the results.
        kept: codecs whose results of any version will do.
    """

    def __init__(self, paths: Sequence[Path], store: FileStore, out: Path, kept: frozenset[str]) -> None:
        self.paths, self.store, self.kept = paths, store, kept
        self.pictures = Records(out / "realism_pictures.csv", PICTURE_FIELDS, PICTURE_FIELDS[:3])
        self.points = Records(out / "realism.csv", POINT_FIELDS, POINT_FIELDS[:2])

    @functools.cached_property
    def _originals(self) -> list[Pixels]:
        return [load_picture(str(path)) for path in self.paths]

    @functools.cached_property
    def _cloud(self) -> frechet.Values:
        return frechet.cloud(self._originals)

    def is_done(self, codec: Codec, rate_bpp: float) -> bool:
        """Whether there is a row of this version, over as many pictures."""
        row = self.points.get(codec.name, f"{rate_bpp:g}")
        return row is not None and int(row["pictures"]) == len(self.paths) and self._holds(codec, row)

    def measure(self, codec: Codec, rate_bpp: float) -> Row:
        """Codes and decodes every picture, and asks every judge."""
        decoded, rows = [], []
        for path, original in zip(self.paths, self._originals, strict=True):
            pixels, row = self._measure_picture(codec, rate_bpp, path, original)
            decoded.append(pixels)
            rows.append(row)
        values = {
            "frechet": frechet.relative_distance(self._cloud, frechet.cloud(decoded)),
            "auc": critic.critic_auc(self._originals, decoded),
        }
        for name in ("bpp", *METRICS):
            values[name] = float(np.mean([float(row[name]) for row in rows]))
        point = {"codec": codec.name, "target_bpp": f"{rate_bpp:g}", "version": codec.version}
        point |= {"pictures": str(len(rows)), "reached": str(sum(row["reached"] == "yes" for row in rows))}
        point |= {name: f"{value:.4f}" for name, value in values.items()}
        self.points.add([point])
        return point

    def _measure_picture(self, codec: Codec, rate_bpp: float, path: Path, original: Pixels) -> tuple[Pixels, Row]:
        coded = self.store.at_rate(codec, path.stem, original, rate_bpp)
        decoded = codec.decode(coded.data)
        check_decoded(codec, original, decoded)
        known = self.pictures.get(codec.name, f"{rate_bpp:g}", path.stem)
        if known is not None and known["bytes"] == str(len(coded.data)) and self._holds(codec, known):
            return decoded, known
        row = {"codec": codec.name, "target_bpp": f"{rate_bpp:g}", "image": path.stem, "version": codec.version}
        row |= {"setting": f"{coded.setting:g}", "bytes": str(len(coded.data))}
        row |= {"bpp": f"{8 * len(coded.data) / (original.shape[0] * original.shape[1]):.5f}"}
        row |= {"reached": "yes" if coded.reached else "no"}
        row |= {name: f"{metrics.BY_NAME[name].compute(original, decoded):.5f}" for name in METRICS}
        self.pictures.add([row])
        return decoded, row

    def _holds(self, codec: Codec, row: Row) -> bool:
        return codec.name in self.kept or row["version"] == codec.version


def markdown(bench: Bench, machine: str) -> str:
    """The tables of all points there are, and what is claimed of them."""
    count = len(bench.paths)
    parts = [f"# Realism: judges at equal rates, {count} pictures", machine, ABOUT]
    rates = sorted({float(row["target_bpp"]) for row in bench.points.rows.values()})
    for rate in rates:
        rows = [_cells(bench, codec, rate) for codec in all_codecs().values() if _point(bench, codec.name, rate)]
        parts += [f"## {rate:.2f} bits per pixel", _table(rows)]
    claims = [line for line in (*_claims_at_low_rate(bench), *_claims_of_realism(bench)) if line]
    parts += ["## What was asked of realism", "\n".join(f"- {line}" for line in claims)] if claims else []
    return "\n\n".join(parts) + "\n"


def _cells(bench: Bench, codec: Codec, rate: float) -> list[str]:
    row = bench.points.get(codec.name, f"{rate:g}")
    assert row is not None
    rate_text = f"{float(row['bpp']):.3f}"
    if row["reached"] != row["pictures"]:
        above = int(row["pictures"]) - int(row["reached"])
        rate_text += f" (lowest setting too high for {above} of {row['pictures']})"
    digits = {"psnr": 2, "ssimulacra2": 1, "squeezenet": 3, "frechet": 2, "auc": 3}
    return [codec.label, rate_text, *(f"{float(row[name]):.{places}f}" for name, places in digits.items())]


def _table(rows: list[list[str]]) -> str:
    lines = [list(HEADER), ["---"] * len(HEADER), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _point(bench: Bench, name: str, rate: float) -> dict[str, float] | None:
    """The figures of a point, or None where it was not measured."""
    row = bench.points.get(name, f"{rate:g}")
    return row and {key: float(row[key]) for key in (*METRICS, "frechet", "auc")}


def _claims_at_low_rate(bench: Bench) -> list[str]:
    """Realism 1 at a rate against AVIF at the double, and at the same."""
    name, low, double = TWICE
    own, fidelity = (_point(bench, codec, low) for codec in ("veneer-real1", "veneer-real0"))
    peer, peer_double = _point(bench, name, low), _point(bench, name, double)
    lines = []
    if own and peer_double:
        for key, label in (("squeezenet", "SqueezeNet distance"), ("frechet", "Frechet distance")):
            verdict = "met" if own[key] < peer_double[key] else "missed"
            text = f"{label} of realism 1 at {low:g} bpp below AVIF's at {double:g}"
            lines.append(f"{text}: {own[key]:.3f} against {peer_double[key]:.3f}, {verdict}.")
    if own and peer:
        nearer = abs(peer["auc"] - 0.5) - abs(own["auc"] - 0.5)
        text = f"critic AUC of realism 1 at {low:g} bpp nearer to 0.5 than AVIF's by 0.1 at least"
        lines.append(f"{text}: nearer by {nearer:.3f}, {'met' if nearer >= 0.1 else 'missed'}.")
    if own and fidelity:
        loss = fidelity["psnr"] - own["psnr"]
        text = f"PSNR that realism 1 costs at {low:g} bpp at most 1.2 dB"
        lines.append(f"{text}: {loss:.2f} dB, {'met' if loss <= 1.2 else 'missed'}.")
    return lines


def _claims_of_realism(bench: Bench) -> list[str]:
    """What the default realism costs by SSIMULACRA2 on the picture where it costs most, from 0.5 bpp on."""
    lines = []
    for rate in sorted({key[1] for key in bench.points.rows if float(key[1]) >= 0.5}, key=float):
        losses = []
        for path in bench.paths:
            a, b = (bench.pictures.get(name, rate, path.stem) for name in ("veneer-real0", "veneer"))
            losses += [float(a["ssimulacra2"]) - float(b["ssimulacra2"])] if a and b else []
        if losses:
            text = f"SSIMULACRA2 that the default realism costs at {rate} bpp at most 1.5 points on any picture"
            lines.append(f"{text}: {max(losses):.2f}, {'met' if max(losses) <= 1.5 else 'missed'}.")
    return lines


def _work(rates: Sequence[float], names: Sequence[str]) -> list[tuple[Codec, float]]:
    """Codecs and rates, those first that most depends on."""
    codecs = all_codecs()
    if unknown := [name for name in names if name not in codecs]:
        raise SystemExit(f"no codec {unknown[0]!r} here, only {', '.join(codecs)}")
    work = [(codecs[name], rate) for rate, name in itertools.product(rates, names)]
    name, low, double = TWICE
    if name in names and low in rates and double not in rates:
        work.insert(len(names), (codecs[name], double))
    return work


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--rates", type=float, nargs="+", default=RATES, help="bits per pixel")
    parser.add_argument("--codecs", nargs="+", default=CODECS, help="names as veneer bench has them")
    parser.add_argument("--every", type=int, default=1, help="take every n-th picture")
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "realism", help="folder of coded files")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument(
        "--keep-versions", nargs="+", default=(), metavar="CODEC", help="take files and results of any version of these"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)  # more would be in each other's way, and might round otherwise
    paths, kept = find_pictures(args.pictures)[:: args.every], frozenset(args.keep_versions)
    bench = Bench(paths, FileStore(args.work, kept), args.out, kept)
    for codec, rate in _work(args.rates, args.codecs):
        if not bench.is_done(codec, rate):
            point = bench.measure(codec, rate)
            sys.stderr.write(" ".join(f"{name}={point[name]}" for name in POINT_FIELDS[:-1]) + "\n")
    for records in (bench.points, bench.pictures):
        records.compact()
    command = shlex.join(["python", "benchmarks/realism.py", *(path.name for path in args.pictures)])
    machine = dataclasses.replace(describe([]), command=command)
    text = markdown(bench, machine.text())
    (args.out / "realism.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
