"""Model files and weight files: networks and their arrays, with nothing in them that a reader has not checked.

Place: from bytes to `network.py`, which proves the networks; `weight_arrays.py` reads the arrays.
Source: docs/format.md, "Layout of weight files and model files".
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from veneer import limits
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.chunks import crc32c
from veneer.reference.graph import Graph, Input, Kind, Operation, Output
from veneer.reference.network import Network
from veneer.reference.weight_arrays import NoCodeError, TooManyNumbersError, read_arrays

# As that of pictures, with W for weights or M for models.
SIGNATURE = b"\x8bVNW\r\n\x1a\n"
MODEL_SIGNATURE = b"\x8bVNM\r\n\x1a\n"
FILE_NAMES = {SIGNATURE: "weight file", MODEL_SIGNATURE: "model file"}
WEIGHTS_VERSION = 2

# The fields of a header, of an input and of an output behind their names, with their `struct` codes.
HEADER = {"weights_version": "B", "reserved": "3s", "body_size": "I"}
INPUT = {"channels": "H", "reduction": "H", "low": "h", "high": "h", "fraction_bits": "b"}
OUTPUT = {"tensor": "H", "fraction_bits": "b"}

# The same of a network in a model file.
ENTRY = {"file_size": "I", "sha256": "32s"}

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

NAME = re.compile(r"[a-z0-9_.]{1,63}", re.ASCII)

HEADER_SIZE = len(SIGNATURE) + struct.calcsize("<" + "".join(HEADER.values()))
_CHECKSUM_SIZE = 4


@dataclasses.dataclass(frozen=True)
class Entry:
    """A network of a model file.

    Attributes:
        name: of the network.
        file_size: bytes of its weight file.
        sha256: hash of its weight file.
    """

    name: str
    file_size: int
    sha256: bytes


@dataclasses.dataclass(frozen=True)
class ModelFile:
    """The content of a model file.

    Attributes:
        id: number of the model, which picture files name; given by hand and never reused.
        name: for people.
        networks: in file order.
    """

    id: int
    name: str
    networks: tuple[Entry, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Model:
    """A model, and its networks as somebody asks for them.

    Attributes:
        id: its number.
        name: for people.
        networks: by name, in the order of the model file. One whose weight file cannot be had or is wrong raises
            VeneerError when it is asked for.
    """

    id: int
    name: str
    networks: Mapping[str, Network]


FindModel = Callable[[int, bytes], Model]  # by Model_Id and Model_Check
FindWeights = Callable[[str, bytes], bytes]  # a weight file by the name and the hash of its network


def read_model_file(data: bytes) -> ModelFile:
    """Reads and checks a model file.

    Args:
        data: the whole file.

    Raises:
        VeneerError: NO_WEIGHTS, WEIGHTS_VERSION, WEIGHTS_TOO_LARGE, WEIGHTS_CUT, WEIGHTS_CHECKSUM or WEIGHTS_INVALID,
            with the offset where there is one.
    """
    reader = _checked_body(data, MODEL_SIGNATURE)
    (model_id,), name = reader.unpack("<I"), reader.name()
    networks: list[Entry] = []
    count = reader.unpack("<B")[0]
    reader.require(1 <= count <= limits.MAX_NETWORKS, f"{count} networks")
    for _ in range(count):
        entry = Entry(reader.name(), **reader.fields(ENTRY))
        size = entry.file_size
        reader.require(size <= limits.MAX_WEIGHT_FILE, f"{entry.name}: a weight file of {size} bytes", -32)
        reader.require(entry.name not in {each.name for each in networks}, f"network {entry.name} occurs twice")
        networks.append(entry)
    reader.require(reader.position == reader.end, "bytes are left over")
    return ModelFile(model_id, name, tuple(networks))


def read_weight_file(data: bytes) -> Network:
    """Reads, checks and proves the network of a weight file.

    Args:
        data: the whole file.

    Raises:
        VeneerError: as `read_model_file`, or WEIGHTS_OVERFLOW.
    """
    reader = _checked_body(data, SIGNATURE)
    graph = _read_graph(reader)
    start = reader.position
    try:
        return Network(graph, read_arrays(graph, reader.take(reader.end - start)))
    except NoCodeError as error:
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, str(error), reader.end) from error
    except TooManyNumbersError as error:
        raise VeneerError(ErrorCode.WEIGHTS_TOO_LARGE, str(error), start) from error


def read_structure(data: bytes) -> Graph:
    """The network of a weight file without its arrays, which take seconds to read; raises as `read_weight_file`."""
    return _read_graph(_checked_body(data, SIGNATURE))


def model_of(data: bytes, find: FindWeights) -> Model:
    """A model whose weight files are asked for one by one, when networks are needed.

    Args:
        data: the model file.
        find: gives a weight file by the name and the hash of a network, or raises.

    Raises:
        VeneerError: as `read_model_file`.
    """
    file = read_model_file(data)
    return Model(file.id, file.name, _FoundNetworks(file, find))


def read_model(files: Sequence[bytes]) -> Model:
    """The model of a model file and of all its weight files; raises VeneerError as their readers."""
    by_hash = {hashlib.sha256(data).digest(): data for data in files[1:]}
    model = model_of(files[0], lambda _, sha256: by_hash[sha256])
    return Model(model.id, model.name, dict(model.networks))


class _FoundNetworks(Mapping[str, Network]):
    def __init__(self, file: ModelFile, find: FindWeights) -> None:
        self._entries = {entry.name: entry for entry in file.networks}
        self._find = find
        self._read: dict[str, Network] = {}

    def __getitem__(self, name: str) -> Network:
        if name not in self._read:
            entry = self._entries[name]
            data = self._find(name, entry.sha256)
            if hashlib.sha256(data).digest() != entry.sha256:
                raise VeneerError(ErrorCode.WEIGHTS_CHECKSUM, f"the weight file of network {name} is another one")
            network = read_weight_file(data)
            if network.graph.name != name:
                text = f"the weight file of network {name} has network {network.graph.name}"
                raise VeneerError(ErrorCode.WEIGHTS_INVALID, text)
            self._read[name] = network
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _checked_body(data: bytes, signature: bytes) -> _Reader:
    """Signature, version, size and checksum of a file; what is between."""
    name = FILE_NAMES[signature]
    if not data.startswith(signature):
        if data and signature.startswith(data):
            raise VeneerError(ErrorCode.WEIGHTS_CUT, f"the {name} ends within its signature", len(data))
        raise VeneerError(ErrorCode.NO_WEIGHTS, f"no {name} of Veneer", 0)
    if len(data) < HEADER_SIZE:
        raise VeneerError(ErrorCode.WEIGHTS_CUT, f"the {name} ends within its header", len(data))
    version, reserved, body_size = struct.unpack_from("<" + "".join(HEADER.values()), data, len(signature))
    if version > WEIGHTS_VERSION:
        message = f"version {version} of a {name}; this decoder reads version {WEIGHTS_VERSION}"
        raise VeneerError(ErrorCode.WEIGHTS_VERSION, message, len(signature))
    if version < WEIGHTS_VERSION:
        message = f"version {version} of a {name}, which was withdrawn"
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, message, len(signature))
    size = HEADER_SIZE + body_size + _CHECKSUM_SIZE
    if size > limits.MAX_WEIGHT_FILE:
        raise VeneerError(ErrorCode.WEIGHTS_TOO_LARGE, f"a {name} of {size} bytes", len(signature))
    if len(data) < size:
        raise VeneerError(ErrorCode.WEIGHTS_CUT, f"the {name} has {len(data)} of {size} bytes", len(data))
    if len(data) > size:
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, f"bytes follow the {name}", size)
    end = size - _CHECKSUM_SIZE
    if crc32c(data[:end]) != struct.unpack_from("<I", data, end)[0]:
        raise VeneerError(ErrorCode.WEIGHTS_CHECKSUM, f"the checksum of the {name} is wrong", end)
    if reserved != bytes(3):
        raise VeneerError(ErrorCode.WEIGHTS_INVALID, f"the header of the {name} is not allowed", len(signature) + 1)
    return _Reader(data, HEADER_SIZE, end)


class _Reader:
    """Takes the fields of a body one by one; whatever is wrong becomes WEIGHTS_INVALID at the field's offset."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data, self.position, self.end = data, start, end

    def require(self, condition: bool, message: str, back: int = 0) -> None:
        """Raises unless the condition holds; `back` is 0, or minus the bytes that were taken after what is wrong."""
        if not condition:
            raise VeneerError(ErrorCode.WEIGHTS_INVALID, message, self.position + back)

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
