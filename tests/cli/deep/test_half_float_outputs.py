"""Files of half floats at the command: what shows them, and what refuses them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import veneer
from veneer.cli.main import main


@pytest.fixture
def half_file(tmp_path: Path) -> Path:
    """A file of half floats."""
    path = tmp_path / "light.vnr"
    path.write_bytes(veneer.encode(np.linspace(-1, 16, 192).reshape(8, 8, 3).astype(np.float16), lossless=True))
    return path


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "ppm"])
def test_formats_of_whole_numbers_are_refused(half_file: Path, suffix: str) -> None:
    target = half_file.with_suffix(f".{suffix}")
    result = CliRunner().invoke(main, ["decode", str(half_file), str(target)])
    assert result.exit_code == 1
    assert "has half floats" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not target.exists()


def test_info_names_them(half_file: Path) -> None:
    assert "half floats of 16 bits" in CliRunner().invoke(main, ["info", str(half_file)]).output
    values = json.loads(CliRunner().invoke(main, ["info", "--json", str(half_file)]).output)
    assert values["sample_format"] == "half floats"


def test_they_are_not_compared(half_file: Path) -> None:
    result = CliRunner().invoke(main, ["compare", str(half_file), str(half_file)])
    assert result.exit_code == 1
    assert "has half floats, which are not compared" in result.stderr
