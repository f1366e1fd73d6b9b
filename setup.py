"""Builds the native core from the sources that native/sources.txt lists, and packs the conformance vectors.

The same sources give the same bytes, wherever and whenever they are built with the same tools: release/reproducible.py.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pybind11
from pybind11.setup_helpers import ParallelCompile, Pybind11Extension
from setuptools import setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist
from setuptools.modified import newer_group

sys.path.insert(0, "native")
sys.path.insert(0, "release")
from embed_tables import embed_tables
from reproducible import source_time, write_archive
from source_list import read_sources

ROOT = Path(__file__).resolve().parent
os.environ["SOURCE_DATE_EPOCH"] = str(source_time(ROOT))  # wheels give it as the time of their files
os.umask(0o022)  # and their modes

SOURCES = [f"native/{source.path}" for source in read_sources("decode", "encode", "binding", "dev")]
# Sources of one module alone. Both are linked with all the others, which are compiled once.
MODULES = {"veneer._native": ["native/bindings/module.cpp"]}
# Parts of the core on their own, for tests, benchmarks and training; wheels that are released are built without.
OF_DEV = [f"native/{source.path}" for source in read_sources("dev")]
if os.environ.get("VENEER_DEV") != "0":
    MODULES["veneer._native_dev"] = OF_DEV
SHARED = [path for path in SOURCES if path not in OF_DEV and path not in MODULES["veneer._native"]]

# No path of this machine gets into the core.
NAMES_OF_FOLDERS = {
    str(ROOT): ".",
    pybind11.get_include(): "pybind11",
    sysconfig.get_path("include"): "python",
}
# -fno-wrapv: Python hands on the -fwrapv it was built with, which costs the encoder a third of its speed; the core does
# not let signed integers overflow.
FLAGS = [
    *("-O3", "-fno-wrapv", "-fno-math-errno", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror=vla"),
    *(f"-ffile-prefix-map={path}={name}" for path, name in NAMES_OF_FOLDERS.items()),
]
# precise: as written, a product and a sum are two operations. 4068: pragmas of other compilers.
FLAGS_OF_MSVC = ["/O2", "/fp:precise", "/utf-8", "/permissive-", "/W3", "/wd4068"]


class BuildNative(build_ext):
    """Embeds the tables, and gives the compiler the flags that each source has in the list."""

    def build_extensions(self) -> None:
        tables = Path(self.build_temp) / "tables"
        embed_tables(tables)
        self.compiler.add_include_dir(str(tables))
        is_msvc = self.compiler.compiler_type == "msvc"
        for extension in self.extensions:
            extension.extra_compile_args += FLAGS_OF_MSVC if is_msvc else FLAGS
        if self.force or any(self.is_stale(extension) for extension in self.extensions):
            objects = self.compile_shared(is_msvc)
            for extension in self.extensions:
                extension.extra_objects = objects
        super().build_extensions()

    def compile_shared(self, is_msvc: bool) -> list[str]:
        """The objects of the sources that all modules are linked with, in the order of the list."""
        machine = self.plat_name.rpartition("-")[2] + ("-msvc" if is_msvc else "")
        flags_of = {f"native/{source.path}": source.flags for source in read_sources(machine=machine)}
        one = self.extensions[0]
        object_of: dict[str, str] = {}
        for flags in dict.fromkeys(flags_of[path] for path in SHARED):
            paths = [path for path in SHARED if flags_of[path] == flags]
            objects = self.compiler.compile(
                paths,
                output_dir=self.build_temp,
                macros=one.define_macros,
                include_dirs=one.include_dirs,
                debug=self.debug,
                extra_postargs=[*one.extra_compile_args, *flags],
            )
            object_of.update(zip(paths, objects, strict=True))
        return [object_of[path] for path in SHARED]

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
            if "veneer._native_dev" not in MODULES:
                (package / "_native_dev.pyi").unlink(missing_ok=True)
            discriminator = Path("weights/discriminator.pt")
            if discriminator.exists():
                shutil.copy(discriminator, package / "evaluation")


class ReproducibleSdist(sdist):
    """Writes the archive itself: that of setuptools tells when, where and by whom it was made."""

    def make_archive(self, base_name: str, kind: str, root_dir: Any = None, base_dir: Any = None, **owner: Any) -> str:
        if kind != "gztar":
            return str(super().make_archive(base_name, kind, root_dir, base_dir, **owner))
        path = Path(f"{base_name}.tar.gz")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_archive(path, Path(base_dir), source_time(ROOT))
        return str(path)


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
        define_macros=[("NDEBUG", "1")],
    )
    for name, sources in MODULES.items()
]

ParallelCompile("VENEER_BUILD_JOBS", default=0).install()
setup(
    ext_modules=extensions,
    cmdclass={"build_ext": BuildNative, "build_py": BuildWithData, "sdist": ReproducibleSdist},
)
