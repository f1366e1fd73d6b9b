"""Builds the last commit again, elsewhere, and compares the files with those of an earlier build, byte for byte.

    python release/build_wheels.py --out dist
    python release/check_reproducible.py dist

The second build has a clone of its own in another folder, another umask, another time zone, and no cache of compiled
objects. Prints the hashes of files that are the same. For each that is not, it names the members that differ, and the
exit code is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def members(path: Path) -> dict[str, tuple[str, object]]:
    """Hash of the content and what is told of it, of each file in an archive."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return {
                entry.filename: (
                    hashlib.sha256(archive.read(entry)).hexdigest(),
                    (entry.date_time, entry.external_attr),
                )
                for entry in archive.infolist()
            }
    with tarfile.open(path) as archive_of_sources:
        found: dict[str, tuple[str, object]] = {}
        for member in archive_of_sources.getmembers():
            content = archive_of_sources.extractfile(member)
            digest = hashlib.sha256(content.read()).hexdigest() if content else ""
            found[member.name] = (digest, (member.mtime, member.mode, member.uid, member.uname))
        return found


def differences(first: Path, again: Path) -> list[str]:
    """What differs between two archives, a line each; their bytes may differ where no member does."""
    before, after = members(first), members(again)
    lines = [f"  {name}: in one of them" for name in sorted(before.keys() ^ after.keys())]
    for name in sorted(before.keys() & after.keys()):
        if before[name][0] != after[name][0]:
            lines.append(f"  {name}: other content")
        elif before[name] != after[name]:
            lines.append(f"  {name}: {before[name][1]} and {after[name][1]}")
    return lines or ["  the order or the packing of the members"]


def build_again(folder: Path, machines: list[str], options: list[str]) -> Path:
    """Files made of a clone of the last commit."""
    clone = folder / "a folder" / "of another name"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    command = [sys.executable, "release/build_wheels.py", "--out", str(folder / "out"), *options]
    for machine in machines:
        command += ["--machine", machine]
    caches = {name: str(folder / "cache") for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    environment |= caches | {"TZ": "Pacific/Kiritimati"}
    subprocess.run(command, cwd=clone, env=environment, umask=0o077, check=True, stdout=subprocess.DEVNULL)
    return folder / "out"


def main() -> None:
    """Builds and compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dist", type=Path, help="what release/build_wheels.py made of the last commit")
    parser.add_argument("--no-isolation", action="store_true", help="as of release/build_wheels.py")
    arguments = parser.parse_args()
    files = sorted(path for path in arguments.dist.iterdir() if path.name.endswith((".tar.gz", ".whl")))
    machines = [name for name in ("x86_64", "aarch64") if any(path.name.endswith(f"_{name}.whl") for path in files)]
    if not machines:
        parser.error(f"{arguments.dist} has no wheels for Linux")
    same = True
    with tempfile.TemporaryDirectory() as temporary:
        options = ["--no-isolation"] if arguments.no_isolation else []
        again = build_again(Path(temporary), machines, options)
        for path in files:
            other = again / path.name
            if not other.exists():
                print(f"{path.name}: not made again")
            elif path.read_bytes() == other.read_bytes():
                print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")
                continue
            else:
                print(f"{path.name} differs:", *differences(path, other), sep="\n")
            same = False
    sys.exit(not same)


if __name__ == "__main__":
    main()
