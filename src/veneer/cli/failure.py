"""The message for a file that failed: one line that says what is wrong and what to do."""

from __future__ import annotations

import errno

from veneer import ErrorCode, ErrorKind, VeneerError


class FileFailure(Exception):
    """One file cannot be done; the others go on.

    Attributes:
        what: what is wrong.
        remedy: what to do about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy


_OS_ERRORS = {
    errno.ENOENT: ("no such file or folder", "check the name"),
    errno.EISDIR: ("is a folder", "name a file"),
    errno.ENOTDIR: ("part of its path is a file, not a folder", "check the name"),
    errno.EACCES: ("permission denied", "change the permissions or choose another place"),
    errno.EPERM: ("not permitted", "change the permissions or choose another place"),
    errno.EROFS: ("the file system is read-only", "choose another place"),
    errno.ENOSPC: ("no space is left on the disk", "free some or choose another place"),
    errno.EDQUOT: ("the disk quota is used up", "free some space or choose another place"),
    errno.EFBIG: ("too large for the file system", "choose another place"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.EBADF: ("is closed, or open for something else", "check the redirections"),
    errno.ELOOP: ("is a link that leads back to itself", "check where it points"),
    errno.EPIPE: ("the reader of the output has gone", "check the command that it is piped into"),
}

_REMEDIES = {
    ErrorKind.ARGUMENT: "change the settings",
    ErrorKind.NOT_VENEER: "check that it is the right file; veneer encode makes one",
    ErrorKind.TRUNCATED: "get the file anew, or decode what there is without --strict",
    ErrorKind.DAMAGED: "get the file anew",
    ErrorKind.INVALID: "get the file anew from where it was made",
    ErrorKind.UNSUPPORTED: "install a newer version of veneer",
    ErrorKind.LIMIT: "raise the limit if you trust the file",
}

_OTHER_MODELS = "install veneer anew, check --models and VENEER_MODELS, or do without by --layers base"

_REMEDIES_BY_CODE = {
    ErrorCode.TARGET_TOO_SMALL: "allow more bytes or reduce the picture",
    ErrorCode.BAD_JPEG: "give a whole JPEG, grey or of luma and chroma",
    ErrorCode.NO_PIXELS: "decode it to a .jpg, which gives the JPEG back",
    ErrorCode.NO_JPEG: "decode it to pixels",
    ErrorCode.BAD_REGION: "see veneer info for the size of the picture",
    ErrorCode.HEAD_CUT: "get the file anew",
    ErrorCode.PICTURE_TOO_LARGE: "raise --max-pixels if you trust the file",
    ErrorCode.METADATA_TOO_LARGE: "leave it out with --strip",
    ErrorCode.TOO_MANY_TILES: "choose larger tiles",
    ErrorCode.TILE_TOO_LARGE: "choose smaller tiles",
    ErrorCode.MODEL_UNKNOWN: "install a newer version of veneer, name a folder with the model by --models, "
    "or decode with --layers base",
    ErrorCode.NO_WEIGHTS: _OTHER_MODELS,
    ErrorCode.WEIGHTS_CUT: _OTHER_MODELS,
    ErrorCode.WEIGHTS_CHECKSUM: _OTHER_MODELS,
    ErrorCode.WEIGHTS_INVALID: _OTHER_MODELS,
    ErrorCode.WEIGHTS_OVERFLOW: _OTHER_MODELS,
}


def out_of_memory(remedy: str = "use a larger machine") -> FileFailure:
    """The failure for a lack of memory, for a file that may declare any size."""
    return FileFailure("not enough memory", remedy)


def from_os_error(error: OSError) -> FileFailure:
    """The failure for a refusal of the operating system."""
    known = _OS_ERRORS.get(error.errno or 0)
    return FileFailure(*known) if known else FileFailure(error.strerror or str(error), "see what the system says")


def from_veneer_error(error: VeneerError) -> FileFailure:
    """The failure for a refusal of the codec."""
    return FileFailure(str(error), _REMEDIES_BY_CODE.get(error.code, _REMEDIES[error.kind]))
