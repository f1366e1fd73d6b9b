"""The compiled core: the one module that imports `veneer._native`.

`base/layer.py` calls it for pixels, `bitstream/chunks.py` for checksums.
"""

from __future__ import annotations

import os

from veneer._native import cpu_features, crc32c, decode_base, encode_base, force_target

__all__ = ["cpu_features", "crc32c", "decode_base", "encode_base", "force_target", "thread_count"]


def thread_count(threads: int) -> int:
    """Number of threads to use: `threads`, or where that is 0 as many as the process has cores to run on."""
    if threads:
        return threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
