"""Reads sources.txt: which C++ sources there are, what they are for, and the compiler flags of each."""

from __future__ import annotations

import dataclasses
import platform
from pathlib import Path

NATIVE = Path(__file__).parent
PARTS = ("decode", "encode", "binding", "dev", "fuzz", "test", "wasm")
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}  # what some systems call them


@dataclasses.dataclass(frozen=True)
class Source:
    """One source file of the core."""

    part: str  # one of PARTS
    simd: str  # the target whose instructions it uses, or ""
    path: str  # within the folder native, with slashes
    flags: tuple[str, ...]  # of the compiler, on this machine


def read_sources(*parts: str, machine: str | None = None) -> list[Source]:
    """The sources of some parts, of all if none is named, in the order of the list.

    `machine` is what `platform.machine` calls the processor that is compiled for, by default this one, with "-msvc"
    behind it for Microsoft's compiler.
    """
    name, dash, compiler = (platform.machine() if machine is None else machine).lower().partition("-")
    machine = MACHINES.get(name, name) + dash + compiler
    flags: dict[str, tuple[str, ...]] = {}
    sources = []
    for line in (NATIVE / "sources.txt").read_text().splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        if words[0] == "flags":
            if words[2] == machine:
                flags[words[1]] = tuple(words[3:])
            continue
        part, simd, path = words
        if part not in PARTS:
            raise ValueError(f"sources.txt: {part} is no part")
        if part in (parts or PARTS):
            simd = simd.strip("-")
            sources.append(Source(part, simd, path, flags.get(simd, ())))
    return sources
