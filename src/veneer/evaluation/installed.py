"""What is installed: Veneer's version and models, and the libraries of other codecs.

Place: below the tables of codecs.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from PIL import features

import veneer
from veneer.regular_file import read_regular_file

# Parts of the package that have no say in a file or its pixels.
_WITHOUT_INFLUENCE = frozenset(("cli", "evaluation", "integrations", "reference", "training"))


def models() -> dict[str, Path]:
    """Enhancement models that Veneer finds, by name, with their manifests; none where there is no enhancement."""
    listed = os.environ.get("VENEER_MODELS", "").split(os.pathsep)
    folders = [*(Path(folder) for folder in listed if folder), _package_folder() / "models"]
    manifests = [folder / "manifest.toml" for folder in folders]
    found: dict[str, Path] = {}
    for manifest in reversed([path for path in manifests if path.is_file()]):
        found |= dict.fromkeys(_names(manifest), manifest)
    return found


def _names(manifest: Path) -> list[str]:
    """Names of the models of a manifest; of one that Veneer refuses, which says why when it is used, none."""
    try:
        text = read_regular_file(manifest, 64 << 10).decode()
        if any(len(line) > 512 for line in text.splitlines()):  # the limits of `enhancement/models.py`
            return []
        content = tomllib.loads(text)
        return [model["name"] for model in content["model"] if isinstance(model["name"], str)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


@functools.cache
def veneer_version() -> str:
    """Version of Veneer and a digest of everything in it that decides files and pixels."""
    root, digest = _package_folder(), hashlib.sha256()
    for path in (*sorted(root.rglob("*")), *sorted(set(models().values()))):
        inner = path.relative_to(root).parts if path.is_relative_to(root) else (path.name,)
        if path.is_file() and "__pycache__" not in inner and inner[0] not in _WITHOUT_INFLUENCE:
            digest.update("/".join(inner).encode() + b"\0" + path.read_bytes())
    return f"{veneer.__version__}+{digest.hexdigest()[:8]}"


def _package_folder() -> Path:
    return Path(veneer.__file__).parent


def library(feature: str, name: str) -> str:
    """Name and version of a library of Pillow."""
    return f"{name} {features.version(feature) or 'of unknown version'}"


def imagecodecs_module() -> Any:
    """The module, or None."""
    if importlib.util.find_spec("imagecodecs") is None:
        return None
    import imagecodecs

    return imagecodecs


def library_versions() -> dict[str, str]:
    """Versions of the Python packages that measure, by name."""
    found = {}
    for name in ("numpy", "pillow", "imagecodecs", "pillow-heif", "pyoxipng", "scipy", "ssimulacra2", "bjontegaard"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
