"""Results that grow in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from veneer.evaluation.records import Records

FIELDS = ("codec", "setting", "value")
KEY = ("codec", "setting")


def row(codec: str, setting: str, value: str) -> dict[str, str]:
    return {"codec": codec, "setting": setting, "value": value}


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.csv"
    Records(path, FIELDS, KEY).add([row("a", "10", "1"), row("a", "9", "2")])
    again = Records(path, FIELDS, KEY)
    assert again.get("a", 10) == row("a", "10", "1")
    assert again.get("a", 11) is None
    again.add([row("a", "10", "3")])
    again.compact()
    assert path.read_text().splitlines() == ["codec,setting,value", "a,9,2", "a,10,3"]
    assert list(path.parent.iterdir()) == [path]


def test_a_line_that_was_cut_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    Records(path, FIELDS, KEY).add([row("a", "1", "1"), row("b", "2", "2")])
    path.write_bytes(path.read_bytes()[:-5])
    records = Records(path, FIELDS, KEY)
    assert list(records.rows) == [("a", "1")]
    records.add([row("b", "2", "2")])
    assert len(Records(path, FIELDS, KEY).rows) == 2


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("x,y\n1,2\n")
    with pytest.raises(ValueError, match="other columns"):
        Records(path, FIELDS, KEY)
    assert path.read_text() == "x,y\n1,2\n"


def test_columns_may_be_added(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("codec,setting\na,1\n")
    assert Records(path, FIELDS, KEY).get("a", 1) == row("a", "1", "")
    assert path.read_text().splitlines() == ["codec,setting,value", "a,1,"]
    path.write_text("codec,value\na,1\n")
    with pytest.raises(ValueError, match="other columns"):
        Records(path, FIELDS, KEY)
