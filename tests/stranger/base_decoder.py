"""A decoder of base pictures, alpha and previews that was written from docs/format.md alone.

The author of it and of the modules that it imports saw no other decoder until it was finished. It imports nothing of
this project: if it decodes the vectors correctly, the document says enough. It is strict, slow, and knows neither
enhancement nor the modular base, which codes alpha above 8 bits too. More than 8 bits were added later.
"""

import numpy as np
import numpy.typing as npt
from stranger.alpha_plane import AlphaTile
from stranger.base_layer import Tile
from stranger.blocks import Samples
from stranger.container import RefusedError, read_file
from stranger.sample_range import SampleRange


def quarters(planes: list[Samples]) -> Samples:
    """Rows, columns, channels of grey or RGB as the planes have them, in quarters of a level of 8 bits; not limited."""
    if len(planes) == 1:
        return planes[0][:, :, None]
    Y, Co, Cg = planes  # noqa: N806
    return np.stack((Y - Cg + Co, Y + Cg, Y - Cg - Co), axis=2)


def doubled(q: Samples) -> Samples:
    """Quarters of a base picture of half the sides, interpolated."""
    f = (1, -9, 35, 114, -17, 4)

    def lines(q: Samples) -> Samples:
        """Twice the rows."""
        n = len(q)
        even = sum(f[i] * q[np.clip(np.arange(n) + i - 3, 0, n - 1)] for i in range(6))
        odd = sum(f[5 - i] * q[np.clip(np.arange(n) + i - 2, 0, n - 1)] for i in range(6))
        return np.stack((even, odd), axis=1).reshape(2 * n, *q.shape[1:])

    total = lines(lines(q).swapaxes(0, 1)).swapaxes(0, 1)
    return np.clip((total + 2**13) >> 14, 0, 1020)


def alpha_of(data: bytes | None, w: int, h: int) -> list[Samples]:
    """No plane without data, otherwise alpha of 0..255 in quarters of a level."""
    return [] if data is None else [4 * np.array(AlphaTile(data, w, h).decode())[:, :, None]]


def decode(file: bytes) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """The base picture of a file as rows, columns, channels.

    Raises RefusedError for files that are not valid.
    """
    read = read_file(file)
    head, side, sample_range = read.head, 2**read.head.Tile_Log2, SampleRange(read.head.Bit_Depth)
    picture = np.zeros((read.base_height, read.base_width, head.Channels), np.int64)
    for index, data in read.tiles[b"BASE"].items():
        x, y = index % read.columns * side, index // read.columns * side
        w, h = min(side, read.base_width - x), min(side, read.base_height - y)
        colour = Tile(data, head, w, h, head.Channels >= 3, sample_range).decode()
        alpha = alpha_of(read.tiles[b"ALPH"].get(index), w, h)
        picture[y : y + h, x : x + w] = np.concatenate([quarters([plane[:h, :w] for plane in colour]), *alpha], axis=2)
    if head.Base_Scale == 2:
        picture = doubled(np.clip(picture, 0, 1020))[: head.Height, : head.Width]
    return sample_range.pixels(picture)


def decode_preview(file: bytes) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """Pixels of 8 bits of the preview of a file; raises RefusedError as `decode` does."""
    read = read_file(file)
    has_alpha = read.head.Channels in (2, 4)
    if read.preview is None or (has_alpha and read.preview_alpha is None):
        raise RefusedError("there is no preview")
    parameters, data = read.preview
    w, h = (read.head.Width + 7) // 8, (read.head.Height + 7) // 8
    colour = Tile(data, parameters, w, h, read.head.Channels >= 3, SampleRange()).decode()
    alpha = alpha_of(read.preview_alpha if has_alpha else None, w, h)
    return SampleRange().pixels(np.concatenate([quarters([plane[:h, :w] for plane in colour]), *alpha], axis=2))
