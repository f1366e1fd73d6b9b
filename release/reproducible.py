"""The same bytes from every build of the same sources: the time that archives say, and the source distribution.

setup.py uses this. Whoever sets SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/) chooses
the time. Without it, it is that of the last commit, and in a source distribution that of the commit it was made from.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import tarfile
from pathlib import Path

FIRST_OF_ZIP = 315532800  # 1980-01-01, before which an archive of the kind of a wheel knows no time
MODE_OF_FILES = 0o644
MODE_OF_PROGRAMS = 0o755


def source_time(root: Path) -> int:
    """Seconds since 1970 that the archives made of a source tree give as the time of all files."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    if (root / ".git").exists():
        last_commit = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
        try:
            return int(subprocess.run(last_commit, check=True, capture_output=True, text=True).stdout)
        except (OSError, subprocess.CalledProcessError, ValueError):  # no git here, a tree of somebody else, no commit
            return FIRST_OF_ZIP
    of_distribution = root / "PKG-INFO"  # in a source distribution all files have the time that was chosen for it
    return max(int(of_distribution.stat().st_mtime), FIRST_OF_ZIP) if of_distribution.exists() else FIRST_OF_ZIP


def write_archive(path: Path, folder: Path, time: int) -> None:
    """A .tar.gz of a folder: sorted by name, of nobody, with one time. Of the modes it keeps who is executable."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=time) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for source in sorted([folder, *folder.rglob("*")], key=lambda found: found.relative_to(folder).parts):
            entry = archive.gettarinfo(source, arcname=str(Path(folder.name) / source.relative_to(folder)))
            if entry.islnk():  # a second name of a file, as sdist makes for its own; the archive holds files
                entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", source.stat().st_size
            entry.mtime = time
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mode = MODE_OF_PROGRAMS if entry.isdir() or entry.mode & 0o100 else MODE_OF_FILES
            if entry.isreg():
                with source.open("rb") as content:
                    archive.addfile(entry, content)
            else:
                archive.addfile(entry)
