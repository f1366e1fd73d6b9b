"""Weight files and model files, written by the package and read by the reference: there and back, damage, the proof."""

import contextlib
import dataclasses
import hashlib
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from networks import bound_network, random_inputs, random_network, residual_graph

from veneer import limits
from veneer.backend import crc32c
from veneer.errors import ErrorCode, ErrorKind, VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import Kind
from veneer.inference.model_network import read_networks
from veneer.inference.network import Array, Network
from veneer.inference.weight_bytes import file_hash, read_weights, weight_file_name
from veneer.inference.weights import ENTRY, ROLES, Model, coded_arrays, save_model, write_model
from veneer.reference import weight_arrays
from veneer.reference.weights import (
    HEADER,
    MODEL_SIGNATURE,
    PARAMETERS,
    SIGNATURE,
    model_of,
    read_model,
    read_model_file,
    read_structure,
    read_weight_file,
)


def tiny_model() -> Model:
    """A model of a few hundred bytes with two networks; the arrays of the first are of every type."""
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
CODES = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "bytes[3]": "3s", "bytes[32]": "32s"}
MODEL = tiny_model()
FILES = write_model(MODEL)
MODEL_FILE, DATA = FILES[0], FILES[1]
HEADER_SIZE = 16


def resealed(data: bytes) -> bytes:
    """Corrects the size and the checksum of a file that was changed."""
    content = data[:12] + struct.pack("<I", len(data) - 20) + data[16:-4]
    return content + struct.pack("<I", crc32c(content))


def code_of(data: bytes) -> ErrorCode:
    with pytest.raises(VeneerError) as caught:
        read_model_file(data) if data.startswith(MODEL_SIGNATURE) else read_weight_file(data)
    return caught.value.code


def test_there_and_back() -> None:
    model = read_model(FILES)
    assert (model.id, model.name, list(model.networks)) == (7, "tiny", ["latent_prior", "random"])
    for name, network in MODEL.networks.items():
        assert dataclasses.astuple(model.networks[name].graph) == dataclasses.astuple(network.graph)
        assert list(model.networks[name].arrays) == list(network.graph.arrays)
        for key, array in network.arrays.items():
            assert model.networks[name].arrays[key].dtype == array.dtype
            np.testing.assert_array_equal(model.networks[name].arrays[key], array)
    assert write_model(model) == FILES
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
    assert write_model(Model(7, "tiny", networks)) == FILES


@pytest.mark.parametrize("data", [DATA, MODEL_FILE], ids=["weights", "model"])
def test_every_cut(data: bytes) -> None:
    codes = {code_of(data[:size]) for size in range(8, len(data))}
    assert codes == {ErrorCode.WEIGHTS_CUT}
    assert code_of(b"") == ErrorCode.NO_WEIGHTS
    assert code_of(data + b"\0") == ErrorCode.WEIGHTS_INVALID


@pytest.mark.parametrize("data", [DATA, MODEL_FILE], ids=["weights", "model"])
def test_every_changed_byte(data: bytes) -> None:
    rng = np.random.default_rng(1)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= int(rng.integers(1, 256))
        code = code_of(bytes(changed))
        if place < 8:
            assert code == ErrorCode.NO_WEIGHTS
        elif place >= HEADER_SIZE:
            assert code == ErrorCode.WEIGHTS_CHECKSUM


def test_networks_are_read_when_they_are_asked_for() -> None:
    asked: list[str] = []

    def find(name: str, sha256: bytes) -> bytes:
        asked.append(name)
        return next(data for data in FILES[1:] if hashlib.sha256(data).digest() == sha256)

    model = model_of(MODEL_FILE, find)
    assert (list(model.networks), asked) == (["latent_prior", "random"], [])
    for _ in range(2):
        assert model.networks["random"].graph.name == "random"
    assert asked == ["random"]
    for data, code in ((b"", ErrorCode.WEIGHTS_CHECKSUM), (FILES[2], ErrorCode.WEIGHTS_CHECKSUM)):
        with pytest.raises(VeneerError) as caught:
            model_of(MODEL_FILE, lambda *_, data=data: data).networks["latent_prior"]
        assert caught.value.code == code


def test_the_structure_is_that_of_the_whole_file() -> None:
    for data in FILES[1:]:
        assert read_structure(data) == read_weight_file(data).graph


def test_a_file_of_another_network_is_refused() -> None:
    # Its hash is right, its name is not: the entry of one network has the hash of the other.
    first, second = (hashlib.sha256(data).digest() for data in FILES[1:])
    swapped = MODEL_FILE.replace(first, second)
    model = model_of(resealed(swapped), lambda *_: FILES[2])
    with pytest.raises(VeneerError, match="has network random") as caught:
        model.networks["latent_prior"]
    assert caught.value.code == ErrorCode.WEIGHTS_INVALID


def test_bytes_that_no_encoder_writes_are_no_code() -> None:
    graph = read_structure(FILES[1])
    for data in (b"\xff" * 64, b"\x00" * 64, b""):
        with contextlib.suppress(weight_arrays.NoCodeError):
            weight_arrays.read_arrays(graph, data)
    rng = np.random.default_rng(5)
    refused = 0
    for _ in range(400):
        try:
            weight_arrays.read_arrays(graph, rng.bytes(48))
        except weight_arrays.NoCodeError:
            refused += 1
    assert refused > 100


@pytest.mark.slow
def test_every_changed_byte_under_a_right_checksum() -> None:
    # What can be read all the same can be run: other weights, names or limits.
    rng = np.random.default_rng(2)
    read, kinds = 0, set()
    for data in FILES[1:]:
        for place in range(HEADER_SIZE, len(data) - 4):
            changed = bytearray(data)
            changed[place] ^= int(rng.integers(1, 256))
            try:
                network = read_weight_file(resealed(bytes(changed)))
            except VeneerError as error:
                kinds.add(error.kind)
                continue
            if read % 5 == 0:
                network.run(random_inputs(network, (3, 3), rng), (3, 3))
            read += 1
    assert read > 100
    assert kinds == {ErrorKind.INVALID}


@pytest.mark.slow
def test_insertions_and_deletions_under_a_right_checksum() -> None:
    """Of the structure; among the coded arrays they may give other arrays."""
    for place in range(HEADER_SIZE, len(DATA) - 4 - len(coded_arrays(MODEL.networks["latent_prior"].arrays)), 3):
        for changed in (DATA[:place] + DATA[place + 1 :], DATA[:place] + b"\x01" + DATA[place:]):
            with contextlib.suppress(VeneerError):
                read_weight_file(resealed(changed))


def test_versions_and_reserved_bytes() -> None:
    for data in (DATA, MODEL_FILE):
        assert code_of(resealed(data[:8] + b"\x03" + data[9:])) == ErrorCode.WEIGHTS_VERSION
        assert code_of(resealed(data[:8] + b"\x01" + data[9:])) == ErrorCode.WEIGHTS_INVALID
        assert code_of(resealed(data[:10] + b"\x01" + data[11:])) == ErrorCode.WEIGHTS_INVALID
        huge = data[:12] + struct.pack("<I", 0xFFFFFFFF) + data[16:]
        assert code_of(huge) == ErrorCode.WEIGHTS_TOO_LARGE


@pytest.mark.parametrize("role", ROLES)
def test_numbers_there_and_back(role: str) -> None:
    """Of every length, and through every adaptation: the core codes them and the reference reads them."""
    rng = np.random.default_rng(5)
    low, high = (0, 255) if role == "shift" else (-(2**31) + 1, 2**31 - 1)
    if role in ("weight", "table"):
        low, high = -32768, 32767
    edges = [value for k in range(32) for base in (1 << k,) for value in (base - 1, base, -base, 1 - base)]
    numbers = np.array([value for value in [*edges, low, high] if low <= value <= high], np.int64)
    numbers = np.concatenate([numbers, rng.permutation(numbers), np.zeros(300, np.int64), rng.permutation(numbers)])
    coded = coded_arrays({f"y/{role}": numbers})
    found = weight_arrays._Numbers(coded).read(role, len(numbers))
    assert found is not None
    np.testing.assert_array_equal(found, numbers)


def test_files_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "tiny.vnw"
    for sha256 in (None, file_hash(DATA)):
        with pytest.raises(VeneerError) as caught:
            read_weights(path, sha256)
        assert caught.value.code == ErrorCode.NO_WEIGHTS
    path.write_bytes(DATA)
    assert read_weight_file(read_weights(path, hashlib.sha256(DATA).hexdigest())).graph.name == "latent_prior"
    path.write_bytes(FILES[2])
    assert read_weight_file(read_weights(path)).graph.name == "random"
    with pytest.raises(VeneerError) as caught:
        read_weights(path, file_hash(DATA))
    assert caught.value.code == ErrorCode.WEIGHTS_CHECKSUM
    with path.open("r+b") as file:
        file.truncate(65 << 20)
    with pytest.raises(VeneerError) as caught:
        read_weights(path)
    assert caught.value.code == ErrorCode.WEIGHTS_TOO_LARGE


def test_models_in_folders(tmp_path: Path) -> None:
    paths = save_model(MODEL, tmp_path, "tiny-7.vnm")
    assert [path.read_bytes() for path in paths] == FILES
    assert (
        paths[1].name == weight_file_name("latent_prior", file_hash(DATA)) == f"latent_prior-{file_hash(DATA)[:8]}.vnw"
    )
    assert read_networks(paths[0]).keys() == {"latent_prior", "random"}
    assert read_networks(paths[2]).keys() == {"random"}
    paths[2].unlink()
    with pytest.raises(VeneerError, match=paths[2].name) as caught:
        read_networks(paths[0])
    assert caught.value.code == ErrorCode.NO_WEIGHTS


def test_models_that_cannot_be_written() -> None:
    network = MODEL.networks["latent_prior"]
    for model in (
        Model(1, "none", {}),
        Model(-1, "tiny", MODEL.networks),
        Model(1, "Tiny", MODEL.networks),
        Model(1, "many", {f"n{i}": network for i in range(17)}),
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
    start = FORMAT.index("### Layout of weight files and model files")
    header = FORMAT[start : FORMAT.index("In a body", start)]
    fields = re.findall(r"^\| `(\w+)` \| (\S+) \|", header, re.MULTILINE)
    assert {name.lower(): CODES[code] for name, code in fields[1:4]} == HEADER
    assert f"`{SIGNATURE.hex(' ')}`" in header
    assert f"`{MODEL_SIGNATURE.hex(' ')}`" in header
    entry = re.search(r"^network +name, (\w+) File_Size, (bytes\[32\]) SHA256$", FORMAT, re.MULTILINE)
    assert entry is not None
    assert {"file_size": CODES[entry[1]], "sha256": CODES[entry[2]]} == ENTRY
    assert f"| `MAX_WEIGHTS` | {limits.MAX_WEIGHTS} |" in FORMAT
    roles = re.search(r"roles are numbered: (.*?)\.", FORMAT, re.DOTALL)
    assert roles is not None
    assert re.findall(r"`(\w+)`", roles[1]) == list(ROLES)
