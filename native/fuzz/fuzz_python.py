"""Fuzz target of the Python boundary: container, weight files, whole decode, decoding as bytes arrive.

Started by run.py with the options of libFuzzer; needs atheris. Each input is read as it is, and once more with its
checksums put right, without which next to nothing would reach the layers below. Python code is instrumented, the
compiled core is the one of the package: its own targets run it under sanitizers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

INSTRUMENTED = ("bitstream", "enhancement", "inference", "decoder", "exif", "gain_maps", "file_metadata")

with atheris.instrument_imports(include=[f"veneer.{name}" for name in INSTRUMENTED]):
    from hostile import try_everything, try_weights, with_right_checksums

    from veneer.inference.weights import MODEL_SIGNATURE, SIGNATURE


def read(data: bytes) -> None:
    """One input; whatever is raised is a finding."""
    for version in {data, with_right_checksums(data)}:
        if version.startswith((SIGNATURE, MODEL_SIGNATURE)):
            try_weights(version)
        else:
            try_everything(version)


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
