"""Writing weight files. The core reads, checks and proves them.

Place: training and tests make models; `network.py` hands a network that somebody makes to the core.
Source: docs/format.md, "Layout of a weight file".
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy
import numpy.typing

from veneer import backend
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.graph import Graph, Kind

if TYPE_CHECKING:
    from veneer.inference.network import Network

Array = numpy.typing.NDArray[Any]

# As that of pictures, with W for weights.
SIGNATURE = b"\x8bVNW\r\n\x1a\n"
WEIGHTS_VERSION = 1

# The fields of a header, of an input and of an output behind their names, with their `struct` codes.
HEADER = {"weights_version": "B", "reserved": "3s", "model_id": "I", "body_size": "I"}
INPUT = {"channels": "H", "reduction": "H", "low": "h", "high": "h", "fraction_bits": "b"}
OUTPUT = {"tensor": "H", "fraction_bits": "b"}

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

# Stands for tensors that there are not, which the core refuses.
NO_TENSOR = 0xFFFF

# Types of arrays: number in the file to NumPy's name without byte order.
ARRAY_TYPES = {1: "u1", 2: "i2", 3: "i4"}


@dataclasses.dataclass(frozen=True, eq=False)
class Model:
    """The content of a weight file.

    Attributes:
        id: number of the model, which picture files name; given by hand and never reused.
        name: for people.
        networks: by name, in file order.
    """

    id: int
    name: str
    networks: Mapping[str, Network]


def write_model(model: Model) -> bytes:
    """The weight file of a model: the same model always gives the same bytes.

    Args:
        model: 1..16 networks, each under its graph's name.

    Returns:
        The file. Its SHA-256 (`model_hash`) identifies it.

    Raises:
        VeneerError: WEIGHTS_INVALID or WEIGHTS_TOO_LARGE if the model cannot be written.
    """
    data = written_networks(model.id, model.name, [(each.graph, each.arrays) for each in model.networks.values()])
    backend.Model(data, with_hash=False)  # what cannot be read is not written
    return data


def written_networks(model_id: int, name: str, networks: list[tuple[Graph, Mapping[str, Array]]]) -> bytes:
    """The weight file of graphs and their arrays, which nobody has checked; raises as `write_model`."""
    body = _Writer()
    body.name(name)
    body.pack("<B", len(networks))
    for graph, _ in networks:
        _write_graph(body, graph)
    arrays = {f"{graph.name}/{key}": made[key] for graph, made in networks for key in graph.arrays}
    body.pack("<H", len(arrays))
    for key, array in arrays.items():
        _write_array(body, key, array)
    head = _Writer()
    head.pack("<" + "".join(HEADER.values()), WEIGHTS_VERSION, bytes(3), model_id, len(body.content))
    content = SIGNATURE + head.content + body.content
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


def _write_array(writer: _Writer, name: str, array: Array) -> None:
    kinds = {numpy.dtype(kind): number for number, kind in ARRAY_TYPES.items()}
    native = array.astype(array.dtype.newbyteorder("="))
    writer.name(name)
    writer.pack(f"<BB{native.ndim}I", kinds[native.dtype], native.ndim, *native.shape)
    writer.parts.append(native.astype(native.dtype.newbyteorder("<")).tobytes())
