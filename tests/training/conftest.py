"""Without torch there is no training; that the command says so is tested all the same."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

HAS_TORCH = importlib.util.find_spec("torch") is not None
if not HAS_TORCH:
    collect_ignore = [
        "test_data.py",
        "test_drawing.py",
        "test_jpegs.py",
        "test_networks.py",
        "test_texture_stage.py",
        "test_train.py",
    ]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    if HAS_TORCH:
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the names and shapes of the real one and random numbers in them."""
    rng = np.random.default_rng(1)
    arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {}

    def layer(name: str, outputs: int, inputs: int, side: int) -> None:
        deviation = (2 / (inputs * side * side)) ** 0.5
        arrays[f"{name}.weight"] = rng.normal(0, deviation, (outputs, inputs, side, side)).astype(np.float32)
        arrays[f"{name}.bias"] = np.zeros(outputs, np.float32)

    layer("conv1", 64, 3, 3)
    inputs = 64
    for fire, (squeezed, expanded) in enumerate(
        [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)], 2
    ):
        layer(f"fire{fire}.squeeze1x1", squeezed, inputs, 1)
        layer(f"fire{fire}.expand1x1", expanded, squeezed, 1)
        layer(f"fire{fire}.expand3x3", expanded, squeezed, 3)
        inputs = 2 * expanded
    path = tmp_path_factory.mktemp("features") / "features.npz"
    np.savez(path, **arrays)
    return path
