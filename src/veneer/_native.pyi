"""Types of the compiled core (native/bindings/module.cpp). Shapes: H rows, W columns, C channels."""

from collections.abc import Sequence

import numpy
import numpy.typing

def encode_base(
    pixels: numpy.typing.NDArray[numpy.uint8],  # [H, W, C], C-contiguous
    *,
    step_index: int,  # 0..223, sixteenths of an octave
    tune: int,  # 0 psnr, 1 visual
    effort: int,  # 1..9
    tile_log2: int,  # 6..16
    threads: int,  # 1..
    options: dict[str, int] = ...,  # encoder experiments
) -> tuple[bytes, list[bytes], list[bytes]]: ...  # base parameters, colour tiles, alpha tiles
def decode_base(
    colour_tiles: Sequence[bytes | None],
    alpha_tiles: Sequence[bytes | None],
    *,
    width: int,
    height: int,
    channels: int,
    tile_log2: int,
    params: bytes,
    region: tuple[int, int, int, int],  # x, y, width, height
    threads: int,
) -> tuple[numpy.typing.NDArray[numpy.uint8], list[int]]: ...  # [h, w, C], status of each tile
def crc32c(data: bytes | bytearray | memoryview, value: int = 0) -> int: ...
def cpu_features() -> dict[str, bool]: ...
def force_target(name: str) -> bool: ...

class InferenceNetwork:
    """A network of native/inference, checked and packed for the targets that run it."""

    def __init__(
        self,
        inputs: Sequence[tuple[int, int, int, int]],  # channels, reduction, low, high
        ops: Sequence[dict[str, object]],  # kind, inputs (tensor numbers), parameters, arrays
        outputs: Sequence[tuple[int, bool]],  # tensor number, whether it is uint8
    ) -> None: ...
    def run(
        self,
        inputs: Sequence[numpy.typing.NDArray[numpy.uint8] | numpy.typing.NDArray[numpy.int16]],  # [h, w, C]
        *,
        height: int,  # of the picture
        width: int,
        strip: int,  # picture rows, 0 for all
        threads: int,  # 1..
        target: str,
    ) -> list[numpy.typing.NDArray[numpy.uint8] | numpy.typing.NDArray[numpy.int16]]: ...
    def memory_bytes(self, *, height: int, width: int, strip: int) -> int: ...

def inference_targets() -> list[str]: ...
def multiply_peak(target: str, repeats: int = 20) -> float: ...  # 10^9 multiply-accumulates per second, one core
