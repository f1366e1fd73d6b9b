"""The decoder in C++ has the error numbers and the limits of the Python package."""

from __future__ import annotations

import re
from pathlib import Path

from veneer import limits
from veneer.errors import ErrorCode

COMMON = Path(__file__).parents[2] / "native" / "common"


def constant_name(name: str) -> str:
    """`MAX_SIDE` as C++ has it: `kMaxSide`."""
    return "k" + "".join(word.capitalize() for word in name.split("_"))


def test_error_numbers() -> None:
    text = (COMMON / "failure.h").read_text()
    found = {name: int(number) for name, number in re.findall(r"^  (k\w+) = (\d+),$", text, re.MULTILINE)}
    assert found == {constant_name(code.name): code.value for code in ErrorCode}


def test_limits() -> None:
    text = (COMMON / "limits.h").read_text()
    found = dict(re.findall(r"\b(k\w+) = ([^,;]+)", text))
    wanted = {constant_name(name): value for name, value in vars(limits).items() if name.isupper()}
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        expression = re.sub(r"int64_t\{(\d+)\}", r"\1", found[name])
        expression = re.sub(r"k[A-Z]\w+", lambda match: str(wanted[match.group()]), expression)
        assert eval(expression) == value, name  # noqa: S307 - an expression of the header that was just read
