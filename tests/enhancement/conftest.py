"""A folder with the models that tests of enhancement use."""

from pathlib import Path

import pytest
from enhancers import make_model, write_models


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models "tiny" (latents, both scales), "plain" (no latents, full size only), "textured" (tiny with `texture`)."""
    tiny = make_model(900, "tiny")
    plain = make_model(901, "plain", latents=False, scales=(1,))
    textured = make_model(902, "textured", texture=True)
    return write_models(tmp_path_factory.mktemp("models"), tiny, plain, textured)
