"""The tables of a report in Markdown, and BD-rates in CSV.

Place: `report.py` writes what this gives. Source of every figure: `summary.py`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from veneer.evaluation.codecs import Codec
from veneer.evaluation.machine import Machine
from veneer.evaluation.summary import ALL, SPEED_PEER, Mean, Summary

BD_FIELDS = ("anchor", "window", "metric", "codec", "image", "bd_rate_percent", "overlap", "images")
FEW_OVERLAP = 0.5


def markdown(summary: Summary, machine: Machine, notes: str = "") -> str:
    """The whole report as Markdown, with what a person has to say about it at its head."""
    losses = where_veneer_loses(summary)
    parts = [
        f"# Benchmark: {plural(len(summary.pictures), 'picture')}",
        machine.text(),
        *([notes] if notes else []),
        "Real file bytes; CPU seconds of one thread. Codecs and what they are set to:",
        _codec_table(summary),
        "## Where Veneer loses",
        "\n".join(f"- {line}" for line in losses) or "Nowhere in these measurements.",
        *_bd_sections(summary),
        *_equal_quality_sections(summary),
        "## Speed, megapixels per CPU second",
        _speed_table(summary),
        *_memory_section(summary),
        *_lossless_section(summary),
    ]
    return "\n\n".join(parts) + "\n"


def _bd_sections(summary: Summary) -> Iterator[str]:
    for anchor, windows in summary.bd_rates.items():
        for window, metrics in windows.items():
            yield f"## BD-rate against {_label(summary, anchor)}, {window}"
            yield (
                "Percent of bytes at equal quality, minus is fewer; mean of the pictures. In brackets the share of "
                "that range of quality which both codecs have, where it is below 99 %, and how many pictures have any, "
                "where not all do."
            )
            means = {name: {codec: of.get(ALL) for codec, of in metric.items()} for name, metric in metrics.items()}
            rows = [
                [codec.label, *(_bd_cell(means[m.name].get(codec.name), summary) for m in summary.metrics)]
                for codec in _lossy(summary)
                if codec.name != anchor
            ]
            yield table(["codec", *(metric.label for metric in summary.metrics)], rows)


def _equal_quality_sections(summary: Summary) -> Iterator[str]:
    for metric, levels in summary.equal_quality.items():
        label = next(m.label for m in summary.metrics if m.name == metric)
        yield f"## Bits per pixel at equal {label}"
        yield "In brackets how many pictures reach it, where not all do."
        rows = [
            [codec.label, *(_rate_cell(levels[level].get(codec.name), summary) for level in levels)]
            for codec in _lossy(summary)
        ]
        yield table(["codec", *(f"{level:g}" for level in levels)], rows)


def _memory_section(summary: Summary) -> Iterator[str]:
    if summary.memory_picture:
        name, width, height = summary.memory_picture
        yield f"## Memory beyond the picture itself, {name} repeated to {width}x{height}, MB"
        rows = [
            [codec.label, *(_megabytes(value) for value in summary.memory[codec.name])]
            for codec in summary.codecs
            if codec.name in summary.memory
        ]
        yield table(["codec", "encode", "decode"], rows)


def _lossless_section(summary: Summary) -> Iterator[str]:
    if summary.lossless:
        yield "## Lossless"
        rows = [
            [codec.label, *(f"{value:.3g}" for value in summary.lossless[codec.name])]
            for codec in summary.codecs
            if codec.lossless
        ]
        yield table(["codec", "bits per pixel", "encode MP/s", "decode MP/s"], rows)


def bd_rate_csv(summary: Summary) -> str:
    """Every BD-rate, of each picture and of all (`*`), as CSV of `BD_FIELDS`."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(BD_FIELDS)
    for anchor, windows in summary.bd_rates.items():
        for window, metrics in windows.items():
            for metric, codecs in metrics.items():
                for codec, pictures in codecs.items():
                    for picture, mean in pictures.items():
                        figures = f"{mean.value:.3f}", f"{mean.overlap:.3f}", mean.count
                        writer.writerow((anchor, window, metric, codec, picture, *figures))
    return buffer.getvalue()


def where_veneer_loses(summary: Summary) -> list[str]:
    """Sentences on every comparison that Veneer does not win: mean rate by metric, single pictures, and speed."""
    own = [codec.name for codec in _lossy(summary) if codec.family == "Veneer"]
    others = [codec.name for codec in _lossy(summary) if codec.family != "Veneer"]
    if not own or not others:
        return []
    return [*_lost_means(summary, own, others), *_lost_pictures(summary, own[0]), *_lost_speed(summary, own, others)]


def _lost_means(summary: Summary, own: list[str], others: list[str]) -> Iterator[str]:
    """Codecs that beat the best setting of Veneer in the mean of the pictures, by one anchor."""
    for anchor, windows in list(summary.bd_rates.items())[:1]:
        metrics = next(iter(windows.values()))
        for metric in summary.metrics:
            means = {name: of[ALL].value for name, of in metrics[metric.name].items() if ALL in of}
            best = min((name for name in own if name in means), key=means.__getitem__, default=None)
            ahead = sorted((n for n in others if best and n in means and means[n] < means[best]), key=means.__getitem__)
            if best and ahead:
                text = ", ".join(f"{_label(summary, name)} ({means[name]:+.1f} %)" for name in ahead)
                line = f"{metric.label} against {_label(summary, anchor)}: ahead of {_label(summary, best)}"
                yield f"{line} ({means[best]:+.1f} %): {text}."


def _lost_pictures(summary: Summary, default: str) -> Iterator[str]:
    """Pictures on which the default setting takes more bytes than an anchor."""
    for anchor, windows in summary.bd_rates.items():
        lost = []
        metrics = next(iter(windows.values()))
        for metric in summary.metrics:
            each = {name: mean for name, mean in metrics[metric.name].get(default, {}).items() if name != ALL}
            worse = [name for name, mean in each.items() if mean.value > 0]
            if worse:
                most = max(worse, key=lambda name: each[name].value)
                lost.append(f"{len(worse)} of {len(each)} by {metric.label} (most: {most}, {each[most].value:+.1f} %)")
        if lost:
            text = f"Pictures on which {_label(summary, default)} takes more bytes than {_label(summary, anchor)}: "
            yield text + ", ".join(lost) + "."


def _lost_speed(summary: Summary, own: list[str], others: list[str]) -> Iterator[str]:
    """Codecs that are faster than the fastest setting, and how slow the slowest is."""
    for index, what in enumerate(("Encoding", "Decoding")):
        speeds = {name: summary.speed[name][index] for name in (*own, *others)}
        fastest, slowest = (pick(own, key=speeds.__getitem__) for pick in (max, min))
        faster = [name for name in others if speeds[name] > speeds[fastest]]
        if faster:
            text = ", ".join(f"{_label(summary, name)} ({speeds[name]:.3g} MP/s)" for name in faster)
            yield f"{what}: faster than {_label(summary, fastest)} ({speeds[fastest]:.3g} MP/s): {text}."
        if speeds[slowest] < min(speeds[name] for name in others):
            yield f"{what}: slower than every other codec is {_label(summary, slowest)} ({speeds[slowest]:.3g} MP/s)."


def _lossy(summary: Summary) -> list[Codec]:
    return [codec for codec in summary.codecs if not codec.lossless]


def _label(summary: Summary, name: str) -> str:
    return next((codec.label for codec in summary.codecs if codec.name == name), name)


def _codec_table(summary: Summary) -> str:
    rows = [[codec.label, codec.note, summary.versions[codec.name]] for codec in summary.codecs]
    return table(["codec", "set to", "version"], rows)


def _speed_table(summary: Summary) -> str:
    peer = summary.speed.get(SPEED_PEER)
    rows = []
    for codec in _lossy(summary):
        own = summary.speed[codec.name]
        ratios = [f"{a / b:.3g}" for a, b in zip(own, peer, strict=True)] if peer else []
        rows.append([codec.label, *(f"{value:.3g}" for value in own), *ratios])
    header = ["codec", "encode", "decode"]
    if peer:
        header += [f"{what} / {_label(summary, SPEED_PEER)}" for what in ("encode", "decode")]
    return table(header, rows)


def _bd_cell(mean: Mean | None, summary: Summary) -> str:
    if mean is None:
        return "-"
    notes = [f"{100 * mean.overlap:.0f} %"] if mean.overlap < 0.99 else []
    notes += [f"{mean.count} of {len(summary.pictures)}"] if mean.count < len(summary.pictures) else []
    return f"{mean.value:+.1f}" + (f" ({', '.join(notes)})" if notes else "")


def _rate_cell(mean: Mean | None, summary: Summary) -> str:
    if mean is None:
        return "-"
    return f"{mean.value:.3f}" + (f" ({mean.count})" if mean.count < len(summary.pictures) else "")


def _megabytes(value: int | None) -> str:
    return "-" if value is None else f"{value / 1e6:.1f}"


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
