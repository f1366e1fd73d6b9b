"""Weight files, written by the package and read by the reference: there and back, every kind of damage, the proof."""

import dataclasses
import hashlib
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from networks import bound_network, random_inputs, random_network, residual_graph

from veneer.backend import crc32c
from veneer.errors import ErrorCode, ErrorKind, VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import Kind
from veneer.inference.network import Array, Network
from veneer.inference.weight_bytes import model_hash, read_weights
from veneer.inference.weights import Model, write_model
from veneer.reference.weights import ARRAY_TYPES, HEADER, PARAMETERS, SIGNATURE, read_model


def tiny_model() -> Model:
    """A model of a few hundred bytes with two networks and every type of array."""
    builder = GraphBuilder("latent_prior")
    x = builder.input("base", 3, reduction=2, low=0, high=255, fraction_bits=-1)
    y = builder.convolution("y", x, 2, kernel=1, low=0, high=63)
    builder.output(builder.table("scale", y, first=0, entries=4), fraction_bits=3)
    arrays: dict[str, Array] = {
        "y/weight": np.array([1, -2, 3, -4, 5, -6], np.int16).reshape(2, 3, 1, 1),
        "y/bias": np.array([100, -100], np.int32),
        "y/multiplier": np.array([3, 1 << 30], np.int32),
        "y/shift": np.array([2, 30], np.uint8),
        "scale/table": np.array([5, 6, 7, -8], np.int16),
    }
    other = random_network(np.random.default_rng(11))
    return Model(7, "tiny", {"latent_prior": Network(builder.build(), arrays), "random": other})


FORMAT = (Path(__file__).parents[2] / "docs" / "format.md").read_text()
CODES = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "bytes[3]": "3s"}
MODEL = tiny_model()
DATA = write_model(MODEL)


def resealed(data: bytes) -> bytes:
    """Corrects the size and the checksum of a file that was changed."""
    content = data[:16] + struct.pack("<I", len(data) - 24) + data[20:-4]
    return content + struct.pack("<I", crc32c(content))


def code_of(data: bytes) -> ErrorCode:
    with pytest.raises(VeneerError) as caught:
        read_model(data)
    return caught.value.code


def test_there_and_back() -> None:
    model = read_model(DATA)
    assert (model.id, model.name, list(model.networks)) == (7, "tiny", ["latent_prior", "random"])
    for name, network in MODEL.networks.items():
        assert dataclasses.astuple(model.networks[name].graph) == dataclasses.astuple(network.graph)
        assert list(model.networks[name].arrays) == list(network.graph.arrays)
        for key, array in network.arrays.items():
            assert model.networks[name].arrays[key].dtype == array.dtype
            np.testing.assert_array_equal(model.networks[name].arrays[key], array)
    assert write_model(model) == DATA
    size = 20, 30
    inputs = random_inputs(MODEL.networks["random"], size, np.random.default_rng(0))
    results = model.networks["random"].run(inputs, size)
    for name, array in MODEL.networks["random"].run(inputs, size).items():
        np.testing.assert_array_equal(results[name], array)


@pytest.mark.parametrize("seed", range(20))
def test_random_networks_there_and_back(seed: int) -> None:
    network = random_network(np.random.default_rng(seed))
    model = read_model(write_model(Model(seed, "random", {"random": network})))
    assert dataclasses.astuple(model.networks["random"].graph) == dataclasses.astuple(network.graph)


def test_bytes_of_a_file_do_not_depend_on_the_order_of_arrays() -> None:
    networks = {
        name: Network(network.graph, dict(reversed(network.arrays.items()))) for name, network in MODEL.networks.items()
    }
    assert write_model(Model(7, "tiny", networks)) == DATA


def test_every_cut() -> None:
    codes = {code_of(DATA[:size]) for size in range(1, len(DATA))}
    assert codes == {ErrorCode.WEIGHTS_CUT}
    assert code_of(b"") == ErrorCode.NO_WEIGHTS
    assert code_of(DATA + b"\0") == ErrorCode.WEIGHTS_INVALID


def test_every_changed_byte() -> None:
    rng = np.random.default_rng(1)
    for place in range(len(DATA)):
        changed = bytearray(DATA)
        changed[place] ^= int(rng.integers(1, 256))
        code = code_of(bytes(changed))
        if place < 8:
            assert code == ErrorCode.NO_WEIGHTS
        elif place >= 20:
            assert code == ErrorCode.WEIGHTS_CHECKSUM


@pytest.mark.slow
def test_every_changed_byte_under_a_right_checksum() -> None:
    # What can be read all the same can be run: other weights, names or limits.
    rng = np.random.default_rng(2)
    read, kinds = 0, set()
    for place in range(20, len(DATA) - 4):
        changed = bytearray(DATA)
        changed[place] ^= int(rng.integers(1, 256))
        try:
            model = read_model(resealed(bytes(changed)))
        except VeneerError as error:
            kinds.add(error.kind)
            continue
        if read % 5 == 0:
            for network in model.networks.values():
                network.run(random_inputs(network, (3, 3), rng), (3, 3))
        read += 1
    assert read > 100
    assert kinds == {ErrorKind.INVALID}


@pytest.mark.slow
def test_insertions_and_deletions_under_a_right_checksum() -> None:
    for place in range(20, len(DATA) - 4, 3):
        for changed in (DATA[:place] + DATA[place + 1 :], DATA[:place] + b"\x01" + DATA[place:]):
            assert code_of(resealed(changed)) in (ErrorCode.WEIGHTS_INVALID, ErrorCode.WEIGHTS_OVERFLOW)


def test_versions_and_reserved_bytes() -> None:
    assert code_of(resealed(DATA[:8] + b"\x02" + DATA[9:])) == ErrorCode.WEIGHTS_VERSION
    assert code_of(resealed(DATA[:8] + b"\x00" + DATA[9:])) == ErrorCode.WEIGHTS_INVALID
    assert code_of(resealed(DATA[:10] + b"\x01" + DATA[11:])) == ErrorCode.WEIGHTS_INVALID
    huge = DATA[:16] + struct.pack("<I", 0xFFFFFFFF) + DATA[20:]
    assert code_of(huge) == ErrorCode.WEIGHTS_TOO_LARGE


def test_files_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "tiny.vnw"
    for sha256 in (None, model_hash(DATA)):
        with pytest.raises(VeneerError) as caught:
            read_weights(path, sha256)
        assert caught.value.code == ErrorCode.NO_WEIGHTS
    path.write_bytes(DATA)
    assert read_model(read_weights(path, hashlib.sha256(DATA).hexdigest())).id == 7
    path.write_bytes(write_model(Model(8, "tiny", MODEL.networks)))
    assert read_model(read_weights(path)).id == 8
    with pytest.raises(VeneerError) as caught:
        read_weights(path, model_hash(DATA))
    assert caught.value.code == ErrorCode.WEIGHTS_CHECKSUM
    with path.open("r+b") as file:
        file.truncate(65 << 20)
    with pytest.raises(VeneerError) as caught:
        read_weights(path)
    assert caught.value.code == ErrorCode.WEIGHTS_TOO_LARGE


def test_models_that_cannot_be_written() -> None:
    network = MODEL.networks["latent_prior"]
    for model in (
        Model(1, "none", {}),
        Model(-1, "tiny", MODEL.networks),
        Model(1, "Tiny", MODEL.networks),
        Model(1, "many", {f"n{i}": network for i in range(17)}),
        Model(1, "same", {"a": network, "b": network}),
    ):
        with pytest.raises(VeneerError) as caught:
            write_model(model)
        assert caught.value.code == ErrorCode.WEIGHTS_INVALID


def test_arrays_that_are_refused() -> None:
    network = MODEL.networks["latent_prior"]
    changes: list[dict[str, Array | None]] = [
        {"y/bias": None},
        {"y/left_over": np.zeros(1, np.int16)},
        {"y/bias": np.zeros(3, np.int32)},
        {"y/bias": np.zeros(2, np.int64)},
        {"y/weight": np.zeros((2, 3), np.int16)},
        {"y/shift": np.array([0, 30], np.uint8)},
        {"y/shift": np.array([31, 31], np.uint8)},
        {"y/multiplier": np.array([-1, 1], np.int32)},
        {"y/multiplier": np.array([5, 1], np.int32)},  # above 2^2
    ]
    for change in changes:
        arrays = {key: array for key, array in {**network.arrays, **change}.items() if array is not None}
        with pytest.raises(VeneerError) as caught:
            Network(network.graph, arrays)
        assert caught.value.code == ErrorCode.WEIGHTS_INVALID


@pytest.mark.parametrize("kernel", [1, 3])
def test_one_unit_beyond_the_bound_is_refused(kernel: int) -> None:
    network = bound_network(kernel, 64)
    for role, sign in (("bias", 1), ("bias", -1), ("weight", 1)):
        arrays = {key: array.copy() for key, array in network.arrays.items()}
        channel = 0 if sign > 0 else 1
        if role == "bias":
            arrays["y/bias"][channel] += sign
        else:
            arrays["y/weight"][0, 0, 0, 0] -= 1
        with pytest.raises(VeneerError, match="channel") as caught:
            Network(network.graph, arrays)
        assert caught.value.code == ErrorCode.WEIGHTS_OVERFLOW


def test_limits_of_the_operand_count_for_the_bound() -> None:
    arrays: dict[str, Array] = {
        "y/weight": np.full((1, 1024, 3, 3), 32767, np.int16),
        "y/bias": np.zeros(1, np.int32),
        "y/multiplier": np.ones(1, np.int32),
        "y/shift": np.ones(1, np.uint8),
    }
    for high, fits in ((7, True), (8, False)):
        builder = GraphBuilder("net")
        x = builder.clip("x", builder.input("picture", 1024), low=-3, high=high)
        builder.output(builder.convolution("y", x, 1))
        graph = builder.build()
        if fits:
            Network(graph, arrays)
            continue
        with pytest.raises(VeneerError) as caught:
            Network(graph, arrays)
        assert caught.value.code == ErrorCode.WEIGHTS_OVERFLOW


def test_size_of_the_codec_network() -> None:
    assert sum(np.prod(shape) for _, shape in residual_graph().arrays.values()) < 700_000


def test_tables_of_the_specification() -> None:
    kinds = dict(re.findall(r"^\| (\d+) \| ([a-z ]+) \| .*\|$", FORMAT, re.MULTILINE))
    assert kinds == {str(kind.value): kind.name.lower().replace("_", " ") for kind in Kind}
    section = FORMAT[FORMAT.index("| Kind | Parameters |") :]
    rows = dict(re.findall(r"^\| ([a-z ]+) \| (.*) \|$", section.partition("\n\n")[0], re.MULTILINE))
    for kind, fields in PARAMETERS.items():
        written = re.findall(r"`(\w+) (\w+)`", rows[kinds[str(kind.value)]])
        assert {name.lower(): CODES[code] for code, name in written} == fields
    header = FORMAT[FORMAT.index("### Layout of a weight file") : FORMAT.index("In the body")]
    fields = re.findall(r"^\| `(\w+)` \| (\S+) \|", header, re.MULTILINE)
    assert {name.lower(): CODES[code] for name, code in fields[1:5]} == HEADER
    assert f"`{SIGNATURE.hex(' ')}`" in header
    assert "u8   type: 1 = u8, 2 = i16, 3 = i32" in FORMAT
    assert ARRAY_TYPES == {1: "u1", 2: "i2", 3: "i4"}
