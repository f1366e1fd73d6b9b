"""Turns the arguments of the command line into a list of tasks: files, folders, globs, `-`, and names of results."""

from __future__ import annotations

import dataclasses
import glob
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from veneer.cli import folders, streams
from veneer.cli.failure import FileFailure
from veneer.cli.same_names import place_of

SUFFIX = ".vnr"
STREAM = "-"

_READ_SUFFIXES = """
.apng .avif .avifs .bmp .blp .cur .dcx .dds .dib .exr .flc .fli .gif .heic .heif .hif .icns .ico .icb .j2c .j2k .jfif
.jp2 .jpc .jpe .jpeg .jpf .jpg .jph .jps .jpx .jxl .mpo .pbm .pcx .pgm .png .pnm .pns .ppm .psd .qoi .ras .sgi .tga
.tif .tiff .vda .vst .webp .xbm .xpm
"""
_RAW_SUFFIXES = """
.3fr .ari .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .rw2 .rwl .sr2
.srf .srw .x3f
"""
_OTHER_SUFFIXES = ".bpg .flif .jls .jxr .pam .pcd .pfm .psb .wdp .xcf"

# What is taken from a folder, besides files that begin like a picture. What cannot be read is tried as well, so that it
# is named. A file that is named on the command line is tried whatever its suffix.
PICTURE_SUFFIXES = frozenset((_READ_SUFFIXES + _RAW_SUFFIXES + _OTHER_SUFFIXES).split())

JPEG_SUFFIXES = frozenset((".jfif", ".jpe", ".jpeg", ".jpg"))


@dataclasses.dataclass(frozen=True)
class Task:
    """One file to make of another.

    Attributes:
        source: file to read; None for standard input.
        target: file to write; None for standard output.
        make_folder: the target's folder is to be made where it is missing.
    """

    source: Path | None
    target: Path | None
    make_folder: bool = False

    @property
    def name(self) -> str:
        """The name in messages."""
        return STREAM if self.source is None else str(self.source)


@dataclasses.dataclass(frozen=True)
class Direction:
    """The differences between encoding and decoding in names.

    Attributes:
        source_suffixes: of files that are taken from folders; replaced in names of results.
        target_suffix: of results.
        may_be_target: whether the second of two names is meant as the result, and not as another source; raises
            click.UsageError where that cannot be told.
        start: pattern of the first bytes of files that are taken from folders whatever their suffixes.
    """

    source_suffixes: frozenset[str]
    target_suffix: str
    may_be_target: Callable[[Path], bool]
    start: re.Pattern[bytes] | None = None

    def is_source(self, name: str) -> bool:
        """Whether a file in a folder is taken for its name; shells pass over those that begin with a dot, too."""
        return os.path.splitext(name)[1].lower() in self.source_suffixes and not name.startswith(".")


Failures = list[tuple[str, FileFailure]]


def split_output(paths: Sequence[str], output: str | None, direction: Direction) -> tuple[list[str], str | None]:
    """Tells inputs from the output: `-o OUT`, or the second of exactly two paths where it can be one."""
    if output is not None or len(paths) != 2:
        return list(paths), output
    source, target = paths
    if not target:
        raise click.UsageError("the second name is empty")
    if glob.has_magic(target) and not os.path.lexists(target) and any(glob.iglob(target, recursive=True)):
        return [source, target], None
    is_target = (
        target == STREAM
        or target.endswith(os.sep)
        or os.path.isdir(target)
        or streams.is_stream(target)
        or (os.path.isdir(source) and not os.path.exists(target))
        or direction.may_be_target(Path(target))
    )
    return ([source], target) if is_target else ([source, target], None)


def start_of(path: Path) -> bytes | None:
    """The first bytes of a regular file; None where there is none that can be read."""
    try:
        with open(path, "rb") as file:
            return file.read(8)
    except OSError:
        return None


def plan(paths: Sequence[str], output: str | None, direction: Direction) -> tuple[list[Task], Failures]:
    """The tasks for a command line.

    Args:
        paths: files, folders (searched through), globs, or `-`.
        output: file, folder or `-`; None for results beside their sources.
        direction: of the codec.

    Returns:
        Tasks in order, and what cannot be done.

    Raises:
        click.UsageError: several results for one name.
    """
    if output == "":
        raise click.UsageError("the name of the result is empty")
    if output is not None and streams.descriptor_of(output) == 1:
        output = STREAM
    found, failures = find_sources(paths, direction)
    several = len(found) > 1 or any(os.path.isdir(path) for path in paths)
    into_folder = output is not None and (
        output.endswith(os.sep) or os.path.isdir(output) or (several and output != STREAM)
    )
    if several and len(found) > 1 and output == STREAM:
        raise click.UsageError("several pictures cannot go to standard output; name a folder with -o")
    if into_folder and output is not None and os.path.exists(output) and not os.path.isdir(output):
        raise click.UsageError(f"several pictures cannot go to the file {output}; name a folder with -o")
    tasks = [_task(source, relative, output, into_folder, direction) for source, relative in found]
    return _without_clashes(tasks, failures), failures


def find_sources(paths: Sequence[str], direction: Direction) -> tuple[list[tuple[Path | None, Path]], Failures]:
    """Files that names on the command line stand for, each with its path below its folder; what cannot be found."""
    failures: Failures = []
    found: list[tuple[Path | None, Path]] = []
    for path in paths:
        try:
            files, unseen = _expand(path, direction)
            found += files
            failures += unseen
        except FileFailure as failure:
            failures.append((path, failure))
    return found, [failure for failure in failures if not _is_searched(failure[0], paths)]


def _is_searched(name: str, paths: Sequence[str]) -> bool:
    """Whether this is a link to a folder that the command line names as well."""
    if not (os.path.islink(name) and os.path.isdir(name)):
        return False
    return os.path.realpath(name) in {os.path.realpath(path) for path in paths}


def _expand(path: str, direction: Direction) -> tuple[list[tuple[Path | None, Path]], Failures]:
    """Files that a name stands for, each with its path below the folder that was named; what cannot be searched."""
    if path == STREAM or streams.descriptor_of(path) == 0:
        return [(None, Path("stdin"))], []
    if not path:
        raise FileFailure("the name is empty", "name a file")
    if path.endswith(os.sep) and os.path.exists(path.rstrip(os.sep)) and not os.path.isdir(path):
        raise FileFailure("is a file, not a folder", f"name it without the {os.sep} at its end")
    if os.path.isdir(path):
        searched = folders.search(path, direction.is_source, direction.start)
        if not searched.files and not searched.failures:
            what = f"no {_listed(direction.source_suffixes)} in this folder"
            raise FileFailure(what, "name the files, or another folder")
        return [(file, file.relative_to(path)) for file in searched.files], searched.failures
    if not os.path.exists(path) and glob.has_magic(path):
        files, unseen = (
            sorted(Path(file) for file in glob.glob(path, recursive=True) if os.path.isfile(file)),
            folders.unsearched(path),
        )
        if not files and not unseen:
            raise FileFailure("no file matches", "check the pattern")
        return [(file, Path(file.name)) for file in files], unseen
    return [(Path(path), Path(Path(path).name))], []


def _listed(suffixes: Iterable[str]) -> str:
    return "pictures" if SUFFIX not in suffixes else f"{SUFFIX} files"


def _task(source: Path | None, relative: Path, output: str | None, into_folder: bool, direction: Direction) -> Task:
    if output == STREAM or (output is None and source is None):
        return Task(source, None)
    if output is not None and not into_folder:
        return Task(source, Path(output))
    place = relative if into_folder else source or relative
    known = place.suffix.lower() in direction.source_suffixes
    result = place.with_suffix(direction.target_suffix) if known else Path(f"{place}{direction.target_suffix}")
    if into_folder and output is not None:
        return Task(source, Path(output) / result, make_folder=True)
    return Task(source, result)


def _without_clashes(tasks: list[Task], failures: Failures) -> list[Task]:
    """Leaves out, with a failure, what would overwrite another task's result."""
    first: dict[str, str] = {}
    kept = []
    for task in tasks:
        place = None if task.target is None else place_of(task.target)
        if place is not None and place in first:
            what = f"its result {task.target} would overwrite that of {first[place]}"
            failures.append((task.name, FileFailure(what, "do it alone, with -o")))
            continue
        if place is not None:
            first[place] = task.name
        kept.append(task)
    return kept
