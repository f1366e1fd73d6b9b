"""Pictures as the real gdk-pixbuf gives them, one line of JSON for each. It is run in a process of its own, whose
environment names the loaders:

    GDK_PIXBUF_MODULE_FILE=loaders.cache python pixbufs.py [--size W,H] [--pieces N] FILE...

With --size, a picture of that size is asked for; with --pieces, the loader gets N bytes at a time.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from pathlib import Path
from typing import Any, ClassVar


class Error(ctypes.Structure):
    _fields_: ClassVar = [("domain", c_uint), ("code", c_int), ("message", c_char_p)]


LIBRARY = ctypes.CDLL("libgdk_pixbuf-2.0.so.0")
GOBJECT = ctypes.CDLL("libgobject-2.0.so.0")
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "gdk_pixbuf_new_from_file": (c_void_p, [c_char_p, POINTER(POINTER(Error))]),
    "gdk_pixbuf_get_width": (c_int, [c_void_p]),
    "gdk_pixbuf_get_height": (c_int, [c_void_p]),
    "gdk_pixbuf_get_n_channels": (c_int, [c_void_p]),
    "gdk_pixbuf_get_rowstride": (c_int, [c_void_p]),
    "gdk_pixbuf_read_pixels": (c_void_p, [c_void_p]),
    "gdk_pixbuf_get_option": (c_char_p, [c_void_p, c_char_p]),
    "gdk_pixbuf_get_file_info": (c_void_p, [c_char_p, POINTER(c_int), POINTER(c_int)]),
    "gdk_pixbuf_format_get_name": (c_char_p, [c_void_p]),
    "gdk_pixbuf_loader_new": (c_void_p, []),
    "gdk_pixbuf_loader_set_size": (None, [c_void_p, c_int, c_int]),
    "gdk_pixbuf_loader_write": (c_int, [c_void_p, c_char_p, c_size_t, POINTER(POINTER(Error))]),
    "gdk_pixbuf_loader_close": (c_int, [c_void_p, POINTER(POINTER(Error))]),
    "gdk_pixbuf_loader_get_pixbuf": (c_void_p, [c_void_p]),
}
for _name, (_result, _arguments) in FUNCTIONS.items():
    getattr(LIBRARY, _name).restype = _result
    getattr(LIBRARY, _name).argtypes = _arguments
CONNECT = GOBJECT.g_signal_connect_data
CONNECT.restype, CONNECT.argtypes = ctypes.c_ulong, [c_void_p, c_char_p, c_void_p, c_void_p, c_void_p, c_int]
GOBJECT.g_object_unref.argtypes = [c_void_p]
AREA = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_int, c_int, c_int, c_void_p)
OPTIONS = ("icc-profile", "orientation", "x-dpi", "y-dpi", "veneer::problem")


def described(pixbuf: int) -> dict[str, Any]:
    """Size, hash of the pixels row by row, options."""
    width, height, channels, stride = (
        getattr(LIBRARY, f"gdk_pixbuf_get_{name}")(pixbuf) for name in ("width", "height", "n_channels", "rowstride")
    )
    pixels, digest = LIBRARY.gdk_pixbuf_read_pixels(pixbuf), hashlib.sha256()
    for y in range(height):
        digest.update(ctypes.string_at(pixels + y * stride, width * channels))
    options = {name: LIBRARY.gdk_pixbuf_get_option(pixbuf, name.encode()) for name in OPTIONS}
    return {
        "width": width,
        "height": height,
        "channels": channels,
        "pixels": digest.hexdigest(),
        "first": list(ctypes.string_at(pixels, channels)),
        "options": {name: value.decode() for name, value in options.items() if value is not None},
    }


def of_file(path: Path) -> dict[str, Any]:
    """What gdk_pixbuf_new_from_file gives, and what gdk_pixbuf_get_file_info says."""
    width, height, error = c_int(), c_int(), POINTER(Error)()
    found = LIBRARY.gdk_pixbuf_get_file_info(str(path).encode(), byref(width), byref(height))
    info = [LIBRARY.gdk_pixbuf_format_get_name(found).decode(), width.value, height.value] if found else None
    pixbuf = LIBRARY.gdk_pixbuf_new_from_file(str(path).encode(), byref(error))
    if not pixbuf:
        assert error, "it fails without an error"
        return {"info": info, "error": error.contents.message.decode(), "code": error.contents.code}
    try:
        return {"info": info, **described(pixbuf)}
    finally:
        GOBJECT.g_object_unref(pixbuf)


def by_loader(path: Path, size: tuple[int, int] | None, piece: int) -> dict[str, Any]:
    """What a GdkPixbufLoader gives; the updates before its end."""
    loader, error, data = LIBRARY.gdk_pixbuf_loader_new(), POINTER(Error)(), path.read_bytes()
    areas: list[list[int]] = []
    update = AREA(lambda _loader, x, y, width, height, _data: areas.append([x, y, width, height]))
    CONNECT(loader, b"area-updated", ctypes.cast(update, c_void_p), None, None, 0)
    if size is not None:
        LIBRARY.gdk_pixbuf_loader_set_size(loader, *size)
    for start in range(0, len(data), piece):
        part = data[start : start + piece]
        if not LIBRARY.gdk_pixbuf_loader_write(loader, part, len(part), byref(error)):
            break
    early = len(areas)
    if not error:
        LIBRARY.gdk_pixbuf_loader_close(loader, byref(error))
    else:
        LIBRARY.gdk_pixbuf_loader_close(loader, None)
    if error:
        return {"error": error.contents.message.decode(), "code": error.contents.code}
    result = described(LIBRARY.gdk_pixbuf_loader_get_pixbuf(loader))
    GOBJECT.g_object_unref(loader)
    return {**result, "areas": areas, "early": early}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=lambda text: tuple(map(int, text.split(","))))
    parser.add_argument("--pieces", type=int)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    for path in options.files:
        if options.size or options.pieces:
            result = by_loader(path, options.size, options.pieces or 1 << 16)
        else:
            result = of_file(path)
        print(json.dumps({"file": path.name, **result}), flush=True)  # noqa: T201 - it is a program


if __name__ == "__main__":
    main()
