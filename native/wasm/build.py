"""Builds the decoder of Veneer as a WebAssembly module, and describes the structures of its C interface.

    python3 native/wasm/build.py build/wasm/veneer.wasm
    python3 native/wasm/build.py build/wasm/veneer.wasm --tables-apart
    python3 native/wasm/build.py build/wasm/veneer-base.wasm --tables-apart --base-only
    python3 native/wasm/build.py build/wasm/scalar.wasm --scalar
    python3 native/wasm/build.py build/wasm/parity.wasm --parity

The module imports nothing. It exports `memory`, `malloc`, `free`, `_initialize`, every function of include/veneer by
its name in C, and those of wasm/web.cpp. `layout.json` beside it says where the fields of each structure are. With
--tables-apart large tables are left out, and written as `table-N.bin` beside it. With --base-only it decodes base
layers of the kind transform and of 8 bits, and nothing else: others are error 603, enhancement is left out, and
veneer_model_create() and veneer_network_create() are not there. --parity builds native/test/parity.cpp instead, a
program for WASI.

Needs clang 22 with the C and C++ libraries for wasm32 (Debian: clang-22 lld-22 libc++-22-dev-wasm32
libc++abi-22-dev-wasm32 libclang-rt-22-dev-wasm32 wasi-libc), and wasm-opt (binaryen) for a smaller module. ccache is
used where it is there.

Place: called by .ci/native and by the build of the web package. Source: docs/howto/wasm.md.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

NATIVE = Path(__file__).parents[1]
sys.path[:0] = [str(NATIVE), str(Path(__file__).parent)]

from embed_tables import TABLES, embed_tables  # noqa: E402
from layout import functions_of, write_layout  # noqa: E402
from source_list import Source, read_sources  # noqa: E402

HEADER = NATIVE / "include" / "veneer" / "decode.h"
CLANG = "clang++-22"
TARGET = ["--target=wasm32-wasi", "-Wno-deprecated"]  # as Debian names it
FLAGS = [
    *("-std=c++17", "-stdlib=libc++", "-DNDEBUG", "-DVENEER_ONE_THREAD", "-DVENEER_BUILDING"),
    *("-fwasm-exceptions", "-fno-rtti", "-fno-math-errno", "-fvisibility=hidden", "-fvisibility-inlines-hidden"),
    *("-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra"),
]
SIMD_FLAGS = ["-msimd128"]
# How sources are compiled, by the beginning of their path; the first that fits counts. What most of the time is spent
# in is made fast, loops over samples are made small but with SIMD, everything else is made small.
OPTIMIZATION = (
    ("-O3", "base/dct_simd128", "base/prediction_simd128", "base/row_filter_simd128", "network/kernels_simd128"),
    ("-O3", "base/tile", "base/neighbourhood", "base/colour", "network/rows", "enhance/filters", "common/crc32c"),
    ("-Oz", "base/dct_", "base/prediction", "base/row_filter", "base/block_shape", "network/", "base/jpeg/geometry"),
    ("-Oz", "base/jpeg/headers", "base/jpeg/huffman", "base/jpeg/metadata", "base/jpeg/script"),
    ("-Os", "base/", "enhance/", "picture/interpolation", "picture/membrane", "picture/preview"),
    ("-Oz", ""),
)
# The same where there are no SIMD kernels.
SCALAR_OPTIMIZATION = (
    ("-O3", "base/dct_scalar", "base/prediction_scalar", "base/row_filter_scalar", "network/kernels_scalar"),
    *OPTIMIZATION,
)
STACK_BYTES = 1 << 20
WEB_FUNCTIONS = ("veneer_web_jpeg", "veneer_web_jpeg_front")
TABLE_FUNCTIONS = ("veneer_web_lacking_tables", "veneer_web_set_table")
# What a module for base layers lacks. Calls into it, which cannot be reached, become traps.
BEYOND_BASE = ("base/jpeg/", "base/modular/", "network/", "enhance/")
OF_BASE = ("enhance/unrounded", "enhance/base_picture")
WARM_CLASSES = 4  # of warm_start.bin, of equal sizes (base/warm_models.h)
UNTRAINED_ENTRY, UNTRAINED_CODE = 1024 << 5, 32  # of warm-start tables, and of their packed form
OPTIMIZER_FLAGS = ["--enable-exception-handling", "--enable-bulk-memory", "--enable-simd", "--enable-sign-ext"]
OPTIMIZER_FLAGS += ["--enable-nontrapping-float-to-int", "--enable-mutable-globals"]


class BuildError(Exception):
    """What a build lacks, or what a tool said, in a form for people."""


def tool(name: str) -> str:
    """The path of a program."""
    path = shutil.which(name)
    if path is None:
        raise BuildError(f"{name} is not there; the top of {Path(__file__).name} says which packages have it")
    return path


def run(command: list[str]) -> str:
    """Runs a tool and gives its output; its messages are shown."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{Path(command[0]).name} failed; what it wrote stands above")
    return done.stdout


def can_build() -> bool:
    """Whether the compiler and its libraries are there: compiles and links a program."""
    program = "#include <vector>\nint main() { return std::vector<int>(1)[0]; }\n"
    clang = shutil.which(CLANG)
    if clang is None:
        return False
    command = [clang, *TARGET, "-stdlib=libc++", "-fno-exceptions", "-x", "c++", "-", "-o", os.devnull]
    return subprocess.run(command, input=program, text=True, capture_output=True, check=False).returncode == 0


def compile_source(compiler: list[str], source: Source, folder: Path, extra: list[str]) -> str:
    """Compiles one source and gives the path of its object."""
    path = folder / (source.path.replace("/", "-") + ".o")
    includes = [f"-I{NATIVE}", f"-I{folder / 'tables'}"]
    run([*compiler, *TARGET, *FLAGS, *extra, *includes, "-c", str(NATIVE / source.path), "-o", str(path)])
    return str(path)


def tables_apart() -> list[bytes]:
    """The tables that can be left out as pages fetch them, by their number (common/apart.h)."""
    warm = (TABLES / "warm_start.bin").read_bytes()
    size = len(warm) // WARM_CLASSES
    classes = [packed_warm_table(warm[i * size : (i + 1) * size]) for i in range(WARM_CLASSES)]
    return [*classes, (TABLES / "jpeg_levels.bin").read_bytes()]


def packed_warm_table(table: bytes) -> bytes:
    """A warm-start table in an order that compresses better by 4 to 6 percent; web.cpp undoes it.

    An entry is 11 bits of probability and 5 bits of count. First come the counts, a byte each, 32 for an entry of 1024
    and 0; then the probabilities of the others by their count, first their upper eight bits, then the lower three. Of a
    low count there are few probabilities.
    """
    entries = struct.unpack(f"<{len(table) // 2}H", table)
    counts = bytes(UNTRAINED_CODE if entry == UNTRAINED_ENTRY else entry & 31 for entry in entries)
    others = [entry >> 5 for _, entry in sorted(zip(counts, entries, strict=True), key=lambda pair: pair[0])]
    others = others[: sum(count != UNTRAINED_CODE for count in counts)]
    return counts + bytes(each >> 3 for each in others) + bytes(each & 7 for each in others)


def crc32c(data: bytes) -> int:
    """CRC-32C, as common/crc32c.h has it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def write_if_changed(path: Path, data: bytes) -> None:
    """Leaves a file alone that has this already, as what is built from it then is."""
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


@dataclasses.dataclass(frozen=True)
class Options:
    """What a module is to have."""

    scalar: bool = False  # no SIMD kernels
    tables_apart: bool = False
    base_only: bool = False
    parity: bool = False  # the program that compares kernels
    quick: bool = False  # little optimization, for tests

    def has(self, source: Source) -> bool:
        """Whether a source belongs to it."""
        if source.part in ("encode", "test"):
            return self.parity and source.path.startswith(("base/enc_kernels", "test/parity"))
        return not self.base_only or not source.path.startswith(BEYOND_BASE) or source.path.startswith(OF_BASE)


def build(out: Path, options: Options, folder: Path, jobs: int) -> None:
    """Writes the module and its layout, and the tables if they are to be apart."""
    scalar, apart = options.scalar, options.tables_apart
    clang = tool(CLANG)
    ccache = shutil.which("ccache")
    folder.mkdir(parents=True, exist_ok=True)
    embed_tables(folder / "tables")
    flags = SIMD_FLAGS if not scalar else []
    functions = [*WEB_FUNCTIONS, *functions_of(clang, TARGET, HEADER)]
    if apart:
        flags = [*flags, "-DVENEER_TABLES_APART"]
        functions += TABLE_FUNCTIONS
        rows = "".join(f"{{{len(table)}, {crc32c(table)}u}},\n" for table in tables_apart())
        write_if_changed(folder / "tables" / "apart.inc", rows.encode())
    if options.base_only:
        flags = [*flags, "-DVENEER_BASE_ONLY"]
        functions.remove("veneer_model_create")
        functions.remove("veneer_network_create")
    parts = ("decode", "encode", "test", "wasm")
    sources = [source for source in read_sources(*parts, machine="wasm32") if options.has(source)]
    levels = (("-O1", ""),) if options.quick else SCALAR_OPTIMIZATION if scalar else OPTIMIZATION

    def compiled(source: Source) -> str:
        # Every source of a module has SIMD or none: the engine refuses the whole module where it has not.
        level = next(level for level, *starts in levels if source.path.startswith(tuple(starts)))
        extra = [level, *flags]
        if scalar and source.path == "common/cpu.cpp":
            extra.append("-DVENEER_SCALAR_ONLY")
        return compile_source([ccache, clang] if ccache else [clang], source, folder, extra)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        objects = list(pool.map(compiled, sources))
    exports = ["malloc", "free", *functions]
    linked = folder / "linked.wasm"
    run(
        [
            *(clang, *TARGET, *([] if options.parity else ["-mexec-model=reactor"]), "-fwasm-exceptions", *objects),
            *("-Wl,--gc-sections", "-Wl,--strip-all", "-Wl,--stack-first"),
            f"-Wl,-Map={folder / 'map.txt'}",
            *(f"-Wl,-z,stack-size={STACK_BYTES}", *(f"-Wl,--export={name}" for name in exports)),
            *(["-Wl,--unresolved-symbols=ignore-all"] if options.base_only else []),
            *("-o", str(linked)),
        ]
    )
    optimizer = shutil.which("wasm-opt")
    if optimizer and not options.quick:
        run([optimizer, *OPTIMIZER_FLAGS, "-O2", "-Oz", str(linked), "-o", str(folder / "optimized.wasm")])
        linked = folder / "optimized.wasm"
    out.parent.mkdir(parents=True, exist_ok=True)
    write_layout(clang, TARGET, HEADER, out.parent / "layout.json")
    if apart:
        for number, table in enumerate(tables_apart()):
            write_if_changed(out.parent / f"table-{number}.bin", table)
    replacement = out.with_name(out.name + ".part")
    shutil.copyfile(linked, replacement)
    replacement.replace(out)


def main() -> int:
    """Builds, and tells."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?", metavar="OUT.wasm")
    parser.add_argument("--check", action="store_true", help="exit code 0 if a build is possible; builds nothing")
    parser.add_argument("--scalar", action="store_true", help="no SIMD kernels")
    parser.add_argument("--tables-apart", action="store_true", help="large tables as files of their own")
    parser.add_argument("--base-only", action="store_true", help="base layers of the kind transform and 8 bits alone")
    parser.add_argument("--parity", action="store_true", help="the program that compares kernels")
    parser.add_argument("--quick", action="store_true", help="little optimization, for tests")
    parser.add_argument("--objects", type=Path, metavar="DIR", help="where objects go (default: OUT.objects)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="compilers at a time")
    options = parser.parse_args()
    if options.check:
        return 0 if can_build() else 1
    if options.out is None:
        parser.error("OUT.wasm is needed")
    chosen = Options(options.scalar, options.tables_apart, options.base_only, options.parity, options.quick)
    folder = options.objects or options.out.with_suffix(".objects")
    try:
        build(options.out, chosen, folder, options.jobs)
    except (BuildError, OSError) as error:
        sys.stderr.write(f"build.py: {error}\n")
        return 1
    sys.stdout.write(f"{options.out}: {options.out.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
