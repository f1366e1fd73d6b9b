"""native/source_list.py, which is no part of a package, for tests."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

NATIVE = Path(__file__).parents[1] / "native"


def load_source_list() -> ModuleType:
    specification = importlib.util.spec_from_file_location("source_list", NATIVE / "source_list.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["source_list"] = module  # where dataclasses look for it
    specification.loader.exec_module(module)
    return module
