"""Pictures over backgrounds."""

import numpy as np
import pytest

from veneer.evaluation.transparency import BLACK, WHITE, has_transparency, rgb_over


def test_rgb_over() -> None:
    pixels = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [200, 100, 0, 128]]], np.uint8)
    assert rgb_over(pixels, BLACK).tolist() == [[[10, 20, 30], [0, 0, 0], [100, 50, 0]]]
    assert rgb_over(pixels, WHITE).tolist() == [[[10, 20, 30], [255, 255, 255], [227, 177, 127]]]
    assert rgb_over(pixels[:, :, :3], BLACK).tolist() == pixels[:, :, :3].tolist()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_layouts(channels: int) -> None:
    pixels = np.full((2, 3, channels), 255, np.uint8)
    assert rgb_over(pixels, BLACK).shape == (2, 3, 3)
    assert not has_transparency(pixels)
    pixels[0, 0] = 254
    assert has_transparency(pixels) == (channels in (2, 4))
