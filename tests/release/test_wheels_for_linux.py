"""release/wheel_checks.py refuses what must not be released; the stand-in for libgcc_s has the names of the real."""

from __future__ import annotations

import importlib
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

RELEASE = Path(__file__).parents[2] / "release"
pytest.importorskip("elftools")
pytestmark = pytest.mark.skipif(
    not RELEASE.is_dir() or sys.platform != "linux" or not shutil.which("g++"),
    reason="needs the sources, Linux and g++",
)
MACHINE = platform.machine()


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    monkeypatch.syspath_prepend(str(RELEASE))
    return importlib.import_module("wheel_checks"), importlib.import_module("zig_toolchain")


def library(folder: Path, source: str, *options: str) -> Path:
    (folder / "source.cpp").write_text(source)
    result = folder / "module.so"
    command = ["g++", "-shared", "-fPIC", str(folder / "source.cpp"), "-o", str(result), *options]
    subprocess.run(command, check=True)
    return result


def test_names_of_targets(release: tuple[ModuleType, ModuleType]) -> None:
    target = release[1].Target("aarch64", (2, 28))
    assert target.triple == "aarch64-linux-gnu.2.28"
    assert target.policy == "manylinux_2_28_aarch64"
    assert target.module_suffix.endswith("-aarch64-linux-gnu.so")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("-s", "-nostdlib"), None),
        (("-nostdlib",), "not stripped"),
        (("-s", "-Wl,--no-as-needed"), "needs libstdc"),
        (("-s", "-nostdlib", "-Wl,-rpath,/home"), "searches for libraries"),
    ],
)
def test_modules(
    release: tuple[ModuleType, ModuleType], tmp_path: Path, options: tuple[str, ...], complaint: str | None
) -> None:
    checks, toolchain = release
    module = library(tmp_path, "int f() { return 1; }", *options)
    target = toolchain.Target(MACHINE, (2, 28))
    if complaint is None:
        checks.check_module(module, target)
        other = toolchain.Target("aarch64" if MACHINE != "aarch64" else "x86_64", (2, 28))
        with pytest.raises(checks.Unfit, match="is for EM_"):
            checks.check_module(module, other)
    else:
        with pytest.raises(checks.Unfit, match=complaint):
            checks.check_module(module, target)


def test_symbols_of_a_newer_glibc(release: tuple[ModuleType, ModuleType], tmp_path: Path) -> None:
    checks, toolchain = release
    module = library(tmp_path, '#include <cstdlib>\nint f() { return std::atoi("1"); }', "-s", "-nostdlib", "-lc")
    checks.check_module(module, toolchain.Target(MACHINE, (2, 28)))
    with pytest.raises(checks.Unfit, match="GLIBC_2"):
        checks.check_module(module, toolchain.Target(MACHINE, (2, 1)))


def test_wheels_hold_one_module_and_no_sources(release: tuple[ModuleType, ModuleType], tmp_path: Path) -> None:
    checks, toolchain = release
    target = toolchain.Target(MACHINE, (2, 28))
    for name, complaint in (
        ("veneer/_native_dev.so", "holds veneer/_native_dev.so"),
        ("veneer/source.cpp", "holds veneer/source.cpp"),
        ("veneer/_native.cpython-311-riscv64-linux-gnu.so", "not one for"),
    ):
        wheel = tmp_path / "veneer.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(name, "")
        with pytest.raises(checks.Unfit, match=complaint):
            checks.check_wheel(wheel, target)


def test_stand_in_for_the_unwinder(release: tuple[ModuleType, ModuleType], tmp_path: Path) -> None:
    from elftools.elf.elffile import ELFFile

    toolchain = release[1]
    real = subprocess.run(["gcc", "-print-file-name=libgcc_s.so.1"], check=True, capture_output=True, text=True)

    def versions_of(path: Path) -> dict[str, str]:
        with path.open("rb") as file:
            elf = ELFFile(file)
            names = {
                version["vd_ndx"]: next(parts).name
                for version, parts in elf.get_section_by_name(".gnu.version_d").iter_versions()
            }
            numbers = elf.get_section_by_name(".gnu.version")
            symbols = elf.get_section_by_name(".dynsym")
            return {
                symbols.get_symbol(i).name: names[numbers.get_symbol(i)["ndx"] & 0x7FFF]
                for i in range(symbols.num_symbols())
                if symbols.get_symbol(i).name.startswith("_Unwind_")
            }

    ours = versions_of(toolchain.make_unwinder("gcc", tmp_path))
    assert ours == {name: version for version, names in toolchain.UNWINDER.items() for name in names}
    of_system = versions_of(Path(real.stdout.strip()))
    assert {name: of_system[name] for name in ours} == ours
