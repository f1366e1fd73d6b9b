"""Types of parts of the core on their own, for tests, benchmarks and training (native/bindings/dev/module.cpp).

The module has a core of its own: `_native.force_target` does not change it, and `set_warm_table` does not change
`_native`.
"""

from collections.abc import Sequence
from typing import Any

import numpy
import numpy.typing

from veneer._native import cpu_features as cpu_features
from veneer._native import crc32c as crc32c
from veneer._native import decode_base as decode_base
from veneer._native import decode_quarters as decode_quarters
from veneer._native import encode_base as encode_base
from veneer._native import enlarge as enlarge
from veneer._native import filter_base as filter_base
from veneer._native import force_target as force_target

def find_chunk(
    data: bytes | bytearray | memoryview, start: int, types: bytes, budget: int
) -> tuple[int, int]: ...  # offset or -1, what is left of the budget

_Words = numpy.typing.NDArray[numpy.uint32]

class RangeEncoder:
    """The range coder of native/entropy; `finish` leaves the encoder as it is."""

    def encode(self, left: int, prob: int, precision: int) -> None: ...
    def encode_symbols(
        self,
        symbols: numpy.typing.NDArray[numpy.int32],  # [N], 0..n-1
        cdf: numpy.typing.NDArray[numpy.uint32],  # [n + 1], rising strictly from 0 to 2^precision
        precision: int,  # 1..24
    ) -> None: ...
    def encode_bits(
        self,
        bits: numpy.typing.NDArray[numpy.uint8],  # [N], 0 or 1
        p1: numpy.typing.NDArray[numpy.uint16],  # [N], 1..65535, 2^-16
    ) -> None: ...
    def raw(self, value: int, count: int) -> None: ...  # count 0..32
    def finish(self) -> _Words: ...

class RangeDecoder:
    """Mirrors `RangeEncoder`; ValueError where the words are no stream."""

    def __init__(self, words: _Words) -> None: ...
    def quantile(self, precision: int) -> int: ...
    def consume(self, left: int, prob: int, precision: int) -> None: ...
    def decode_symbols(
        self, count: int, cdf: numpy.typing.NDArray[numpy.uint32], precision: int
    ) -> numpy.typing.NDArray[numpy.int32]: ...
    def decode_bits(self, p1: numpy.typing.NDArray[numpy.uint16]) -> numpy.typing.NDArray[numpy.uint8]: ...
    def raw(self, count: int) -> int: ...
    def valid(self) -> bool: ...
    def certain(self) -> bool: ...  # whatever words follow

def words_to_bytes(words: _Words) -> bytes: ...
def adaptive_encode(
    bits: numpy.typing.NDArray[numpy.uint8],  # [N], 0 or 1
    contexts: numpy.typing.NDArray[numpy.int32],  # [N] or, for the mean of two models, [N, 2]
    initial_states: _Words,  # [models]
) -> tuple[_Words, _Words]: ...  # the stream, final states
def adaptive_decode(
    words: _Words, contexts: numpy.typing.NDArray[numpy.int32], initial_states: _Words
) -> tuple[numpy.typing.NDArray[numpy.uint8], _Words]: ...  # decisions, final states
def multiply_peak(target: str, repeats: int = 20) -> float: ...  # 10^9 multiply-accumulates per second, one core

class ContainerFeed:
    """Chunks and contents of a file that comes in pieces."""

    def __init__(self, strict: bool, max_pixels: int) -> None: ...
    def feed(self, piece: bytes) -> list[bytes]: ...  # types of the chunks after HEAD that are now complete
    def check_complete(self) -> None: ...
    def contents(self) -> dict[str, Any] | None: ...  # None before HEAD

def container_syntax() -> dict[str, tuple[list[tuple[Any, ...]], bool, int]]: ...  # by structure
def tile_grid_facts(width: int, height: int, tile_log2: int, region: tuple[int, int, int, int]) -> dict[str, Any]: ...
def error_name(code: int) -> str: ...
def memory_of_network(data: bytes) -> tuple[int, int, int, int]: ...
def sha256(data: bytes) -> bytes: ...
def decode_latents(payload: bytes, indices: numpy.typing.NDArray[numpy.uint8]) -> numpy.typing.NDArray[numpy.int16]: ...

_Samples = numpy.typing.NDArray[numpy.int16]
_Bytes = numpy.typing.NDArray[numpy.uint8]

# Kernels, each by the name of its target.

def transform_targets() -> list[str]: ...
def inverse_transform(
    coef: _Samples,  # [min(H, 32), min(W, 32)]
    log2_w: int,
    log2_h: int,
    horizontal: str = "dct",  # or "dst"
    vertical: str = "dct",
    target: str = "auto",
    nz_w: int | None = None,  # columns and rows that are not all zero
    nz_h: int | None = None,
    repeat: int = 1,
) -> _Samples: ...  # [H, W]
def scale_coefficients(
    coef: numpy.typing.NDArray[numpy.int32],  # [min(H, 32), min(W, 32)]
    log2_w: int,
    log2_h: int,
    position: int,  # of the step, 0..319
    matrix: int,  # 0..15
) -> numpy.typing.NDArray[numpy.int32]: ...  # [count], 1/256 of a step
def forward_transform(
    residual: _Samples,  # [H, W]
    log2_w: int,
    log2_h: int,
    horizontal: str = "dct",
    vertical: str = "dct",
    target: str = "auto",
    repeat: int = 1,
) -> numpy.typing.NDArray[numpy.int32]: ...  # [min(H, 32), min(W, 32)], 4 fraction bits more than `coef`
def basis_matrix(type: str, n: int) -> numpy.typing.NDArray[numpy.int32]: ...  # [n, n], 2^11  # noqa: A002 - its name in C++
def sse(a: _Samples, b: _Samples, target: str = "auto", repeat: int = 1) -> int: ...
def satd(a: _Samples, b: _Samples, target: str = "auto", repeat: int = 1) -> int: ...
def add_residual(
    prediction: _Samples, residual: _Samples, low: int, high: int, target: str = "auto", repeat: int = 1
) -> _Samples: ...
def predict_block(
    mode: int,
    top: _Samples,  # [1 + w + h + 8], the corner first
    left: _Samples,  # [1 + w + h + 8], the corner first
    log2_w: int,
    log2_h: int,
    target: str = "auto",
    padding: int = 0,
    repeat: int = 1,
) -> _Samples: ...  # [H, W + padding]
def predict_block_from_luma(
    alpha: int,
    top: _Samples,
    left: _Samples,
    luma: _Samples,
    log2_w: int,
    log2_h: int,
    target: str = "auto",
    padding: int = 0,
    repeat: int = 1,
) -> _Samples: ...
def predict_block_by_slopes(
    s: int,
    t: int,
    mean_luma: int,
    mean_co: int,
    base: int,
    planes: _Samples,  # [3, H + 1, W + 1], the rim first
    log2_w: int,
    log2_h: int,
    target: str = "auto",
    padding: int = 0,
) -> _Samples: ...
def predict_derived_block(
    planes: _Samples,  # [3, H + 1, W + 1], the rim first
    above: bool,
    left: bool,
    plane_of_tree: int,
    log2_w: int,
    log2_h: int,
) -> _Samples: ...
def subtract_block(source: _Samples, prediction: _Samples, target: str = "auto", repeat: int = 1) -> _Samples: ...
def chroma_sums(luma: _Samples, chroma: _Samples, w: int, target: str = "auto") -> tuple[int, int, int, int]: ...
def load_colour(rgb: _Bytes, target: str = "auto") -> tuple[_Samples, _Samples, _Samples]: ...  # rgb [N, 3]
def store_colour(luma: _Samples, co: _Samples, cg: _Samples, target: str = "auto") -> _Bytes: ...  # [N, 3]
def expected_cells(
    top: _Bytes,  # [units, 64]; no units: not available
    left: _Bytes,
    target: str = "auto",
) -> tuple[int, _Bytes]: ...  # sum and smoothed cells

# The tables that models start with, and what they are trained with.

model_count: int
warm_classes: int
warm_first: list[int]  # step index from which each class holds

def trained_matrices() -> numpy.typing.NDArray[numpy.int8]: ...  # [class, coded, of the cosine transform]
def trained_inverse(
    coded: numpy.typing.NDArray[numpy.int16], *, mode: int
) -> numpy.typing.NDArray[numpy.int16]: ...  # both [4, 4]
def trained_forward(
    coefficients: numpy.typing.NDArray[numpy.int32], *, mode: int
) -> numpy.typing.NDArray[numpy.int32]: ...  # both [4, 4]
def warm_table(class_: int, /) -> numpy.typing.NDArray[numpy.uint16]: ...
def set_warm_table(class_: int, entries: numpy.typing.NDArray[numpy.uint16], /) -> None: ...
def count_decisions(pixels: _Bytes, *, step_index: int, effort: int) -> numpy.typing.NDArray[numpy.uint32]: ...
def jpeg_parse(data: bytes, *, form: int = 1) -> tuple[bytes, bytes, list[numpy.typing.NDArray[numpy.int16]]]:
    """Payloads of JHDR and JSCR, and for each component its levels [blocks_h, blocks_w, 64]."""

def jpeg_rebuild(
    geometry: bytes, script: bytes, levels: Sequence[numpy.typing.NDArray[numpy.int16]], *, limit: int = ...
) -> bytes | None: ...  # None: they do not belong together
def jpeg_encode_levels(
    geometry: bytes,
    levels: list[numpy.typing.NDArray[numpy.int16]],
    mcus: tuple[int, int, int, int],  # x, y, width, height
    *,
    form: int = 1,
) -> bytes: ...  # form 0 is fast
def jpeg_decode_levels(
    geometry: bytes, data: bytes, mcus: tuple[int, int, int, int]
) -> list[numpy.typing.NDArray[numpy.int16]] | None: ...  # whole arrays, 0 outside the tile; None: no code
def jpeg_metadata(geometry: bytes, script: bytes, *, limit: int = ...) -> dict[str, Any]: ...
def jpeg_inspect(data: bytes) -> dict[str, int]: ...  # counts of what the parser found
def jpeg_encode_bytes(plain: bytes, geometry: bytes, start: int = 0) -> bytes: ...
def jpeg_decode_bytes(coded: bytes, geometry: bytes, size: int, start: int = 0) -> bytes: ...
