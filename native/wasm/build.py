"""Builds the decoder of Veneer as a WebAssembly module, and describes the structures of its C interface.

    python3 native/wasm/build.py build/wasm/veneer.wasm
    python3 native/wasm/build.py build/wasm/scalar.wasm --scalar

The module imports nothing. It exports `memory`, `malloc`, `free`, `_initialize`, every function of include/veneer by
its name in C, and those of wasm/web.cpp. `layout.json` beside it says where the fields of each structure are.

Needs clang 22 with the C and C++ libraries for wasm32 (Debian: clang-22 lld-22 libc++-22-dev-wasm32
libc++abi-22-dev-wasm32 libclang-rt-22-dev-wasm32 wasi-libc), and wasm-opt (binaryen) for a smaller module. ccache is
used where it is there.

Place: called by .ci/native and by the build of the web package. Source: docs/howto/wasm.md.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
from pathlib import Path

NATIVE = Path(__file__).parents[1]
sys.path[:0] = [str(NATIVE), str(Path(__file__).parent)]

from embed_tables import embed_tables  # noqa: E402
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
STACK_BYTES = 1 << 20
WEB_FUNCTIONS = ("veneer_web_jpeg", "veneer_web_jpeg_front")
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


def compile_source(compiler: list[str], source: Source, folder: Path, extra: list[str]) -> str:
    """Compiles one source and gives the path of its object."""
    path = folder / (source.path.replace("/", "-") + ".o")
    includes = [f"-I{NATIVE}", f"-I{folder / 'tables'}"]
    run([*compiler, *TARGET, *FLAGS, *extra, *includes, "-c", str(NATIVE / source.path), "-o", str(path)])
    return str(path)


def build(out: Path, scalar: bool, folder: Path, jobs: int) -> None:
    """Writes the module and its layout."""
    clang = tool(CLANG)
    ccache = shutil.which("ccache")
    folder.mkdir(parents=True, exist_ok=True)
    embed_tables(folder / "tables")
    sources = read_sources("decode", "wasm", machine="wasm32")

    def compiled(source: Source) -> str:
        extra = ["-O3", *([] if scalar else source.flags)]
        if scalar and source.path == "common/cpu.cpp":
            extra.append("-DVENEER_SCALAR_ONLY")
        return compile_source([ccache, clang] if ccache else [clang], source, folder, extra)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        objects = list(pool.map(compiled, sources))
    exports = ["malloc", "free", *WEB_FUNCTIONS, *functions_of(clang, TARGET, HEADER)]
    linked = folder / "linked.wasm"
    run(
        [
            *(clang, *TARGET, "-mexec-model=reactor", "-fwasm-exceptions", "-O3", *objects),
            *("-Wl,--gc-sections", "-Wl,--strip-all", "-Wl,--stack-first"),
            *(f"-Wl,-z,stack-size={STACK_BYTES}", *(f"-Wl,--export={name}" for name in exports)),
            *("-o", str(linked)),
        ]
    )
    optimizer = shutil.which("wasm-opt")
    if optimizer:
        run([optimizer, *OPTIMIZER_FLAGS, "-O2", str(linked), "-o", str(folder / "optimized.wasm")])
        linked = folder / "optimized.wasm"
    out.parent.mkdir(parents=True, exist_ok=True)
    write_layout(clang, TARGET, HEADER, out.parent / "layout.json")
    replacement = out.with_name(out.name + ".part")
    shutil.copyfile(linked, replacement)
    replacement.replace(out)


def main() -> int:
    """Builds, and tells."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT.wasm")
    parser.add_argument("--scalar", action="store_true", help="no SIMD kernels")
    parser.add_argument("--objects", type=Path, metavar="DIR", help="where objects go (default: OUT.objects)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="compilers at a time")
    options = parser.parse_args()
    folder = options.objects or options.out.with_suffix(".objects")
    try:
        build(options.out, options.scalar, folder, options.jobs)
    except (BuildError, OSError) as error:
        sys.stderr.write(f"build.py: {error}\n")
        return 1
    sys.stdout.write(f"{options.out}: {options.out.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
