"""What a caller may hand over: checks of arguments, each of which raises VeneerError and nothing else.

NumPy scalars are taken as the numbers they are; True and False are no numbers.

Place: top of the package; every public function begins here. The types are public, too.
"""

from __future__ import annotations

import numbers
import operator
import os
import reprlib
from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy

from veneer.errors import ErrorCode, VeneerError

Tune = Literal["psnr", "visual"]
Layers = Literal["full", "base"]
DecodedLayers = Literal["full", "base", "preview"]
Backend = Literal["native", "reference"]
Folder = str | os.PathLike[str]

TUNES: tuple[Tune, ...] = get_args(Tune)  # in the order of the field Tune
LAYERS: tuple[Layers, ...] = get_args(Layers)
DECODED_LAYERS: tuple[DecodedLayers, ...] = get_args(DecodedLayers)
BACKENDS: tuple[Backend, ...] = get_args(Backend)

MAX_THREADS = 1024
MAX_COUNT = 1 << 62  # of whatever is counted without another limit
REGION_FIELDS = 4
NO_REGION = "a region is x, y, width, height in whole pixels"


def wrong(text: str, code: ErrorCode = ErrorCode.BAD_SETTING) -> VeneerError:
    """The error of an argument that cannot be used."""
    return VeneerError(code, text)


def shown(value: object) -> str:
    """A value in a message: on one line, short, and without trouble whatever it is."""
    try:
        return " ".join(reprlib.repr(value).split())
    except Exception:  # the repr of somebody else's class, or of a number with too many digits
        return f"a value of type {type(value).__name__}"


def check_number(name: str, value: object, low: float, high: float) -> float:
    """A real number in low..high, as int or float; raises VeneerError of BAD_SETTING for anything else."""
    number = value[()] if isinstance(value, numpy.ndarray) and value.ndim == 0 else value
    if isinstance(number, (bool, numpy.bool_)) or not isinstance(number, numbers.Real):
        raise wrong(f"{name} must be a number, not {shown(value)}")
    try:
        plain = operator.index(number) if isinstance(number, numbers.Integral) else float(number)
    except (OverflowError, ValueError, TypeError):
        raise wrong(f"{name} must be {low:g}..{high:g}, not {shown(value)}") from None
    if plain != plain:  # NaN
        raise wrong(f"{name} must be a number, not {shown(value)}")
    if not low <= plain <= high:
        raise wrong(f"{name} must be {low:g}..{high:g}, not {shown(plain)}")
    return plain


def check_integer(
    name: str, value: object, low: int, high: int, code: ErrorCode = ErrorCode.BAD_SETTING, hint: str = ""
) -> int:
    """A whole number in low..high, as int; raises VeneerError for anything else, also for 5.0, True and "5"."""
    try:
        if isinstance(value, (bool, numpy.bool_)):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except Exception:  # what somebody else's class may raise
        raise wrong(f"{name} must be a whole number, not {shown(value)}{hint}", code) from None
    if not low <= number <= high:
        limit = f"at least {low}" if high == MAX_COUNT and number < low else f"{low}..{high}"
        raise wrong(f"{name} must be {limit}, not {shown(number)}{hint}", code)
    return number


def check_name(name: str, value: object, names: Sequence[str]) -> str:
    """One of some names; raises VeneerError of BAD_SETTING for anything else."""
    if not isinstance(value, str) or value not in names:
        raise wrong(f"{name} must be {' or '.join(names)}, not {shown(value)}")
    return str(value)


def check_flag(name: str, value: object) -> bool:
    """True or False; raises VeneerError of BAD_SETTING for anything else."""
    if not isinstance(value, (bool, numpy.bool_)):
        raise wrong(f"{name} must be True or False, not {shown(value)}")
    return bool(value)


def check_callback(name: str, value: object) -> None:
    """None or something to call; raises VeneerError of BAD_SETTING for anything else."""
    if value is not None and not callable(value):
        raise wrong(f"{name} must be something to call, or None, not {shown(value)}")


def check_threads(threads: object) -> int:
    """Raises VeneerError of BAD_SETTING unless `threads` is 0..1024."""
    return check_integer("threads", threads, 0, MAX_THREADS)


def check_realism(realism: object) -> float | None:
    """Raises VeneerError of BAD_SETTING unless `realism` is 0..1 or None."""
    return None if realism is None else check_number("realism", realism, 0, 1)


def check_max_pixels(max_pixels: object) -> int:
    """Raises VeneerError of BAD_SETTING unless `max_pixels` is a whole number, 0 or more."""
    return check_integer("max_pixels", max_pixels, 0, MAX_COUNT)


def check_model(model: object, default: str) -> str:
    """The name of a model, `default` for None; raises VeneerError of BAD_SETTING unless it is one."""
    if model is None:
        return default
    if not isinstance(model, str) or not model:
        raise wrong(f"model must be a name, not {shown(model)}")
    return str(model)


def check_folder(name: str, folder: object) -> str | None:
    """The path of a folder, None for None; raises VeneerError of BAD_SETTING unless it is the path of one.

    A folder that is not there is NO_WEIGHTS, since folders are folders of models.
    """
    if folder is None:
        return None
    try:
        path = os.fsdecode(folder)  # type: ignore[arg-type]
        there = os.path.isdir(path)
    except Exception:  # no path, a zero byte in it, what somebody else's class raises
        raise wrong(f"{name} must be the path of a folder, not {shown(folder)}") from None
    if not there:
        raise wrong(f"{name}: there is no folder {shown(path)}", ErrorCode.NO_WEIGHTS)
    return path


def check_bytes(name: str, data: object) -> bytes | None:
    """Metadata as bytes, None for what is empty; raises VeneerError of BAD_METADATA for anything else."""
    if data is None:
        return None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise wrong(f"{name} must be bytes, not {type(data).__name__}", ErrorCode.BAD_METADATA)
    try:
        return bytes(data) or None
    except ValueError as error:  # a memoryview that has been released
        raise wrong(f"{name} cannot be used: {error}", ErrorCode.BAD_METADATA) from error


def check_problems(problems: object) -> list[VeneerError] | None:
    """Raises VeneerError of BAD_SETTING unless `problems` is a list, to be added to, or None."""
    if problems is not None and not isinstance(problems, list):
        raise wrong(f"problems must be a list or None, not {shown(problems)}")
    return problems


def check_region(region: object) -> tuple[int, int, int, int] | None:
    """Four whole numbers, None for None; raises VeneerError of BAD_REGION for anything else."""
    if region is None:
        return None
    values = numbers_of(region, REGION_FIELDS)
    if values is None:
        raise wrong(f"{NO_REGION}, not {shown(region)}", ErrorCode.BAD_REGION)
    x, y, width, height = (
        check_integer(name, value, low, MAX_COUNT, ErrorCode.BAD_REGION, f"; {NO_REGION}")
        for name, value, low in zip(("x", "y", "width", "height"), values, (0, 0, 1, 1), strict=True)
    )
    return x, y, width, height


def numbers_of(values: object, count: int) -> list[object] | None:
    """The items of a sequence or array of so many, else None."""
    if not isinstance(values, (Sequence, numpy.ndarray)) or isinstance(values, (str, bytes, bytearray)):
        return None
    try:
        items = list(values)
    except Exception:  # an array of no dimension, somebody else's sequence
        return None
    return items if len(items) == count else None


def guarded(make: Callable[[], numpy.ndarray], text: str) -> numpy.ndarray:
    """What `make` gives; VeneerError of BAD_PIXELS with `text` and the reason where it raises.

    NumPy raises whatever an object's own conversion to an array does.
    """
    try:
        return make()
    except (VeneerError, MemoryError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise wrong(f"{text}: {reason}", ErrorCode.BAD_PIXELS) from error
