"""What a wheel for Linux must be: a module of the right machine that needs no more than an old glibc has."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from zig_toolchain import Target

MACHINES = {"x86_64": "EM_X86_64", "aarch64": "EM_AARCH64"}
# Every Linux with glibc and Python has them. The compiled core needs nothing else, libstdc++ neither.
LIBRARIES = re.compile(r"lib(c|m|pthread|dl|rt|gcc_s)\.so\.\d|ld-linux-[\w-]+\.so\.\d")
NOT_IN_WHEELS = re.compile(r"_native_dev|\.(cpp|h|o|py[co])$|__pycache__")


class Unfit(Exception):
    """A wheel that must not be released; the text says why."""


def check_wheel(wheel: Path, target: Target) -> None:
    """Raises `Unfit`, or has auditwheel refuse the wheel."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        names = archive.namelist()
        unwanted = [name for name in names if NOT_IN_WHEELS.search(name)]
        if unwanted:
            raise Unfit(f"{wheel.name} holds {', '.join(unwanted)}")
        modules = [name for name in names if name.endswith(".so")]
        if modules != [f"veneer/_native{target.module_suffix}"]:
            raise Unfit(f"{wheel.name} holds the modules {modules}, not one for {target.machine}")
        check_module(Path(archive.extract(modules[0], folder)), target)
    audit = [sys.executable, "-m", "auditwheel", "show", str(wheel)]
    shown = subprocess.run(audit, check=True, capture_output=True, text=True).stdout
    if f'"{target.policy}"' not in re.sub(r"\s+", " ", shown) and not older_policy(shown, target):
        raise Unfit(f"auditwheel does not find {wheel.name} fit for {target.policy}:\n{shown}")


def older_policy(shown: str, target: Target) -> bool:
    """Whether the tag that auditwheel names is for a glibc older than the target's."""
    named = re.search(rf'"manylinux_(\d+)_(\d+)_{target.machine}"', re.sub(r"\s+", " ", shown))
    return named is not None and (int(named[1]), int(named[2])) <= target.glibc


def check_module(path: Path, target: Target) -> None:
    """Raises `Unfit` if a compiled module is not what the target takes."""
    with path.open("rb") as file:
        module = ELFFile(file)
        if module["e_machine"] != MACHINES[target.machine]:
            raise Unfit(f"{path.name} is for {module['e_machine']}")
        if module.get_section_by_name(".debug_info") or module.get_section_by_name(".symtab"):
            raise Unfit(f"{path.name} is not stripped")
        for section in module.iter_sections():
            if isinstance(section, DynamicSection):
                check_libraries(path, section)
            elif isinstance(section, GNUVerNeedSection):
                check_versions(path, section, target)


def check_libraries(path: Path, section: DynamicSection) -> None:
    """Refuses libraries that are not on every system, and folders to search for them."""
    for tag in section.iter_tags():
        if tag.entry.d_tag in {"DT_RPATH", "DT_RUNPATH"}:
            raise Unfit(f"{path.name} searches for libraries in a folder of the machine that built it")
        if tag.entry.d_tag == "DT_NEEDED" and not LIBRARIES.fullmatch(tag.needed):
            raise Unfit(f"{path.name} needs {tag.needed}")


def check_versions(path: Path, section: GNUVerNeedSection, target: Target) -> None:
    """Refuses symbols that are newer than the target's glibc."""
    for library, versions in section.iter_versions():
        for version in versions:
            name, _, numbers = version.name.partition("_")
            if name == "GLIBC" and tuple(int(number) for number in numbers.split(".")) > target.glibc:
                raise Unfit(f"{path.name} needs {version.name} of {library.name}, newer than {target.glibc}")
