"""The compiled core: the one module that imports `veneer._native`.

`base/layer.py` calls it for pixels, `inference/network.py` for networks, `enhancement/latents.py` and `filters.py` for
what goes with them, `bitstream/chunks.py` and `inference/weights.py` for checksums and the search for chunks.
"""

from __future__ import annotations

from veneer import _native
from veneer._native import (
    JpegPicture,
    Model,
    ModelFile,
    Networks,
    PushDecoder,
    WeightFile,
    add_texture,
    apply_filters,
    check_signature,
    code_arrays,
    conceal_levels,
    container_chunks,
    container_read_contents,
    container_read_front,
    cpu_features,
    crc32c,
    decode,
    decode_quarters,
    encode_base,
    encode_modular,
    encode_with_tables,
    filter_base,
    filter_products,
    from_quarters,
    interpolate,
    jpeg_decode_file,
    jpeg_encode_file,
    jpeg_front,
    jpeg_networks,
    latent_frequencies,
    quarters_to_pixels,
    realism_from_share,
    reduce_picture,
    to_pixels,
)
from veneer.cores import core_count

__all__ = [
    "JpegPicture",
    "Model",
    "ModelFile",
    "Networks",
    "PushDecoder",
    "WeightFile",
    "add_texture",
    "apply_filters",
    "check_signature",
    "code_arrays",
    "conceal_levels",
    "container_chunks",
    "container_read_contents",
    "container_read_front",
    "cpu_features",
    "crc32c",
    "decode",
    "decode_quarters",
    "encode_base",
    "encode_modular",
    "encode_with_tables",
    "filter_base",
    "filter_products",
    "force_target",
    "from_quarters",
    "inference_targets",
    "interpolate",
    "jpeg_decode_file",
    "jpeg_encode_file",
    "jpeg_front",
    "jpeg_networks",
    "latent_frequencies",
    "quarters_to_pixels",
    "realism_from_share",
    "reduce_picture",
    "thread_count",
    "to_pixels",
]


def thread_count(threads: int) -> int:
    """Number of threads to use: `threads`, or where that is 0 as many as the process may use cores."""
    return threads or core_count()


def force_target(name: str) -> bool:
    """Chooses the kernels of "scalar", "avx2", "avx512" or "neon", or the best ("auto"), for all that follows.

    Results do not depend on it.

    Returns:
        Whether this machine and build have them; if not, nothing changes.

    Raises:
        ValueError: there is no such name.
    """
    return _native.force_target(name)


def inference_targets() -> list[str]:
    """Names of the inference kernels that this machine and build have, the reference first."""
    return _native.inference_targets()
