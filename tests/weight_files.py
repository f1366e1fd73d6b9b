"""Weight files and model files put together by hand, so that anything may be wrong in them."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Sequence

import numpy as np

from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import Input, Operation, Output
from veneer.inference.network import Array, Network
from veneer.inference.weights import INPUT, MODEL_SIGNATURE, OUTPUT, PARAMETERS, SIGNATURE, coded_arrays, sealed


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


def weight_file(network: Parts) -> bytes:
    """The file of a network, with the right size and checksum."""
    return sealed(SIGNATURE, network_bytes(network) + coded_arrays(network.arrays))


def model_file(networks: Sequence[tuple[bytes, int]], *, model_id: int = 7, name: bytes = b"model") -> bytes:
    """A model file of networks by their names and the sizes of their weight files, whose hashes are 7s."""
    entries = [text(network) + struct.pack("<I", size) + bytes([7] * 32) for network, size in networks]
    body = struct.pack("<I", model_id) + text(name) + struct.pack("<B", len(networks)) + b"".join(entries)
    return sealed(MODEL_SIGNATURE, body)


def text(characters: bytes) -> bytes:
    return struct.pack("<B", len(characters)) + characters


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
