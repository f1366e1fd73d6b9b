"""One self-contained HTML page: the figures as JSON, style and scripts from `page/`, pictures inline.

Nothing is fetched, so the page works from disk. Place: `report.py` and `compare.py` write what `render` gives.
"""

from __future__ import annotations

import html
import json
import math
from importlib import resources
from typing import Any

Json = dict[str, Any]

SCRIPTS = ("dom.js", "chart.js", "tables.js", "slider.js", "main.js")


def render(title: str, data: Json) -> str:
    """The page.

    Args:
        title: of the page.
        data: what its scripts show; sections whose figures are missing do not appear.

    Returns:
        HTML.
    """
    folder = resources.files("veneer.evaluation") / "page"

    def text(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    # "<" is written so that no text of the data can end the script element.
    encoded = json.dumps(_finite(data), separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    page = text("report.html").replace("{{title}}", html.escape(title))
    page = page.replace("{{style}}", text("style.css"))
    page = page.replace("{{scripts}}", "\n".join(text(name) for name in SCRIPTS))
    return page.replace("{{data}}", encoded)


def _finite(value: Any) -> Any:
    """The same without NaN, which JSON has not, and with no more digits than a chart needs."""
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 5)
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
