"""The base picture in quarters of a level is the one whose rounding gives the pixels."""

import numpy as np
import pytest
from oracle import base_layer
from oracle.base_layer import TileStatus
from samples import make_picture

from veneer.base.enc_layer import encode_base
from veneer.base.layer import decode_base_quarters


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (67, 131), (128, 64)])
def test_quarters_round_to_pixels(size: tuple[int, int], channels: int) -> None:
    pixels = np.ascontiguousarray(make_picture(*size, channels))
    layer = encode_base(pixels, step_index=110, tune=1, effort=3, tile_log2=6, threads=1)
    place = {"width": size[1], "height": size[0], "channels": channels, "tile_log2": 6, "parameters": layer.parameters}
    decoded, _ = base_layer.decode_base(
        layer.colour_tiles, layer.alpha_tiles, region=(0, 0, size[1], size[0]), threads=1, **place
    )
    decoding = decode_base_quarters(layer.colour_tiles, threads=2, **place)
    quarters = decoding.quarters
    assert quarters.dtype == np.int16
    planes = 3 if channels >= 3 else 1
    np.testing.assert_array_equal((quarters + 2) >> 2, decoded[:, :, :planes])
    assert quarters.min() >= 0
    assert quarters.max() <= 1020


def test_missing_and_damaged_tiles_are_told() -> None:
    pixels = np.ascontiguousarray(make_picture(64, 128))
    layer = encode_base(pixels, step_index=110, tune=1, effort=3, tile_log2=6, threads=1)
    tiles = [None, b"\xff" * 9]
    decoding = base_layer.decode_base_quarters(
        tiles, width=128, height=64, channels=3, tile_log2=6, parameters=layer.parameters, threads=1
    )
    assert decoding.status == [TileStatus.MISSING, TileStatus.DAMAGED]
    empty = np.zeros((16, 16, 8), np.uint8)
    empty[:, 0, [0, 4]] = empty[0, :, [1, 5]] = 1
    empty[:, :, 2] = 12
    np.testing.assert_array_equal(decoding.maps, np.concatenate([empty, empty], axis=1))
    assert (decoding.steps == 110).all()


def test_maps_say_where_blocks_and_coefficients_are() -> None:
    pixels = np.full((64, 128, 3), 90, np.uint8)
    pixels[:, 64:] = make_picture(64, 64)
    layer = encode_base(pixels, step_index=100, tune=1, effort=5, tile_log2=7, threads=1)
    decoding = decode_base_quarters(
        layer.colour_tiles, width=128, height=64, channels=3, tile_log2=7, parameters=layer.parameters, threads=1
    )
    flat, busy = decoding.maps[:, :16], decoding.maps[:, 16:]
    # One block without coefficients but for the level; several with many.
    assert flat[:, :, 0].sum() == 16
    assert (flat[:, :, 2] == 12).all()
    assert flat[:, :, 3].max() <= 1
    assert busy[:, :, 0].sum() > 16
    assert busy[:, :, 3].max() > 3
    assert (decoding.maps[:, :, 2] >= 4).all()
    assert len(np.unique(decoding.steps)) > 1  # masking gives each its own
