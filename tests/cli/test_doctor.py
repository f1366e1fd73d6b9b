"""The command that says whether an installation is sound."""

import dataclasses
import json

import pytest
from cli_tools import Command

import veneer


def test_text(run: Command) -> None:
    text = run("doctor").stdout
    assert f"veneer        {veneer.__version__}, writes format version" in text
    assert "scalar" in text
    assert "FAILED" not in text
    assert "\x1b" not in text, "colours are for terminals"


def test_json(run: Command) -> None:
    values = json.loads(run("doctor", "--json").stdout)
    assert values["healthy"] is True
    assert values["threads"] >= 1
    assert all(check["passed"] for check in values["checks"])


def test_failure(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    found = veneer.diagnose()
    failed = dataclasses.replace(found.checks[0], passed=False)
    model = veneer.ModelState(7, "standard", "standard-7.vnm", "ab" * 32, "another file than its manifest says")
    ill = dataclasses.replace(found, checks=(failed,), models=(model,))
    monkeypatch.setattr(veneer, "diagnose", lambda: ill)
    text = run("doctor", code=1).stdout
    assert "FAILED" in text
    assert "another file than its manifest says" in text
