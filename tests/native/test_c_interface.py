"""The C interface of libveneer as a program uses it: everything by way of veneer/decode.h."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import re
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import numpy.typing
import pytest
from c_library import (
    ALLOCATE,
    RELEASE,
    RUN,
    WRITE,
    Allocator,
    Event,
    GainMap,
    Image,
    Info,
    MasteringDisplay,
    Problem,
    Rect,
    Runner,
    WeightFile,
    built_library,
    load,
    needs_a_compiler,
)
from jpeg_vectors import jpeg_of

import veneer
from veneer.backend import crc32c
from veneer.conformance import vectors
from veneer.conformance.decoders import Command
from veneer.enhancement.models import PACKAGE_FOLDER
from veneer.errors import ErrorCode
from veneer.inference.weight_bytes import weight_file_name
from veneer.reference.weights import read_model_file

pytestmark = [pytest.mark.slow, needs_a_compiler]

OK, FAILED, NO_MEMORY, MISUSE = range(4)
VECTORS = vectors.find_vectors()
PLACES = (VECTORS / vectors.MODELS, PACKAGE_FOLDER)
MODELS = [path for place in PLACES for path in sorted(place.glob("*.vnm"))]
WEIGHTS = [path for place in PLACES for path in sorted(place.glob("*.vnw"))]

Pixels = numpy.typing.NDArray[numpy.uint8]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_library(tmp_path_factory)


@pytest.fixture(scope="module")
def library(folder: Path) -> Any:
    return load(folder / "libveneer.so")


class Counting:
    """An allocator that knows what it has given, and has nothing left after some calls."""

    def __init__(self, most: int | None = None) -> None:
        self.libc = ctypes.CDLL(None)
        self.libc.malloc.restype, self.libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        self.libc.free.restype, self.libc.free.argtypes = None, [ctypes.c_void_p]
        self.most, self.calls, self.blocks = most, 0, set[int]()
        self.lock = threading.Lock()
        self.own = Allocator(None, ALLOCATE(self.allocate), RELEASE(self.release))

    def allocate(self, _opaque: Any, size: int) -> int | None:
        with self.lock:
            self.calls += 1
            if self.most is not None and self.calls > self.most:
                return None
            block = int(self.libc.malloc(size))
            self.blocks.add(block)
            return block

    def release(self, _opaque: Any, block: int) -> None:
        with self.lock:
            self.blocks.remove(block)
        self.libc.free(block)


def pixels_of(image: Image) -> Pixels | None:
    """A copy of a picture; None where there is none."""
    if not image.pixels:
        return None
    assert image.stride == image.width * image.channels * image.bytes_per_sample
    data = ctypes.string_at(image.pixels, image.height * image.stride)
    dtype = numpy.uint8 if image.bytes_per_sample == 1 else numpy.uint16
    return numpy.frombuffer(data, dtype).reshape(image.height, image.width, image.channels)


def picture(library: Any, decoder: Any) -> Pixels | None:
    image = Image()
    assert library.veneer_decoder_picture(decoder, ctypes.byref(image)) == OK
    return pixels_of(image)


def error_code(library: Any, decoder: Any) -> int:
    problem = Problem()
    assert library.veneer_decoder_error(decoder, ctypes.byref(problem)) == OK
    return int(problem.code)


def events(library: Any, decoder: Any) -> list[tuple[int, tuple[int, ...]]]:
    """Kinds and regions of all that has happened."""
    found = []
    while True:
        event = Event()
        assert library.veneer_decoder_next_event(decoder, ctypes.byref(event)) == OK
        if event.kind == 0:
            return found
        region = event.region
        found.append((event.kind, (region.x, region.y, region.width, region.height)))


@functools.cache
def all_models(library: Any) -> list[Any]:
    """Every model, kept for good: many decoders have them."""
    found = [library.veneer_model_create(None, path.read_bytes(), path.stat().st_size, None) for path in MODELS]
    assert all(found)
    return found


@functools.cache
def all_networks(library: Any) -> dict[str, Any]:
    """Every network, by the names of their weight files, kept for good."""
    made = {}
    for path in WEIGHTS:
        made[path.name] = library.veneer_network_create(None, path.read_bytes(), path.stat().st_size, None)
    assert all(made.values())
    return made


def add_models(library: Any, decoder: Any) -> None:
    """Gives a decoder all models and networks."""
    for model in all_models(library):
        assert library.veneer_decoder_add_model(decoder, model) == OK
    for network in all_networks(library).values():
        assert library.veneer_decoder_add_network(decoder, network) == OK


def decode(
    library: Any, data: bytes, *, piece: int = 0, change: Callable[[Any], None] | None = None, models: bool = True
) -> Pixels | int:
    """The picture of a file, or the code of the error; fed in pieces of a size, 0 for all at once without a copy."""
    decoder = library.veneer_decoder_create(None, None)
    try:
        if change:
            change(decoder)
        if models:
            add_models(library, decoder)
        status = OK
        if piece == 0:
            assert library.veneer_decoder_set_file(decoder, data, len(data)) == OK
        for start in range(0, len(data) if piece else 0, max(piece, 1)):
            part = data[start : start + piece]
            status = library.veneer_decoder_feed(decoder, part, len(part))
            if status != OK:
                break
        status = status or library.veneer_decoder_finish(decoder)
        if status != OK:
            assert status == FAILED
            return error_code(library, decoder)
        result = picture(library, decoder)
        assert result is not None
        return result
    finally:
        library.veneer_decoder_destroy(decoder)


def strictly(library: Any, vector: vectors.Vector) -> Callable[[Any], None]:
    """The settings that a vector asks for."""

    def change(decoder: Any) -> None:
        assert library.veneer_decoder_set_strict(decoder, 1) == OK
        layers = {"full": 0, "base": 1, "preview": 2}[vector.keywords.get("layers", "full")]
        assert library.veneer_decoder_set_layers(decoder, layers) == OK
        if "realism" in vector.keywords:
            assert library.veneer_decoder_set_realism(decoder, int(vector.keywords["realism"] * 64 + 0.5)) == OK

    return change


def jpeg(library: Any, data: bytes, *, front: bool = False, most: int | None = None) -> bytes | int:
    """The JPEG that a file keeps, or its part before the first scan; the code of the error, 0 for one without."""
    pieces: list[bytes] = []

    def take(_opaque: Any, piece: Any, size: int) -> int:
        pieces.append(ctypes.string_at(piece, size))
        return int(most is None or len(pieces) < most)

    decoder = library.veneer_decoder_create(None, None)
    try:
        assert library.veneer_decoder_set_file(decoder, data, len(data)) == OK
        status = library.veneer_decoder_finish(decoder)
        if status == OK or error_code(library, decoder) != 0:
            call = library.veneer_decoder_jpeg_front if front else library.veneer_decoder_jpeg
            status = call(decoder, WRITE(take), None)
        return b"".join(pieces) if status == OK else error_code(library, decoder)
    finally:
        library.veneer_decoder_destroy(decoder)


def outcome(result: Pixels | int) -> str:
    return str(result) if isinstance(result, int) else vectors.pixel_hash(result)


def test_all_vectors(library: Any) -> None:
    """Valid ones have their pixels, invalid ones the number of their error."""
    wrong = []
    for vector in vectors.read_index(VECTORS):
        data = (VECTORS / vector.name).read_bytes()
        if vector.wants_jpeg:
            given = jpeg(library, data)
            found = str(given) if isinstance(given, int) else hashlib.sha256(given).hexdigest()
        else:
            found = outcome(decode(library, data, change=strictly(library, vector)))
        if found != vector.outcome:
            wrong.append((vector.name, vector.options, vector.outcome, found))
    assert wrong == []


def test_weight_files_that_are_refused(library: Any) -> None:
    wrong = []
    for vector in vectors.read_weights_index(VECTORS):
        data, problem = (VECTORS / vector.name).read_bytes(), Problem()
        kind = "model" if vector.name.endswith(".vnm") else "network"
        made = getattr(library, f"veneer_{kind}_create")(None, data, len(data), ctypes.byref(problem))
        if made or str(problem.code) != vector.outcome:
            wrong.append((vector.name, vector.outcome, problem.code))
    assert wrong == []


def test_vnrdec(folder: Path) -> None:
    """The decoder in C, over the interface alone, is held to the vectors by the command for other decoders."""

    def command(models: list[Path]) -> Command:
        options = " ".join(f"--model {path}" for path in models)
        return Command(f"{folder / 'vnrdec'} --strict {options} {{options}} {{in}} {{out}}", "raw")

    small = command([path for path in MODELS if path.parent.name == vectors.MODELS])
    released = command([path for path in MODELS if path.parent == PACKAGE_FOLDER])
    for vector in vectors.read_index(VECTORS):
        if vector.wants_jpeg or vector.keywords.get("layers") == "preview":
            continue  # bare samples are taken to be as large as the picture
        decoder = released if vector.name.startswith("released") else small
        found = decoder.outcome(VECTORS, vector)
        assert found == (vector.outcome if vector.valid else "refused"), vector.name


def sample(channels: int = 3, width: int = 150, height: int = 90, **keywords: Any) -> bytes:
    rng = numpy.random.default_rng(channels)
    smooth = numpy.add.outer(numpy.arange(height), numpy.arange(width))[:, :, None] * numpy.arange(1, channels + 1)
    noise = rng.integers(0, 12, (height, width, channels))
    return veneer.encode((smooth // 3 + noise).clip(0, 255).astype(numpy.uint8), tile_size=64, effort=1, **keywords)


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_pieces(library: Any, piece: int) -> None:
    data = sample(preview=True, quality=95)
    expected = veneer.decode(data)
    found = decode(library, data, piece=piece)
    assert not isinstance(found, int)
    assert numpy.array_equal(found, expected)


def test_events_while_it_arrives(library: Any) -> None:
    data = sample(preview=True, quality=95)
    decoder = library.veneer_decoder_create(None, None)
    happened = []
    shown = None
    for start in range(len(data)):
        assert library.veneer_decoder_feed(decoder, data[start : start + 1], 1) == OK
        happened += events(library, decoder)
        shown = picture(library, decoder) if shown is None else shown
    assert library.veneer_decoder_finish(decoder) == OK
    kinds = [kind for kind, _ in happened]
    assert kinds == [1, 3] + [4] * 6 + [6]
    assert happened[1] == (3, (0, 0, 150, 90))
    assert happened[2] == (4, (0, 0, 64, 64))
    assert shown is not None
    assert shown.shape == (90, 150, 3)
    preview = Image()
    assert library.veneer_decoder_preview(decoder, ctypes.byref(preview)) == OK
    assert numpy.array_equal(pixels_of(preview), veneer.decode(data, layers="preview"))
    assert numpy.array_equal(picture(library, decoder), veneer.decode(data))
    library.veneer_decoder_destroy(decoder)


def test_info_and_metadata(library: Any) -> None:
    data = sample(exif=b"MM\0*\0\0\0\x08\0\0\0\0\0\0", text=[("Title", "Tännen")], density=(1, 2835, 2834))
    decoder = library.veneer_decoder_create(None, None)
    info = Info()
    assert library.veneer_decoder_info(decoder, ctypes.byref(info)) == MISUSE
    assert library.veneer_decoder_feed(decoder, data, len(data)) == OK
    assert library.veneer_decoder_info(decoder, ctypes.byref(info)) == OK
    assert (info.width, info.height, info.channels, info.tile_size, info.tile_count) == (150, 90, 3, 64, 6)
    assert (info.density_unit, info.density_x, info.density_y) == (1, 2835, 2834)
    assert ctypes.string_at(info.exif.data, info.exif.size) == b"MM\0*\0\0\0\x08\0\0\0\0\0\0"
    assert not info.icc.data
    assert info.text_count == 1
    keyword, text = type(info.icc)(), type(info.icc)()
    assert library.veneer_decoder_text(decoder, 0, ctypes.byref(keyword), ctypes.byref(text)) == OK
    assert ctypes.string_at(text.data, text.size).decode() == "Tännen"
    assert library.veneer_decoder_text(decoder, 1, ctypes.byref(keyword), ctypes.byref(text)) == MISUSE
    library.veneer_decoder_destroy(decoder)


def test_chunks_of_hdr(library: Any) -> None:
    display = veneer.MasteringDisplay.of_units((1, 2, 3, 4, 5, 6, 7, 65535, 2**32 - 1, 10))
    given = veneer.GainMap(numpy.zeros((9, 8), numpy.uint8), b"iso", alternate_cicp=(9, 16, 9, 1), alternate_icc=b"icc")
    data = sample(content_light=(1000, 65535), mastering_display=display, gain_map=given)
    decoder, info, found = library.veneer_decoder_create(None, None), Info(), GainMap()
    assert library.veneer_decoder_gain_map(decoder, ctypes.byref(found)) == MISUSE
    assert library.veneer_decoder_feed(decoder, data, len(data)) == OK
    assert library.veneer_decoder_info(decoder, ctypes.byref(info)) == OK
    assert (info.has_content_light, info.max_content, info.max_frame_average) == (1, 1000, 65535)
    numbers = [getattr(info.mastering_display, name) for name, _ in MasteringDisplay._fields_]
    assert (info.has_mastering_display, tuple(numbers), info.has_gain_map) == (1, display.units, 1)
    assert library.veneer_decoder_gain_map(decoder, None) == MISUSE
    assert library.veneer_decoder_gain_map(decoder, ctypes.byref(found)) == OK
    assert (found.metadata_kind, found.colour_primaries, found.transfer_characteristics) == (0, 9, 16)
    assert (found.matrix_coefficients, found.full_range) == (9, 1)
    pieces = [ctypes.string_at(each.data, each.size) for each in (found.metadata, found.alternate_icc, found.picture)]
    kept = veneer.gain_map(data)
    assert kept is not None
    assert pieces == [b"iso", b"icc", kept.picture]
    library.veneer_decoder_destroy(decoder)

    decoder, data = library.veneer_decoder_create(None, None), sample()
    assert library.veneer_decoder_feed(decoder, data, len(data)) == OK
    assert library.veneer_decoder_info(decoder, ctypes.byref(info)) == OK
    assert (info.has_content_light, info.has_mastering_display, info.has_gain_map) == (0, 0, 0)
    assert library.veneer_decoder_gain_map(decoder, ctypes.byref(found)) == MISUSE
    library.veneer_decoder_destroy(decoder)


@pytest.mark.parametrize("is_half", [True, False])
def test_half_floats(library: Any, *, is_half: bool) -> None:
    bits = numpy.random.default_rng(0).integers(0, 65536, (20, 30, 3)).astype(numpy.uint16)
    data = veneer.encode(bits.view(numpy.float16) if is_half else bits, lossless=True, effort=1)
    for layers in (0, 2):
        decoder, info, image = library.veneer_decoder_create(None, None), Info(), Image()
        assert library.veneer_decoder_set_layers(decoder, layers) == OK
        assert library.veneer_decoder_feed(decoder, data, len(data)) == OK
        assert library.veneer_decoder_finish(decoder) == OK
        assert library.veneer_decoder_info(decoder, ctypes.byref(info)) == OK
        assert (info.sample_format, info.bit_depth) == (int(is_half), 16)
        assert library.veneer_decoder_picture(decoder, ctypes.byref(image)) == OK
        is_preview = layers == 2
        expected = (0, 8, 1) if is_preview else (int(is_half), 16, 2)
        assert (image.sample_format, image.bit_depth, image.bytes_per_sample) == expected
        found = pixels_of(image)
        if not is_preview:
            numpy.testing.assert_array_equal(found, bits)
        library.veneer_decoder_destroy(decoder)


def test_vnrdec_writes_half_floats_as_bare_samples(folder: Path, tmp_path: Path) -> None:
    bits = numpy.random.default_rng(0).integers(0, 65536, (4, 5, 1)).astype("<u2")
    source = tmp_path / "a.vnr"
    source.write_bytes(veneer.encode(bits.view(numpy.float16), lossless=True))
    for suffix in ("pgm", "pam"):
        command = [folder / "vnrdec", source, tmp_path / f"a.{suffix}"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 1
        assert "half floats, which this format cannot hold: write a .raw" in result.stderr
    subprocess.run([folder / "vnrdec", source, tmp_path / "a.raw"], check=True)
    assert (tmp_path / "a.raw").read_bytes() == bits.tobytes()


def test_a_jpeg_that_is_kept(library: Any) -> None:
    progressive = jpeg_of(70, 90, progressive=True)
    assert jpeg(library, veneer.encode_jpeg(progressive)) == progressive
    kept = jpeg_of(70, 90, comment=b"a comment")
    data = veneer.encode_jpeg(kept)
    assert jpeg(library, data) == kept
    front = jpeg(library, data, front=True)
    assert isinstance(front, bytes)
    assert kept.startswith(front)
    assert b"a comment" in front
    assert jpeg(library, data, most=1) in (kept, ErrorCode.JPEG_SCRIPT)
    assert jpeg(library, sample()) == ErrorCode.NO_JPEG
    decoder, info = library.veneer_decoder_create(None, None), Info()
    assert library.veneer_decoder_feed(decoder, data, len(data)) == OK
    assert library.veneer_decoder_info(decoder, ctypes.byref(info)) == OK
    assert info.base_kind == 2
    assert library.veneer_decoder_jpeg(decoder, WRITE(), None) == MISUSE
    library.veneer_decoder_destroy(decoder)


def test_region_and_layers(library: Any) -> None:
    data = sample()
    found = decode(library, data, change=lambda each: library.veneer_decoder_set_region(each, Rect(70, 10, 33, 60)))
    assert numpy.array_equal(found, veneer.decode(data, region=(70, 10, 33, 60)))
    found = decode(library, data, change=lambda each: library.veneer_decoder_set_region(each, Rect(70, 10, 99, 60)))
    assert found == ErrorCode.BAD_REGION
    found = decode(library, data, change=lambda decoder: library.veneer_decoder_set_layers(decoder, 2))
    assert numpy.array_equal(found, veneer.decode(data, layers="preview"))


def test_damage(library: Any) -> None:
    """As decode() of Python has it: the picture, and the same problems."""
    data = sample()
    cut = data[: len(data) * 2 // 3]
    problems: list[veneer.VeneerError] = []
    expected = veneer.decode(cut, problems=problems)
    decoder = library.veneer_decoder_create(None, None)
    assert library.veneer_decoder_feed(decoder, cut, len(cut)) == OK
    assert library.veneer_decoder_finish(decoder) == OK
    assert numpy.array_equal(picture(library, decoder), expected)
    count = library.veneer_decoder_problem_count(decoder)
    found = []
    for index in range(count):
        problem = Problem()
        assert library.veneer_decoder_problem(decoder, index, ctypes.byref(problem)) == OK
        found.append((problem.code, None if problem.offset < 0 else problem.offset, problem.message.decode()))
    assert found == [(error.code, error.offset, error.message) for error in problems]
    library.veneer_decoder_destroy(decoder)
    strict = decode(library, cut, change=lambda decoder: library.veneer_decoder_set_strict(decoder, 1))
    assert strict == problems[0].code


def enhanced_vector() -> vectors.Vector:
    every = vectors.read_index(VECTORS)
    return next(each for each in every if (each.name, each.options) == ("enhanced_tiles.vnr", "layers=full"))


def test_without_its_model(library: Any) -> None:
    data = (VECTORS / enhanced_vector().name).read_bytes()
    found = decode(library, data, models=False)
    assert numpy.array_equal(found, veneer.decode(data, layers="base"))
    strict = decode(library, data, models=False, change=lambda each: library.veneer_decoder_set_strict(each, 1))
    assert strict == ErrorCode.MODEL_UNKNOWN


def test_misuse(library: Any) -> None:
    decoder = library.veneer_decoder_create(None, None)
    assert library.veneer_decoder_set_layers(decoder, 3) == MISUSE
    assert library.veneer_decoder_set_realism(decoder, 65) == MISUSE
    assert library.veneer_decoder_set_threads(decoder, 0) == MISUSE
    assert library.veneer_decoder_set_max_pixels(decoder, 0) == MISUSE
    assert library.veneer_decoder_set_region(decoder, Rect(0, 0, 0, 1)) == MISUSE
    assert library.veneer_decoder_feed(decoder, None, 1) == MISUSE
    assert library.veneer_decoder_feed(decoder, b"", 0) == OK
    assert library.veneer_decoder_set_layers(decoder, 1) == MISUSE  # too late
    assert library.veneer_decoder_set_file(decoder, b"x", 1) == MISUSE
    assert library.veneer_decoder_add_model(decoder, None) == MISUSE
    assert library.veneer_decoder_add_network(decoder, None) == MISUSE
    assert library.veneer_decoder_needed_count(decoder) == 0
    assert library.veneer_decoder_needed(decoder, 0, ctypes.byref(WeightFile())) == MISUSE
    assert library.veneer_decoder_needed(decoder, 0, None) == MISUSE
    problem = Problem()
    assert library.veneer_decoder_error(decoder, ctypes.byref(problem)) == MISUSE
    assert library.veneer_decoder_feed(decoder, b"no such file", 12) == FAILED
    assert error_code(library, decoder) == ErrorCode.NO_SIGNATURE
    assert library.veneer_decoder_feed(decoder, b"more", 4) == FAILED
    library.veneer_decoder_destroy(decoder)
    library.veneer_decoder_destroy(None)
    library.veneer_model_release(None)
    library.veneer_network_release(None)
    assert library.veneer_decoder_needed_count(None) == 0
    assert library.veneer_decoder_finish(None) == MISUSE
    reason = Problem()
    for create in (library.veneer_model_create, library.veneer_network_create):
        assert not create(None, b"no weights", 10, ctypes.byref(reason))
        assert reason.code == ErrorCode.NO_WEIGHTS


def needed(library: Any, decoder: Any) -> list[WeightFile]:
    """What a decoder says it needs."""
    found = []
    for index in range(library.veneer_decoder_needed_count(decoder)):
        file = WeightFile()
        assert library.veneer_decoder_needed(decoder, index, ctypes.byref(file)) == OK
        found.append(file)
    assert library.veneer_decoder_needed(decoder, len(found), ctypes.byref(WeightFile())) == MISUSE
    return found


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("name", "options", "networks"),
    [
        ("enhanced_3.vnr", {}, {"restore", "latent_prior"}),
        ("half_64x65_3.vnr", {}, {"restore_half", "latent_prior_half"}),
        ("textured_3.vnr", {}, {"restore", "texture"}),
        ("textured_3.vnr", {"realism": 0}, {"restore"}),
        ("textured_3.vnr", {"layers": 1}, set()),
        ("textured_3.vnr", {"layers": 2}, set()),
        ("textured_by_another.vnr", {}, {"restore", "texture"}),
        ("jpeg_restored_420.vnr", {"realism": 32}, {"jpeg_restore", "texture"}),
        ("jpeg_restored_420.vnr", {"realism": 0}, {"jpeg_restore"}),
        ("rgb.vnr", {}, set()),
    ],
)
def test_weight_files_are_given_one_by_one(
    library: Any, name: str, options: dict[str, int], networks: set[str], whole: bool
) -> None:
    """A decoder says which it needs; with these alone the picture is the same as with all there are."""
    data = (VECTORS / name).read_bytes()

    def change(decoder: Any) -> None:
        for setting, value in options.items():
            assert getattr(library, f"veneer_decoder_set_{setting}")(decoder, value) == OK

    expected = decode(library, data, change=change)
    assert not isinstance(expected, int)
    decoder = library.veneer_decoder_create(None, None)
    change(decoder)
    assert library.veneer_decoder_needed_count(decoder) == 0
    held_back = 12  # TEND, with which a decoder that is fed finishes
    if whole:
        assert library.veneer_decoder_set_file(decoder, data, len(data)) == OK
    else:
        assert library.veneer_decoder_feed(decoder, data[:-held_back], len(data) - held_back) == OK
    assert needed(library, decoder) == []  # no model is known
    for model in all_models(library):
        assert library.veneer_decoder_add_model(decoder, model) == OK
    files = needed(library, decoder)
    assert {file.network.decode() for file in files} == networks
    for file in files:
        path = next(path for path in WEIGHTS if path.name == file.file_name.decode())
        assert (bytes(file.sha256), file.size) == (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_size)
    for left in range(len(files), 0, -1):
        file = needed(library, decoder)[0]
        assert library.veneer_decoder_add_network(decoder, all_networks(library)[file.file_name.decode()]) == OK
        assert library.veneer_decoder_needed_count(decoder) == left - 1
    if not whole:
        assert library.veneer_decoder_feed(decoder, data[-held_back:], held_back) == OK
    assert library.veneer_decoder_finish(decoder) == OK
    assert library.veneer_decoder_problem_count(decoder) == 0
    found = picture(library, decoder)
    assert found is not None
    assert numpy.array_equal(found, expected)
    library.veneer_decoder_destroy(decoder)


def test_without_a_network(library: Any) -> None:
    """That of texture leaves the enhanced picture, one that restores the base; strict decoding fails."""
    data = (VECTORS / "textured_3.vnr").read_bytes()
    at = data.index(b"HEAD")
    end = at + 4 + int.from_bytes(data[at - 4 : at], "little")
    head = data[at : end - 1] + b"\1"  # the last byte is the role: restores alone
    bare = data[:at] + head + crc32c(head).to_bytes(4, "little") + data[end + 4 :]
    plain = decode(library, bare)
    base = decode(library, data, change=lambda decoder: library.veneer_decoder_set_layers(decoder, 1))
    for missing, expected in (("texture", plain), ("restore", base)):
        for strict in (0, 1):
            decoder = library.veneer_decoder_create(None, None)
            assert library.veneer_decoder_set_strict(decoder, strict) == OK
            for model in all_models(library):
                assert library.veneer_decoder_add_model(decoder, model) == OK
            for name, network in all_networks(library).items():
                if not name.startswith(f"{missing}-"):
                    assert library.veneer_decoder_add_network(decoder, network) == OK
            assert library.veneer_decoder_set_file(decoder, data, len(data)) == OK
            assert library.veneer_decoder_finish(decoder) == (FAILED if strict else OK)
            if strict:
                assert error_code(library, decoder) == ErrorCode.NO_WEIGHTS
            else:
                assert numpy.array_equal(picture(library, decoder), expected)
                assert library.veneer_decoder_problem_count(decoder) == 1
            library.veneer_decoder_destroy(decoder)


def test_threads_and_runners(library: Any) -> None:
    """Neither threads of its own, nor a runner that does things in its own order, change a pixel."""
    vector = enhanced_vector()
    data = (VECTORS / vector.name).read_bytes()
    for threads in (2, 5):
        found = decode(library, data, change=lambda each, n=threads: library.veneer_decoder_set_threads(each, n))
        assert outcome(found) == vector.outcome

    def run(_opaque: Any, count: int, task: Any, work: Any) -> None:
        workers = [threading.Thread(target=task, args=(work, index)) for index in reversed(range(count))]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    runner = Runner(None, 4, RUN(run))
    decoder = library.veneer_decoder_create(None, ctypes.byref(runner))
    add_models(library, decoder)
    assert library.veneer_decoder_feed(decoder, data, len(data)) == OK
    assert library.veneer_decoder_finish(decoder) == OK
    found_picture = picture(library, decoder)
    assert found_picture is not None
    assert outcome(found_picture) == vector.outcome
    library.veneer_decoder_destroy(decoder)


def decode_with(library: Any, allocator: Counting, data: bytes, files: list[bytes], piece: int) -> bool:
    """Decodes with an allocator that may have too little; whether it had enough."""
    own = ctypes.byref(allocator.own)
    model = library.veneer_model_create(own, files[0], len(files[0]), None)
    networks = [library.veneer_network_create(own, each, len(each), None) for each in files[1:]]
    decoder = library.veneer_decoder_create(own, None)
    statuses = []
    if decoder and model and all(networks):
        statuses.append(library.veneer_decoder_add_model(decoder, model))
        statuses += [library.veneer_decoder_add_network(decoder, network) for network in networks]
        for start in range(0, len(data), piece):
            part = data[start : start + piece]
            statuses.append(library.veneer_decoder_feed(decoder, part, len(part)))
        statuses.append(library.veneer_decoder_finish(decoder))
        statuses.append(library.veneer_decoder_picture(decoder, ctypes.byref(Image())))
    library.veneer_decoder_destroy(decoder)
    library.veneer_model_release(model)
    for network in networks:
        library.veneer_network_release(network)
    assert set(statuses) <= {OK, NO_MEMORY}
    return bool(statuses) and set(statuses) == {OK}


@pytest.mark.parametrize("kind", ["base", "enhanced", "jpeg"])
def test_memory_that_runs_out(library: Any, kind: str) -> None:
    """With each number of allocations until there are enough: no crash, and all that was taken is given back."""
    names = {"enhanced": enhanced_vector().name, "jpeg": "jpeg_420_1.vnr"}
    data = sample(preview=True, quality=95) if kind == "base" else (VECTORS / names[kind]).read_bytes()
    model = next(path for path in MODELS if path.name.startswith("tiny"))
    entries = read_model_file(model.read_bytes()).networks
    names = [
        weight_file_name(each.name, each.sha256.hex()) for each in entries if each.name in ("restore", "latent_prior")
    ]
    weights = [model.read_bytes(), *((model.parent / name).read_bytes() for name in names)]
    whole = Counting()
    assert decode_with(library, whole, data, weights, 500)
    assert whole.calls > 50
    assert whole.blocks == set()
    for most in range(whole.calls):
        allocator = Counting(most)
        assert not decode_with(library, allocator, data, weights, 500), most
        assert allocator.blocks == set(), most


def test_interface_is_all_that_shows(folder: Path) -> None:
    listing = subprocess.run(
        ["nm", "--dynamic", "--defined-only", folder / "libveneer.so"], capture_output=True, text=True, check=True
    )
    names = {line.split()[-1] for line in listing.stdout.splitlines() if " T " in line}
    header = (Path(__file__).parents[2] / "native" / "include" / "veneer" / "decode.h").read_text()
    declared = set(re.findall(r"\b(veneer_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)))
    assert names == declared | {"veneer_version"}


def test_the_program_of_the_documentation(folder: Path, tmp_path: Path) -> None:
    """Compiled as C against what is installed, with the flags that are in the file for pkg-config."""
    page = (Path(__file__).parents[2] / "docs" / "howto" / "c-library.md").read_text()
    (program,) = re.findall(r"```c\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mean.c").write_text(program)
    subprocess.run(["cmake", "--install", folder, "--prefix", tmp_path], check=True, capture_output=True)
    place = next(tmp_path.rglob("veneer.pc"))
    values = {"pcfiledir": str(place.parent)}
    words = []
    for line in place.read_text().splitlines():
        line = re.sub(r"\$\{(\w+)\}", lambda match: values[match.group(1)], line)
        if name := re.match(r"(\w+)=", line):
            values[name.group(1)] = line[name.end() :]
        elif line.startswith(("Cflags:", "Libs:")):
            words += line.split()[1:]
    compiler = ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", f"-Wl,-rpath,{values['libdir']}"]
    subprocess.run([*compiler, "-o", tmp_path / "mean", tmp_path / "mean.c", *words], check=True)
    data = sample()
    (tmp_path / "picture.vnr").write_bytes(data)
    shown = subprocess.run([tmp_path / "mean", tmp_path / "picture.vnr"], capture_output=True, text=True, check=True)
    means = veneer.decode(data).reshape(-1, 3).mean(axis=0)
    assert shown.stdout.split("\n")[:4] == ["150 x 90", *(f"{mean:.1f}" for mean in means)]
