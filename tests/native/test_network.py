"""Models in the compiled core beside the package's own reading, checking and running of them."""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from enhancers import make_model
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import bound_network, of_reference, random_arrays, random_inputs, random_network, residual_graph
from oracle.enhancement.halo import halo_of
from oracle.enhancement.networks import networks_of, texture_network_of
from weight_files import Parts, every_kind, model_file, network_bytes, parts_of, weight_file

from veneer import _native, _native_dev, backend
from veneer.enhancement import distributions
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import Input, Kind, Operation, Output
from veneer.inference.model_network import native_model
from veneer.inference.network import Array, Network
from veneer.inference.weight_bytes import weight_file_name
from veneer.inference.weights import MODEL_SIGNATURE, SIGNATURE, Model, sealed, write_model, write_model_file
from veneer.reference.weights import read_model, read_model_file, read_weight_file

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "src" / "veneer" / "models"
FILES = sorted([*RELEASED.glob("*.vn[mw]"), *ROOT.glob("tests/vectors/*/models/*.vn[mw]")])
REFUSED = sorted(ROOT.glob("tests/vectors/*/weights/*.vn[mw]"))
LONGEST_MESSAGE = 239  # bytes, in the compiled core

SMALL = every_kind()
DATA = weight_file(parts_of(SMALL))
MODEL_DATA = model_file([(b"restore", 1234), (b"texture", 0)])
HEADER_SIZE = 16
STRUCTURE_END = HEADER_SIZE + len(network_bytes(parts_of(SMALL)))

Found = dict[str, Any] | tuple[ErrorCode, int | None, str]


def expected(data: bytes) -> Found:
    """What the reference says of a file: a description, or an error."""
    try:
        if data.startswith(MODEL_SIGNATURE):
            return dataclasses.asdict(read_model_file(data))
        network = read_weight_file(data)
    except VeneerError as error:
        return error_of(error)
    graph = network.graph
    inputs = [(t.name, t.channels, t.reduction, t.low, t.high, t.fraction_bits) for t in graph.inputs]
    outputs = [
        (t.name, *dataclasses.astuple(graph.shapes[t.name]), *network.ranges[t.name], t.fraction_bits)
        for t in graph.outputs
    ]
    facts = {"inputs": inputs, "outputs": outputs, "alignment": graph.alignment, "halo": halo_of(graph)}
    return {graph.name: facts}


def found(data: bytes) -> Found:
    """What the compiled core says of it."""
    try:
        if data.startswith(MODEL_SIGNATURE):
            described = _native.ModelFile(data).describe()
            fields = ("name", "file_size", "sha256")
            networks = tuple(dict(zip(fields, entry, strict=True)) for entry in described["networks"])
            return described | {"networks": networks}
        name = _native.WeightFile(data).name
        facts: dict[str, Any] = native_model([write_model_file(0, "alone", [(name, data)]), data]).describe()[
            "networks"
        ]
        return facts
    except VeneerError as error:
        return error_of(error)


def error_of(error: VeneerError) -> tuple[ErrorCode, int | None, str]:
    return error.code, error.offset, error.message.encode()[:LONGEST_MESSAGE].decode(errors="ignore")


def check(data: bytes) -> Found:
    """Both say the same."""
    result = expected(data)
    assert found(data) == result
    return result


def check_refused(data: bytes, message: str, code: ErrorCode = ErrorCode.WEIGHTS_INVALID) -> None:
    result = check(data)
    assert isinstance(result, tuple)
    assert result[0] == code
    assert message in result[2]


def outcome(ask: Any, *arguments: Any) -> Any:
    """What a call gives, or the error that it raises."""
    try:
        return ask(*arguments)
    except VeneerError as error:
        return error_of(error)


def check_runs(network: Network, size: tuple[int, int], seed: int, threads: int = 1) -> None:
    """Outputs are those of the package, values and types."""
    model = native_model(write_model(Model(1, "model", {network.graph.name: network})))
    inputs = random_inputs(network, size, np.random.default_rng(seed))
    arrays = [inputs[tensor.name] for tensor in network.graph.inputs]
    results = model.run(network.graph.name, arrays, size[0], size[1], threads)
    wanted = of_reference(network).run(inputs, size)
    for name, array in zip((output.name for output in network.graph.outputs), results, strict=True):
        assert array.dtype == wanted[name].dtype
        np.testing.assert_array_equal(array, wanted[name])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_released_files_and_those_of_the_vectors(path: Path) -> None:
    assert isinstance(check(path.read_bytes()), dict)


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_weight_files_of_the_vectors_that_are_refused(path: Path) -> None:
    assert isinstance(check(path.read_bytes()), tuple)


@pytest.mark.parametrize("path", sorted(ROOT.glob("tests/vectors/*/models/*.vnm")), ids=lambda path: path.name)
def test_networks_of_these_files(path: Path) -> None:
    data = path.read_bytes()
    names = [weight_file_name(entry.name, entry.sha256.hex()) for entry in read_model_file(data).networks]
    check_networks([data, *((path.parent / name).read_bytes() for name in names)])


def check_networks(data: list[bytes]) -> list[Any]:
    """Both say the same of what a model is good for; what that is."""
    model = read_model(data)

    def chosen(scale: int) -> dict[str, Any] | None:
        networks = networks_of(model, scale)
        if networks is None:
            return None
        names = {
            field: network and network.graph.name
            for field, network in vars(networks).items()
            if field in ("restore", "latent_prior", "texture")
        }
        latents = networks.latents and (networks.latents.channels, networks.latents.reduction)
        return names | {"latents": latents, "alignment": networks.alignment}

    native = native_model(data)

    def found(scale: int) -> dict[str, Any] | None:
        networks = native.networks(scale)
        fields = ("restore", "latent_prior", "texture", "latents", "alignment")
        return networks and {field: getattr(networks, field) for field in fields}

    wanted = [outcome(chosen, 1), outcome(chosen, 2), outcome(lambda: texture_network_of(model).graph.name)]
    assert [outcome(found, 1), outcome(found, 2), outcome(native.texture_network)] == wanted
    return wanted


@pytest.mark.parametrize("seed", range(16))
def test_random_networks(seed: int) -> None:
    network = random_network(np.random.default_rng(seed))
    for data in write_model(Model(seed, "random", {"random": network})):
        check(data)
    check_runs(network, (37, 70), seed, threads=1 + seed % 2)


def test_every_kind_of_operation() -> None:
    assert isinstance(check(DATA), dict)
    assert {operation.kind for operation in SMALL.graph.operations} == set(Kind)
    check_runs(SMALL, (9, 11), 0)


@pytest.mark.parametrize("kernel", [1, 3])
def test_networks_at_the_bound(kernel: int) -> None:
    network = bound_network(kernel, 64)
    check_runs(network, (5, 6), 0)
    for role, channel, change in (("bias", 0, 1), ("bias", 1, -1), ("weight", 0, -1)):
        parts = parts_of(network)
        parts.arrays[f"y/{role}"] = parts.arrays[f"y/{role}"].copy()
        parts.arrays[f"y/{role}"].reshape(20, -1)[channel, 0] += change
        check_refused(weight_file(parts), "could reach 2147", ErrorCode.WEIGHTS_OVERFLOW)


def test_values_that_a_table_gives_count_for_the_bound() -> None:
    builder = GraphBuilder("net")
    x = builder.table("looked_up", builder.input("x", 1), first=0, entries=2)
    builder.output(builder.scale("y", builder.slice("same", x, first=0, channels=1)))
    graph = builder.build()
    for least, fits in ((-16383, True), (-16384, False)):
        arrays: dict[str, Array] = {
            "looked_up/table": np.array([least, 5], np.int16),
            "y/weight": np.array([-32768], np.int16),
            "y/bias": np.array([-(2**31) + 16384 * 32768], np.int32),
            "y/multiplier": np.array([2], np.int32),
            "y/shift": np.array([1], np.uint8),
        }
        result = check(weight_file(Parts("net", graph.inputs, graph.operations, graph.outputs, arrays)))
        assert isinstance(result, dict) == fits


@pytest.mark.parametrize(
    ("role", "value", "message"),
    [
        ("shift", 0, "a shift is not 1..30"),
        ("shift", 31, "a shift is not 1..30"),
        ("multiplier", -1, "a multiplier is not 0..2^shift"),
        ("multiplier", 1 << 30, "a multiplier is not 0..2^shift"),
    ],
)
def test_fractions_that_are_none(role: str, value: int, message: str) -> None:
    parts = parts_of(SMALL)
    parts.arrays[f"deep/{role}"] = parts.arrays[f"deep/{role}"].copy()
    parts.arrays[f"deep/{role}"][1] = value
    check_refused(weight_file(parts), f"every_kind: deep: {message}")


BOTH = pytest.mark.parametrize("data", [DATA, MODEL_DATA], ids=["weights", "model"])


def changed(data: bytes, body: bytes) -> bytes:
    """A file of the same kind with another body."""
    return sealed(data[:8], body)


@BOTH
def test_every_cut(data: bytes) -> None:
    for size in range(8, len(data)):
        check(data[:size])
    check(data + b"\0")
    check_refused(b"", "no weight file", ErrorCode.NO_WEIGHTS)


def test_every_cut_under_a_right_checksum() -> None:
    for size in range(HEADER_SIZE, STRUCTURE_END):
        assert isinstance(check(changed(DATA, DATA[HEADER_SIZE:size])), tuple)
    for size in range(STRUCTURE_END, len(DATA) - 4):  # other arrays, if any
        check(changed(DATA, DATA[HEADER_SIZE:size]))
    for size in range(HEADER_SIZE, len(MODEL_DATA) - 4):
        assert isinstance(check(changed(MODEL_DATA, MODEL_DATA[HEADER_SIZE:size])), tuple)
    check_refused(changed(MODEL_DATA, MODEL_DATA[HEADER_SIZE:-4] + b"\0"), "bytes are left over")


@BOTH
def test_headers(data: bytes) -> None:
    for place in range(8, HEADER_SIZE):
        for value in (0, 1, 2, 3, 255):
            made = data[:place] + bytes([value]) + data[place + 1 : -4]
            check(made + struct.pack("<I", backend.crc32c(made)))
            check(made + data[-4:])
    for other in (b"", b"\x8b", b"\x8bVN", b"no file of networks"):
        for reader, of_core in ((read_weight_file, _native.WeightFile), (read_model_file, _native.ModelFile)):
            assert outcome(reader, other) == outcome(of_core, other)
    assert outcome(read_weight_file, MODEL_DATA) == outcome(_native.WeightFile, MODEL_DATA)
    assert outcome(read_model_file, DATA) == outcome(_native.ModelFile, DATA)


@BOTH
@pytest.mark.parametrize("bits", [0x01, 0xFF])
def test_every_changed_byte_under_a_right_checksum(bits: int, data: bytes) -> None:
    for place in range(HEADER_SIZE, len(data) - 4):
        check(changed(data, data[HEADER_SIZE:place] + bytes([data[place] ^ bits]) + data[place + 1 : -4]))


@BOTH
def test_insertions_and_deletions_under_a_right_checksum(data: bytes) -> None:
    for place in range(HEADER_SIZE, len(data) - 4):
        check(changed(data, data[HEADER_SIZE:place] + data[place + 1 : -4]))
        check(changed(data, data[HEADER_SIZE:place] + b"\x02" + data[place:-4]))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(HEADER_SIZE, len(DATA) - 5), st.integers(0, 255)), min_size=2, max_size=4))
def test_several_changed_bytes_under_a_right_checksum(changes: list[tuple[int, int]]) -> None:
    made = bytearray(DATA)
    for place, value in changes:
        made[place] = value
    check(changed(DATA, bytes(made[HEADER_SIZE:-4])))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_arrays_of_any_bytes(code: bytes) -> None:
    check(changed(DATA, DATA[HEADER_SIZE:STRUCTURE_END] + code))


@pytest.mark.parametrize(
    "name",
    [b"", b"x" * 64, b"x" * 255, b"Name", b"a'b", b"a'b\"", b"a\\b\n\t\r\x00\x7f", b"\xe4\xf6", b"\xff" * 255, b'"'],
)
def test_names_that_are_none(name: bytes) -> None:
    check_refused(model_file([(b"restore", 9)], name=name), "")
    check_refused(model_file([(name, 9)]), "")


def test_the_longest_names() -> None:
    long = "a" * 62
    clip = Operation(f"{long}y", Kind.TABLE, (f"{long}x",), entries=1)
    parts = Parts(f"{long}n", [Input(f"{long}x", 1)], [clip], [Output(f"{long}y")])
    parts.arrays[f"{long}y/table"] = np.array([5], np.int16)
    assert isinstance(check(weight_file(parts)), dict)
    assert isinstance(check(model_file([(f"{long}n".encode(), 9)], name=long.encode())), dict)


X = Input("x", 8, 4)
CLIP = Operation("y", Kind.CLIP, ("x",))


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (Operation("y", Kind.CONVOLUTION, ("x",), channels=4, kernel=5), "kernel 5"),
        (Operation("y", Kind.CONVOLUTION, ("x",), channels=4, kernel=0), "kernel 0"),
        (Operation("y", Kind.CONVOLUTION, ("x",), channels=0, kernel=3), "0 channels"),
        (Operation("y", Kind.CONVOLUTION, ("x",), channels=1025, kernel=3), "1025 channels"),
        (Operation("y", Kind.CONVOLUTION, ("x", "x"), channels=4, kernel=3), "2 operands"),
        (Operation("y", Kind.CONVOLUTION, (), channels=4, kernel=3), "0 operands"),
        (Operation("y", Kind.CONVOLUTION, ("z",), channels=4, kernel=3), "not made before"),
        (Operation("y", Kind.CONVOLUTION, ("y",), channels=4, kernel=3), "not made before"),
        (Operation("y", Kind.DEPTHWISE, ("x",), low=1, high=0), "limits 1..0"),
        (Operation("y", Kind.ADD, ("x",), multiplier_a=1), "1 operands"),
        (Operation("y", Kind.ADD, ("x", "x", "x"), multiplier_a=1), "3 operands"),
        (Operation("y", Kind.ADD, ("x", "x"), multiplier_a=-16384, multiplier_b=16384), "multipliers are too large"),
        (Operation("y", Kind.ADD, ("x", "x"), multiplier_a=-32768), "multipliers are too large"),
        (Operation("y", Kind.ADD, ("x", "x"), shift=16), "shift 16"),
        (Operation("y", Kind.ADD, ("x", "x"), low=5, high=4), "limits 5..4"),
        (Operation("y", Kind.ADD, ("x", "w")), "differ in channels"),
        (Operation("y", Kind.ADD, ("x", "v")), "differ in size"),
        (Operation("y", Kind.MULTIPLY, ("x", "x"), shift=31), "shift 31"),
        (Operation("y", Kind.MULTIPLY, ("w", "x")), "differ in channels"),
        (Operation("y", Kind.TABLE, ("x",), entries=0), "0 entries"),
        (Operation("y", Kind.TABLE, ("x",), entries=65537), "65537 entries"),
        (Operation("y", Kind.TABLE, ("x",), entries=2**32 - 1), "4294967295 entries"),
        (Operation("y", Kind.PIXEL_UNSHUFFLE, ("x",), factor=0), "factor 0"),
        (Operation("y", Kind.PIXEL_UNSHUFFLE, ("x",), factor=17), "factor 17"),
        (Operation("y", Kind.PIXEL_UNSHUFFLE, ("x",), factor=16), "2048 channels"),
        (Operation("y", Kind.PIXEL_UNSHUFFLE, ("u",), factor=2), "reduction 512"),
        (Operation("y", Kind.PIXEL_SHUFFLE, ("x",), factor=0), "factor 0"),
        (Operation("y", Kind.PIXEL_SHUFFLE, ("x",), factor=3), "does not divide"),
        (Operation("y", Kind.PIXEL_SHUFFLE, ("x",), factor=8), "does not divide"),
        (Operation("y", Kind.CONCAT, ("x",)), "1 operands"),
        (Operation("y", Kind.CONCAT, ("x",) * 65), "65 operands"),
        (Operation("y", Kind.CONCAT, ("t", "t")), "2000 channels"),
        (Operation("y", Kind.CONCAT, ("x", "v")), "differ in size"),
        (Operation("y", Kind.SLICE, ("x",), first=5, channels=4), "no such channels"),
        (Operation("y", Kind.SLICE, ("x",), first=-1, channels=4), "no such channels"),
        (Operation("y", Kind.SLICE, ("x",), first=0, channels=0), "no such channels"),
        (Operation("x", Kind.CLIP, ("x",)), "same name"),
        (Operation("Y", Kind.CLIP, ("x",)), "'Y' is no name"),
    ],
)
def test_operations_that_are_refused(operation: Operation, message: str) -> None:
    others = [Input("w", 4, 4), Input("v", 8, 2), Input("u", 1, 256), Input("t", 1000, 1)]
    inputs = [X, *(tensor for tensor in others if tensor.name in operation.inputs)]
    check_refused(weight_file(Parts("net", inputs, [operation], [Output(operation.name)])), message)


def test_concatenations_of_64() -> None:
    parts = Parts("net", [X], [Operation("y", Kind.CONCAT, ("x",) * 64)], [Output("y")])
    assert isinstance(check(weight_file(parts)), dict)


def many(count: int, **fields: Any) -> list[Input]:
    return [Input(f"x{i}", 1, **fields) for i in range(count)]


def clipped(inputs: Sequence[Input]) -> Parts:
    """All inputs, each clipped, of which the first is an output."""
    operations = [Operation(f"y{i}", Kind.CLIP, (tensor.name,)) for i, tensor in enumerate(inputs)]
    return Parts("net", inputs, operations, [Output(f"y{i}") for i in range(len(inputs))])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (Parts("Net", [X], [CLIP], [Output("y")]), "'Net' is no name"),
        (Parts("net", [], [], []), "1..64 inputs"),
        (Parts("net", [X], [CLIP], []), "1..64 inputs"),
        (clipped(many(65)), "1..64 inputs"),
        (Parts("net", many(255), [dataclasses.replace(CLIP, inputs=("x0",))], [Output("y")]), "1..64 inputs"),
        (Parts("net", [X], [CLIP], [Output("x")]), "not the result"),
        (Parts("net", [X], [CLIP], [Output("y"), Output("y")]), "twice"),
        (Parts("net", [X], [CLIP], [Output("y"), Output("x"), Output("x")]), "twice"),
        (Parts("net", [X], [CLIP], [Output("z")]), "output 999 is no tensor"),
        (Parts("net", [X, Input("b", 1), Input("a", 1)], [CLIP], [Output("y")]), "nothing uses a, b"),
        (Parts("net", [X], [CLIP, dataclasses.replace(CLIP, name="z")], [Output("y")]), "nothing uses z"),
        (
            Parts("net", [X], [dataclasses.replace(CLIP, name=f"y{i}") for i in range(999)], [Output("y0")]),
            "nothing uses y1, y10, y100",
        ),
        (Parts("net", [X], [dataclasses.replace(CLIP, name=f"y{i}") for i in range(1025)], [Output("y0")]), "too many"),
        (Parts("net", [X, X], [CLIP], [Output("y")]), "same name"),
        (Parts("net", [Input("x", 0)], [CLIP], [Output("y")]), "0 channels"),
        (Parts("net", [Input("x", 1025)], [CLIP], [Output("y")]), "1025 channels"),
        (Parts("net", [Input("x", 1, 0)], [CLIP], [Output("y")]), "reduction 0"),
        (Parts("net", [Input("x", 1, 257)], [CLIP], [Output("y")]), "reduction 257"),
        (Parts("net", [Input("x", 1, low=5, high=4)], [CLIP], [Output("y")]), "limits 5..4"),
        (clipped([Input("a", 1, 9), Input("b", 1, 32)]), "alignment 288 is too large"),
        (
            clipped(
                [Input(f"x{i}", 1, reduction) for i, reduction in enumerate([256, 243, 125, 49, *range(193, 253)])]
            ),
            "is too large",
        ),
    ],
)
def test_networks_that_are_refused(parts: Parts, message: str) -> None:
    check_refused(weight_file(parts), message)


def test_models_of_several_networks() -> None:
    entries = [(f"n{i}".encode(), i) for i in range(17)]
    assert isinstance(check(model_file(entries[:16])), dict)
    check_refused(model_file(entries), "17 networks")
    check_refused(model_file([]), "0 networks")
    check_refused(model_file([entries[0], entries[1], entries[0]]), "network n0 occurs twice")
    check_refused(model_file([(b"net", (64 << 20) + 1)]), "net: a weight file of 67108865 bytes")


def test_arrays_that_are_refused() -> None:
    head = DATA[HEADER_SIZE:STRUCTURE_END]
    for first in (32768, -32769):
        code = backend.code_arrays([(0, np.full(4, first, np.int32))])
        check_refused(changed(DATA, head + code), "every_kind/conv: the arrays are no code")
    check_refused(changed(DATA, head + b"\xff" * 100), "every_kind/conv: the arrays are no code")
    large = Parts("net", [Input("x", 1024)], [Operation("y", Kind.CONVOLUTION, ("x",), channels=1024, kernel=3)], [])
    large = dataclasses.replace(large, outputs=[Output("y")])
    data = sealed(SIGNATURE, network_bytes(large))
    check_refused(data, "9440256 numbers in arrays", ErrorCode.WEIGHTS_TOO_LARGE)


ENHANCED = ("enhanced", 1, 0, 16320)
TEXTURED = ("textured", 1, 0, 16320)
PICTURE = {"picture": (3, 1)}


def interface(
    name: str,
    inputs: dict[str, tuple[int, int]],
    output: tuple[str, int, int, int],
    *,
    bits: int = 6,
    base_bits: int | None = None,
) -> Network:
    """A network that clips its first input, perhaps made smaller. It has the others as outputs, too.

    `output` is a name, a reduction, and limits; `bits` are its fraction bits, `base_bits` those of pictures.
    """
    builder = GraphBuilder(name)
    result, reduction, low, high = output
    base_bits = (6 if name == "texture" else 2) if base_bits is None else base_bits
    tensors = [
        builder.input(key, channels, reduction=at, fraction_bits=base_bits if key in ("picture", "interpolated") else 0)
        for key, (channels, at) in inputs.items()
    ]
    x = tensors[0]
    if reduction > 1:
        x = builder.slice("one", builder.pixel_unshuffle("small", x, reduction), first=0, channels=3)
    builder.output(builder.clip(result, x, low=low, high=high), fraction_bits=bits)
    for tensor in tensors[1:]:
        builder.output(builder.clip(f"{tensor}_used", tensor, low=0, high=1))
    return Network(builder.build(), {})


def with_latents(reduction: int, **others: Network) -> Model:
    """A model whose `restore` takes latents and has an output too many, so that what is wrong in others shows first."""
    networks = {"restore": interface("restore", PICTURE | {"y": (3, reduction)}, ENHANCED)}
    return Model(1, "wrong", networks | {network.graph.name: network for network in others.values()})


def restoring(*arguments: Any, **keywords: Any) -> Model:
    return Model(1, "wrong", {"restore": interface("restore", *arguments, **keywords)})


def texturing(*arguments: Any, **keywords: Any) -> Model:
    return Model(
        2**32 - 1,
        "wrong",
        {
            "restore": interface("restore", PICTURE, ENHANCED),
            "texture": interface("texture", *arguments, **keywords),
        },
    )


PRIOR = interface("latent_prior", PICTURE, ("index", 4, 0, 63), bits=-9)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (restoring(PICTURE | {"depth": (1, 4)}, ENHANCED), "input 'depth' is unknown"),
        (restoring(PICTURE | {"interpolated": (3, 1)}, ENHANCED), "input 'interpolated' is unknown"),
        (restoring(PICTURE | {"step": (1, 8)}, ENHANCED), "step is 1 channels at 1/8"),
        (restoring(PICTURE | {"maps": (7, 4)}, ENHANCED), "not Shape(channels=8, reduction=4)"),
        (restoring(PICTURE | {"settings": (4, 4)}, ENHANCED), "the output is not 'enhanced'"),
        (restoring(PICTURE | {"strength": (2, 4)}, ENHANCED), "strength is 2 channels"),
        (restoring(PICTURE | {"realism": (1, 2)}, ENHANCED), "realism is 1 channels at 1/2"),
        (restoring(PICTURE, ("better", 1, 0, 9)), "the output is not 'enhanced'"),
        (restoring(PICTURE, ("enhanced", 2, 0, 9)), "enhanced is Shape(channels=3, reduction=2)"),
        (restoring(PICTURE, ("enhanced", 1, 0, 16321)), "enhanced can be 0..16321, not 0..16320"),
        (restoring(PICTURE, ("enhanced", 1, -1, 5)), "enhanced can be -1..5"),
        (restoring(PICTURE, ENHANCED, bits=5), "enhanced has 5 fraction bits, not 6"),
        (restoring(PICTURE, ENHANCED, base_bits=-1), "picture has -1 fraction bits, not 2"),
        (with_latents(5), "latents of reduction 5"),
        (with_latents(128), "latents of reduction 128"),
        (with_latents(4), "model 1 takes latents, but has no network latent_prior"),
        (with_latents(4, prior=PRIOR), "the output is not 'enhanced'"),
        (with_latents(2, prior=PRIOR), "index is Shape(channels=3, reduction=4), not Shape(channels=3, reduction=2)"),
        (with_latents(4, prior=interface("latent_prior", PICTURE, ("index", 4, 0, 64))), "index can be 0..64"),
        (with_latents(4, prior=interface("latent_prior", PICTURE, ("indices", 4, 0, 63))), "the output is not 'index'"),
        (
            with_latents(4, prior=interface("latent_prior", PICTURE | {"original": (3, 1)}, ("index", 4, 0, 63))),
            "input 'original' is unknown",
        ),
        (
            with_latents(4, prior=PRIOR, analysis=interface("latent_analysis", PICTURE, ("y", 4, -128, 1))),
            "y can be -128..1, not -127..127",
        ),
        (
            with_latents(4, prior=PRIOR, analysis=interface("latent_analysis", {"original": (1, 1)}, ("y", 4, 0, 1))),
            "original is 1 channels",
        ),
        (texturing(PICTURE | {"strength": (1, 4)}, TEXTURED), "input 'strength' is unknown"),
        (texturing({"picture": (3, 2)}, TEXTURED), "picture is 3 channels at 1/2"),
        (texturing(PICTURE | {"noise": (3, 4)}, TEXTURED), "noise is 3 channels"),
        (texturing(PICTURE | {"missing": (1, 8)}, TEXTURED), "missing is 1 channels at 1/8"),
        (texturing(PICTURE, ENHANCED), "the output is not 'textured'"),
        (texturing(PICTURE, ("textured", 1, 0, 255), bits=0), "textured has 0 fraction bits, not 6"),
        (texturing(PICTURE, TEXTURED, base_bits=2), "picture has 2 fraction bits, not 6"),
        (texturing(PICTURE, ("textured", 1, -1, 16320)), "textured can be -1..16320"),
    ],
)
def test_networks_that_do_not_enhance(model: Model, message: str) -> None:
    outcomes = check_networks(write_model(model))
    assert outcomes[0][0] == ErrorCode.MODEL_UNKNOWN
    assert message in outcomes[0][2]


def test_networks_that_enhance() -> None:
    for scales in ((1,), (2,), (1, 2)):
        for latents in (False, True):
            model = make_model(scales=scales, latents=latents, texture=len(scales) > 1)
            outcomes = check_networks(write_model(model))
            assert [isinstance(outcome, dict) for outcome in outcomes[:2]] == [scale in scales for scale in (1, 2)]
    check_networks(write_model(restoring(PICTURE, ENHANCED)))


def test_networks_of_a_model_on_pictures() -> None:
    for network in make_model(texture=True).networks.values():
        check_runs(network, (41, 66), 1, threads=2)


def test_the_shape_of_the_codecs_networks() -> None:
    graph = residual_graph(32, 2)
    check_runs(Network(graph, random_arrays(graph, np.random.default_rng(0))), (75, 50), 0, threads=2)


def test_a_run_that_takes_too_much_memory() -> None:
    builder = GraphBuilder("wide")
    wide = builder.concat("wide", *[builder.input("x", 16)] * 64)
    builder.output(builder.slice("y", wide, first=0, channels=1))
    network, size = Network(builder.build(), {}), (16, 65536)
    picture = np.zeros((*size, 16), np.uint8)
    model = native_model(write_model(Model(1, "m", {"wide": network})))
    code, _, message = outcome(model.run, "wide", [picture], *size, 1)
    assert code == ErrorCode.NETWORK_TOO_LARGE
    assert message == f"wide needs {network.memory_bytes(size)} bytes for a picture of 65536 x 16"


@pytest.fixture
def targets() -> Iterator[list[str]]:
    yield backend.inference_targets()
    backend.force_target("auto")


def test_the_target_that_is_forced(targets: list[str]) -> None:
    best = _native.chosen_inference_target()
    assert best in targets
    for name in targets:
        assert backend.force_target(name)
        assert _native.chosen_inference_target() == name
        check_runs(SMALL, (20, 30), 2)
    assert backend.force_target("auto")
    assert _native.chosen_inference_target() == best
    missing = {"avx2", "avx512", "neon"} - set(targets)
    assert not any(map(backend.force_target, missing))
    assert _native.chosen_inference_target() == best


def test_what_a_network_keeps_belongs_to_its_memory() -> None:
    before, after, of_the_run, in_the_end = _native_dev.memory_of_network(DATA)
    assert 0 < before < after
    assert (of_the_run, in_the_end) == (0, 0)


def test_models_outlive_the_bytes_they_were_read_from() -> None:
    files = [write_model_file(1, "model", [("every_kind", DATA)]), bytes(bytearray(DATA))]
    model = native_model(files)
    wanted = model.describe()
    del files
    assert model.describe() == wanted


def test_latents_that_are_decoded_with_them() -> None:
    rng = np.random.default_rng(0)
    indices = rng.integers(0, 64, 5000, dtype=np.uint8)
    values = np.clip(np.round(rng.laplace(0, 2 ** ((indices - 32.0) / 7))), -127, 127).astype(np.int16)
    values[:64] = 127 - 2 * (np.arange(64) % 128)
    symbols = (values + 127).astype(np.uint8)
    payload = backend.encode_with_tables(symbols, indices, distributions.cumulative_frequencies(), 24)
    np.testing.assert_array_equal(_native_dev.decode_latents(payload, indices), values)


@pytest.mark.parametrize("size", [0, 1, 3, 54, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000, 100_001])
def test_hashes(size: int) -> None:
    data = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8).tobytes()
    assert _native_dev.sha256(data) == hashlib.sha256(data).digest()
