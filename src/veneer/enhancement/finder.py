"""Models for the decoder of the core: those that a file names, and the one that fills in what is lost.

Place: between the decoder, which asks while it decodes, and `models.py`, which knows where models are.
Source: docs/format.md, "Models and networks".
"""

from __future__ import annotations

from veneer.backend import Model
from veneer.enhancement import models
from veneer.enhancement.models import Folder, by_reference, load
from veneer.errors import VeneerError

# Fills what was lost of pictures whose files name no model that textures.
FILLING_MODEL = "standard"


class ModelFinder:
    """Answers what the decoder asks.

    Args:
        folder: of models, before all others.
    """

    def __init__(self, folder: Folder | None) -> None:
        self._folder = folder

    def find(self, model_id: int, check: bytes) -> Model:
        """The model that a file names.

        Args:
            model_id: the field Model_Id.
            check: the field Model_Check.

        Raises:
            VeneerError: MODEL_UNKNOWN, or what is wrong with its weight file.
        """
        return load(by_reference(model_id, check, self._folder))

    def filling(self) -> Model | None:
        """The installation's model for what is lost; None where there is none, or none that textures."""
        try:
            entry = models.by_name(FILLING_MODEL, self._folder)
            model = load(entry) if entry else None
        except VeneerError:
            return None
        return model if model and "texture" in model.describe()["networks"] else None
