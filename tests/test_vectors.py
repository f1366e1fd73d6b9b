"""Files of every released format version decode to what they always did, or fail with the same number."""

from pathlib import Path

import numpy as np
import pytest
from make_vectors import INDEX, outcome

import veneer
from veneer.bitstream import syntax

VECTORS = Path(__file__).parent / "vectors"
VERSIONS = [str(version) for version in range(1, syntax.FORMAT_VERSION + 1)]
CASES = [
    (VECTORS / version / name, expected)
    for version in VERSIONS
    for name, expected in (line.split("\t") for line in (VECTORS / version / INDEX).read_text().splitlines())
]


@pytest.mark.parametrize(("path", "expected"), CASES, ids=[f"{p.parent.name}-{p.stem}" for p, _ in CASES])
def test_outcome(path: Path, expected: str) -> None:
    assert outcome(path.read_bytes()) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_index_is_complete(version: str) -> None:
    listed = sorted(path.name for path, _ in CASES if path.parent.name == version)
    assert listed == sorted(path.name for path in (VECTORS / version).glob("*.vnr"))
    assert len(listed) > 30


@pytest.mark.parametrize("threads", [1, 8])
def test_threads(threads: int) -> None:
    data = (VECTORS / "1" / "tiles_4.vnr").read_bytes()
    np.testing.assert_array_equal(veneer.decode(data, threads=threads), veneer.decode(data))
