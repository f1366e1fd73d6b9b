"""The decoder takes memory by way of common/memory.h alone: from the allocator of its caller."""

from __future__ import annotations

import re

import pytest
from source_list_of_core import NATIVE

FOLDERS = ("api", "base", "container", "enhance", "entropy", "network", "picture")
ELSEWHERE = re.compile(
    r"std::(vector|string|map|deque|list|function|unique_ptr|make_unique|make_shared)\b"
    r"|shared_ptr<.*>\(new\b|\bnew [A-Z]|\bmalloc\("
)


@pytest.mark.skipif(not NATIVE.is_dir(), reason="an installed package has no sources")
def test_no_memory_from_elsewhere() -> None:
    files = [path for folder in FOLDERS for path in (NATIVE / folder).rglob("*") if path.is_file()]
    paths = [path for path in files if not path.name.startswith("enc_")]
    assert len(paths) > 50
    found = {
        f"{path.relative_to(NATIVE)}: {line.strip()}"
        for path in paths
        for line in path.read_text().splitlines()
        if ELSEWHERE.search(line.split("//")[0]) and "Allocator<" not in line
    }
    assert found == set()
