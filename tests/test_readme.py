"""The example of README runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_example(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)  # noqa: S102 - our own text
    assert re.fullmatch(r"640 480 \d+ bytes\n", capsys.readouterr().out)
    assert names["corner"].shape == (64, 64, 3)  # type: ignore[attr-defined]
