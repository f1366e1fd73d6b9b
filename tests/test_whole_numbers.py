"""The encoder decides in whole numbers, or in floats where one rounding is defined: no machine writes another file.

What libraries calculate (logarithms, sines, resampling) may differ between machines and versions, and so may sums of
floats whose order is free. Where floats are left, the code says why they are exact.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from veneer.enhancement import enc_filter_search
from veneer.settings import QUALITIES, QUALITY_STEPS, Settings
from veneer.straight_lines import on_straight_lines

ROOT = Path(__file__).parents[1]
NATIVE = ROOT / "native"
PACKAGE = ROOT / "src" / "veneer"

# One product each, see tests/base/test_scaling.py; products one after the other and the exponent of a whole number;
# sums of whole numbers below 2^53; a share that a caller gives, as a whole number.
NATIVE_FLOATS = {
    *("base/enc_rdoq.cpp", "base/enc_rdoq.h", "base/enc_fast_quantize.cpp", "base/enc_fast_quantize.h"),
    *("base/enc_scaling.h", "base/enc_scaling_inl.h", "enhance/enc_filters.cpp", "enhance/synthesis.h"),
}
FOLDERS = ("", "base", "bitstream", "enhancement", "inference")
NOT_ENCODING = {"progressive.py", "diagnosis.py"}
EXACT_OF_MATH = {"inf", "isqrt", "lcm", "ldexp", "sqrt", "gcd", "isfinite", "isnan", "nan", "prod", "ceil", "floor"}
# The type of samples whose bits are kept as they are.
OF_SAMPLES = {("encoder.py", "float16"), ("half_floats.py", "float16")}
INEXACT_OF_NUMPY = {
    *("log", "log2", "log10", "log1p", "exp", "exp2", "expm1", "power", "float_power", "sin", "cos", "tan", "cbrt"),
    *("mean", "average", "std", "var", "interp", "linalg", "fft", "einsum", "float32", "float16", "longdouble"),
}


def code_of(path: Path) -> str:
    """C++ without comments and strings."""
    return re.sub(r'//[^\n]*|"[^"\n]*"|/\*.*?\*/', "", path.read_text(), flags=re.DOTALL)


def test_native_floats() -> None:
    folders = [NATIVE / name for name in ("base", "common", "enhance", "entropy", "network")]
    files = [path for folder in folders for path in folder.iterdir() if path.suffix in {".cpp", ".h", ".inc"}]
    found = {str(path.relative_to(NATIVE)) for path in files if re.search(r"\b(float|double)\b", code_of(path))}
    assert found == NATIVE_FLOATS
    assert not re.search(r"\b(log|log2|exp|pow|sqrt|sin|cos)f?\(", "".join(code_of(path) for path in files))


def inexact(path: Path) -> set[str]:
    """The functions that a module uses of libraries that may differ between machines."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        library, name = node.value.id, node.attr
        if (library == "math" and name not in EXACT_OF_MATH) or (library == "numpy" and name in INEXACT_OF_NUMPY):
            found.add(name)
        if library == "Image" and name in {"Resampling"}:
            found.add(name)
    return found


def test_python_floats() -> None:
    paths = [path for folder in FOLDERS for path in (PACKAGE / folder).glob("*.py")]
    names = {str(path.relative_to(PACKAGE)): path for path in paths}
    found = {(name, each) for name, path in names.items() if name not in NOT_ENCODING for each in inexact(path)}
    assert found == OF_SAMPLES


def test_logarithms() -> None:
    for number in (1, 2, 3, 255, 256, 12345, (1 << 24) - 1, 1 << 24):
        whole = round(256 * enc_filter_search._log2(number))
        assert whole == 256 * enc_filter_search._log2(number)
        assert 2**whole <= number**256 < 2 ** (whole + 1)


@pytest.mark.parametrize("tune", ["psnr", "visual"])
def test_steps_of_qualities(tune: str) -> None:
    """Straight lines between those that are given; halves go to the even step on every machine."""
    for quality, step in zip(QUALITIES, QUALITY_STEPS[tune], strict=True):
        assert Settings(tune=tune).quality_step(quality) == step
    for quality in np.linspace(0, 100, 401).tolist():
        exact = on_straight_lines(quality, QUALITIES, QUALITY_STEPS[tune])
        assert float(exact) == pytest.approx(np.interp(quality, QUALITIES, QUALITY_STEPS[tune]))
        assert Settings(tune=tune).quality_step(quality) == round(exact)
    assert on_straight_lines(52.5, (0, 30, 75, 90, 100), (176, 146, 115, 98, 56)).denominator == 2  # 130.5
    assert Settings(tune="psnr").quality_step(52.5) == 130


def test_outside_of_a_curve() -> None:
    assert [on_straight_lines(x, (3, 5), (1, 2)) for x in (-1, 3, 4, 5, 6)] == [1, 1, 1.5, 2, 2]
