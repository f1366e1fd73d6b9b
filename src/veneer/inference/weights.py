"""Writing weight files and model files. The core reads, checks and proves them.

Place: training and tests make models; `network.py` hands a network that somebody makes to the core.
Source: docs/format.md, "Layout of weight files and model files" and "Arrays".
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import numpy.typing

from veneer import backend, limits
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.graph import Graph, Kind
from veneer.inference.weight_bytes import file_hash, weight_file_name

if TYPE_CHECKING:
    from veneer.inference.network import Network

Array = numpy.typing.NDArray[Any]

# As that of pictures, with W for weights or M for models.
SIGNATURE = b"\x8bVNW\r\n\x1a\n"
MODEL_SIGNATURE = b"\x8bVNM\r\n\x1a\n"
WEIGHTS_VERSION = 2

# The fields of a header, of an input and of an output behind their names, with their `struct` codes.
HEADER = {"weights_version": "B", "reserved": "3s", "body_size": "I"}
INPUT = {"channels": "H", "reduction": "H", "low": "h", "high": "h", "fraction_bits": "b"}
OUTPUT = {"tensor": "H", "fraction_bits": "b"}

# The same of a network in a model file.
ENTRY = {"file_size": "I", "sha256": "32s"}

# Arrays by what they are in their operations, in the order of the numbers that the core gives them.
ROLES = ("weight", "bias", "multiplier", "shift", "table")

# Parameters of each kind of operation in file order.
_LIMITS = {"low": "h", "high": "h"}
PARAMETERS: dict[Kind, dict[str, str]] = {
    Kind.CONVOLUTION: {"channels": "H", "kernel": "B", **_LIMITS},
    Kind.DEPTHWISE: _LIMITS,
    Kind.SCALE: _LIMITS,
    Kind.ADD: {"multiplier_a": "h", "multiplier_b": "h", "shift": "B", **_LIMITS},
    Kind.MULTIPLY: {"shift": "B", **_LIMITS},
    Kind.CLIP: _LIMITS,
    Kind.TABLE: {"first": "h", "entries": "I"},
    Kind.PIXEL_UNSHUFFLE: {"factor": "B"},
    Kind.PIXEL_SHUFFLE: {"factor": "B"},
    Kind.CONCAT: {},
    Kind.SLICE: {"first": "h", "channels": "H"},
}

# The largest magnitude of a number that can be coded.
_MOST_NUMBER = (1 << 31) - 1

# Stands for tensors that there are not, which the core refuses.
NO_TENSOR = 0xFFFF


@dataclasses.dataclass(frozen=True, eq=False)
class Model:
    """A model with all its networks.

    Attributes:
        id: its number, which picture files name; given by hand and never reused.
        name: for people.
        networks: by name, in the order of the model file.
    """

    id: int
    name: str
    networks: Mapping[str, Network]


def write_model(model: Model) -> list[bytes]:
    """The files of a model, the model file first, then the weight file of each network in order.

    The same model always gives the same bytes.

    Args:
        model: 1..16 networks, each under its graph's name.

    Raises:
        VeneerError: WEIGHTS_INVALID or WEIGHTS_TOO_LARGE if the model cannot be written.
    """
    weights = [written_network(network.graph, network.arrays) for network in model.networks.values()]
    head = write_model_file(model.id, model.name, list(zip(model.networks, weights, strict=True)))
    for data in weights:
        backend.WeightFile(data)  # what cannot be read is not written
    backend.ModelFile(head)
    return [head, *weights]


def save_model(model: Model, folder: Path, file_name: str) -> list[Path]:
    """Writes the files of a model to a folder: the model file by this name, weight files by their own.

    A weight file that is there already has the name of its hash, and is the same.

    Returns:
        Their paths, that of the model file first. Raises OSError, and VeneerError as `write_model`.
    """
    head, *weights = write_model(model)
    named = [
        (weight_file_name(name, file_hash(data)), data) for name, data in zip(model.networks, weights, strict=True)
    ]
    for name, data in [*named, (file_name, head)]:
        (folder / name).write_bytes(data)
    return [folder / file_name, *(folder / name for name, _ in named)]


def write_model_file(model_id: int, name: str, networks: Sequence[tuple[str, bytes]]) -> bytes:
    """The model file of networks by their names and weight files, which nobody has checked."""
    body = _Writer()
    body.pack("<I", model_id)
    body.name(name)
    body.pack("<B", len(networks))
    for network, data in networks:
        body.name(network)
        body.pack("<" + "".join(ENTRY.values()), len(data), bytes.fromhex(file_hash(data)))
    return sealed(MODEL_SIGNATURE, body.content)


def written_network(graph: Graph, arrays: Mapping[str, Array]) -> bytes:
    """The weight file of a graph and its arrays, which nobody has checked.

    Raises:
        VeneerError: WEIGHTS_INVALID, if a number does not fit its field or is -2^31; WEIGHTS_TOO_LARGE.
    """
    body = _Writer()
    _write_graph(body, graph)
    numbers = sum(arrays[name].size for name in graph.arrays)
    if numbers > limits.MAX_WEIGHTS:
        raise VeneerError(ErrorCode.WEIGHTS_TOO_LARGE, f"{graph.name}: {numbers} numbers in arrays are too many")
    return sealed(SIGNATURE, body.content + coded_arrays({name: arrays[name] for name in graph.arrays}))


def coded_arrays(arrays: Mapping[str, Array]) -> bytes:
    """The stream of arrays by their names `operation/role`, in this order; raises as `written_network`."""
    for name, array in arrays.items():
        if array.size and int(array.min()) < -_MOST_NUMBER:
            raise VeneerError(ErrorCode.WEIGHTS_INVALID, f"{name}: a number is below {-_MOST_NUMBER}")
    return backend.code_arrays(
        [(ROLES.index(name.split("/")[-1]), array.astype(numpy.int32).reshape(-1)) for name, array in arrays.items()]
    )


def sealed(signature: bytes, body: bytes) -> bytes:
    """A file of a body: with its header and checksum."""
    content = signature + struct.pack("<" + "".join(HEADER.values()), WEIGHTS_VERSION, bytes(3), len(body)) + body
    return content + struct.pack("<I", backend.crc32c(content))


class _Writer:
    """Collects fields."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def pack(self, code: str, *values: Any) -> None:
        try:
            self.parts.append(struct.pack(code, *values))
        except struct.error as error:
            raise VeneerError(ErrorCode.WEIGHTS_INVALID, f"{values} do not fit their fields") from error

    def name(self, text: str) -> None:
        self.pack("<B", len(text))
        self.parts.append(text.encode("ascii", "replace"))

    @property
    def content(self) -> bytes:
        return b"".join(self.parts)


def _write_graph(writer: _Writer, graph: Graph) -> None:
    numbers = {name: number for number, name in enumerate(graph.shapes)}
    writer.name(graph.name)
    writer.pack("<B", len(graph.inputs))
    for tensor in graph.inputs:
        writer.name(tensor.name)
        writer.pack("<" + "".join(INPUT.values()), *(getattr(tensor, field) for field in INPUT))
    writer.pack("<H", len(graph.operations))
    for operation in graph.operations:
        codes = PARAMETERS[operation.kind]
        operands = [numbers.get(name, NO_TENSOR) for name in operation.inputs]
        writer.name(operation.name)
        writer.pack(f"<BB{len(operands)}H", operation.kind, len(operands), *operands)
        writer.pack("<" + "".join(codes.values()), *(getattr(operation, field) for field in codes))
    writer.pack("<B", len(graph.outputs))
    for output in graph.outputs:
        writer.pack("<" + "".join(OUTPUT.values()), numbers.get(output.name, NO_TENSOR), output.fraction_bits)
