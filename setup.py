"""Builds the native core from the sources that native/sources.txt lists, and packs the conformance vectors."""

import os
import shutil
import sys
from pathlib import Path

from pybind11.setup_helpers import ParallelCompile, Pybind11Extension
from setuptools import setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.modified import newer_group

sys.path.insert(0, "native")
from embed_tables import embed_tables
from source_list import read_sources

# The compiler of Windows takes other flags; its SIMD sources are compiled to empty tables.
SOURCES = {
    f"native/{source.path}": [] if os.name == "nt" else list(source.flags)
    for source in read_sources("decode", "encode", "binding", "dev")
}
# Sources of one module alone. Both are linked with all the others, which are compiled once.
MODULES = {"veneer._native": ["native/bindings/module.cpp"]}
# Parts of the core on their own, for tests, benchmarks and training; wheels that are released are built without.
OF_DEV = [f"native/{source.path}" for source in read_sources("dev")]
if os.environ.get("VENEER_DEV") != "0":
    MODULES["veneer._native_dev"] = OF_DEV
SHARED = [path for path in SOURCES if path not in OF_DEV and path not in MODULES["veneer._native"]]


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
        if self.force or any(self.is_stale(extension) for extension in self.extensions):
            one = self.extensions[0]
            objects = self.compiler.compile(
                SHARED,
                output_dir=self.build_temp,
                macros=one.define_macros,
                include_dirs=one.include_dirs,
                debug=self.debug,
                extra_postargs=one.extra_compile_args,
            )
            for extension in self.extensions:
                extension.extra_objects = objects
        super().build_extensions()

    def is_stale(self, extension: Pybind11Extension) -> bool:
        return newer_group([*extension.sources, *extension.depends], self.get_ext_fullpath(extension.name), "newer")


class BuildWithData(build_py):
    """Adds the vectors for `veneer conformance`, the tables for its reference decoder, the judge of `veneer score`, and
    the files of `veneer desktop`.
    """

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            package = Path(self.build_lib) / "veneer"
            shutil.copytree("tests/vectors", package / "vectors", dirs_exist_ok=True)
            shutil.copytree("docs/tables", package / "tables", dirs_exist_ok=True)
            shutil.copytree("share", package / "share", dirs_exist_ok=True)
            discriminator = Path("weights/discriminator.pt")
            if discriminator.exists():
                shutil.copy(discriminator, package / "evaluation")


# -fno-wrapv: Python hands on the -fwrapv it was built with, which costs the encoder a third of its speed; the core does
# not let signed integers overflow.
extensions = [
    Pybind11Extension(
        name,
        sources,
        include_dirs=["native"],
        depends=[
            *sorted(str(path) for suffix in ("cpp", "h", "txt", "py") for path in Path("native").rglob(f"*.{suffix}")),
            *sorted(str(path) for path in Path("docs/tables").glob("*.bin")),
        ],
        cxx_std=17,
        extra_compile_args=["-O3", "-fno-wrapv", "-Wall", "-Wextra", "-fno-math-errno", "-fvisibility=hidden"],
        define_macros=[("NDEBUG", "1")],
    )
    for name, sources in MODULES.items()
]

ParallelCompile("VENEER_BUILD_JOBS", default=0).install()
setup(ext_modules=extensions, cmdclass={"build_ext": BuildNative, "build_py": BuildWithData})
