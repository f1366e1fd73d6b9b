"""Checks the metadata of pictures after a round trip, field by field.

    python tests/cli/metadata_fields.py FOLDER

Encodes every picture of FOLDER with the command, decodes it to PNG, JPEG and WebP, and compares the fields that Pillow
reads with those of the original. TIFF is left out: it keeps the fields that describe the picture, in a directory of its
own where they stand beside those that describe the file.

Prints a line for each file that cannot be encoded and for each field that differs, then sums. Exit code 1 if a field
differs, or if a file neither encodes nor gives one line.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

import veneer.pillow  # noqa: F401 - registers the format

FORMATS = ("vnr", "png", "jpg", "webp")

# Directories of Exif by name. The first is that of the picture itself.
_DIRECTORIES = {
    "Exif": ExifTags.IFD.Exif,
    "GPS": ExifTags.IFD.GPSInfo,
    "Interop": ExifTags.IFD.Interop,
    "Thumbnail": ExifTags.IFD.IFD1,
}

# Fields that say where something stands in the file, not what.
_PLACES = {int(tag) for tag in (*_DIRECTORIES.values(), ExifTags.Base.JpegIFOffset, ExifTags.Base.StripOffsets)}

Fields = dict[str, Any]


@dataclasses.dataclass
class Survey:
    """Findings in a folder.

    Attributes:
        encoded: number of files that encode.
        refused: the one line of each that does not.
        compared: number of fields compared, in all formats.
        differences: a line for each that differs.
        silent: files that neither encode nor give exactly one line.
    """

    encoded: int = 0
    refused: list[str] = dataclasses.field(default_factory=list)
    compared: int = 0
    differences: list[str] = dataclasses.field(default_factory=list)
    silent: list[str] = dataclasses.field(default_factory=list)


def read_fields(path: Path) -> Fields:
    """Size, profile, XMP and every Exif field that Pillow reads, by name."""
    with warnings.catch_warnings(), Image.open(path) as image:
        warnings.simplefilter("ignore")  # broken Exif
        fields: Fields = {"size": image.size, "ICC": image.info.get("icc_profile"), "XMP": _xmp(image)}
        try:
            exif = image.getexif()
            directories = {"": dict(exif), **{name: exif.get_ifd(tag) for name, tag in _DIRECTORIES.items()}}
        except Exception as error:  # Pillow raises whatever it stumbles over in broken Exif
            return {**fields, "Exif": f"unreadable: {type(error).__name__}"}
    for name, directory in directories.items():
        names = ExifTags.GPSTAGS if name == "GPS" else ExifTags.TAGS
        for tag, value in directory.items():
            if tag not in _PLACES:
                fields[f"{name} {names.get(tag, hex(tag))}".strip()] = _plain(value)
    return fields


def _xmp(image: Image.Image) -> Any:
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or None
    return xmp.encode() if isinstance(xmp, str) else xmp


def _plain(value: Any) -> Any:
    """A value as it can be compared: rationals as fractions that may have zero below, strings without padding."""
    if hasattr(value, "numerator") and hasattr(value, "denominator") and not isinstance(value, int):
        return value.numerator, value.denominator
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return value.rstrip("\0") if isinstance(value, str) else value


def survey(folder: Path) -> Survey:
    """Goes through the files of a folder."""
    result = Survey()
    with tempfile.TemporaryDirectory() as temporary:
        for path in sorted(file for file in folder.iterdir() if file.is_file()):
            target = Path(temporary) / f"{path.stem}.vnr"
            process = _command("encode", str(path), str(target), "-e", "1", "-q", "30", "--no-preview", "--force")
            if process.returncode:
                lines = process.stderr.splitlines()
                (result.refused if len(lines) == 1 and not target.exists() else result.silent).append(
                    f"{path.name}: {' / '.join(lines)}"
                )
                continue
            result.encoded += 1
            _compare(path, target, result)
    return result


def _compare(path: Path, encoded: Path, result: Survey) -> None:
    """Compares a picture with its file and with what that is decoded to."""
    expected = read_fields(path)
    with Image.open(encoded) as image:
        transparent = image.mode in ("LA", "RGBA")
    for suffix in FORMATS:
        if suffix == "jpg" and transparent:
            continue
        target = encoded.with_suffix(f".{suffix}")
        if suffix != "vnr":
            process = _command("decode", str(encoded), str(target), "--force")
            if process.returncode:
                result.differences.append(f"{path.name} .{suffix}: {process.stderr.strip()}")
                continue
        found = read_fields(target)
        for name, value in expected.items():
            result.compared += 1
            if found.get(name) != value:
                shown = f"{str(value)[:60]!r} became {str(found.get(name))[:60]!r}"
                result.differences.append(f"{path.name} .{suffix}: {name}: {shown}")


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "veneer", *arguments], capture_output=True, text=True, check=False)


def main() -> None:
    """Command line entry."""
    result = survey(Path(sys.argv[1]))
    for title, lines in (("refused", result.refused), ("silent", result.silent), ("differs", result.differences)):
        sys.stdout.writelines(f"{title}: {line}\n" for line in lines)
    sys.stdout.write(
        f"{result.encoded} encoded, {len(result.refused)} refused with one line, {len(result.silent)} otherwise; "
        f"{result.compared} fields compared, {len(result.differences)} differ\n"
    )
    sys.exit(bool(result.silent or result.differences))


if __name__ == "__main__":
    main()
