"""Which form of a picture a client gets."""

from __future__ import annotations

import sys

import pytest
from servers import EXAMPLES

sys.path.append(str(EXAMPLES))

from negotiation import choose, parse_accept

VENEER, AVIF, WEBP, PNG, JPEG = (f"image/{name}" for name in ("x-veneer", "avif", "webp", "png", "jpeg"))
CHROMIUM = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
FIREFOX = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "fallbacks", "expected"),
    [
        (None, (JPEG,), VENEER),
        ("", (JPEG,), VENEER),
        ("*/*", (JPEG,), VENEER),
        ("text/html, */*;q=0.1", (JPEG,), VENEER),
        (CHROMIUM, (JPEG,), JPEG),
        (CHROMIUM, (AVIF, JPEG), AVIF),
        (FIREFOX, (JPEG,), JPEG),
        (FIREFOX, (WEBP, PNG), WEBP),
        (PAGE, (JPEG,), JPEG),
        ("image/png", (WEBP, PNG), PNG),
        ("image/*", (AVIF, JPEG), JPEG),
        (f"{VENEER},{CHROMIUM}", (JPEG,), VENEER),
        ("IMAGE/X-Veneer", (JPEG,), VENEER),
        (f"{VENEER};q=0.5, image/jpeg", (JPEG,), JPEG),
        (f"{VENEER};q=0, image/*", (JPEG,), JPEG),
        (f"{VENEER};q=0, image/jpeg;q=0", (JPEG,), None),
        (f"{VENEER};q=0", (JPEG,), None),
        ("image/jpeg;q=0, */*", (JPEG,), None),
        ("image/gif", (JPEG,), None),
        ("*/*;q=0", (JPEG,), None),
        ("nonsense,;;,/,image/x-veneer;q=nan,image/jpeg ; Q = 0.3", (JPEG,), JPEG),
    ],
)
def test_choice(accept: str | None, fallbacks: tuple[str, ...], expected: str | None) -> None:
    assert choose(accept, fallbacks) == expected


def test_qualities() -> None:
    assert parse_accept("a/b;q=0.5;x=1, a/b;q=0.7, c/d;q=2, e/f;q=-1, g/h") == {
        "a/b": 0.7,
        "c/d": 0.0,
        "e/f": 0.0,
        "g/h": 1.0,
    }
