"""The import rule of docs/architecture.md, and the maps of the tree."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "veneer"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")  # which starts the command

# Siblings that the modules of each folder may import; "" is the top of the package.
MAY_IMPORT = {
    "bitstream": set(),
    "colour": set(),
    "inference": set(),
    "base": set(),
    "enhancement": {"inference"},
    "restoration": {"enhancement", "inference"},
    "reference": set(),
    "conformance": {"bitstream", "enhancement", "reference"},
    "": {"bitstream", "base", "colour", "enhancement", "inference", "reference", "restoration"},
    "training": {"bitstream", "base", "enhancement", "inference", "reference", "restoration"},
    "cli": set(),
    "integrations": set(),
    "evaluation": set(),
}
PUBLIC_ONLY = {"cli", "integrations", "evaluation"}
SHARED_BY_ALL = {
    "regular_file",
    "cores",
    "straight_lines",
    "sample_depth",
    "half_floats",
    "file_metadata",
}  # which know nothing of the format
PUBLIC = {"colour"}  # a folder that is public itself
REGISTRATIONS = {"pillow.py", "imageio.py"}  # whose import registers an integration
# Subcommands that hand their options to the entry of a folder.
ENTRIES = {
    "cli/bench.py": ("evaluation", "command"),
    "cli/compare.py": ("evaluation", "compare"),
    "cli/encode.py": ("evaluation", "target"),
    "cli/conformance.py": ("conformance", ""),
    "cli/score.py": ("evaluation", "score"),
    "cli/train.py": ("training", "command"),
    "cli/view_server.py": ("enhancement", "models"),
    "evaluation/score.py": ("training", "discriminator"),
}
JUDGES = {"critic.py", "score.py"}  # of evaluation: those that are networks of torch
BACKEND_USERS = re.compile(
    r"(.*/(enc_)?layer|enhancement/(distributions|enc_latents|finder|models|networks|unrounded|(enc_)?filters)|inference/(model_network|network|weights)|bitstream/(chunks|container)|decoder|enc_lossless|enc_jpeg|jpeg_files|inspection|preview|progressive|diagnosis|threads|conformance/decoders)\.py"
)
SHARED = {"arguments", "backend", "errors", "limits", "sources", "threads"}


def imports(path: Path) -> set[str]:
    """Dotted names that a module imports; of `from a import b` both a and a.b."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {node.module or ""} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def folder(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_import_rule(path: Path) -> None:
    own = folder(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "torch":
            judge = own == "evaluation" and path.name in JUDGES
            assert own == "training" or judge, "torch belongs to training"
        if parts[0] != "veneer" or len(parts) == 1:
            continue
        target = parts[1]
        if target in SHARED_BY_ALL:
            continue
        if target == "_native":
            assert path.name == "backend.py", "backend.py alone imports the extension"
        elif target == "_native_dev":
            assert own == "training", "wheels that are released lack this module"
        elif ENTRIES.get(str(path.relative_to(PACKAGE)), ("",))[0] == target:
            assert set(parts[2:3]) <= {ENTRIES[str(path.relative_to(PACKAGE))][1]}, f"{target} has one entry"
        elif str(path.relative_to(PACKAGE)) in REGISTRATIONS:
            assert target == "integrations", "it registers and does no more"
        elif own in PUBLIC_ONLY and target in PUBLIC:
            assert len(parts) == 2 or not (PACKAGE / target / f"{parts[2]}.py").exists(), "its modules are not public"
        elif own in PUBLIC_ONLY:
            assert target == own or target[0].isupper() or not (PACKAGE / f"{target}.py").exists(), name
            assert target == own or not (PACKAGE / target).is_dir(), f"{own} uses the public API, not {name}"
        elif (PACKAGE / target).is_dir():
            assert target == own or target in MAY_IMPORT[own], f"{own} must not import {target}"
        elif target == "backend":
            assert BACKEND_USERS.fullmatch(str(path.relative_to(PACKAGE))), (
                "only layers and the diagnosis call the backend"
            )
        elif own:
            assert target in SHARED or own == "training", f"{own} must not import {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_of_one_system_are_imported_where_there_are_any(path: Path) -> None:
    """So that the others can import ours; below a condition, or within a function, they may be."""
    posix = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            assert not posix & {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in posix


def test_no_module_is_too_long() -> None:
    assert {path.name: n for path in MODULES if (n := len(path.read_text().splitlines())) > 400} == {}


@pytest.mark.parametrize("document", ["README.md", "docs/architecture.md"])
def test_maps_name_what_is_there(document: str) -> None:
    text = (ROOT / document).read_text()
    names = re.findall(r"^\| `([^`|]+)` \|", text, re.MULTILINE)
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []
