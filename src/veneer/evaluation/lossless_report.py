"""The tables of a benchmark of lossless codecs, in Markdown: sums, where Veneer loses, every picture.

Place: `command.py` writes what this gives beside the CSV file of `lossless.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from veneer.evaluation.lossless import FOUND
from veneer.evaluation.lossless_codecs import lossless_codecs
from veneer.evaluation.machine import Machine
from veneer.evaluation.records import Row
from veneer.evaluation.tables import plural, table
from veneer.sample_depth import BYTE_DEPTH

MARKDOWN = "lossless.md"
SPEED_PEER = "jxl-ll-e7"
OWN = ("veneer-ll", "veneer-ll-e7", "veneer-ll-e9", "veneer-ll-e1")  # the first that was measured stands for Veneer
HEAD = (
    "Bytes of whole files without metadata. Each was decoded, and every sample compared with that of the picture. The "
    "file as found is as it is: it may have metadata, and may be lossy. Times are CPU seconds of one thread."
)


class Results:
    """Rows of some pictures, by picture and codec."""

    def __init__(self, rows: Iterable[Row]) -> None:
        found: dict[str, dict[str, Row]] = defaultdict(dict)
        for row in rows:
            found[row["image"]][row["codec"]] = row
        self.pictures = dict(sorted(found.items()))
        there = {name for codecs in self.pictures.values() for name in codecs}
        known = [FOUND, *lossless_codecs()]
        self.codecs = [name for name in known if name in there] + sorted(there - set(known))
        self.own = next((name for name in OWN if name in there), None)
        self.others = [name for name in self.codecs if name != FOUND and not name.startswith("veneer")]

    def bytes_of(self, image: str, codec: str) -> int | None:
        """Of a file, or None where it was not made."""
        row = self.pictures[image].get(codec)
        return None if row is None else int(row["bytes"])

    def smallest_other(self, image: str) -> tuple[int, str] | None:
        """Bytes and codec of the smallest file that is not Veneer's."""
        sizes = [(size, name) for name in self.others if (size := self.bytes_of(image, name)) is not None]
        return min(sizes, default=None)

    def part(self, *, deep: bool) -> Results:
        """Pictures of up to 8 bits a sample, or those of more."""
        rows = [row for codecs in self.pictures.values() for row in codecs.values()]
        return Results(row for row in rows if (int(row["depth"]) > BYTE_DEPTH) == deep)


def markdown(rows: Iterable[Row], machine: Machine, missing: Sequence[str], notes: str = "") -> str:
    """The whole report.

    Args:
        rows: of `lossless.FIELDS`.
        machine: where they were measured.
        missing: lines on what is not installed.
        notes: what a person has to say about it, for its head.

    Raises:
        ValueError: there are no rows.
    """
    results = Results(rows)
    if not results.pictures:
        raise ValueError("nothing was measured")
    parts = [
        f"# Lossless: {plural(len(results.pictures), 'picture')}",
        machine.text(),
        *([notes] if notes else []),
        HEAD,
        *missing,
        _codec_table(results),
    ]
    groups = {"8 bits a sample": results.part(deep=False), "more than 8 bits a sample": results.part(deep=True)}
    for title, group in groups.items():
        if group.pictures:
            parts += [f"## Sums, {title}", _sums(group)]
    if results.own:
        losses = list(_losses(results, results.own))
        parts += ["## Where Veneer loses", "\n".join(f"- {line}" for line in losses) or "On none of these pictures."]
    for title, group in groups.items():
        if group.pictures:
            parts += [f"## Every picture, {title}: bytes", _pictures(group)]
    return "\n\n".join(parts) + "\n"


def _label(name: str) -> str:
    codec = lossless_codecs().get(name)
    return codec.label if codec else "file as found" if name == FOUND else name


def _codec_table(results: Results) -> str:
    rows = []
    for name in results.codecs:
        versions = {codecs[name]["version"] for codecs in results.pictures.values() if name in codecs}
        codec = lossless_codecs().get(name)
        rows.append([_label(name), codec.note if codec else "", ", ".join(sorted(versions))])
    return table(["codec", "set to", "version"], rows)


def _sums(results: Results) -> str:
    header = ["codec", "pictures", "bytes", "bits per pixel", "Veneer takes", "encode MP/s", "decode MP/s"]
    peer = SPEED_PEER if SPEED_PEER in results.codecs else None
    if peer:
        header += [f"{what} time, JPEG XL e7 = 1" for what in ("encode", "decode")]
    rows = []
    for name in results.codecs:
        own = [codecs[name] for codecs in results.pictures.values() if name in codecs]
        total, pixels = sum(int(row["bytes"]) for row in own), sum(_pixels(row) for row in own)
        cells = [_label(name), str(len(own)), f"{total:,}", f"{8 * total / pixels:.3f}"]
        cells.append(_percent(_common_sums(results, results.own, name)))
        cells += [_speed(own, what) for what in ("encode_s", "decode_s")]
        if peer:
            cells += [_time_ratio(results, name, peer, what) for what in ("encode_s", "decode_s")]
        rows.append(cells)
    if results.own:
        rows.append(_row_of_smallest(results, results.own, len(header)))
    return table(header, rows)


def _row_of_smallest(results: Results, own: str, columns: int) -> list[str]:
    """The smallest of the others on each picture."""
    sizes = [
        (size, smallest[0])
        for image in results.pictures
        if (size := results.bytes_of(image, own)) is not None and (smallest := results.smallest_other(image))
    ]
    ours, theirs = (sum(pair[i] for pair in sizes) for i in (0, 1))
    cells = ["smallest of the others, each", str(len(sizes)), f"{theirs:,}", "", _percent((ours, theirs))]
    return cells + [""] * (columns - len(cells))


def _common_sums(results: Results, own: str | None, other: str) -> tuple[int, int]:
    """Bytes of two codecs over the pictures that both took."""
    both = [codecs for codecs in results.pictures.values() if own in codecs and other in codecs]
    return sum(int(codecs[own or ""]["bytes"]) for codecs in both), sum(int(codecs[other]["bytes"]) for codecs in both)


def _percent(sums: tuple[int, int]) -> str:
    """By how much the first is more than the second."""
    return f"{100 * (sums[0] / sums[1] - 1):+.1f} %" if sums[1] else ""


def _pixels(row: Row) -> int:
    return int(row["width"]) * int(row["height"])


def _speed(rows: Sequence[Row], what: str) -> str:
    timed = [row for row in rows if row[what]]
    seconds = sum(float(row[what]) for row in timed)
    return f"{sum(map(_pixels, timed)) / 1e6 / seconds:.3g}" if seconds else ""


def _time_ratio(results: Results, name: str, peer: str, what: str) -> str:
    """Time over that of the peer, over the pictures where both were timed."""
    pairs = [
        (float(codecs[name][what]), float(codecs[peer][what]))
        for codecs in results.pictures.values()
        if name in codecs and peer in codecs and codecs[name][what] and codecs[peer][what]
    ]
    own, other = (sum(pair[i] for pair in pairs) for i in (0, 1))
    return f"{own / other:.3g}" if other else ""


def _losses(results: Results, own: str) -> Iterator[str]:
    """A line for each picture on which another codec has fewer bytes."""
    for image in results.pictures:
        size, smallest = results.bytes_of(image, own), results.smallest_other(image)
        if size is not None and smallest and smallest[0] < size:
            yield f"{image}: {_percent((size, smallest[0]))} against {_label(smallest[1])}"


def _pictures(results: Results) -> str:
    rows = []
    for image, codecs in results.pictures.items():
        any_row = next(iter(codecs.values()))
        shape = f"{any_row['width']}x{any_row['height']}x{any_row['channels']}, {any_row['depth']}"
        cells = [image, shape, *(codecs[name]["bytes"] if name in codecs else "" for name in results.codecs)]
        if results.own:
            size, smallest = results.bytes_of(image, results.own), results.smallest_other(image)
            cells.append(_percent((size, smallest[0])) if size is not None and smallest else "")
        rows.append(cells)
    header = ["picture", "size, bits", *map(_label, results.codecs)]
    return table([*header, *(["Veneer / smallest other"] if results.own else [])], rows)
