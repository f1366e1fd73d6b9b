"""Data of the page of a benchmark, as JSON: the figures of a summary, and the pictures of its slider.

Place: between `summary.py` and `page.py`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from veneer.evaluation.codecs import Codec
from veneer.evaluation.crops import ORIGINAL
from veneer.evaluation.machine import Machine
from veneer.evaluation.page import Json
from veneer.evaluation.records import Row
from veneer.evaluation.summary import ALL, SPEED_PEER, Mean, Summary
from veneer.evaluation.tables import where_veneer_loses


def report_data(summary: Summary, machine: Machine, slider: list[Json], notes: str) -> Json:
    """Everything that the page shows of a benchmark."""
    families = list(dict.fromkeys(codec.family for codec in summary.codecs))
    return {
        "machine": {"text": machine.text().replace("`", "")},
        "notes": notes,
        "all": ALL,
        "metrics": [
            {
                "name": metric.name,
                "label": metric.label,
                "axis": f"{metric.label}{f' ({unit})' if (unit := metric.scale_label or metric.unit) else ''}",
                "better": metric.better,
            }
            for metric in summary.metrics
        ],
        "codecs": [_codec(codec, families, summary) for codec in summary.codecs],
        "pictures": summary.pictures,
        "points": summary.points,
        "bdRates": _means(summary.bd_rates),
        "equalQuality": [
            {"metric": metric, "levels": [{"level": level, "codecs": _means(of)} for level, of in levels.items()]}
            for metric, levels in summary.equal_quality.items()
        ],
        "speed": summary.speed,
        "speedPeer": SPEED_PEER,
        "memory": summary.memory,
        "memoryPicture": summary.memory_picture,
        "lossless": summary.lossless,
        "losses": where_veneer_loses(summary),
        "slider": slider,
    }


def slider_data(rows: Iterable[Row], folder: Path, codecs: Sequence[Codec], max_bytes: int) -> list[Json]:
    """Pictures of the slider, as many as fit.

    Args:
        rows: of `crops.FIELDS`.
        folder: with their files.
        codecs: which to take, in this order.
        max_bytes: of all embedded pictures together; further whole pictures are left out, but never the first.

    Returns:
        One entry for each picture and rate.
    """
    entries: list[Json] = []
    used = 0
    rows = [row for row in rows if (folder / row["file"]).exists()]
    for picture in sorted({row["image"] for row in rows}):
        own = [row for row in rows if row["image"] == picture]
        original = next((row for row in own if row["codec"] == ORIGINAL), None)
        if original is None:
            continue
        added: list[Json] = []
        for rate in sorted({float(row["target_bpp"]) for row in own} - {0.0}):
            by_codec = {row["codec"]: row for row in own if float(row["target_bpp"]) == rate}
            versions = [_version(by_codec[c.name], folder, c.label) for c in codecs if c.name in by_codec]
            if versions:
                added.append({"picture": picture, "bpp": rate, "versions": versions})
        if not added:
            continue
        first = _version(original, folder, "Original")
        size = len(json.dumps(added)) + len(first["source"])
        if entries and used + size > max_bytes:
            break
        used += size
        for entry in added:
            entry["versions"] = [first, *entry["versions"]]
            entry["crop"] = [int(original[name]) for name in ("x", "y", "width", "height")]
            entries.append(entry)
    return entries


def _version(row: Row, folder: Path, label: str) -> Json:
    encoded = base64.b64encode((folder / row["file"]).read_bytes()).decode()
    known = {name: float(row[name]) for name in ("bpp", "psnr", "ssimulacra2") if row[name]}
    return {
        "codec": row["codec"],
        "label": label,
        "bytes": int(row["bytes"]),
        "source": f"data:image/webp;base64,{encoded}",
        **known,
    }


def _codec(codec: Codec, families: list[str], summary: Summary) -> Json:
    siblings = [other.name for other in summary.codecs if other.family == codec.family]
    return {
        "name": codec.name,
        "label": codec.label,
        "note": codec.note,
        "version": summary.versions[codec.name],
        "lossless": codec.lossless,
        "colour": families.index(codec.family),
        "dash": siblings.index(codec.name),
        "shown": codec.in_slider,
    }


def _means(nested: Any) -> Any:
    """Means as lists [value, overlap, count], at whatever depth."""
    if isinstance(nested, Mean):
        return [round(nested.value, 4), round(nested.overlap, 4), nested.count]
    return {key: _means(value) for key, value in nested.items()}
