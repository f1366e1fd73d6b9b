"""Which form of a picture a client gets, by its header Accept.

Source: RFC 9110, 12.5.1.
"""

from __future__ import annotations

from collections.abc import Sequence

VENEER = "image/x-veneer"


def parse_accept(header: str) -> dict[str, float]:
    """Media ranges with their qualities, 0..1, in small letters; of one that stands twice the higher quality.

    What cannot be read of a header is left out.
    """
    found: dict[str, float] = {}
    for item in header.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        if name.count("/") != 1:
            continue
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                quality = _quality(value.strip())
        found[name] = max(quality, found.get(name, 0.0))
    return found


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0  # NaN is not


def choose(header: str | None, fallbacks: Sequence[str]) -> str | None:
    """The media type to send for a .vnr file; None where the client takes none of them.

    A client that names image/x-veneer gets the file. One that asks for pictures, as an `<img>` of a browser does, but
    does not name the type, cannot show it, although it says `image/*` or `*/*`: it gets the fallback that it wants
    most. One that asks for anything, as `fetch()`, curl and wget do, gets the file.

    Args:
        header: Accept; None where there is none.
        fallbacks: media types that the picture can be turned into, the best one first.
    """
    accepted = parse_accept(header or "")
    veneer = accepted.get(VENEER)
    if veneer is None and not any(name.startswith("image/") for name in accepted):
        return VENEER if accepted.get("*/*", 1.0) > 0 else None
    qualities = {name: _of_fallback(accepted, name, is_last=name == fallbacks[-1]) for name in fallbacks}
    qualities[VENEER] = veneer or 0.0
    best = max((VENEER, *fallbacks), key=lambda name: qualities[name])  # of equals the first one
    return best if qualities[best] > 0 else None


def _of_fallback(accepted: dict[str, float], name: str, *, is_last: bool) -> float:
    """How much a client wants a type. Of wildcards only the last fallback is meant, which every client can show."""
    if name in accepted or not is_last:
        return accepted.get(name, 0.0)
    return accepted.get("image/*", accepted.get("*/*", 0.0))
