"""Builds the native core from the sources that native/sources.txt lists, and packs the conformance vectors."""

import os
import shutil
import sys
from pathlib import Path

from pybind11.setup_helpers import ParallelCompile, Pybind11Extension
from setuptools import setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

sys.path.insert(0, "native")
from embed_tables import embed_tables
from source_list import read_sources

# The compiler of Windows takes other flags; its SIMD sources are compiled to empty tables.
SOURCES = {
    f"native/{source.path}": [] if os.name == "nt" else list(source.flags)
    for source in read_sources("decode", "encode", "binding")
}


class BuildNative(build_ext):
    """Embeds the tables, and adds to each compiler call the flags that its source has in the list."""

    def build_extensions(self) -> None:
        tables = Path(self.build_temp) / "tables"
        embed_tables(tables)
        self.compiler.add_include_dir(str(tables))
        compile_one = self.compiler._compile

        def with_target(obj, src, ext, cc_args, extra_postargs, pp_opts):  # type: ignore[no-untyped-def]
            compile_one(obj, src, ext, cc_args, [*extra_postargs, *SOURCES[Path(src).as_posix()]], pp_opts)

        self.compiler._compile = with_target
        super().build_extensions()


class BuildWithData(build_py):
    """Adds the vectors for `veneer conformance`, the tables for its reference decoder, the judge of `veneer score`."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            package = Path(self.build_lib) / "veneer"
            shutil.copytree("tests/vectors", package / "vectors", dirs_exist_ok=True)
            shutil.copytree("docs/tables", package / "tables", dirs_exist_ok=True)
            discriminator = Path("weights/discriminator.pt")
            if discriminator.exists():
                shutil.copy(discriminator, package / "evaluation")


# -fno-wrapv: Python hands on the -fwrapv it was built with, which costs the encoder a third of its speed; the core does
# not let signed integers overflow.
extension = Pybind11Extension(
    "veneer._native",
    list(SOURCES),
    include_dirs=["native"],
    depends=[
        *sorted(str(path) for suffix in ("h", "inc", "txt", "py") for path in Path("native").rglob(f"*.{suffix}")),
        *sorted(str(path) for path in Path("docs/tables").glob("*.bin")),
    ],
    cxx_std=17,
    extra_compile_args=["-O3", "-fno-wrapv", "-Wall", "-Wextra", "-fno-math-errno", "-fvisibility=hidden"],
    define_macros=[("NDEBUG", "1")],
)

ParallelCompile("VENEER_BUILD_JOBS", default=0).install()
setup(ext_modules=[extension], cmdclass={"build_ext": BuildNative, "build_py": BuildWithData})
