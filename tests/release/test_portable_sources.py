"""Sources of the core use no extension of one compiler, but for native/common and behind a guard of the preprocessor.

Compilers of Windows build the core from the same sources. Those that only tests and fuzzers build are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

NATIVE = Path(__file__).parents[2] / "native"
pytestmark = pytest.mark.skipif(not NATIVE.is_dir(), reason="an installed package has no sources")

# Folders whose sources are for GCC and Clang alone: programs of checks, and targets that are no desktop system.
OTHER_FOLDERS = {"fuzz", "test", "wasm", "gdk_pixbuf"}
OF_WEBASSEMBLY = "simd128"  # in names of its kernels, which Clang alone compiles
EXTENSIONS = {
    "builtin": r"\b__builtin_\w+",
    "attribute": r"\b__attribute__\b|\[\[gnu::",
    "integer of 128 bits": r"\b__int128\b",
    "assembler": r"\b(?:__asm__|__asm|asm)\b",
    "pragma of GCC or Clang": r"#\s*pragma\s+(?:GCC|clang)\b|_Pragma",
    "statement expression": r"(?<![\w)\]>])\(\{",
    "typeof": r"\b(?:__typeof__|typeof)\b",
    "designated initialiser": r"[{,]\s*\.[a-z_]\w*\s*=[^=]",
    "range of cases": r"\bcase\s+\w+\s*\.\.\.",
    "conditional without its middle": r"\?\s*:",
    "array on the stack of any length": r"\balloca\b",
    "header of POSIX": r"#\s*include\s+<(?:unistd|pthread|strings|dlfcn|alloca|sys/\w+)\.h>",
    "type of POSIX": r"(?<!py::)(?<!pybind11::)\b(?:ssize_t|uint|ulong)\b",
    "constant of POSIX": r"\bM_PI\b",
}
# What is behind a condition that names one of these is not compiled elsewhere.
GUARD = re.compile(r"__GNUC__|__clang__|_MSC_VER|__aarch64__|__cplusplus|VENEER_X86")


def without_comments_and_texts(text: str) -> str:
    """The same number of lines."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])\''

    def kept(match: re.Match[str]) -> str:
        return '""' if match[0][0] in "\"'" else "\n" * match[0].count("\n")

    return re.sub(pattern, kept, text, flags=re.DOTALL)


def unguarded_lines(text: str) -> Iterator[tuple[int, str]]:
    """Numbers and texts of lines that a compiler of Windows sees."""
    guards: list[bool] = []  # of each condition around a line: whether it keeps that compiler out
    of_windows: list[bool] = []  # whether its first branch is for Windows, so that the others are not
    for number, line in enumerate(text.split("\n"), 1):
        directive = re.match(r"\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b(.*)", line)
        if directive is None:
            if not any(guards):
                yield number, line
        elif directive[1].startswith("if"):
            guards.append(bool(GUARD.search(directive[2])))
            of_windows.append(directive[2].strip() == "defined(_WIN32)")
        elif directive[1] == "endif":
            guards.pop()
            of_windows.pop()
        elif GUARD.search(directive[2]) or of_windows[-1]:
            guards[-1] = True


def extensions_in(source: str) -> list[tuple[int, str]]:
    return [
        (number, what)
        for number, line in unguarded_lines(without_comments_and_texts(source))
        for what, pattern in EXTENSIONS.items()
        if re.search(pattern, line)
    ]


def portable_sources() -> list[Path]:
    paths = (path for suffix in ("h", "cpp", "c") for path in NATIVE.rglob(f"*.{suffix}"))
    return sorted(
        path
        for path in paths
        if path.relative_to(NATIVE).parts[0] not in OTHER_FOLDERS and OF_WEBASSEMBLY not in path.name
    )


def test_no_source_uses_extensions() -> None:
    found = {
        f"{path.relative_to(NATIVE).as_posix()}:{number}": what
        for path in portable_sources()
        for number, what in extensions_in(path.read_text("utf-8"))
    }
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "int n = __builtin_clz(x);",
        "__attribute__((noinline)) int f();",
        "unsigned __int128 wide;",
        'asm volatile("nop");',
        "#pragma GCC unroll 4",
        "int x = ({ int y = 1; y; });",
        "Point p = {.x = 1, .y = 2};",
        "case 1 ... 3:",
        "return a ?: b;",
        "void* p = alloca(n);",
        "#include <unistd.h>",
        "ssize_t n;",
    ],
)
def test_extensions_are_found(line: str) -> None:
    assert [number for number, _ in extensions_in(f"int a;\n{line}\n")] == [2]
    guarded = f"#if defined(__GNUC__)\n{line}\n#endif\n"
    assert extensions_in(guarded) == []
    assert extensions_in(f"{guarded}{line}\n") != []


def test_common_code_is_no_extension() -> None:
    code = """
      // __builtin_clz and "({" in a comment
      const char* text = "__attribute__";
      array.push_back({1, 2});
      py::ssize_t count = f({x, y})[0] ? 1 : 2;
      value = {a.b, .5f};
      if (x == 1'000) y = a ? b : c;
    """
    assert extensions_in(code) == []


def test_builds_refuse_arrays_of_variable_length() -> None:
    """They look like others; g++ and clang++ find them when asked."""
    for script in (NATIVE / "CMakeLists.txt", NATIVE.parent / "setup.py"):
        assert "-Werror=vla" in script.read_text("utf-8"), script.name
