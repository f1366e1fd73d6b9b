"""`veneer train`: hands options on, and says in one line what is wrong."""

import sys

import pytest
from click.testing import CliRunner

from veneer.cli.main import main


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if torch were not installed."""
    for name in [name for name in sys.modules if name.startswith(("veneer.training", "torch"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.mark.usefixtures("no_torch")
def test_without_torch() -> None:
    result = CliRunner().invoke(main, ["train", "--cache", "a", "--run", "b"])
    assert result.exit_code == 1
    assert result.stderr == "veneer: train: torch is not installed; pip install '.[train]'\n"


@pytest.mark.usefixtures("no_torch")
def test_help_without_torch() -> None:
    result = CliRunner().invoke(main, ["train", "--help"])
    assert result.exit_code == 0
    assert "Trains enhancement networks" in result.stdout
    assert "pip install '.[train]'" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--cache", "no/cache", "--run", "no/run"], "no cache of coded crops"),
        (["--cache", "a", "--run", "b", "--set", "colour=3"], "'colour' is no number of a configuration"),
        (["--export", "x.vnm", "--cache", "a", "--run", "no/run", "--id", "1"], "no/run has no checkpoint"),
        (["--plan", "no/plan.toml"], "no/plan.toml"),
        (["--plan", __file__], "test_command.py: "),
        (["--prepare", "no/pictures", "--cache", "no/cache"], "no pictures of at least 256 x 256"),
    ],
)
def test_failures_are_one_line(arguments: list[str], text: str) -> None:
    pytest.importorskip("torch")
    result = CliRunner().invoke(main, ["train", *arguments])
    assert result.exit_code == 1
    assert text in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("step", [[], ["--prepare"], ["--export"], ["--plan"]])
def test_help(step: list[str]) -> None:
    pytest.importorskip("torch")
    result = CliRunner().invoke(main, ["train", *step, "--help"])
    assert result.exit_code == 0
    assert " ".join(["usage: veneer train", *step]) in result.stdout
