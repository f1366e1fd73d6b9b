"""Weight files put together by hand, so that anything may be wrong in them."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Sequence

import numpy as np

from veneer.backend import crc32c
from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import Input, Operation, Output
from veneer.inference.network import Array, Network
from veneer.inference.weights import INPUT, OUTPUT, PARAMETERS, SIGNATURE

ARRAY_NUMBERS = {"uint8": 1, "int16": 2, "int32": 3}


@dataclasses.dataclass
class Parts:
    """A network that nobody has checked."""

    name: str
    inputs: Sequence[Input]
    operations: Sequence[Operation]
    outputs: Sequence[Output]
    arrays: dict[str, Array] = dataclasses.field(default_factory=dict)  # by operation and role


def parts_of(network: Network) -> Parts:
    graph = network.graph
    return Parts(graph.name, graph.inputs, graph.operations, graph.outputs, dict(network.arrays))


def weight_file(networks: Sequence[Parts], *, model_id: int = 7, name: bytes = b"model") -> bytes:
    """The file of some networks, with the right size and checksum."""
    body = text(name) + struct.pack("<B", len(networks)) + b"".join(map(network_bytes, networks))
    arrays = [(f"{net.name}/{key}", array) for net in networks for key, array in net.arrays.items()]
    body += struct.pack("<H", len(arrays)) + b"".join(array_bytes(key.encode(), array) for key, array in arrays)
    return sealed(body, model_id)


def sealed(body: bytes, model_id: int = 7) -> bytes:
    content = SIGNATURE + struct.pack("<B3sII", 1, bytes(3), model_id, len(body)) + body
    return content + struct.pack("<I", crc32c(content))


def text(characters: bytes) -> bytes:
    return struct.pack("<B", len(characters)) + characters


def array_bytes(name: bytes, array: Array) -> bytes:
    head = struct.pack(f"<BB{array.ndim}I", ARRAY_NUMBERS[array.dtype.name], array.ndim, *array.shape)
    return text(name) + head + array.tobytes()


def network_bytes(network: Parts) -> bytes:
    numbers: dict[str, int] = {}
    for tensor in (*network.inputs, *network.operations):
        numbers.setdefault(tensor.name, len(numbers))
    parts = [text(network.name.encode()), struct.pack("<B", len(network.inputs))]
    for tensor in network.inputs:
        fields = [getattr(tensor, field) for field in INPUT]
        parts += [text(tensor.name.encode()), struct.pack("<" + "".join(INPUT.values()), *fields)]
    parts.append(struct.pack("<H", len(network.operations)))
    for operation in network.operations:
        parts.append(operation_bytes(operation, numbers))
    parts.append(struct.pack("<B", len(network.outputs)))
    for output in network.outputs:
        parts.append(struct.pack("<" + "".join(OUTPUT.values()), numbers.get(output.name, 999), output.fraction_bits))
    return b"".join(parts)


def operation_bytes(operation: Operation, numbers: dict[str, int]) -> bytes:
    codes = PARAMETERS[operation.kind]
    operands = [numbers.get(name, 999) for name in operation.inputs]
    head = struct.pack(f"<BB{len(operands)}H", operation.kind, len(operands), *operands)
    fields = [getattr(operation, field) for field in codes]
    return text(operation.name.encode()) + head + struct.pack("<" + "".join(codes.values()), *fields)


def every_kind() -> Network:
    """A network of about a kilobyte with every kind of operation."""
    builder = GraphBuilder("every_kind")
    x = builder.input("x", 2, low=-9, high=99, fraction_bits=-3)
    gate = builder.input("gate", 1, reduction=2)
    wide = builder.convolution("conv", x, 3, low=-500)
    wide = builder.scale("scaled", builder.depthwise("deep", wide), high=900)
    wide = builder.add("sum", wide, builder.convolution("one", wide, 3, kernel=1), multiplier_a=-5, shift=2)
    small = builder.pixel_unshuffle("small", builder.slice("part", wide, first=1, channels=1), 2)
    both = builder.concat("both", small, gate, builder.table("looked_up", gate, first=-4, entries=9))
    builder.output(builder.multiply("product", both, builder.clip("cut", both, low=-3, high=80), shift=3))
    builder.output(builder.pixel_shuffle("large", small, 2), fraction_bits=5)
    graph = builder.build()
    rng = np.random.default_rng(3)
    arrays = {key: rng.integers(1, 20, shape).astype(kind) for key, (kind, shape) in graph.arrays.items()}
    for key in arrays:
        if key.endswith("/multiplier"):
            arrays[key][:] = 1
    return Network(graph, arrays)
