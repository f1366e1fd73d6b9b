"""Weight files: networks and their arrays, with nothing in them that a reader has not checked.

Place: from bytes to `network.py`, which proves the networks.
Source: docs/format.md, "Layout of a weight file".
"""

from __future__ import annotations

import dataclasses
import re
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy

from veneer import limits
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.chunks import crc32c
from veneer.reference.graph import Graph, Input, Kind, Operation, Output
from veneer.reference.network import Array, Network

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

# Types of arrays: number in the file to NumPy's name without byte order.
ARRAY_TYPES = {1: "u1", 2: "i2", 3: "i4"}

NAME = re.compile(r"[a-z0-9_.]{1,63}", re.ASCII)

_HEADER_SIZE = len(SIGNATURE) + struct.calcsize("<" + "".join(HEADER.values()))
_CHECKSUM_SIZE = 4


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


FindModel = Callable[[int, bytes], Model]  # by Model_Id and Model_Check


def read_model(data: bytes) -> Model:
    """Reads, checks and proves a weight file.

    Args:
        data: the whole file.

    Returns:
        The model, whose networks can be run.

    Raises:
        VeneerError: NO_WEIGHTS, WEIGHTS_VERSION, WEIGHTS_TOO_LARGE, WEIGHTS_CUT, WEIGHTS_CHECKSUM, WEIGHTS_INVALID or
            WEIGHTS_OVERFLOW, with the offset where there is one.
    """
    model_id = _check_frame(data)
    reader = _Reader(data, _HEADER_SIZE, len(data) - _CHECKSUM_SIZE)
    name = reader.name()
    graphs: dict[str, Graph] = {}
    count = reader.unpack("<B")[0]
    reader.require(1 <= count <= limits.MAX_NETWORKS, f"{count} networks")
    for _ in range(count):
        graph = _read_graph(reader)
        reader.require(graph.name not in graphs, f"network {graph.name} occurs twice")
        graphs[graph.name] = graph
    expected = {f"{graph.name}/{key}": array for graph in graphs.values() for key, array in graph.arrays.items()}
    count = reader.unpack("<H")[0]
    reader.require(count == len(expected), f"{count} arrays where the networks need {len(expected)}")
    arrays = {key: _read_array(reader, key, *array) for key, array in expected.items()}
    reader.require(reader.position == reader.end, "bytes are left over")
    networks = {
        name: Network(graph, {key: arrays[f"{name}/{key}"] for key in graph.arrays}) for name, graph in graphs.items()
    }
    return Model(model_id, name, networks)


def _check_frame(data: bytes) -> int:
    """Signature, version, size and checksum; returns the model id."""
    if not data.startswith(SIGNATURE):
        if data and SIGNATURE.startswith(data):
            raise VeneerError(ErrorCode.WEIGHTS_CUT, "the weight file ends within its signature", len(data))
        raise VeneerError(ErrorCode.NO_WEIGHTS, "no weight file of Veneer", 0)
    if len(data) < _HEADER_SIZE:
        raise VeneerError(ErrorCode.WEIGHTS_CUT, "the weight file ends within its header", len(data))
    version, reserved, model_id, body_size = struct.unpack_from("<" + "".join(HEADER.values()), data, len(SIGNATURE))
    if version > WEIGHTS_VERSION:
        message = f"version {version} of weight files; this decoder reads up to {WEIGHTS_VERSION}"
        raise VeneerError(ErrorCode.WEIGHTS_VERSION, message, len(SIGNATURE))
    size = _HEADER_SIZE + body_size + _CHECKSUM_SIZE
    if size > limits.MAX_WEIGHT_FILE:
        raise VeneerError(ErrorCode.WEIGHTS_TOO_LARGE, f"a weight file of {size} bytes", len(SIGNATURE))
    if len(data) < size:
        raise VeneerError(ErrorCode.WEIGHTS_CUT, f"the weight file has {len(data)} of {size} bytes", len(data))
    if len(data) > size:
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, "bytes follow the weight file", size)
    end = size - _CHECKSUM_SIZE
    if crc32c(data[:end]) != struct.unpack_from("<I", data, end)[0]:
        raise VeneerError(ErrorCode.WEIGHTS_CHECKSUM, "the checksum of the weight file is wrong", end)
    if version == 0 or reserved != bytes(3):
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, "the header of the weight file is not allowed", len(SIGNATURE))
    return int(model_id)


class _Reader:
    """Takes the fields of a body one by one; whatever is wrong becomes WEIGHTS_INVALID at the field's offset."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data, self.position, self.end = data, start, end

    def require(self, condition: bool, message: str) -> None:
        if not condition:
            raise VeneerError(ErrorCode.WEIGHTS_INVALID, message, self.position)

    def take(self, size: int) -> bytes:
        self.require(size <= self.end - self.position, "the body ends within a field")
        self.position += size
        return self.data[self.position - size : self.position]

    def unpack(self, code: str) -> tuple[Any, ...]:
        return struct.unpack(code, self.take(struct.calcsize(code)))

    def fields(self, codes: Mapping[str, str]) -> dict[str, Any]:
        return dict(zip(codes, self.unpack("<" + "".join(codes.values())), strict=True))

    def text(self) -> str:
        return self.take(self.unpack("<B")[0]).decode("ascii", "replace")

    def name(self) -> str:
        text = self.text()
        self.require(NAME.fullmatch(text) is not None, f"{text!r} is no name")
        return text


def _read_graph(reader: _Reader) -> Graph:
    start = reader.position
    name = reader.name()
    inputs = [Input(reader.name(), **reader.fields(INPUT)) for _ in range(reader.unpack("<B")[0])]
    tensors = [tensor.name for tensor in inputs]
    operations: list[Operation] = []
    count = reader.unpack("<H")[0]
    reader.require(count <= limits.MAX_OPERATIONS, f"{count} operations are too many")
    for _ in range(count):
        operations.append(_read_operation(reader, tensors))
        tensors.append(operations[-1].name)
    outputs: list[Output] = []
    for _ in range(reader.unpack("<B")[0]):
        fields = reader.fields(OUTPUT)
        reader.require(fields["tensor"] < len(tensors), f"{name}: output {fields['tensor']} is no tensor")
        outputs.append(Output(tensors[fields["tensor"]], fields["fraction_bits"]))
    try:
        return Graph(name, tuple(inputs), tuple(operations), tuple(outputs))
    except VeneerError as error:
        raise VeneerError(error.code, error.message, start) from error


def _read_operation(reader: _Reader, tensors: list[str]) -> Operation:
    name = reader.name()
    kind, count = reader.unpack("<BB")
    reader.require(kind in set(Kind), f"{name}: kind {kind} of operation is unknown")
    operands = reader.unpack(f"<{count}H")
    reader.require(all(number < len(tensors) for number in operands), f"{name}: an operand is not made before")
    inputs = tuple(tensors[number] for number in operands)
    return Operation(name, Kind(kind), inputs, **reader.fields(PARAMETERS[Kind(kind)]))


def _read_array(reader: _Reader, name: str, kind: str, shape: tuple[int, ...]) -> Array:
    """The next array, which must be the one that is expected."""
    found = reader.text()
    reader.require(found == name, f"array {found!r} where {name!r} should be")
    number, dimensions = reader.unpack("<BB")
    sizes = reader.unpack(f"<{dimensions}I")
    reader.require(ARRAY_TYPES.get(number) == kind, f"{name}: type {number} is not that of {kind}")
    reader.require(sizes == shape, f"{name}: shape {list(sizes)} is not {list(shape)}")
    count = int(numpy.prod(shape, dtype=numpy.int64))
    values = numpy.frombuffer(reader.take(count * int(kind[1])), "<" + kind)
    return values.reshape(shape).astype(kind)
