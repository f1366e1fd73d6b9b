"""Models for the decoder of the core: those that a file names, and the one that fills in what is lost.

Place: between the decoder, which asks while it decodes, and `models.py`, which knows where models are.
Source: docs/format.md, "Models and networks".
"""

from __future__ import annotations

from pathlib import Path

from veneer.backend import ModelFile, WeightFile
from veneer.enhancement import models
from veneer.enhancement.models import Folder, by_reference, load_file, load_network, network_hashes
from veneer.errors import VeneerError

# Fills what was lost of pictures whose files name no model that textures.
FILLING_MODEL = "standard"
TEXTURE = "texture"


class ModelFinder:
    """Answers what the decoder asks.

    Args:
        folder: of models, before all others.
    """

    def __init__(self, folder: Folder | None) -> None:
        self._folder = folder
        self._places: dict[str, Path] = {}  # folders of weight files, by their hashes

    def find(self, model_id: int, check: bytes) -> ModelFile:
        """The model that a file names.

        Args:
            model_id: the field Model_Id.
            check: the field Model_Check.

        Raises:
            VeneerError: MODEL_UNKNOWN, or what is wrong with its model file.
        """
        entry = by_reference(model_id, check, self._folder)
        for sha256 in network_hashes(entry).values():
            self._places[sha256] = entry.path.parent
        return load_file(entry)

    def network(self, name: str, sha256: bytes) -> WeightFile:
        """A network of a model that was found; raises VeneerError for what is wrong with its weight file."""
        return load_network(self._places[sha256.hex()], name, sha256.hex())

    def filling(self) -> WeightFile | None:
        """The installation's network for what is lost; None where there is none."""
        try:
            entry = models.by_name(FILLING_MODEL, self._folder)
            hashes = network_hashes(entry) if entry else {}
            return load_network(entry.path.parent, TEXTURE, hashes[TEXTURE]) if entry and TEXTURE in hashes else None
        except VeneerError:
            return None
