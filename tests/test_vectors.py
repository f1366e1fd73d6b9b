"""Files of every released format version decode to what they always did, or fail with the same number, everywhere."""

import dataclasses
from pathlib import Path

import pytest

from veneer import ErrorCode
from veneer.bitstream import syntax
from veneer.bitstream.container import read_contents
from veneer.conformance.decoders import Decoder, own_decoders
from veneer.conformance.suite import run
from veneer.conformance.vectors import INDEX, WEIGHTS, find_vectors, read_index, read_weights_index

FOLDER = Path(__file__).parent / "vectors"
VERSIONS = [str(version) for version in range(1, syntax.FORMAT_VERSION + 1)]
# Files with these errors would be too large to keep; other tests make them.
TOO_LARGE = {ErrorCode.TOO_MANY_CHUNKS}
# These depend on what is asked for, and on memory, or are never raised.
NOT_OF_FILES = {ErrorCode.TOO_MANY_BYTES, ErrorCode.NETWORK_TOO_LARGE, ErrorCode.MORE_PROBLEMS}

# The reference decoder runs over all of them in tests/reference/test_coverage.py.
DECODERS = [decoder for decoder in own_decoders() if decoder.name != "reference"]


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.name)
@pytest.mark.parametrize("version", VERSIONS)
def test_decoders(version: str, decoder: Decoder) -> None:
    vectors = read_index(FOLDER / version) + read_weights_index(FOLDER / version)
    result = run(decoder, FOLDER / version, vectors)
    assert result.failures == []
    assert result.pictures + result.refusals == len(vectors)


@pytest.mark.parametrize("version", VERSIONS)
def test_index_is_complete(version: str) -> None:
    vectors = read_index(FOLDER / version)
    assert {vector.name for vector in vectors} == {path.name for path in (FOLDER / version).glob("*.vnr")}
    assert sum(vector.valid for vector in vectors) > 100
    weights = read_weights_index(FOLDER / version)
    files = (FOLDER / version / WEIGHTS).glob("*.vn[mw]")
    assert {vector.name for vector in weights} == {f"{WEIGHTS}/{path.name}" for path in files}
    assert len(weights) > 50
    assert not any(vector.valid or vector.options for vector in weights)
    assert sum(path.stat().st_size for path in (FOLDER / version).rglob("*")) <= 3_000_000


def test_every_error_that_a_file_can_cause_has_a_vector() -> None:
    met = {int(vector.outcome) for vector in read_index(find_vectors()) if not vector.valid}
    of_weights = {int(vector.outcome) for vector in read_weights_index(find_vectors())}
    files = {code for code in ErrorCode if code.kind.value > 1} | {ErrorCode.NO_JPEG}
    weights = {code for code in files if code.name.startswith(("WEIGHTS", "NO_WEIGHTS"))}
    assert met == files - weights - TOO_LARGE - NOT_OF_FILES
    assert of_weights == weights


def test_fields_for_information_change_no_pixel() -> None:
    """Two files that differ in Tune and colour alone, with all their texture: its noise has a seed of its own."""
    files = [(find_vectors() / f"textured_head_{i}.vnr").read_bytes() for i in (1, 2)]
    heads = [
        dataclasses.asdict(read_contents(memoryview(data), strict=True, max_pixels=1 << 20).head) for data in files
    ]
    differing = {name for name in heads[0] if heads[0][name] != heads[1][name]}
    assert differing == {"tune", "colour_primaries", "transfer_characteristics"}
    outcomes = [vector.outcome for vector in read_index(find_vectors()) if vector.name.startswith("textured_head_")]
    assert len(outcomes) == 2
    assert outcomes[0] == outcomes[1]


def test_the_index_of_the_package() -> None:
    assert (find_vectors() / INDEX).is_file()
