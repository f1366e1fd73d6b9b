"""Files of codecs at given rates, each made once and kept in a folder.

Place: `realism.py` and `crops_sheet.py` take their files from here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import re
from pathlib import Path

from veneer.evaluation.codecs import Codec, Pixels

LEAST, MOST = 0.98, 1.02  # shares of the bytes asked for between which the search for a setting ends
MAX_TRIES = 9
MOST_HINTS = 2  # tries
WHOLE_RANGE = math.log(200)  # about what a codec's bytes grow by from its lowest to its highest setting


@dataclasses.dataclass(frozen=True)
class CodedFile:
    """A file and how it was made.

    Attributes:
        setting: of the codec.
        data: the file.
        reached: whether it has no more than `MOST` of the bytes asked for; else the codec's lowest setting needs more.
    """

    setting: float
    data: bytes
    reached: bool


class FileStore:
    """A folder of files by codec, version, picture and setting.

    Args:
        folder: to keep them in.
        kept: codecs of which files of any version will do; of others, files of other versions only say where to begin
            a search, as those of related codecs do.
    """

    def __init__(self, folder: Path, kept: frozenset[str] = frozenset()) -> None:
        self._folder, self._kept = folder, kept

    def at_rate(self, codec: Codec, picture: str, pixels: Pixels, rate_bpp: float) -> CodedFile:
        """The largest file found of at most `MOST` of the bytes asked for; the smallest where none is so small.

        Args:
            codec: with bounds to search in.
            picture: name of the picture.
            pixels: uint8 RGB [H, W, 3].
            rate_bpp: bits per pixel asked for.
        """
        wanted = rate_bpp * pixels.shape[0] * pixels.shape[1] / 8
        folder = self._of_version(codec) / picture
        folder.mkdir(parents=True, exist_ok=True)
        sizes = _sizes(folder)
        axis = _Axis(codec)
        for attempt in range(MAX_TRIES):
            # Hints of another encoder may all be wrong alike.
            hints = self._hints(codec, picture) if attempt < MOST_HINTS else {}
            setting = _next_setting(axis, sizes, hints, wanted)
            if setting is None:
                break
            _write(folder / f"{setting:.6g}", codec.encode(pixels, setting))
            sizes = _sizes(folder)
        fitting = {setting: size for setting, size in sizes.items() if size <= MOST * wanted}
        best = max(fitting, key=fitting.__getitem__) if fitting else axis.setting(axis.low)
        if best not in sizes:
            _write(folder / f"{best:.6g}", codec.encode(pixels, best))
        return CodedFile(best, (folder / f"{best:.6g}").read_bytes(), bool(fitting))

    def _of_version(self, codec: Codec) -> Path:
        folder = self._folder / f"{_slug(codec)}-{hashlib.sha256(codec.version.encode()).hexdigest()[:8]}"
        others = self._versions(codec)
        return others[-1] if codec.name in self._kept and others and not folder.exists() else folder

    def _versions(self, codec: Codec) -> list[Path]:
        """Folders of all versions, oldest first."""
        return sorted(self._folder.glob(f"{_slug(codec)}-????????"), key=lambda path: path.stat().st_mtime_ns)

    def _hints(self, codec: Codec, picture: str) -> dict[float, int]:
        """Sizes of files of relatives, whose settings mean about the same, and of other versions, which count more."""
        relatives = self._folder.glob(f"{_slug(codec).split('_')[0]}[-_]*")
        found: dict[float, int] = {}
        for folder in (*sorted(relatives), *self._versions(codec)):
            found |= _sizes(folder / picture)
        return found


class _Axis:
    """Settings of a codec as numbers that rise with the rate, the logarithm where they run through decades."""

    def __init__(self, codec: Codec) -> None:
        if codec.bounds is None:
            raise ValueError(f"{codec.label} has no setting for its rate")
        first, last = codec.bounds
        self.whole = codec.whole
        self._logarithmic = not codec.whole and min(first, last) > 0 and max(first, last) / min(first, last) > 100
        self._sign = 1 if last > first else -1
        self.low, self.high = self.place(first), self.place(last)

    def place(self, setting: float) -> float:
        return self._sign * (math.log(setting) if self._logarithmic else setting)

    def setting(self, place: float) -> float:
        value = math.exp(self._sign * place) if self._logarithmic else self._sign * place
        return float(round(value)) if self.whole else float(f"{value:.6g}")


def _next_setting(axis: _Axis, sizes: dict[float, int], hints: dict[float, int], wanted: float) -> float | None:
    """The setting to try next, or None where the search is at its end."""
    if any(LEAST * wanted <= size <= MOST * wanted for size in sizes.values()):
        return None
    hinted = {setting: size for setting, size in hints.items() if size <= MOST * wanted}
    if hinted and (likely := max(hinted, key=hinted.__getitem__)) not in sizes:
        return likely
    if not sizes:
        return axis.setting(axis.low + (axis.high - axis.low) / 3)
    above = min((axis.place(s) for s, size in sizes.items() if size > MOST * wanted), default=None)
    places = {axis.place(s): size for s, size in sizes.items()}
    low_enough = [place for place, size in places.items() if size <= MOST * wanted]
    below = max((place for place in low_enough if above is None or place < above), default=None)
    place = _guess(axis, places, below, above, wanted)
    if axis.whole:
        # Between the two that are known, which are done with.
        first = axis.low if below is None else below + 1
        last = axis.high if above is None else above - 1
        if first > last:
            return None
        place = min(max(round(place), math.ceil(first)), math.floor(last))
    setting = axis.setting(min(max(place, axis.low), axis.high))
    return None if setting in sizes else setting


def _guess(axis: _Axis, places: dict[float, int], below: float | None, above: float | None, wanted: float) -> float:
    """Where the size would be, its logarithm taken as linear between two places or with an average slope from one."""
    if below is not None and above is not None:
        slope = math.log(places[above] / places[below]) / (above - below)
        step = math.log(wanted / places[below]) / max(slope, 1e-9)
        return below + min(max(step, 0.05 * (above - below)), 0.95 * (above - below))
    near = below if below is not None else above
    assert near is not None
    return near + math.log(wanted / places[near]) / WHOLE_RANGE * (axis.high - axis.low)


def _sizes(folder: Path) -> dict[float, int]:
    """Sizes of the files in a folder by their setting."""
    if not folder.is_dir():
        return {}
    return {float(path.name): path.stat().st_size for path in folder.iterdir() if not path.name.startswith(".")}


def _slug(codec: Codec) -> str:
    return re.sub(r"[^a-z0-9]+", "_", codec.source.lower()).strip("_")


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    temporary.replace(path)
