"""The vectors: their location, their purpose, and the expected result of decoding.

Source: docs/format.md, "Conformance".
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy
import numpy.typing

from veneer.errors import ErrorCode, VeneerError
from veneer.regular_file import read_regular_file

FORMAT_VERSION = "1"
INDEX = "index.tsv"
MODELS = "models"  # folder of the models that vectors name
WEIGHTS = "weights"  # folder of weight files and model files that are to be refused, with an index of its own
PACKAGE = Path(__file__).parents[1]
# Where an installed package has them, and where its source has.
FOLDERS = (PACKAGE / "vectors" / FORMAT_VERSION, PACKAGE.parents[1] / "tests" / "vectors" / FORMAT_VERSION)
HASH_DIGITS = 64
JPEG_OPTION = "output=jpeg"


@dataclasses.dataclass(frozen=True)
class Vector:
    """A line of the index.

    Attributes:
        name: of the file.
        options: how to decode it, `layers=base realism=0.5` for instance, or `output=jpeg` for the very JPEG that the
            file keeps; empty for the defaults.
        outcome: SHA-256 of the picture or of the JPEG, or the number of the error.
        about: purpose of the vector.
    """

    name: str
    options: str
    outcome: str
    about: str

    @property
    def valid(self) -> bool:
        """Whether there is a picture."""
        return len(self.outcome) == HASH_DIGITS

    @property
    def of_weights(self) -> bool:
        """Whether it is a weight file or a model file, and no picture."""
        return self.name.endswith((".vnw", ".vnm"))

    @property
    def wants_jpeg(self) -> bool:
        """Whether the JPEG that the file keeps is wanted, rather than a picture."""
        return self.options == JPEG_OPTION

    @property
    def wants_preview(self) -> bool:
        """Whether the preview is wanted, which has 8 bits whatever the depth of the picture is."""
        return self.keywords.get("layers") == "preview"

    @property
    def keywords(self) -> Mapping[str, Any]:
        """The options as `veneer.decode` takes them."""
        pairs = (option.split("=", 1) for option in self.options.split())
        return {name: float(value) if name == "realism" else value for name, value in pairs}


def find_vectors() -> Path:
    """The folder of the vectors that came with the package; VeneerError of BAD_SETTING where there are none."""
    for folder in FOLDERS:
        if (folder / INDEX).is_file():
            return folder
    raise VeneerError(ErrorCode.BAD_SETTING, "this installation has no vectors; name their folder")


def read_index(folder: Path) -> list[Vector]:
    """The vectors of a folder in the order of its index.

    Raises:
        OSError: there is none.
        VeneerError: BAD_SETTING for an invalid line of an index.
    """
    vectors = []
    try:
        text = read_regular_file(folder / INDEX).decode()
    except UnicodeDecodeError as error:
        raise VeneerError(ErrorCode.BAD_SETTING, f"{folder / INDEX} is no index: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        columns = line.split("\t")
        if len(columns) != len(dataclasses.fields(Vector)):
            raise VeneerError(ErrorCode.BAD_SETTING, f"line {number} of {folder / INDEX} has not four columns")
        vectors.append(Vector(*columns))
    return vectors


def read_weights_index(folder: Path) -> list[Vector]:
    """The weight files that come with the vectors of a folder, none where it has none; raises as `read_index`."""
    if not (folder / WEIGHTS).exists():
        return []
    return [dataclasses.replace(vector, name=f"{WEIGHTS}/{vector.name}") for vector in read_index(folder / WEIGHTS)]


def write_index(folder: Path, vectors: Iterable[Vector]) -> None:
    """Writes the index of a folder, sorted by name."""
    lines = ["\t".join(dataclasses.astuple(vector)) + "\n" for vector in vectors]
    (folder / INDEX).write_text("".join(sorted(lines)))


def pixel_hash(pixels: numpy.typing.NDArray[Any]) -> str:
    """SHA-256 of `HxWxC`, a line feed, and the samples, uint8 or uint16 [H, W, C], the lower byte first."""
    pixels = pixels.astype(pixels.dtype.newbyteorder("<"))
    shape = "x".join(map(str, pixels.shape))
    return hashlib.sha256(shape.encode() + b"\n" + pixels.tobytes()).hexdigest()
