"""The tables of a benchmark of pictures of more than 8 bits, in Markdown: BD-rates by depth, every picture, gradients.

Place: `command.py` writes what this gives beside the CSV files of `deep.py`.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from veneer.evaluation.bd_rate import Curve, bd_rate, make_curve
from veneer.evaluation.deep_codecs import deep_codecs, is_own
from veneer.evaluation.deep_sources import GRADIENTS, SDR_KIND
from veneer.evaluation.machine import Machine
from veneer.evaluation.records import Row
from veneer.evaluation.tables import plural, table

MARKDOWN = "deep.md"
KINDS = {SDR_KIND: "SDR", "pq": "HDR, PQ", "hlg": "HDR, HLG"}
METRICS = {"psnr": "PSNR", "ssimulacra2": "SSIMULACRA2"}
HEAD = (
    "BD-rates: by how many percent Veneer's files are larger (+) or smaller (-) than the other codec's of the same "
    "depth at equal quality, over all quality that both curves have. Means are over pictures. PSNR is of the code "
    "values that are coded, over R, G and B. SSIMULACRA2 of PQ and HLG takes the code values for sRGB. It was made for "
    "SDR, so there it can only rank. Pictures of 8 bits were halved, four samples to one of 10 bits."
)
BANDS = (
    "PSNR is against the gradient before it had a depth. A band is the longest part of the middle row, in pixels of "
    "512, in which green does not change; in brackets that of the picture that was coded."
)


class DeepResults:
    """Curves of some pictures, by depth."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)
        self.depths = sorted({int(row["depth"]) for row in self.rows})
        there = {row["codec"] for row in self.rows}
        self.codecs = [name for name in deep_codecs() if name in there] + sorted(there - set(deep_codecs()))
        self.own = [name for name in self.codecs if is_own(name)]
        self.peers = [name for name in self.codecs if not is_own(name)]
        self._curves: dict[tuple[str, str, int, str], Curve | None] = {}

    def pictures(self, depth: int, kind: str) -> list[str]:
        """Names of the pictures of a kind that were coded at a depth."""
        return sorted({row["image"] for row in self.rows if int(row["depth"]) == depth and row["kind"] == kind})

    def kinds(self, depth: int) -> list[str]:
        """Kinds of the pictures that were coded at a depth."""
        return [kind for kind in KINDS if self.pictures(depth, kind)]

    def curve(self, codec: str, image: str, depth: int, metric: str) -> Curve | None:
        """A codec's curve on a picture, or None where it has too few points."""
        key = codec, image, depth, metric
        if key not in self._curves:
            points = [
                (float(row["bpp"]), float(row[metric]))
                for row in self.rows
                if (row["codec"], row["image"], int(row["depth"])) == key[:3] and row[metric]
            ]
            self._curves[key] = make_curve(points)
        return self._curves[key]

    def saved(self, own: str, peer: str, image: str, depth: int, metric: str) -> float | None:
        """BD-rate in percent."""
        anchor, test = (self.curve(codec, image, depth, metric) for codec in (peer, own))
        found = bd_rate(anchor, test) if anchor and test else None
        return found.percent if found else None


def markdown(
    rows: Iterable[Row], gradients: Sequence[Row], machine: Machine, missing: Sequence[str], notes: str = ""
) -> str:
    """The whole report.

    Args:
        rows: of `deep.FIELDS`.
        gradients: of `deep.GRADIENT_FIELDS`.
        machine: where they were measured.
        missing: lines on what is not installed.
        notes: what a person has to say about it, for its head.

    Raises:
        ValueError: there are no rows.
    """
    results = DeepResults(rows)
    if not results.rows:
        raise ValueError("nothing was measured")
    count = len({row["image"] for row in results.rows})
    parts = [f"# More than 8 bits: {plural(count, 'picture')}", machine.text(), *([notes] if notes else []), HEAD]
    parts += [*missing, _codec_table(results), *_means(results)]
    if gradients:
        parts += ["## Dark gradients", BANDS, _gradient_table(gradients)]
    parts += _every_picture(results)
    return "\n\n".join(parts) + "\n"


def _codec_table(results: DeepResults) -> str:
    rows = []
    for name in results.codecs:
        versions = sorted({row["version"] for row in results.rows if row["codec"] == name})
        codec = deep_codecs().get(name)
        rows.append([_label(name), codec.note if codec else "", ", ".join(versions)])
    return table(["codec", "set to", "version"], rows)


def _means(results: DeepResults) -> Iterator[str]:
    for metric, title in METRICS.items():
        header = ["pictures", "bits", "codec", *(f"than {_label(peer)}" for peer in results.peers)]
        rows = []
        for kind in KINDS:
            for depth in results.depths:
                images = results.pictures(depth, kind)
                for own in results.own if images else ():
                    cells = [_mean_cell(results, own, peer, images, depth, metric) for peer in results.peers]
                    rows.append([f"{len(images)}, {KINDS[kind]}", str(depth), _label(own), *cells])
        if results.peers and results.own:
            yield f"## Bytes at equal {title}"
            yield table(header, rows)


def _mean_cell(results: DeepResults, own: str, peer: str, images: list[str], depth: int, metric: str) -> str:
    values = [results.saved(own, peer, image, depth, metric) for image in images]
    there = [value for value in values if value is not None]
    if not there:
        return ""
    missing = len(values) - len(there)
    return f"{statistics.mean(there):+.1f} %" + (f" ({missing} without common quality)" if missing else "")


def _every_picture(results: DeepResults) -> Iterator[str]:
    """The first of Veneer's codecs that has each metric as its aim, on every picture."""
    for metric, title in METRICS.items():
        own = next((name for name in results.own if ("psnr" in name) == (metric == "psnr")), None)
        if own is None or not results.peers:
            continue
        yield f"## Every picture: {_label(own)}, at equal {title}"
        header = ["picture", *(f"{_label(peer)}, {depth}" for depth in results.depths for peer in results.peers)]
        rows = []
        for image in sorted({row["image"] for row in results.rows}):
            values = [
                results.saved(own, peer, image, depth, metric) for depth in results.depths for peer in results.peers
            ]
            rows.append([image, *("" if value is None else f"{value:+.1f}" for value in values)])
        yield table(header, rows)


def _gradient_table(gradients: Sequence[Row]) -> str:
    depths = sorted({int(row["depth"]) for row in gradients})
    cells = {(row["gradient"], row["codec"], row["setting"], int(row["depth"])): row for row in gradients}
    rows = []
    for name in GRADIENTS:
        for codec, setting in dict.fromkeys((key[1], key[2]) for key in sorted(cells, key=_order)):
            found = [cells.get((name, codec, setting, depth)) for depth in depths]
            text = [
                f"{row['bytes']} B, {float(row['psnr']):.1f} dB, {row['widest_band']} ({row['least_band']})"
                if row
                else ""
                for row in found
            ]
            rows.append([name, _label(codec), setting, *text])
    return table(["gradient", "codec", "setting", *(f"{depth} bits: bytes, PSNR, band" for depth in depths)], rows)


def _order(key: tuple[str, str, str, int]) -> tuple[int, float]:
    known = list(deep_codecs())
    return known.index(key[1]) if key[1] in known else len(known), float(key[2])


def _label(name: str) -> str:
    codec = deep_codecs().get(name)
    return codec.label if codec else name
