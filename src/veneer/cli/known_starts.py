"""First bytes of picture formats: to find pictures by content, and to name formats that cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

from veneer.cli.failure import FileFailure

START_BYTES = 64  # are enough to tell a picture by

_DEVELOP = "develop it to a PNG, TIFF or JPEG, with darktable, RawTherapee or the like"
_EXPORT = "export it as PNG or TIFF of up to 16 bits a sample"
_CONVERT = "give a JPEG, PNG, WebP, TIFF or the like"


def raw_failure(kind: str) -> FileFailure:
    """Why a file of what a sensor gave is not coded: what can be read of it is a preview."""
    return FileFailure(f"is a raw file of a camera ({kind}), not a picture yet", _DEVELOP)


# Raw files that do not begin like a TIFF, or that name their kind after the beginning of a TIFF.
_RAW_STARTS = {
    rb"FUJIFILMCCD-RAW": "RAF of Fujifilm",
    rb"II(RO|RS)|MMOR": "ORF of Olympus",
    rb"IIU\0": "RW2 of Panasonic",
    rb"....ftypcrx ": "CR3 of Canon",
    rb"II\*\0....CR": "CR2 of Canon",
    rb"II\x1a\0\0\0HEAPCCDR": "CRW of Canon",
    rb"(II\*\0|MM\0\*)....(IIII|MMMM)": "IIQ of Phase One",
    rb"\0MR[MI]": "MRW of Minolta",
    rb"FOVb": "X3F of Sigma",
    rb"ARRI\x12\x34\x56\x78": "ARI of Arri",
}

# Pictures that cannot be read, or not always.
_UNREAD_STARTS = {
    rb"\x89PNG|II\*\0|MM\0\*|II\+\0|MM\0\+|RIFF....WEBP|GIF8": (
        "is damaged, or of a sort that cannot be read here",
        _CONVERT,
    ),
    rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  ": ("is a JPEG 2000 that cannot be read here", _CONVERT),
    rb"....ftyp(hei|hev|mif1|msf1)": ("is HEIC that cannot be read here: damaged, or of a rare kind", _CONVERT),
    rb"....ftypavi[fs]": ("is AVIF that cannot be read here: damaged, or Pillow is without it", _CONVERT),
    rb"#\?(RADIANCE|RGBE)": ("is Radiance HDR, whose samples are floating point numbers", _EXPORT),
    rb"P[Ff]\s": ("is a PFM, whose samples are floating point numbers", _EXPORT),
    rb"P7\s": ("is a PAM, which cannot be read here", _EXPORT),
    rb"gimp xcf": ("is a work file of GIMP, not a picture yet", _EXPORT),
    rb"II\xbc": ("is JPEG XR, which cannot be read here", _EXPORT),
    rb"BPG\xfb": ("is BPG, which cannot be read here", _EXPORT),
    rb"FLIF": ("is FLIF, which cannot be read here", _EXPORT),
    rb".{128}DICM": ("is DICOM, whose samples are measurements", _EXPORT),
    rb"%PDF": ("is a PDF, not a picture", "take its pictures out, for instance with: pdfimages -all IN OUT"),
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg": (
        "is a drawing (SVG), not a picture of pixels",
        "draw it as PNG at the size that is wanted",
    ),
}

# What is looked for in folders among files whose names do not say that they are pictures.
PICTURE_START = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP|II\*\0|MM\0\*|II\+\0|MM\0\+|8BPS\0[\x01\x02]|qoif"
    rb"|BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0|P[1-6]\s+\d+\s+\d+\s"
    rb"|....ftyp(avi[fs]|hei|hev|mif1|msf1)|\0\0\0\x0cJXL |\0\0\0\x0cjP  |\xff\x4f\xff\x51"
    rb"|#\?(RADIANCE|RGBE)|v/1\x01|gimp xcf|II\xbc|BPG\xfb|FLIF|" + b"|".join(_RAW_STARTS),
    re.DOTALL,
)


def begins_like(path: Path, start: re.Pattern[bytes]) -> bool:
    """Whether a regular file begins so; not so where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return start.match(file.read(START_BYTES)) is not None
    except OSError:
        return False


def refuse_raw(data: bytes) -> None:
    """Raises FileFailure for raw files that show it by their first bytes; see `tiff_pages` for the others."""
    for pattern, kind in _RAW_STARTS.items():
        if re.match(pattern, data[:START_BYTES], re.DOTALL):
            raise raw_failure(kind)


def describe_unknown(data: bytes) -> FileFailure:
    """The failure for a file that no reader can read."""
    start = data[:512]
    if start.startswith(b"\xff\xd8\xff"):
        known = unusual_jpeg(data)
        return known or FileFailure("is a JPEG that cannot be read here: damaged", "get it anew")
    if start.startswith(b"8BPS"):
        bits = int.from_bytes(data[22:24], "big")
        what = (
            f"has {bits} bits a sample, which are not read of Photoshop files"
            if bits > 8
            else "is a Photoshop file of a sort not read here"
        )
        return FileFailure(what, _EXPORT)
    for pattern, (what, remedy) in _UNREAD_STARTS.items():
        if re.match(pattern, start, re.DOTALL):
            return FileFailure(what, remedy)
    is_text = b"\0" not in start and all(byte >= 32 or byte in b"\t\n\r\f\x1b" for byte in start)
    return FileFailure("is text, not a picture" if is_text else "is not a picture that can be read here", _CONVERT)


# Frame headers of JPEG by their last byte. Source: ITU-T T.81, table B.1; T.87 for JPEG-LS.
_JPEG_FRAMES = {
    0xC3: "lossless",
    0xC5: "hierarchical",
    0xC6: "hierarchical",
    0xC7: "hierarchical and lossless",
    0xC9: "arithmetically coded",
    0xCA: "arithmetically coded",
    0xCB: "lossless",
    0xCD: "hierarchical",
    0xCE: "hierarchical",
    0xCF: "hierarchical and lossless",
    0xF7: "JPEG-LS",
}
_JPEG_NO_FRAME = frozenset((0xC4, 0xC8, 0xCC))


def unusual_jpeg(data: bytes) -> FileFailure | None:
    """Why a JPEG cannot be read, by its frame header; None where that is a usual one."""
    what = _describe_frame(data) if data.startswith(b"\xff\xd8\xff") else None
    return FileFailure(f"is a JPEG {what}, which cannot be read here", "convert it with what made it") if what else None


def _describe_frame(data: bytes) -> str | None:
    place = 2
    while place + 10 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # filling
            place += 1
            continue
        if marker in _JPEG_FRAMES or (0xC0 <= marker <= 0xCF and marker not in _JPEG_NO_FRAME):
            bits, components = data[place + 4], data[place + 9]
            if marker in _JPEG_FRAMES:
                return f"of a rare kind ({_JPEG_FRAMES[marker]})"
            if bits != 8:
                return f"of {bits} bits a sample"
            return None if components in (1, 3, 4) else f"of {components} components"
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
