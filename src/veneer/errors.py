"""The one exception of Veneer: what went wrong, as a kind, a stable number and a byte offset.

Every layer raises it; nothing else leaves the decoder for damaged or hostile input.
Source: docs/format.md, "Errors".
"""

from __future__ import annotations

import enum


class ErrorKind(enum.Enum):
    """What sort of trouble it is; the hundreds of `ErrorCode` say the same."""

    ARGUMENT = 1  # the caller asked for something that cannot be done
    NOT_VENEER = 2  # the bytes are no Veneer file
    TRUNCATED = 3  # the file ends too early
    DAMAGED = 4  # bytes changed after the file was written
    INVALID = 5  # the file breaks a rule of the format, though its checksums agree
    UNSUPPORTED = 6  # a newer version or a feature that this decoder does not have
    LIMIT = 7  # larger than the limits in force


class ErrorCode(enum.IntEnum):
    """Stable numbers: one is never given a second meaning, nor used again when it falls out of use."""

    BAD_PIXELS = 101
    BAD_SETTING = 102
    BAD_REGION = 103
    BAD_METADATA = 104
    TARGET_TOO_SMALL = 105
    BAD_TENSOR = 106
    BAD_JPEG = 107
    NO_JPEG = 108

    NO_SIGNATURE = 201
    NO_WEIGHTS = 202

    HEAD_CUT = 301
    CHUNK_CUT = 302
    NO_END = 303
    WEIGHTS_CUT = 304

    CHECKSUM = 401
    FRAMING_LOST = 402
    TILE_MISSING = 403
    TILE_DAMAGED = 404
    NO_TILE = 405
    WEIGHTS_CHECKSUM = 406
    LATENTS_DAMAGED = 407
    MORE_PROBLEMS = 408
    JPEG_HEADER = 409
    JPEG_SCRIPT = 410

    FIELD_VALUE = 501
    CHUNK_ORDER = 502
    CHUNK_REPEATED = 503
    CHUNK_SIZE = 504
    TILE_INDEX = 505
    OFFSETS_WRONG = 506
    WEIGHTS_INVALID = 507
    WEIGHTS_OVERFLOW = 508
    MODELS_DIFFER = 509
    SLOT_UNKNOWN = 510

    VERSION = 601
    CRITICAL_CHUNK = 602
    FEATURE = 603
    WEIGHTS_VERSION = 604
    MODEL_UNKNOWN = 605
    NO_PIXELS = 606

    PICTURE_TOO_LARGE = 701
    METADATA_TOO_LARGE = 702
    TOO_MANY_CHUNKS = 703
    TOO_MANY_TILES = 704
    WEIGHTS_TOO_LARGE = 705
    NETWORK_TOO_LARGE = 706
    TOO_MANY_BYTES = 707
    TILE_TOO_LARGE = 708

    @property
    def kind(self) -> ErrorKind:
        """The kind that this code belongs to."""
        return ErrorKind(self.value // 100)


class VeneerError(ValueError):
    """An encoder was asked for the impossible, or a decoder met a file that it cannot or must not decode.

    Attributes:
        code: the stable number.
        kind: its kind.
        offset: position in the file of the byte concerned, or None where there is no file.
        message: one line for people, without the offset.
    """

    def __init__(self, code: ErrorCode, message: str, offset: int | None = None) -> None:
        super().__init__(message if offset is None else f"{message} (at byte {offset})")
        self.code = code
        self.kind = code.kind
        self.offset = offset
        self.message = message

    def __reduce__(self) -> tuple[type[VeneerError], tuple[ErrorCode, str, int | None]]:
        return VeneerError, (self.code, self.message, self.offset)


class VeneerWarning(UserWarning):
    """A file was damaged, cut or odd, and could be decoded all the same (`strict=False`).

    There is one for each code of error that a file has, however often.

    Attributes:
        problem: the error that `strict=True` would have raised, the first one of its code.
        count: how many of this code there are.
    """

    def __init__(self, problem: VeneerError, count: int = 1) -> None:
        super().__init__(str(problem) if count == 1 else f"{problem}, and {count - 1} more like this")
        self.problem = problem
        self.count = count

    def __reduce__(self) -> tuple[type[VeneerWarning], tuple[VeneerError, int]]:
        return VeneerWarning, (self.problem, self.count)
