"""Builds the native core, and packs the conformance vectors. SIMD sources are told apart by their suffix."""

import os
import platform
import shutil
from pathlib import Path

from pybind11.setup_helpers import ParallelCompile, Pybind11Extension
from setuptools import setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

# Flags by file suffix; a source whose suffix the machine lacks is compiled to an empty table.
TARGET_FLAGS = {
    "_avx2": ["-mavx2", "-mbmi2"],
    "_avx512": ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512vnni", "-mavx2", "-mbmi2"],
}


def target_flags(source: str) -> list[str]:
    """Compiler flags for one source file."""
    if platform.machine().lower() not in ("x86_64", "amd64") or os.name == "nt":
        return []
    return next((flags for suffix, flags in TARGET_FLAGS.items() if Path(source).stem.endswith(suffix)), [])


class BuildNative(build_ext):
    """Adds the flags of `TARGET_FLAGS` to each compiler call by the name of its source."""

    def build_extensions(self) -> None:
        compile_one = self.compiler._compile

        def with_target(obj, src, ext, cc_args, extra_postargs, pp_opts):  # type: ignore[no-untyped-def]
            compile_one(obj, src, ext, cc_args, [*extra_postargs, *target_flags(src)], pp_opts)

        self.compiler._compile = with_target
        super().build_extensions()


class BuildWithData(build_py):
    """Adds tests/vectors for `veneer conformance`, and the discriminator for `veneer score`."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            package = Path(self.build_lib) / "veneer"
            shutil.copytree("tests/vectors", package / "vectors", dirs_exist_ok=True)
            discriminator = Path("weights/discriminator.pt")
            if discriminator.exists():
                shutil.copy(discriminator, package / "evaluation")


sources = sorted(str(path) for path in Path("native").rglob("*.cpp") if "fuzz" not in path.parts)
# -fno-wrapv: Python hands on the -fwrapv it was built with, which costs the encoder a third of its speed; the core does
# not let signed integers overflow.
extension = Pybind11Extension(
    "veneer._native",
    sources,
    include_dirs=["native"],
    depends=sorted(str(path) for suffix in ("h", "inc") for path in Path("native").rglob(f"*.{suffix}")),
    cxx_std=17,
    extra_compile_args=["-O3", "-fno-wrapv", "-Wall", "-Wextra", "-fno-math-errno", "-fvisibility=hidden"],
    define_macros=[("NDEBUG", "1")],
)

ParallelCompile("VENEER_BUILD_JOBS", default=0).install()
setup(ext_modules=[extension], cmdclass={"build_ext": BuildNative, "build_py": BuildWithData})
