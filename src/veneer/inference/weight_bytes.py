"""The bytes of weight files and model files on disk, before anything looks into them.

Place: under `weights.py`, and under `enhancement/models.py` for the decoder of the core, which reads them itself.
Source: docs/format.md, "Models and networks".
"""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

from veneer import limits
from veneer.errors import ErrorCode, VeneerError
from veneer.regular_file import UnfitFile, read_regular_file

NAMED_DIGITS = 8  # of a hash in the name of a weight file


def read_weights(path: Path, sha256: str | None = None) -> bytes:
    """The bytes of a weight file or a model file; what is in them is not looked at.

    Args:
        path: of the file.
        sha256: what its hash must be, 64 hexadecimal digits; None where any will do.

    Raises:
        VeneerError: NO_WEIGHTS if the file cannot be read, or is a pipe or a device; WEIGHTS_TOO_LARGE;
            WEIGHTS_CHECKSUM if its hash is another.
    """
    try:
        data = read_regular_file(path, limits.MAX_WEIGHT_FILE)
    except OSError as error:
        if isinstance(error, UnfitFile) and error.errno == errno.EFBIG:
            text = f"{path} is larger than {limits.MAX_WEIGHT_FILE} bytes"
            raise VeneerError(ErrorCode.WEIGHTS_TOO_LARGE, text) from error
        raise VeneerError(ErrorCode.NO_WEIGHTS, f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise VeneerError(ErrorCode.NO_WEIGHTS, f"{str(path)!r} cannot be read: {error}") from error
    if sha256 is not None and file_hash(data) != sha256:
        raise VeneerError(ErrorCode.WEIGHTS_CHECKSUM, f"{path} is another file than the one of hash {sha256}")
    return data


def file_hash(data: bytes) -> str:
    """SHA-256 of a file in hexadecimal: what identifies it."""
    return hashlib.sha256(data).hexdigest()


def weight_file_name(network: str, sha256: str) -> str:
    """The name that a weight file has in every folder of models, by its network and its hash in hexadecimal."""
    return f"{network}-{sha256[:NAMED_DIGITS]}.vnw"
