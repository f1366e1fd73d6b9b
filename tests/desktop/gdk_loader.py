"""The loader for gdk-pixbuf, built, and the real gdk-pixbuf with it, in processes of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from c_library import built_library

ROOT = Path(__file__).parents[2]
PIXBUFS = Path(__file__).parent / "pixbufs.py"
VECTORS = ROOT / "tests" / "vectors" / "1"


def _variable(name: str) -> str:
    """A variable of gdk-pixbuf's file for pkg-config; empty where there is none."""
    if shutil.which("pkg-config") is None:
        return ""
    command = ["pkg-config", f"--variable={name}", "gdk-pixbuf-2.0"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


QUERY = _variable("gdk_pixbuf_query_loaders")

needs_gdk_pixbuf = pytest.mark.skipif(
    not QUERY or not Path(QUERY).exists() or shutil.which("update-mime-database") is None,
    reason="needs gdk-pixbuf with its development files, and shared-mime-info",
)


def environment_with_loader(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a program that knows the loader and the type, and the models that vectors name."""
    loader = built_library(tmp_path_factory) / "gdk_pixbuf" / "libpixbufloader-veneer.so"
    assert loader.is_file(), "CMake has not found gdk-pixbuf, though pkg-config does"
    folder = tmp_path_factory.mktemp("gdk")
    cache, data = folder / "loaders.cache", folder / "data"
    cache.write_bytes(subprocess.run([QUERY, loader], capture_output=True, check=True).stdout)
    shutil.copytree(ROOT / "share" / "mime", data / "mime")
    subprocess.run(["update-mime-database", data / "mime"], check=True)
    return {
        **os.environ,
        "GDK_PIXBUF_MODULE_FILE": str(cache),
        "XDG_DATA_HOME": str(data),
        "VENEER_MODELS": os.pathsep.join(map(str, (VECTORS / "models", ROOT / "src" / "veneer" / "models"))),
    }


def pixbufs(environment: dict[str, str], files: Sequence[Path], *options: str) -> list[dict[str, Any]]:
    """What gdk-pixbuf gives for files; see pixbufs.py."""
    command = [sys.executable, PIXBUFS, *options, *files]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-4000:]}"
    return [json.loads(line) for line in done.stdout.splitlines()]
