"""One picture of a batch, as a worker does it: read, encode or decode, check, write.

Runs in another process or on another machine, so its arguments and results are plain data.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import posixpath
import time
from collections.abc import Iterator
from typing import Any

import numpy
import numpy.typing
from PIL import Image

import veneer
from veneer.cli import kept_jpegs, pictures
from veneer.cli.batch import places
from veneer.cli.batch.names import NOTHING, TakenFailure
from veneer.cli.batch.places import TOKEN_DIGITS
from veneer.cli.deep.half_floats import check_coding, comparable
from veneer.cli.failure import FileFailure, from_veneer_error
from veneer.cli.notes import is_incomplete, refuse_losses
from veneer.cli.pictures import Picture

# How the notes of files begin of which whole pictures were left out; the journal keeps them.
INCOMPLETE = "incomplete: "

SAME_DB = 99.0  # where nothing differs

Pixels = numpy.typing.NDArray[Any]  # uint8, or uint16 of more than 8 bits


@dataclasses.dataclass(frozen=True)
class Job:
    """One file to make of another.

    Attributes:
        source: absolute URL or path.
        target: absolute URL or path.
        may_replace: which existing file with the target's name may be replaced, as `places.write` takes it.
    """

    source: str
    target: str
    may_replace: str = NOTHING


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Settings for every file of a batch.

    Attributes:
        suffix: of the results: ".vnr" to encode, that of a picture format to decode.
        options: keywords of `veneer.encode` or `veneer.decode`.
        strip: encode without Exif and XMP.
        picture: which one to take of a file with several; None for the first, with the rest named as left out.
        output_quality: of results in formats that lose something; None for lossless, or as good as that.
        strict: refuse what would lose something.
        max_pixels: larger pictures are refused.
        verify: read every result back and decode it before it counts.
        keeps_jpegs: keep JPEGs as they are, or give those back that were kept where results are JPEGs.
        token: of the run, for the names of unfinished files.
    """

    suffix: str
    options: dict[str, Any]
    strip: bool
    max_pixels: int
    verify: bool
    picture: int | None = None
    strict: bool = False
    token: str = "0" * TOKEN_DIGITS
    output_quality: int | None = None
    keeps_jpegs: bool = False

    @property
    def encodes(self) -> bool:
        """Whether results are Veneer files."""
        return self.suffix == ".vnr"

    @property
    def is_lossless(self) -> bool:
        """Whether results have every sample of their sources, or within a bound."""
        return bool(self.options.get("lossless"))

    @property
    def fingerprint(self) -> str:
        """A text that is the same for settings that give the same results, and in later versions with more of them."""
        usual = {field.name: field.default for field in dataclasses.fields(veneer.Settings)}
        options = {
            name: value
            for name, value in self.options.items()
            if name != "threads" and value is not None and value != usual.get(name)
        }
        if self.keeps_jpegs:
            options["keeps_jpegs"] = True
        if self.picture is not None:
            options["picture"] = self.picture
        if self.output_quality is not None:
            options["output_quality"] = self.output_quality
        return json.dumps({"suffix": self.suffix, "strip": self.strip, **options}, sort_keys=True)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The outcome of a job.

    Attributes:
        target: of the job.
        failure: what is wrong and what to do about it; None where the result is in its place.
        note: what was changed or left out; begins with `INCOMPLETE` where whole pictures were left out.
        source_bytes: size of the source.
        target_bytes: size of the result.
        width: in pixels.
        height: in pixels.
        psnr_db: of the result against its source, over all samples that show; None where it was not looked at.
        sha256: of the result, in hexadecimal.
        stamp: of the result, as its file system tells it.
        seconds: that it took.
    """

    target: str
    failure: str | None = None
    note: str = ""
    source_bytes: int = 0
    target_bytes: int = 0
    width: int = 0
    height: int = 0
    psnr_db: float | None = None
    sha256: str = ""
    stamp: str = ""
    seconds: float = 0.0


def do_job(job: Job, recipe: Recipe) -> Outcome:
    """Makes one file; whatever goes wrong is told in the outcome."""
    Image.MAX_IMAGE_PIXELS = None  # max_pixels takes its place
    begin = time.monotonic()
    try:
        outcome = _encode(job, recipe) if recipe.encodes else _decode(job, recipe)
    except FileFailure as failure:
        return Outcome(job.target, str(failure))
    except veneer.VeneerError as error:
        return Outcome(job.target, str(from_veneer_error(error)))
    except MemoryError:
        return Outcome(job.target, "not enough memory; use fewer jobs (-j 1) or a larger machine")
    except Exception as error:  # one picture does not end the batch
        text = " ".join(str(error).split())[:200]
        return Outcome(job.target, f"{type(error).__name__}: {text}; report this as a bug")
    return dataclasses.replace(outcome, seconds=round(time.monotonic() - begin, 3))


def _encode(job: Job, recipe: Recipe) -> Outcome:
    data = places.read(job.source)
    if recipe.keeps_jpegs and kept_jpegs.is_jpeg(data):
        wanted: dict[str, Any] = {name: recipe.options.get(name) for name in ("effort", "threads", "preview")}
        wanted["lossless"] = recipe.is_lossless
        return _kept(job, data, kept_jpegs.encode(data, max_pixels=recipe.max_pixels, **wanted), recipe)
    picture = pictures.load_picture(data, max_pixels=recipe.max_pixels, strip=recipe.strip, number=recipe.picture)
    check_coding(picture.pixels, lossless=recipe.is_lossless)
    options = dict(recipe.options)
    if (cicp := options.pop("cicp", None)) is not None:
        pictures.name_colour(picture, cicp)
    if recipe.strict:
        refuse_losses(picture.notes)
    encoded = veneer.encode(picture.pixels, **picture.arguments(), **options)
    psnr_db = None
    if recipe.verify:
        decoded = veneer.decode(encoded, strict=True, max_pixels=recipe.max_pixels)
        if decoded.shape != picture.pixels.shape:
            raise FileFailure("the result does not decode to a picture of the same size", "report this as a bug")
        source, decoded = comparable(picture.pixels), comparable(decoded)
        psnr_db = _psnr_db(source, decoded, picture.depth)
        if recipe.is_lossless:
            _check_samples(source, decoded, recipe.options.get("max_error", 0))
    stamp = _store(job, encoded, recipe)
    return _outcome(job, picture, len(data), encoded, psnr_db, stamp)


def _decode(job: Job, recipe: Recipe) -> Outcome:
    data = places.read(job.source)
    if recipe.keeps_jpegs and kept_jpegs.gives_jpeg(data, recipe.suffix):
        threads = recipe.options["threads"]
        return _kept(job, data, kept_jpegs.decode(data, threads=threads, max_pixels=recipe.max_pixels), recipe)
    pixels = veneer.decode(data, strict=True, max_pixels=recipe.max_pixels, **recipe.options)
    info = veneer.read_info(data)
    depth = 8 if recipe.options.get("layers") == "preview" else info.bit_depth
    picture = pictures.of_file(pixels, info, depth)
    saved = pictures.save_picture(picture, recipe.suffix, recipe.output_quality)
    if recipe.strict:
        refuse_losses(picture.notes)
    psnr_db = None
    if recipe.verify:
        again = pictures.load_picture(saved, max_pixels=recipe.max_pixels, strip=False)
        if again.pixels.shape == picture.pixels.shape and again.depth == picture.depth:
            psnr_db = _psnr_db(comparable(picture.pixels), comparable(again.pixels), again.depth)
    stamp = _store(job, saved, recipe)
    return _outcome(job, picture, len(data), saved, psnr_db, stamp)


def _kept(job: Job, data: bytes, made: bytes, recipe: Recipe) -> Outcome:
    """The outcome for a JPEG that is kept, or that comes back; either way it has been compared with what it was."""
    info = veneer.read_info(made if recipe.encodes else data)
    return Outcome(
        job.target,
        source_bytes=len(data),
        target_bytes=len(made),
        width=info.width,
        height=info.height,
        psnr_db=SAME_DB if recipe.verify else None,
        sha256=hashlib.sha256(made).hexdigest(),
        stamp=_store(job, made, recipe),
    )


def _store(job: Job, data: bytes, recipe: Recipe) -> str:
    """Writes a result, and with `verify` reads it back; returns its stamp."""
    try:
        stamp = places.write(job.target, data, may_replace=job.may_replace, token=recipe.token, source=job.source)
    except TakenFailure:
        # A run that was killed may have put the same bytes there, and not have entered it in the journal.
        if places.read(job.target) != data:
            raise
        return places.stamp_of(job.target) or ""
    if recipe.verify and places.read(job.target) != data:
        if places.stamp_of(job.target) == stamp:
            places.remove(job.target)
            raise FileFailure("what was written does not come back the same", "check the storage, then run it again")
        raise FileFailure("another program has written to the result meanwhile", "see which, then run it again")
    return stamp or ""


def _outcome(job: Job, picture: Picture, source_bytes: int, data: bytes, psnr_db: float | None, stamp: str) -> Outcome:
    height, width, _ = picture.pixels.shape
    return Outcome(
        job.target,
        note=(INCOMPLETE if is_incomplete(picture.notes) else "") + "; ".join(picture.notes),
        source_bytes=source_bytes,
        target_bytes=len(data),
        width=width,
        height=height,
        psnr_db=psnr_db,
        sha256=hashlib.sha256(data).hexdigest(),
        stamp=stamp,
    )


def _check_samples(source: Pixels, decoded: Pixels, max_error: int) -> None:
    """Raises FileFailure where a sample that shows differs by more than it may."""
    if _largest_difference(source, decoded) > max_error:
        raise FileFailure("the result does not decode to the samples of the source", "report this as a bug")


def _largest_difference(a: Pixels, b: Pixels) -> int:
    return max(int(numpy.abs(difference).max()) for difference in _differences(a, b))


def _differences(a: Pixels, b: Pixels) -> Iterator[Pixels]:
    """Differences of samples that show, int32, in parts: they take more room than pixels."""
    colours = a.shape[2] - (a.shape[2] in (2, 4))
    for top in range(0, a.shape[0], 256):
        rows = slice(top, top + 256)
        difference = numpy.subtract(a[rows], b[rows], dtype=numpy.int32)
        if colours < a.shape[2]:
            difference[:, :, :colours][a[rows][:, :, -1] == 0] = 0
        yield difference


def _psnr_db(a: Pixels, b: Pixels, depth: int) -> float:
    """Peak signal-to-noise ratio in dB over samples of `depth` bits that show, 99 where nothing differs; [H, W, C]."""
    total = sum(int(numpy.square(part, dtype=numpy.int64).sum()) for part in _differences(a, b))
    peak = (1 << depth) - 1
    return SAME_DB if total == 0 else round(10 * float(numpy.log10(peak**2 * a.size / total)), 3)


def target_name(relative: str, suffix: str, source_suffixes: frozenset[str], keep_suffix: bool) -> str:
    """Path of a result below the destination, for the path of its source below the folder searched."""
    stem, ending = posixpath.splitext(relative)
    known = ending.lower() in source_suffixes
    return (stem if known and not keep_suffix else relative) + suffix
