"""The compiled core: the one module that imports `veneer._native`.

`base/layer.py` calls it for pixels, `inference/network.py` for networks, `enhancement/latents.py` and `filters.py` for
what goes with them, `bitstream/chunks.py` and `inference/weights.py` for checksums and the search for chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from veneer import _native
from veneer._native import (
    Model,
    PushDecoder,
    check_signature,
    conceal_levels,
    container_chunks,
    container_read_contents,
    container_read_front,
    cpu_features,
    crc32c,
    decode,
    decode_quarters,
    decode_with_tables,
    encode_base,
    encode_modular,
    encode_with_tables,
    filter_base,
    filter_boxes,
    filter_products,
    interpolate,
    latent_frequencies,
    quarters_to_pixels,
    reduce_picture,
)
from veneer.cores import core_count

__all__ = [
    "Model",
    "PushDecoder",
    "check_signature",
    "conceal_levels",
    "container_chunks",
    "container_read_contents",
    "container_read_front",
    "cpu_features",
    "crc32c",
    "decode",
    "decode_quarters",
    "decode_with_tables",
    "encode_base",
    "encode_modular",
    "encode_with_tables",
    "filter_base",
    "filter_boxes",
    "filter_products",
    "force_target",
    "inference_network",
    "inference_target",
    "inference_targets",
    "interpolate",
    "latent_frequencies",
    "quarters_to_pixels",
    "reduce_picture",
    "thread_count",
]


def thread_count(threads: int) -> int:
    """Number of threads to use: `threads`, or where that is 0 as many as the process may use cores."""
    return threads or core_count()


def inference_network(
    inputs: Sequence[tuple[int, int, int, int]],
    ops: Sequence[dict[str, Any]],
    outputs: Sequence[tuple[int, bool]],
) -> _native.InferenceNetwork:
    """A network in the compiled core, as `inference/network.py` describes it."""
    return _native.InferenceNetwork(inputs, ops, outputs)


_target = "auto"  # what force_target chose


def force_target(name: str) -> bool:
    """Chooses the kernels of "scalar", "avx2", "avx512" or "neon", or the best ("auto"), for all that follows.

    Results do not depend on it.

    Returns:
        Whether this machine and build have them; if not, nothing changes.

    Raises:
        ValueError: there is no such name.
    """
    global _target
    found = _native.force_target(name)
    if found:
        _target = name
    return found


def inference_target() -> str:
    """The target whose inference kernels to use: what `force_target` chose where there are such, else "auto"."""
    return _target if _target in inference_targets() else "auto"


def inference_targets() -> list[str]:
    """Names of the inference kernels that this machine and build have, the reference first."""
    return _native.inference_targets()
