"""Decoders that can be tested by the vectors: the native one on every target, the reference, and any other by command.

Source: docs/format.md, "Conformance".
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Protocol

import numpy
from PIL import Image

import veneer
from veneer import backend, reference
from veneer.bitstream.container import preview_size
from veneer.conformance.vectors import MODELS, Vector, pixel_hash
from veneer.errors import ErrorCode, VeneerError
from veneer.regular_file import read_regular_file

TARGETS = ("scalar", "avx2", "avx512", "neon")
FORMATS = ("png", "ppm", "raw")  # that a command may write
TIMEOUT_SECONDS = 60.0
BYTE_DEPTH = 8
READ = "was read, though it is to be refused"
MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}


class Decoder(Protocol):
    """Something that decodes vectors."""

    @property
    def name(self) -> str: ...

    def outcome(self, folder: Path, vector: Vector) -> str | None:
        """The result of decoding a vector.

        Returns:
            The SHA-256 of the picture, the number of the error or "refused", a sentence for what must not be, such as
            a weight file that is read; None for a vector that this decoder cannot be given.
        """


@dataclasses.dataclass(frozen=True)
class Native:
    """The compiled core with the kernels of one target.

    Attributes:
        target: its name.
        threads: at most.
    """

    target: str
    threads: int

    @property
    def name(self) -> str:
        return f"{self.target}, {self.threads} thread{'s' * (self.threads > 1)}"

    def outcome(self, folder: Path, vector: Vector) -> str:
        backend.force_target(self.target)
        try:
            if vector.of_weights:
                data = read_regular_file(folder / vector.name)
                backend.ModelFile(data) if vector.name.endswith(".vnm") else backend.WeightFile(data)
                return READ
            return _decode(folder, vector, threads=self.threads)
        except VeneerError as error:
            return str(error.code.value)
        finally:
            backend.force_target("auto")


class Reference:
    """The decoder of `veneer.reference`."""

    name = "reference"

    def outcome(self, folder: Path, vector: Vector) -> str:
        try:
            if vector.of_weights:
                data = read_regular_file(folder / vector.name)
                read = reference.read_model_file if vector.name.endswith(".vnm") else reference.read_weight_file
                read(data)
                return READ
            return _decode(folder, vector, backend="reference")
        except VeneerError as error:
            return str(error.code.value)


def _decode(folder: Path, vector: Vector, **keywords: Any) -> str:
    """The hash of what this package makes of a vector; raises VeneerError."""
    data = read_regular_file(folder / vector.name)
    if vector.wants_jpeg:
        return hashlib.sha256(veneer.decode_jpeg(data, **keywords)).hexdigest()
    models = folder / MODELS if (folder / MODELS).is_dir() else None
    return pixel_hash(veneer.decode(data, strict=True, models=models, **vector.keywords, **keywords))


class Command:
    """A decoder of somebody else's, started once for each vector.

    Args:
        template: the command, with {in} and {out} for the files and, if it can do that, {options} for such as
            `--layers base --realism 0.5`. It is not given to a shell.
        format_name: "png", "ppm" (PGM for grey) or "raw": what it writes to {out}.

    Raises:
        VeneerError: BAD_SETTING for a command without {in} or {out}, or one that cannot be taken apart.
    """

    name = "command"

    def __init__(self, template: str, format_name: str) -> None:
        try:
            self._words = shlex.split(template)
        except ValueError as error:
            raise VeneerError(ErrorCode.BAD_SETTING, f"the command cannot be read: {error}") from None
        if not all(any(place in word for word in self._words) for place in ("{in}", "{out}")):
            raise VeneerError(ErrorCode.BAD_SETTING, "the command must name {in} and {out}")
        self._format = format_name

    def outcome(self, folder: Path, vector: Vector) -> str | None:
        if vector.of_weights or vector.wants_jpeg:
            return None
        if vector.options and "{options}" not in self._words:
            return None
        if self._format != "raw" and not vector.wants_preview and _bit_depth(folder / vector.name) != BYTE_DEPTH:
            return None
        with tempfile.TemporaryDirectory() as temporary:
            source, out = folder / vector.name, Path(temporary) / f"out.{self._format}"
            try:
                words = self._fill(source.absolute(), out, vector)
                process = subprocess.run(words, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
            except subprocess.TimeoutExpired:
                return f"took more than {TIMEOUT_SECONDS:g} s"
            except OSError as error:
                return f"cannot be started: {error.strerror}"
            if process.returncode < 0:
                return f"ended by signal {-process.returncode}"
            if process.returncode > 0:
                return "refused"
            return self._read(out, source, vector)

    def _fill(self, source: Path, out: Path, vector: Vector) -> list[str]:
        options = [part for name, value in vector.keywords.items() for part in (f"--{name}", str(value))]
        words: list[str] = []
        for word in self._words:
            words += options if word == "{options}" else [word.replace("{in}", str(source)).replace("{out}", str(out))]
        return words

    def _read(self, out: Path, source: Path, vector: Vector) -> str:
        """The hash of what the command wrote."""
        if not out.is_file():
            return "wrote nothing"
        if self._format == "raw":
            info = veneer.read_info(read_regular_file(source))
            width, height, depth = info.width, info.height, info.bit_depth
            if vector.wants_preview:
                (width, height), depth = preview_size(width, height), BYTE_DEPTH
            samples = numpy.fromfile(out, numpy.uint8 if depth <= BYTE_DEPTH else "<u2")
            shape = (height, width, info.channels)
            if samples.size != numpy.prod(shape):
                return f"wrote {samples.nbytes} bytes instead of {numpy.prod(shape) * samples.itemsize}"
            return pixel_hash(samples.reshape(shape))
        try:
            with Image.open(out) as image:
                if image.mode not in MODES:
                    return f"wrote samples of mode {image.mode}"
                return pixel_hash(numpy.asarray(image).reshape(image.height, image.width, MODES[image.mode]))
        except OSError as error:
            return f"wrote no picture: {error}"


def _bit_depth(path: Path) -> int:
    """Bits of a sample of a file; 8 where it cannot be read."""
    try:
        return veneer.read_info(read_regular_file(path)).bit_depth
    except VeneerError:
        return BYTE_DEPTH


def own_decoders() -> list[Decoder]:
    """Every way in which this package decodes on this machine."""
    many = max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    targets = [target for target in TARGETS if backend.force_target(target)]
    backend.force_target("auto")
    native: list[Decoder] = [Native(target, threads) for target in targets for threads in (1, many)]
    return [*native, Reference()]
