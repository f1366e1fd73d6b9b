"""libveneer built and loaded: the structures and functions of veneer/decode.h for `ctypes`."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from ctypes import POINTER, c_char, c_char_p, c_int, c_int64, c_size_t, c_ssize_t, c_uint8, c_uint16, c_uint32, c_void_p
from pathlib import Path
from typing import Any, ClassVar

import pytest

NATIVE = Path(__file__).parents[1] / "native"

needs_a_compiler = pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, ("cmake", "make", "nm", "c++", "cc"))),
    reason="needs cmake, make, nm and a compiler",
)

ALLOCATE = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_size_t)
RELEASE = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
TASK = ctypes.CFUNCTYPE(None, c_void_p, c_int)
WRITE = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(ctypes.c_uint8), c_size_t)
RUN = ctypes.CFUNCTYPE(None, c_void_p, c_int, TASK, c_void_p)


class Problem(ctypes.Structure):
    _fields_: ClassVar = [("code", c_int), ("offset", c_int64), ("message", c_char * 240)]


class Allocator(ctypes.Structure):
    _fields_: ClassVar = [("opaque", c_void_p), ("allocate", ALLOCATE), ("release", RELEASE)]


class Runner(ctypes.Structure):
    _fields_: ClassVar = [("opaque", c_void_p), ("threads", c_int), ("run", RUN)]


class Rect(ctypes.Structure):
    _fields_: ClassVar = [("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int)]


class Bytes(ctypes.Structure):
    _fields_: ClassVar = [("data", c_void_p), ("size", c_size_t)]


class ModelReference(ctypes.Structure):
    _fields_: ClassVar = [("id", c_int), ("check", c_uint8 * 4), ("role", c_int)]


class MasteringDisplay(ctypes.Structure):
    _fields_: ClassVar = [
        *((f"{colour}_{place}", c_uint16) for colour in ("red", "green", "blue", "white") for place in "xy"),
        ("max_luminance", c_uint32),
        ("min_luminance", c_uint32),
    ]


class GainMap(ctypes.Structure):
    _fields_: ClassVar = [
        ("metadata_kind", c_int),
        ("metadata", Bytes),
        *((name, c_int) for name in ("colour_primaries", "transfer_characteristics")),
        *((name, c_int) for name in ("matrix_coefficients", "full_range")),
        ("alternate_icc", Bytes),
        ("picture", Bytes),
    ]


class Info(ctypes.Structure):
    _fields_: ClassVar = [
        *((name, c_int) for name in ("format_version", "width", "height", "channels", "bit_depth")),
        *((name, c_int) for name in ("colour_primaries", "transfer_characteristics", "matrix_coefficients")),
        *(
            (name, c_int)
            for name in ("full_range", "tile_size", "tile_count", "base_kind", "base_scale", "default_realism")
        ),
        *((name, c_int) for name in ("has_preview", "preview_width", "preview_height", "model_count")),
        ("models", ModelReference * 8),
        ("density_unit", c_int),
        ("density_x", c_uint32),
        ("density_y", c_uint32),
        ("text_count", c_int),
        *((name, Bytes) for name in ("icc", "exif", "xmp", "iptc")),
        ("has_content_light", c_int),
        ("max_content", c_uint16),
        ("max_frame_average", c_uint16),
        ("has_mastering_display", c_int),
        ("mastering_display", MasteringDisplay),
        ("has_gain_map", c_int),
        ("sample_format", c_int),
    ]


class Image(ctypes.Structure):
    _fields_: ClassVar = [
        ("pixels", c_void_p),
        ("width", c_int),
        ("height", c_int),
        ("channels", c_int),
        ("stride", c_ssize_t),
        ("bytes_per_sample", c_int),
        ("bit_depth", c_int),
        ("sample_format", c_int),
    ]


class Event(ctypes.Structure):
    _fields_: ClassVar = [("kind", c_int), ("region", Rect), ("problem", Problem)]


class WeightFile(ctypes.Structure):
    _fields_: ClassVar = [
        ("model_id", c_int),
        ("network", ctypes.c_char * 64),
        ("file_name", ctypes.c_char * 80),
        ("sha256", ctypes.c_uint8 * 32),
        ("size", ctypes.c_uint32),
    ]


# Result and arguments of each function.
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "veneer_version": (c_int, []),
    "veneer_decoder_create": (c_void_p, [POINTER(Allocator), POINTER(Runner)]),
    "veneer_decoder_destroy": (None, [c_void_p]),
    "veneer_decoder_set_threads": (c_int, [c_void_p, c_int]),
    "veneer_decoder_set_layers": (c_int, [c_void_p, c_int]),
    "veneer_decoder_set_realism": (c_int, [c_void_p, c_int]),
    "veneer_decoder_set_region": (c_int, [c_void_p, Rect]),
    "veneer_decoder_set_strict": (c_int, [c_void_p, c_int]),
    "veneer_decoder_set_max_pixels": (c_int, [c_void_p, c_int64]),
    "veneer_model_create": (c_void_p, [POINTER(Allocator), c_char_p, c_size_t, POINTER(Problem)]),
    "veneer_model_release": (None, [c_void_p]),
    "veneer_network_create": (c_void_p, [POINTER(Allocator), c_char_p, c_size_t, POINTER(Problem)]),
    "veneer_network_release": (None, [c_void_p]),
    "veneer_decoder_add_model": (c_int, [c_void_p, c_void_p]),
    "veneer_decoder_add_network": (c_int, [c_void_p, c_void_p]),
    "veneer_decoder_needed_count": (c_int, [c_void_p]),
    "veneer_decoder_needed": (c_int, [c_void_p, c_int, POINTER(WeightFile)]),
    "veneer_decoder_feed": (c_int, [c_void_p, c_char_p, c_size_t]),
    "veneer_decoder_set_file": (c_int, [c_void_p, c_char_p, c_size_t]),
    "veneer_decoder_finish": (c_int, [c_void_p]),
    "veneer_decoder_next_event": (c_int, [c_void_p, POINTER(Event)]),
    "veneer_decoder_info": (c_int, [c_void_p, POINTER(Info)]),
    "veneer_decoder_text": (c_int, [c_void_p, c_int, POINTER(Bytes), POINTER(Bytes)]),
    "veneer_decoder_gain_map": (c_int, [c_void_p, POINTER(GainMap)]),
    "veneer_decoder_picture": (c_int, [c_void_p, POINTER(Image)]),
    "veneer_decoder_preview": (c_int, [c_void_p, POINTER(Image)]),
    "veneer_decoder_problem_count": (c_int, [c_void_p]),
    "veneer_decoder_problem": (c_int, [c_void_p, c_int, POINTER(Problem)]),
    "veneer_decoder_jpeg": (c_int, [c_void_p, WRITE, c_void_p]),
    "veneer_decoder_jpeg_front": (c_int, [c_void_p, WRITE, c_void_p]),
    "veneer_decoder_error": (c_int, [c_void_p, POINTER(Problem)]),
}


def built_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that native/CMakeLists.txt was built in: quickly, with few optimisations."""
    folder = tmp_path_factory.getbasetemp() / "libveneer"
    if folder.exists():
        return folder  # another module of tests has built it
    folder.mkdir()
    options = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O1"]
    for command in (
        ["cmake", "-S", NATIVE, "-B", folder, "-G", "Unix Makefiles", *options],
        ["cmake", "--build", folder, "--parallel", "2"],
    ):
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        assert process.returncode == 0, process.stdout[-4000:] + process.stderr[-4000:]
    return folder


def load(path: Path) -> Any:
    """The library with the types of its functions."""
    library = ctypes.CDLL(str(path))
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
