"""The bytes of weight files on disk, before anything looks into them.

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


def read_weights(path: Path, sha256: str | None = None) -> bytes:
    """The bytes of a weight file; what is in them is not looked at.

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
        raise VeneerError(ErrorCode.NO_WEIGHTS, f"weight file {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise VeneerError(ErrorCode.NO_WEIGHTS, f"weight file {str(path)!r} cannot be read: {error}") from error
    if sha256 is not None and model_hash(data) != sha256:
        raise VeneerError(ErrorCode.WEIGHTS_CHECKSUM, f"{path} is not the weight file of hash {sha256}")
    return data


def model_hash(data: bytes) -> str:
    """SHA-256 of a weight file in hexadecimal: what identifies it beside the model id."""
    return hashlib.sha256(data).hexdigest()
