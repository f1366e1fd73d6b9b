"""Which models there are: a name or a number to a model file, and to the weight files of the networks that are needed.

A folder of models holds model files, weight files and `manifest.toml`, which has the hashes of the model files; these
have the hashes of the weight files. The package has one; others come before it: one that the
caller names, then those that the environment variable VENEER_MODELS lists.

Place: encoder and decoder ask here; `networks.py` looks at what is inside.
Source: docs/format.md, "Models and networks".
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from veneer import backend
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.weight_bytes import read_weights, weight_file_name
from veneer.regular_file import read_regular_file

MANIFEST = "manifest.toml"

# A model takes 150 bytes of a manifest. Reading nested tables takes time and memory with the square of a line's length.
MAX_MANIFEST_BYTES = 64 << 10
MAX_MANIFEST_LINE = 512
PACKAGE_FOLDER = Path(__file__).parents[1] / "models"
FOLDERS_VARIABLE = "VENEER_MODELS"

CHECK_SIZE = 4  # bytes of a hash that picture files hold
MAX_ID = (1 << 16) - 1

Folder = str | os.PathLike[str]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclasses.dataclass(frozen=True)
class Entry:
    """A model of a manifest.

    Attributes:
        id: what picture files say, 0..65535.
        name: what users say.
        path: the model file; the weight files are beside it.
        sha256: its hash in hexadecimal.
    """

    id: int
    name: str
    path: Path
    sha256: str

    @property
    def check(self) -> bytes:
        """The field Model_Check."""
        return bytes.fromhex(self.sha256)[:CHECK_SIZE]


def available(folder: Folder | None = None) -> list[Entry]:
    """All models, those that are looked at first to begin with.

    Args:
        folder: one more folder of models, before all others.

    Raises:
        VeneerError: NO_WEIGHTS where a folder has no manifest; WEIGHTS_INVALID where a manifest is none.
    """
    listed = os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)
    folders = [*([Path(folder)] if folder else []), *(Path(name) for name in listed if name), PACKAGE_FOLDER]
    return [entry for path in folders for entry in _read_manifest(path / MANIFEST)]


def _read_manifest(path: Path) -> list[Entry]:
    content = _parse_manifest(path)
    models = content.get("model", [])
    if not isinstance(models, list) or not all(isinstance(fields, dict) for fields in models):
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, f"{path}: models are not [[model]]")
    return [_entry(path, fields, number) for number, fields in enumerate(models, 1)]


def _parse_manifest(path: Path) -> dict[str, Any]:
    """The tables of a manifest, whatever may stand under its name."""
    try:
        text = read_regular_file(path, MAX_MANIFEST_BYTES).decode()
        if any(len(line) > MAX_MANIFEST_LINE for line in text.splitlines()):
            raise ValueError(f"a line is longer than {MAX_MANIFEST_LINE} characters")
        return tomllib.loads(text)
    except OSError as error:
        raise VeneerError(ErrorCode.NO_WEIGHTS, f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, f"{path} is no manifest: {error}") from error
    except RecursionError:  # whose traceback is of no use to anybody
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, f"{path} is no manifest: it is nested too deeply") from None


def _entry(manifest: Path, fields: dict[str, Any], number: int) -> Entry:
    """The model of the `number`th table of a manifest. Errors leave values out, which may be of any size and depth."""
    match fields:
        case {"id": int(model_id), "name": str(name), "file": str(file), "sha256": str(sha256)}:
            known = not isinstance(model_id, bool) and 0 <= model_id <= MAX_ID and _SHA256.fullmatch(sha256)
            if known and not _CONTROL.search(name + file):
                return Entry(model_id, name, manifest.parent / file, sha256)
    needed = f"id (0..{MAX_ID}), name, file and sha256, without control characters"
    text = f"{manifest}: model {number} of it needs {needed}"
    raise VeneerError(ErrorCode.WEIGHTS_INVALID, text)


def by_name(name: str, folder: Folder | None = None) -> Entry | None:
    """The newest model of a name in the first folder that has one; None where no folder has any model at all.

    Raises:
        VeneerError: BAD_SETTING if there are others only; what `available` raises.
    """
    entries = available(folder)
    found = [entry for entry in entries if entry.name == name]
    if found:
        first = found[0].path.parent
        return max((entry for entry in found if entry.path.parent == first), key=lambda entry: entry.id)
    if not entries:
        return None
    names = ", ".join(sorted({entry.name for entry in entries}))
    raise VeneerError(ErrorCode.BAD_SETTING, f"there is no model {name!r}; there are {names}")


def by_reference(model_id: int, check: bytes, folder: Folder | None = None) -> Entry:
    """The model that a picture file names.

    Args:
        model_id: the field Model_Id.
        check: the field Model_Check.
        folder: one more folder of models.

    Raises:
        VeneerError: MODEL_UNKNOWN; what `available` raises.
    """
    same = [entry for entry in available(folder) if entry.id == model_id]
    for entry in same:
        if entry.check == check:
            return entry
    if same:
        text = f"the file was made with another model {model_id} than that of {same[0].path.name}"
    else:
        text = f"model {model_id}, which enhances the file, is not known to this version of veneer"
    raise VeneerError(ErrorCode.MODEL_UNKNOWN, text)


def _time_of_change(path: Path) -> int:
    """When a file was last written, in nanoseconds; raises VeneerError of NO_WEIGHTS where it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise VeneerError(ErrorCode.NO_WEIGHTS, f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the name of the folder
        raise VeneerError(ErrorCode.NO_WEIGHTS, f"{str(path)!r} cannot be read: {error}") from error


def file_of(entry: Entry) -> bytes:
    """A model file; raises VeneerError of NO_WEIGHTS, WEIGHTS_TOO_LARGE or WEIGHTS_CHECKSUM."""
    return read_weights(entry.path, entry.sha256)


def weights_of(entry: Entry, name: str, sha256: bytes) -> bytes:
    """The weight file of a network of a model by its hash; raises as `file_of`."""
    return read_weights(entry.path.parent / weight_file_name(name, sha256.hex()), sha256.hex())


def load_file(entry: Entry) -> backend.ModelFile:
    """A model file, kept for the next call.

    Raises:
        VeneerError: NO_WEIGHTS or WEIGHTS_CHECKSUM where it is missing or another; WEIGHTS_VERSION, WEIGHTS_TOO_LARGE,
            WEIGHTS_CUT or WEIGHTS_INVALID where it cannot be used.
    """
    return _load_file(entry, _time_of_change(entry.path))


@functools.lru_cache(maxsize=64)
def _load_file(entry: Entry, changed_ns: int) -> backend.ModelFile:  # noqa: ARG001 - a file that changes is read again
    file = backend.ModelFile(file_of(entry))
    check_id(entry, file.describe()["id"])
    return file


def load_network(folder: Path, name: str, sha256: str) -> backend.WeightFile:
    """A network in the core, kept for the next call: its weight file is in a folder of models.

    Raises:
        VeneerError: as `load_file`, or WEIGHTS_OVERFLOW.
    """
    path = folder / weight_file_name(name, sha256)
    return _load_network(path, sha256, _time_of_change(path))


@functools.lru_cache(maxsize=32)
def _load_network(path: Path, sha256: str, changed_ns: int) -> backend.WeightFile:  # noqa: ARG001 - as above
    data = read_weights(path, sha256)
    try:
        return backend.WeightFile(data)
    except VeneerError as error:
        raise VeneerError(error.code, f"{path}: {error.message}", error.offset) from error


def network_hashes(entry: Entry) -> dict[str, str]:
    """The networks of a model: names, and hashes of their weight files; raises as `load_file`."""
    return {name: sha256.hex() for name, _, sha256 in load_file(entry).describe()["networks"]}


def weight_file_names(entry: Entry) -> list[str]:
    """The names of the weight files of a model; raises as `load_file`."""
    return [weight_file_name(name, sha256) for name, sha256 in network_hashes(entry).items()]


def load(entry: Entry, names: Collection[str] | None = None) -> backend.Model:
    """A model in the core, with the networks that somebody needs.

    Args:
        entry: of the model.
        names: of the networks, as far as the model has them; None for all.

    Raises:
        VeneerError: as `load_file` and `load_network`; WEIGHTS_INVALID where a weight file has another network.
    """
    hashes = network_hashes(entry)
    loaded = []
    for name, sha256 in hashes.items():
        if names is not None and name not in names:
            continue
        network = load_network(entry.path.parent, name, sha256)
        if network.name != name:
            text = f"{weight_file_name(name, sha256)} has network {network.name}, not {name}"
            raise VeneerError(ErrorCode.WEIGHTS_INVALID, text)
        loaded.append(network)
    return backend.Model(load_file(entry), loaded)


def check_id(entry: Entry, found: int) -> None:
    """Raises VeneerError of WEIGHTS_INVALID unless a model file has the number that its manifest says."""
    if found != entry.id:
        text = f"{entry.path} is model {found}, not {entry.id} as its manifest says"
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, text)
