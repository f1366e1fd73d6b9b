"""docs/format.md against the code: tables, limits, error numbers, and the titles that the code cites."""

import re
from pathlib import Path

import pytest
from make_vectors import annotated, decisions

from veneer import ErrorCode, ErrorKind, limits
from veneer.bitstream import fields, syntax

ROOT = Path(__file__).parents[1]
FORMAT = (ROOT / "docs" / "format.md").read_text()
CITING = sorted([*(ROOT / "src" / "veneer").glob("*.py"), *(ROOT / "src" / "veneer" / "bitstream").glob("*.py")])
TITLES = set(re.findall(r"^#+ (.+)$", FORMAT, re.MULTILINE))


@pytest.mark.parametrize(
    "structure",
    [s for s in (syntax.CHUNK_HEADER, syntax.CHUNK_TRAILER, *syntax.CHUNKS.values()) if s.fields],
    ids=lambda s: s.name,
)
def test_tables(structure: fields.Structure[object]) -> None:
    assert fields.table(structure) in FORMAT


def test_signature() -> None:
    assert f"```\n{syntax.SIGNATURE.hex(' ')}\n```" in FORMAT


def test_limits() -> None:
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (\d+) \|", FORMAT, re.MULTILINE)
    documented = {name: int(value) for name, value in rows}
    assert documented == {name: value for name, value in vars(limits).items() if name.isupper()}


def test_error_numbers() -> None:
    codes = dict(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", FORMAT, re.MULTILINE))
    assert codes == {str(code.value): code.name for code in ErrorCode}
    kinds = dict(re.findall(r"^\| (\d) `(\w+)` \|", FORMAT, re.MULTILINE))
    assert kinds == {str(kind.value): kind.name for kind in ErrorKind}


def test_every_chunk_has_its_section_or_line() -> None:
    assert all(f"`{name.decode()}`" in FORMAT for name in syntax.CHUNKS)


@pytest.mark.parametrize("path", CITING, ids=lambda path: str(path.relative_to(ROOT)))
def test_cited_titles_exist(path: Path) -> None:
    for citation in re.findall(r"docs/format\.md,((?:[^.]|\.\w)*)", path.read_text()):
        for title in re.findall(r'"([^"]+)"', citation):
            assert title in TITLES


def test_example() -> None:
    smallest = ROOT / "tests" / "vectors" / str(syntax.FORMAT_VERSION) / "smallest.vnr"
    assert annotated(smallest.read_bytes()) in FORMAT
    assert decisions(smallest.read_bytes()) in FORMAT
