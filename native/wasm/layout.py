"""The functions and structures of the C interface, as the compiler sees them for wasm32.

`layout.json` maps each structure to its size and fields:

    {"VeneerRect": {"size": 16, "fields": {"x": {"offset": 0, "type": "i32"}, ...}}, ...}

Types are u8, u16, i32, u32, i64, pointer, or the name of a structure; "TYPE[N]" is an array.

Place: used by build.py; the web package makes its constants of layout.json.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Node = dict[str, Any]  # of the compiler's syntax tree

# Of C types without their qualifiers, for wasm32.
NUMBERS = {
    **dict.fromkeys(("int", "int32_t", "ptrdiff_t"), "i32"),
    **dict.fromkeys(("unsigned int", "uint32_t", "size_t"), "u32"),
    "uint8_t": "u8",
    "char": "u8",
    "uint16_t": "u16",
    "int64_t": "i64",
}
MARK = "veneer_layout"


def functions_of(clang: str, target: list[str], header: Path) -> list[str]:
    """The names of all functions that a header and what it includes declare for users."""
    return [node["name"] for node in declarations(clang, target, header) if node["kind"] == "FunctionDecl"]


def write_layout(clang: str, target: list[str], header: Path, out: Path) -> None:
    """Writes layout.json."""
    records = [
        node
        for node in declarations(clang, target, header)
        if node["kind"] == "RecordDecl" and node.get("completeDefinition")
    ]
    enums = {node["name"] for node in declarations(clang, target, header) if node["kind"] == "EnumDecl"}
    names = {record["name"] for record in records}
    fields = {
        record["name"]: [(field["name"], field["type"]["qualType"]) for field in record["inner"] if "type" in field]
        for record in records
    }
    numbers = iter(measured(clang, target, header, fields))
    layout = {}
    for record, members in fields.items():
        size = next(numbers)
        layout[record] = {
            "size": size,
            "fields": {
                name: {"offset": next(numbers), "type": type_name(c_type, names, enums)} for name, c_type in members
            },
        }
    part = out.with_name(out.name + ".part")
    part.write_text(json.dumps(layout, indent=1) + "\n")
    part.replace(out)


def declarations(clang: str, target: list[str], header: Path) -> Iterator[Node]:
    """What a header declares by a name that begins with the library's."""
    command = [clang, *target, "-x", "c++", "-fsyntax-only", "-Xclang", "-ast-dump=json", str(header)]
    tree = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if node["kind"] in ("TranslationUnitDecl", "LinkageSpecDecl"):
            waiting += reversed(node.get("inner", []))
        elif node.get("name", "").lower().startswith("veneer"):
            yield {**node, "kind": node["kind"].removeprefix("CXX")}


def measured(clang: str, target: list[str], header: Path, fields: dict[str, list[tuple[str, str]]]) -> list[int]:
    """For each structure its size and the offsets of its fields, one after the other."""
    asked = []
    for record, members in fields.items():
        asked += [f"sizeof({record})", *(f"offsetof({record}, {name})" for name, _ in members)]
    source = f'#include "{header}"\n#include <stddef.h>\nextern const unsigned {MARK}[] = {{{", ".join(asked)}}};\n'
    command = [clang, *target, "-x", "c++", "-S", "-emit-llvm", "-o", "-", "-"]
    text = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    found = re.search(rf"^@{MARK} = .*? \[\d+ x i32\] \[(.*?)\]", text, re.MULTILINE)
    if found is None:
        raise ValueError("the compiler wrote no layout")
    return [int(number) for number in re.findall(r"i32 (\d+)", found[1])]


def type_name(c_type: str, records: set[str], enums: set[str]) -> str:
    """The name of a C type in layout.json."""
    array = re.fullmatch(r"(.*?) ?\[(\d+)\]", c_type)
    if array:
        return f"{type_name(array[1], records, enums)}[{array[2]}]"
    if "*" in c_type:
        return "pointer"
    if c_type in records:
        return c_type
    return "i32" if c_type in enums else NUMBERS[c_type]
