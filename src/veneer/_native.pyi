"""Types of the compiled core (native/bindings/module.cpp). Shapes: H rows, W columns, C channels."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, TypedDict, overload

import numpy
import numpy.typing

from veneer.errors import VeneerError

@overload
def encode_base(
    pixels: numpy.typing.NDArray[Any],  # uint8 or, of more than 8 bits, uint16 [H, W, C], C-contiguous
    *,
    depth: int = 8,  # 8..16
    step_index: int,  # 0..223, sixteenths of an octave
    tune: int,  # 0 psnr, 1 visual
    effort: int,  # 1..9
    tile_log2: int,  # 6..16
    threads: int,  # 1..
    options: dict[str, int] = ...,  # encoder experiments
) -> tuple[bytes, list[bytes], list[bytes]]: ...  # base parameters, colour tiles, alpha tiles
@overload
def encode_base(
    pixels: numpy.typing.NDArray[Any],  # uint8 or, of more than 8 bits, uint16 [H, W, C], C-contiguous
    *,
    depth: int = 8,  # 8..16
    step_index: int,  # 0..223, sixteenths of an octave
    tune: int,  # 0 psnr, 1 visual
    effort: int,  # 1..9
    tile_log2: int,  # 6..16
    threads: int,  # 1..
    options: dict[str, int] = ...,  # encoder experiments
    with_error: Literal[True],
) -> tuple[bytes, list[bytes], list[bytes], int]: ...  # and about the squared error of R, G and B, over all pixels
def filter_base(
    pixels: numpy.typing.NDArray[Any],  # as encode_base
    colour_tiles: Sequence[bytes],  # coded without filters
    *,
    params: bytes,
    depth: int = 8,
    tune: int,
    effort: int,
    tile_log2: int,
    threads: int,
) -> tuple[bytes, list[bytes], int]: ...  # base parameters, colour tiles, squared error as encode_base has it
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
    cut_tile: int = -1,  # whose payload is only a beginning
) -> tuple[numpy.typing.NDArray[numpy.uint8], list[int]]: ...  # [h, w, C], TileStatus of each tile
def decode_quarters(
    colour_tiles: Sequence[bytes | None],
    *,
    width: int,
    height: int,
    channels: int,
    tile_log2: int,
    params: bytes,
    depth: int = 8,  # 8..16
    threads: int,
    cut_tile: int = -1,
) -> tuple[  # quarters [H, W, 1 or 3], maps [units, units, 8], steps [units, units], status
    numpy.typing.NDArray[numpy.int16],
    numpy.typing.NDArray[numpy.uint8],
    numpy.typing.NDArray[numpy.uint8],
    list[int],
]: ...
def crc32c(data: bytes | bytearray | memoryview, value: int = 0) -> int: ...
def enlarge(
    values: numpy.typing.NDArray[numpy.int16],  # [H, W, C]
    doublings: int,
) -> numpy.typing.NDArray[numpy.int16]: ...  # [H << doublings, W << doublings, C]
def cpu_features() -> dict[str, bool]: ...

# What makes pictures of a base layer (native/picture), for tests.
_Levels = numpy.typing.NDArray[numpy.uint8]
_Quarters = numpy.typing.NDArray[numpy.int16]
_Region = tuple[int, int, int, int]  # x, y, width, height

def decode_base_filled(
    colour_tiles: Sequence[bytes | None],
    alpha_tiles: Sequence[bytes | None],
    *,
    width: int,
    height: int,
    channels: int,
    tile_log2: int,
    params: bytes,
    region: _Region,
    threads: int,
    cut_tile: int = -1,
    preview: object = None,  # gives a preview or None when it is called
) -> tuple[_Levels, list[int]]: ...  # as decode_base, with what is lost filled in
def decode_quarters_filled(
    colour_tiles: Sequence[bytes | None],
    *,
    width: int,
    height: int,
    channels: int,
    tile_log2: int,
    params: bytes,
    threads: int,
    cut_tile: int = -1,
    preview: object = None,  # gives a preview or None when it is called
) -> tuple[_Quarters, _Levels, _Levels, list[int], _Levels]: ...  # as decode_quarters, and what was lost
def conceal_levels(
    samples: _Levels,
    lost: _Levels,  # [rows, columns], 0 or 1
    origin: tuple[int, int],
    preview: _Levels | None,
    first_channel: int,
    channels: int,
) -> _Levels: ...
def conceal_quarters(
    samples: _Quarters,
    lost: _Levels,
    origin: tuple[int, int],
    preview: _Levels | None,
    first_channel: int,
    channels: int,
) -> _Quarters: ...

class _EncodedJpeg(TypedDict):
    width: int  # of HEAD
    height: int
    channels: int
    tile_log2: int
    restorable: bool  # whether `jpeg_restore` makes the picture better
    header: bytes  # payload of JHDR
    script: bytes  # payload of JSCR
    tiles: list[bytes]  # Data of BASE

def jpeg_encode_file(
    data: bytes | memoryview,
    *,
    form: int,  # 0 fast, 1 full
    tile_log2: int,  # 6..16
    max_pixels: int,
    threads: int,
) -> _EncodedJpeg: ...
def jpeg_decode_file(data: bytes | memoryview, *, max_pixels: int, threads: int) -> bytes: ...
def jpeg_front(header: bytes, script: bytes) -> bytes: ...  # of the JPEG, up to its first scan
def interpolate(quarters: _Quarters, threads: int = 1) -> _Quarters: ...
def quarters_to_pixels(quarters: _Quarters, pixels: _Levels) -> _Levels: ...  # writes to `pixels`
def reduce_picture(pixels: _Levels, scale: int, threads: int = 1) -> _Levels: ...
def enlarge_picture(small: _Levels, region: _Region, scale: int, threads: int = 1) -> _Levels: ...
def decode_preview(
    params: bytes,
    colour: bytes,
    alpha: bytes,
    *,
    width: int,  # of the picture
    height: int,
    channels: int,
    threads: int = 1,
) -> _Levels: ...  # empty where the payload is no code
def covering_region(region: _Region) -> _Region: ...
def preview_tile_log2(preview_width: int, preview_height: int) -> int: ...
def force_target(name: str) -> bool: ...
def encode_with_tables(
    symbols: numpy.typing.NDArray[numpy.uint8],  # [N]
    choices: numpy.typing.NDArray[numpy.uint8],  # [N], number of the table of each
    cdfs: numpy.typing.NDArray[numpy.uint32],  # [tables, n + 1], each rising strictly from 0 to 2^precision
    precision: int,  # 1..24
) -> bytes: ...
def decode_with_tables(
    payload: bytes,
    choices: numpy.typing.NDArray[numpy.uint8],
    cdfs: numpy.typing.NDArray[numpy.uint32],
    precision: int,
) -> numpy.typing.NDArray[numpy.uint8] | None: ...  # None: the payload is no stream
def filter_products(
    enhanced: numpy.typing.NDArray[numpy.int16],
    base: numpy.typing.NDArray[numpy.int16],
    original: numpy.typing.NDArray[numpy.uint8],
    box: tuple[int, int, int, int],
    *,
    clip: int,
    threads: int,
) -> numpy.typing.NDArray[numpy.int64]: ...  # [planes, 64, 13, 13], of which the lower half means nothing
def inference_targets() -> list[str]: ...
def chosen_inference_target() -> str: ...  # what models run their networks with

# The container: contents as plain values.

def container_read_contents(
    data: Any,  # a buffer
    strict: bool,
    max_pixels: int,
    region: tuple[int, int, int, int] | None,  # of the base picture
    enhancement: bool,
) -> dict[str, Any]: ...
def container_read_front(data: Any, max_pixels: int) -> dict[str, Any]: ...

# What is met on the way: offset, type, bytes of payload, whether the checksum agrees, bytes missing; or a problem.
def container_chunks(data: Any, position: int) -> list[tuple[int, bytes, int, bool, int] | VeneerError]: ...
def check_signature(data: Any) -> None: ...

class ModelFile:
    """A model file in the compiled core; raises VeneerError as `reference.read_model_file`."""

    def __init__(self, data: bytes) -> None: ...
    # id, name, and networks: of each the name, the bytes of its weight file, and the hash of it.
    def describe(self) -> dict[str, Any]: ...

class WeightFile:
    """The network of a weight file in the compiled core; raises VeneerError as `reference.read_weight_file`."""

    def __init__(self, data: bytes) -> None: ...
    @property
    def name(self) -> str: ...

# The stream of arrays: the number of the role of each, and its values.
def code_arrays(arrays: Sequence[tuple[int, numpy.typing.NDArray[numpy.int32]]]) -> bytes: ...

class Model:
    """A model, and those of its networks that were read; raises ValueError where one is not of its file."""

    def __init__(self, file: ModelFile, networks: Sequence[WeightFile]) -> None: ...
    def describe(self) -> dict[str, Any]: ...
    def memory_bytes(self, network: str, height: int, width: int, strip: int = -1) -> int: ...
    def run(
        self,
        network: str,
        inputs: Sequence[numpy.typing.NDArray[Any]],  # in the network's order; uint8 or int16 [h, w, C]
        height: int,
        width: int,
        threads: int,
        strip: int = -1,  # picture rows, 0 for all, -1 for as many as are best
    ) -> list[numpy.typing.NDArray[Any]]: ...
    def networks(self, scale: int) -> Networks | None: ...
    def texture_network(self) -> str: ...

# The decoder. `models` is asked find(id, check) -> ModelFile, network(name, sha256) -> WeightFile and filling() ->
# WeightFile | None, and may raise VeneerError.

def decode(
    data: Any,  # a buffer
    *,
    layers: int,  # 0 full, 1 base, 2 preview
    realism: int,  # 0..64, -1 for that of the file
    region: tuple[int, int, int, int] | None,
    strict: bool,
    max_pixels: int,
    threads: int,
    models: Any,
) -> tuple[numpy.typing.NDArray[numpy.uint8], list[VeneerError]]: ...

class PushDecoder:
    """Decodes a file while it arrives."""

    def __init__(self, *, layers: int, realism: int, max_pixels: int, threads: int, models: Any) -> None: ...

    # What has happened: its kind in the order of EventKind from 1 on, region, problem.
    def feed(self, data: Any) -> list[tuple[int, tuple[int, int, int, int] | None, VeneerError | None]]: ...
    def finish(self) -> list[tuple[int, tuple[int, int, int, int] | None, VeneerError | None]]: ...
    def picture(self) -> numpy.typing.NDArray[numpy.uint8] | None: ...
    def preview(self) -> numpy.typing.NDArray[numpy.uint8] | None: ...
    def problems(self) -> list[VeneerError]: ...
    def contents(self) -> dict[str, Any] | None: ...  # None before HEAD; payloads of tiles are left out
    @property
    def size(self) -> int: ...
    @property
    def tiles_shown(self) -> int: ...
    @property
    def finished(self) -> bool: ...

def latent_frequencies() -> numpy.typing.NDArray[numpy.uint32]: ...  # [64, 256]

# Enhancement, for the encoder and for tests. Rows of pictures may be further apart than they are long.
_EnhancedBase: TypeAlias = tuple[
    numpy.typing.NDArray[numpy.int16],  # [H, W, 1 or 3], quarters of a level
    numpy.typing.NDArray[numpy.uint8],  # [h, w, 8], maps
    numpy.typing.NDArray[numpy.uint8],  # [h, w], steps
    Sequence[int],  # settings
    int,  # Base_Scale
    numpy.typing.NDArray[numpy.int16] | None,  # [2 H, 2 W, 1 or 3], interpolated
]
_EnhancedPart: TypeAlias = tuple[
    numpy.typing.NDArray[numpy.int16],  # [H, W, 1 or 3], 1/64 of a level
    numpy.typing.NDArray[numpy.uint8],  # [h, w, 8], maps
    numpy.typing.NDArray[numpy.uint8],  # [h, w], steps
    numpy.typing.NDArray[numpy.uint8],  # [h, w], missing
    Sequence[int],  # settings
    int,  # x
    int,  # y
    int,  # seed
]
_Box: TypeAlias = tuple[int, int, int, int]  # x, y, width, height
# For each plane thresholds and coefficients of each class; clip.
_Filters: TypeAlias = tuple[Sequence[tuple[Sequence[int], Sequence[Sequence[int]]]], int]

class Networks:
    """The networks of a model for one Base_Scale: their names, None for those that there are not."""

    @property
    def restore(self) -> str: ...
    @property
    def latent_prior(self) -> str | None: ...
    @property
    def latent_analysis(self) -> str | None: ...
    @property
    def texture(self) -> str | None: ...
    @property
    def latents(self) -> tuple[int, int] | None: ...  # channels, reduction
    @property
    def alignment(self) -> int: ...
    @property
    def takes_strength(self) -> bool: ...
    def analyse(
        self,
        base: _EnhancedBase,
        original: numpy.typing.NDArray[numpy.uint8],  # [H, W, 1 or 3]
        threads: int,
    ) -> numpy.typing.NDArray[numpy.int16]: ...
    def latent_indices(self, tile: _EnhancedBase, threads: int) -> numpy.typing.NDArray[numpy.uint8]: ...
    def decode(
        self,
        base: _EnhancedBase,
        tiles: Sequence[tuple[_Box, int, bytes, bool]],  # box, strength, data, whether it has filters
        threads: int,
    ) -> tuple[
        numpy.typing.NDArray[numpy.int16] | None,  # latents
        numpy.typing.NDArray[numpy.uint8],  # [h, w], strengths
        list[tuple[_Box, _Filters]],
        list[int],  # damaged tiles
    ]: ...
    def synthesize(
        self,
        base: _EnhancedBase,
        y: numpy.typing.NDArray[numpy.int16] | None,
        strengths: numpy.typing.NDArray[numpy.uint8],  # [h, w]
        realism: int,
        threads: int,
        max_columns: int = ...,
    ) -> numpy.typing.NDArray[numpy.int16]: ...
    def visible_part(self, region: _Box, width: int, height: int) -> _Box: ...

def add_texture(
    model: Model, part: _EnhancedPart, realism: int, threads: int, max_columns: int = ...
) -> numpy.typing.NDArray[numpy.int16]: ...
def visible_texture_part(model: Model, region: _Box, width: int, height: int) -> _Box: ...
def read_filters(
    data: bytes,
    planes: int,
    index: numpy.typing.NDArray[numpy.uint8] | None,  # distributions of latents
) -> tuple[_Filters | None, numpy.typing.NDArray[numpy.int16] | None]: ...  # latents that are not read are 1
def read_latents(
    data: bytes, index: numpy.typing.NDArray[numpy.uint8]
) -> tuple[bool, numpy.typing.NDArray[numpy.int16]]: ...
def apply_filters(
    enhanced: numpy.typing.NDArray[numpy.int16],
    base: numpy.typing.NDArray[numpy.int16],
    tiles: Sequence[tuple[_Box, _Filters]],
    threads: int,
) -> numpy.typing.NDArray[numpy.int16]: ...
def texture_noise(
    seed: int, u: int, v: int, width: int, height: int, threads: int
) -> numpy.typing.NDArray[numpy.int16]: ...  # [height, width, 8]
def to_pixels(
    picture: numpy.typing.NDArray[numpy.int16], channels: int
) -> numpy.typing.NDArray[numpy.uint8]: ...  # what is left as it is has 7
def from_quarters(quarters: numpy.typing.NDArray[numpy.int16]) -> numpy.typing.NDArray[numpy.int16]: ...
def in_full_size(
    units: numpy.typing.NDArray[numpy.uint8], scale: int, width: int, height: int
) -> numpy.typing.NDArray[numpy.uint8]: ...
def realism_from_head(default_realism: int) -> int: ...
def realism_from_share(realism: float) -> int: ...

_ModularSamples: TypeAlias = numpy.typing.NDArray[numpy.uint16]  # [H, W, C]

def encode_form(form: str, samples: _ModularSamples, *, most: Sequence[int], effort: int = 5) -> bytes: ...
def encode_modular(
    samples: numpy.typing.NDArray[Any],  # uint8 or uint16 [H, W, C]
    *,
    depth: int,
    effort: int,
    max_error: int,
    exact: bool,
    tile_log2: int,
    threads: int,
) -> list[bytes]: ...
def decode_form(form: str, data: bytes, *, width: int, height: int, most: Sequence[int]) -> _ModularSamples | None: ...
def encode_tile(
    samples: _ModularSamples,
    *,
    depth: int,
    effort: int = 5,
    max_error: int = 0,
    exact: bool = False,
    form: str = "",  # or the only one to use
) -> bytes: ...
def decode_tile(data: bytes, *, width: int, height: int, channels: int, depth: int) -> _ModularSamples | None: ...
def jpeg_networks(model: Model) -> tuple[bool, bool]: ...  # whether it restores JPEGs; whether it textures them
def visible_jpeg_part_at_most(
    model: Model, width: int, height: int, region: tuple[int, int, int, int], realism: int = 0
) -> tuple[int, int, int, int]: ...

class JpegPicture:
    """A JPEG: geometry, tables and coefficients."""

    def __init__(
        self,
        width: int,
        height: int,
        # Sampling across and down, number of the table, levels [rows of blocks, columns of blocks, 64] of whole MCUs.
        components: Sequence[tuple[int, int, int, numpy.typing.NDArray[numpy.int16]]],
        tables: numpy.typing.NDArray[numpy.uint16],  # [1..4, 64]
        colour: int,  # 0 grey, 1 YCbCr, 2 RGB, 3 CMYK, 4 YCCK
    ) -> None: ...
    def pixels(
        self, region: tuple[int, int, int, int] | None = None, threads: int = 1
    ) -> numpy.typing.NDArray[numpy.uint8]: ...
    @staticmethod
    def read(data: bytes, max_pixels: int) -> JpegPicture: ...
    @property
    def colour(self) -> int: ...
    @property
    def can_be_restored(self) -> bool: ...
    @property
    def strength(self) -> tuple[int, list[int]]: ...  # step index of luma, four settings
    def maps(
        self,
        pixels: numpy.typing.NDArray[numpy.uint8],  # from whole blocks of chroma to such or to the picture's end
        threads: int = 1,
    ) -> numpy.typing.NDArray[numpy.uint8]: ...
    def restored(
        self,
        model: Model,
        region: tuple[int, int, int, int] | None = None,
        realism: int = 0,  # 0..64
        seed: int = 0,
        threads: int = 1,
        max_columns: int = ...,
        band_pixels: int = ...,
    ) -> numpy.typing.NDArray[numpy.uint8]: ...
    def restored_part(
        self,
        model: Model,
        place: tuple[int, int, int, int],  # of its first pixel in the whole picture, and the sides of that
        region: tuple[int, int, int, int],  # in the whole
        realism: int = 0,
        seed: int = 0,
    ) -> numpy.typing.NDArray[numpy.uint8]: ...
    def visible_part(
        self, model: Model, region: tuple[int, int, int, int], realism: int = 0
    ) -> tuple[int, int, int, int]: ...
    def mcus(self, region: tuple[int, int, int, int]) -> tuple[int, int, int, int]: ...  # x, y, width, height of them
