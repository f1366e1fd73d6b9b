"""Compilers for Linux of any processor that link with an old glibc: Clang with libc++, of the package ziglang.

libc++ is linked statically, so that a wheel needs no libstdc++, whose symbols change with the compiler. Stack frames
are unwound by the system's libgcc_s, not by zig's own unwinder: glibc ends a thread by unwinding it with libgcc_s, and
Python before 3.14 ends threads in that way. With two unwinders that crashes.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import sysconfig
from pathlib import Path

# What libc++abi calls of the unwinder, with the versions that libgcc_s gives these symbols on x86-64 and AArch64.
UNWINDER = {
    "GCC_3.0": (
        *("_Unwind_DeleteException", "_Unwind_ForcedUnwind", "_Unwind_GetGR", "_Unwind_GetIP"),
        *("_Unwind_GetLanguageSpecificData", "_Unwind_GetRegionStart", "_Unwind_RaiseException", "_Unwind_Resume"),
        *("_Unwind_SetGR", "_Unwind_SetIP"),
    ),
    "GCC_3.3": ("_Unwind_Backtrace", "_Unwind_GetCFA", "_Unwind_Resume_or_Rethrow"),
    "GCC_4.2.0": ("_Unwind_GetIPInfo",),
}

# Sizes that Python's pyconfig.h states. Headers of one processor serve for another where these are equal.
SIZES_OF_PYTHON = {
    "SIZEOF_SHORT": "short",
    "SIZEOF_INT": "int",
    "SIZEOF_LONG": "long",
    "SIZEOF_LONG_LONG": "long long",
    "SIZEOF_VOID_P": "void*",
    "SIZEOF_SIZE_T": "decltype(sizeof 0)",
    "SIZEOF_FLOAT": "float",
    "SIZEOF_DOUBLE": "double",
    "SIZEOF_LONG_DOUBLE": "long double",
    "SIZEOF_WCHAR_T": "wchar_t",
    "SIZEOF__BOOL": "bool",
    "SIZEOF_TIME_T": "time_t",
    "SIZEOF_OFF_T": "off_t",
    "SIZEOF_PID_T": "pid_t",
    "SIZEOF_PTHREAD_T": "pthread_t",
}


@dataclasses.dataclass(frozen=True)
class Target:
    """A kind of machine that wheels are for."""

    machine: str  # as in the names of wheels: x86_64, aarch64
    glibc: tuple[int, int]  # the oldest one that serves

    @property
    def triple(self) -> str:
        return f"{self.machine}-linux-gnu.{self.glibc[0]}.{self.glibc[1]}"

    @property
    def policy(self) -> str:
        return f"manylinux_{self.glibc[0]}_{self.glibc[1]}_{self.machine}"

    @property
    def module_suffix(self) -> str:
        """The end of the name of an extension module of the running Python, built for this target."""
        own = str(sysconfig.get_config_var("EXT_SUFFIX"))
        return own.replace(str(sysconfig.get_config_var("MULTIARCH")), f"{self.machine}-linux-gnu")


def environment_for(target: Target, folder: Path) -> dict[str, str]:
    """Makes compilers for a target in `folder`; returns the variables that make setuptools use them."""
    folder.mkdir(parents=True)
    compilers = {}
    for language in ("cc", "c++"):
        script = folder / language
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ziglang {language} -target {target.triple} "$@"\n')
        script.chmod(0o755)
        compilers[language] = str(script)
    check_python_headers(compilers["c++"], folder)
    unwinder = make_unwinder(compilers["cc"], folder)
    return {
        "CC": compilers["cc"],
        "CXX": compilers["c++"],
        "LDSHARED": f"{compilers['cc']} -shared",
        "LDCXXSHARED": f"{compilers['c++']} -shared",
        # zig takes -O3 for its own -O2, and keeps frame pointers, unless clang is told directly.
        "CXXFLAGS": "-g0 -fomit-frame-pointer -Xclang -O3",
        "LDFLAGS": f"-s {unwinder}",
        "_PYTHON_HOST_PLATFORM": f"linux-{target.machine}",  # what sysconfig.get_platform() says then
        "SETUPTOOLS_EXT_SUFFIX": target.module_suffix,
    }


def make_unwinder(compiler: str, folder: Path) -> Path:
    """A library to link with in place of the target's libgcc_s.so.1: its names and versions, and no code."""
    source, versions, library = folder / "unwinder.c", folder / "unwinder.map", folder / "libgcc_s.so.1"
    source.write_text("".join(f"void {name}(void) {{}}\n" for names in UNWINDER.values() for name in names))
    blocks, before = [], ""
    for version, names in UNWINDER.items():
        blocks.append(f"{version} {{ global: {'; '.join(names)}; }}{before};\n")
        before = f" {version}"
    versions.write_text("".join(blocks))
    options = [
        "-shared",
        "-fPIC",
        "-nostdlib",
        "-g0",
        f"-Wl,-soname,{library.name}",
        f"-Wl,--version-script,{versions}",
    ]
    subprocess.run([compiler, *options, str(source), "-o", str(library)], check=True)
    return library


def check_python_headers(compiler: str, folder: Path) -> None:
    """Fails unless the headers of the running Python state the sizes that types have on the target."""
    source = folder / "python_headers.cpp"
    checks = "".join(
        f'#ifdef {macro}\nstatic_assert(sizeof({kind}) == {macro}, "{macro} is that of another machine");\n#endif\n'
        for macro, kind in SIZES_OF_PYTHON.items()
    )
    source.write_text(
        "#include <Python.h>\n#include <pthread.h>\n#include <sys/types.h>\n#include <time.h>\n"
        '#ifdef WORDS_BIGENDIAN\nstatic_assert(false, "Python is for a machine of the other byte order");\n#endif\n'
        f"{checks}"
    )
    headers = f"-I{sysconfig.get_path('include')}"
    subprocess.run(
        [compiler, "-std=c++17", headers, "-c", str(source), "-o", str(source.with_suffix(".o"))], check=True
    )
