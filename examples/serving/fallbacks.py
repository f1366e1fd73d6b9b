"""Pictures of common formats, made of .vnr files when somebody wants them, and kept.

Each is made once, however many processes and threads of the server ask for it at the same time. A file of the cache
appears whole or not at all; its name is a hash, so nothing that a client sends becomes a part of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import veneer

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/avif": ".avif"}


class CannotMake(Exception):
    """A file cannot be turned into a picture; the text says why, for the log of the server."""


class Fallbacks:
    """A cache of decoded pictures.

    Args:
        folder: where they are kept; made where it is missing. It must not lie in the folder that is served.
        quality: of JPEG, WebP and AVIF, 0..100.
        avif: whether AVIF is offered, which is smaller than JPEG and takes longer to make.
        max_pixels: larger pictures are not decoded.
        seconds: for one picture; then it counts as one that cannot be made.
        jobs: pictures that are made at the same time by this process.
    """

    def __init__(
        self,
        folder: Path,
        *,
        quality: int = 85,
        avif: bool = False,
        max_pixels: int = 1 << 26,
        seconds: float = 60,
        jobs: int | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._quality = quality
        self._avif = avif
        self._max_pixels = max_pixels
        self._seconds = seconds
        self._turns = threading.BoundedSemaphore(jobs or os.cpu_count() or 1)

    def types_for(self, source: Path) -> tuple[str, ...]:
        """Media types for a picture, the best one first; with alpha those that have it.

        Raises:
            CannotMake: it is no Veneer file.
            OSError: it cannot be read.
        """
        try:
            has_alpha = veneer.read_info(source).has_alpha
        except veneer.VeneerError as error:
            raise CannotMake(str(error)) from error
        avif = ("image/avif",) if self._avif else ()
        return (*avif, "image/webp", "image/png") if has_alpha else (*avif, "image/jpeg")

    def get(self, source: Path, media_type: str) -> Path:
        """The file with a picture in a format, made where it is not there.

        Raises:
            CannotMake: it cannot be made; that is remembered until the source changes.
            OSError: the source is gone, or the cache cannot be written to.
        """
        name = self.version(source, media_type)
        target = self._folder / f"{name}{SUFFIXES[media_type]}"
        failure = self._folder / f"{name}.failed"
        if target.exists():  # whole, or it would not have its name
            return target
        with self._lock(name), self._turns:
            if target.exists():  # another has made it meanwhile
                return target
            if failure.exists():
                raise CannotMake(failure.read_text())
            try:
                self._make(source, target)
            except CannotMake as error:
                failure.write_text(str(error))
                raise
        return target

    def version(self, source: Path, media_type: str) -> str:
        """All that a result depends on, as a hash in hexadecimal digits. OSError: the source is gone."""
        status = source.stat()
        parts = (str(source), status.st_mtime_ns, status.st_size, media_type, self._quality, veneer.__version__)
        return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()

    @contextlib.contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        """Keeps all others away from a result: threads, and processes that have the same folder.

        There are 256 locks, for all results together, so that they do not pile up.
        """
        with open(self._folder / f"{name[:2]}.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # given back when it is closed, or the process ends
            yield

    def _make(self, source: Path, target: Path) -> None:
        """Runs `veneer decode`, which writes a file whole or not at all, in a process that can be ended."""
        command = [sys.executable, "-m", "veneer", "decode", "--quiet", "--force", "--threads", "1"]
        command += ["--max-pixels", str(self._max_pixels), "-o", str(target)]
        # A JPEG that the file keeps comes back as it was.
        if target.suffix != ".png" and not (target.suffix == ".jpg" and _keeps_a_jpeg(source)):
            command += ["--output-quality", str(self._quality)]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; names are arguments of their own, and absolute
                [*command, "--", str(source)], capture_output=True, timeout=self._seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise CannotMake(f"it takes more than {self._seconds} seconds") from None
        if done.returncode != 0:
            raise CannotMake(done.stderr.decode(errors="replace").strip())


def _keeps_a_jpeg(source: Path) -> bool:
    try:
        return veneer.read_info(source).base_kind == "jpeg"
    except veneer.VeneerError as error:
        raise CannotMake(str(error)) from error
