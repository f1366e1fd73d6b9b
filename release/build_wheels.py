"""Wheels for Linux of x86-64 and AArch64, on one machine of either kind, without containers.

    pip install build ziglang auditwheel wheel
    python release/build_wheels.py --out dist

They are for the Python that runs this, and for glibc 2.28 or newer (manylinux_2_28). A source distribution is made of
the tree, and each wheel of nothing but that; both lie in the folder afterwards. See docs/howto/release.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from reproducible import source_time
from wheel_checks import check_wheel
from zig_toolchain import Target, environment_for

ROOT = Path(__file__).resolve().parents[1]
GLIBC = (2, 28)  # of 2018: Debian 10, RHEL 8, Ubuntu 18.10
MACHINES = ("x86_64", "aarch64")


def built(*options: str, source: Path, out: Path, environment: dict[str, str]) -> Path:
    """The one file that `python -m build` makes."""
    out.mkdir(parents=True)
    command = [sys.executable, "-m", "build", *options, "--outdir", str(out), str(source)]
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode:
        raise SystemExit(f"{run.stdout}\n{' '.join(command)} failed")
    (result,) = out.iterdir()
    return result


def build_wheel(target: Target, sources: Path, work: Path, options: list[str], environment: dict[str, str]) -> Path:
    """A checked wheel, named after what it needs."""
    compilers = environment_for(target, work / "compilers")
    environment = environment | compilers | {"VENEER_DEV": "0"}
    wheel = built("--wheel", *options, source=sources, out=work / "wheel", environment=environment)
    check_wheel(wheel, target)
    tag = [sys.executable, "-m", "wheel", "tags", "--remove", "--platform-tag", target.policy, str(wheel)]
    name = subprocess.run(tag, check=True, env=environment, capture_output=True, text=True).stdout.strip()
    return wheel.with_name(name)


def main() -> None:
    """Reads the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("dist"), metavar="FOLDER")
    parser.add_argument("--machine", choices=MACHINES, action="append", help="only this one; may be repeated")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="new, for what is needed meanwhile, and kept")
    parser.add_argument(
        "--no-isolation", action="store_true", help="build with the setuptools and pybind11 that are here"
    )
    arguments = parser.parse_args()
    if sys.platform != "linux":
        parser.error("wheels for Linux are built on Linux; cibuildwheel builds the others")
    if arguments.work and arguments.work.exists():
        parser.error(f"{arguments.work} exists: name a new folder")

    with tempfile.TemporaryDirectory() as temporary:
        build(arguments, (arguments.work or Path(temporary)).resolve())


def build(arguments: argparse.Namespace, work: Path) -> None:
    """Makes the source distribution, and of that the wheels; what is needed meanwhile is in `work`."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    options = ["--no-isolation"] if arguments.no_isolation else []
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(source_time(ROOT))}
    sdist = built("--sdist", *options, source=ROOT, out=work / "sdist", environment=environment)
    print(shutil.copy(sdist, arguments.out), flush=True)
    for machine in arguments.machine or MACHINES:
        with tarfile.open(sdist) as archive:
            archive.extractall(work / machine, filter="data")
        sources = work / machine / sdist.name.removesuffix(".tar.gz")
        wheel = build_wheel(Target(machine, GLIBC), sources, work / machine, options, environment)
        print(f"{shutil.copy(wheel, arguments.out)}  {wheel.stat().st_size / 1e6:.2f} MB", flush=True)


if __name__ == "__main__":
    main()
