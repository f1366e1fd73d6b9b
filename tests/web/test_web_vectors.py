"""All conformance vectors, in every browser: the same pixels, the same JPEGs, the same refusals."""

import pytest
from browsers import Browser, find_vectors

from veneer.conformance.vectors import Vector, read_index
from veneer.enhancement import models

AT_A_TIME = 100


def places_of_models() -> dict[str, str]:
    """Model files and weight files, of the vectors and released ones, by the names that the page asks for."""
    places = {}
    for entry in models.available(find_vectors() / "models"):
        folder = "weights" if entry.path.parent == models.PACKAGE_FOLDER else "vectors/models"
        places[f"{entry.id}-{entry.sha256[:8]}"] = f"/{folder}/{entry.path.name}"
        places |= {name.removesuffix(".vnw"): f"/{folder}/{name}" for name in models.weight_file_names(entry)}
    return places


def options(vector: Vector) -> dict[str, str]:
    return dict(option.split("=", 1) for option in vector.options.split())


@pytest.mark.slow
def test_vectors(browser: Browser) -> None:
    vectors = read_index(find_vectors())
    assert len(vectors) > 1000
    wrong = []
    for first in range(0, len(vectors), AT_A_TIME):
        part = vectors[first : first + AT_A_TIME]
        asked = [{"name": vector.name, "options": options(vector)} for vector in part]
        outcomes = browser.run("vectors.js", seconds=120, vectors=asked, models=places_of_models())
        both = zip(part, outcomes, strict=True)
        wrong += [(vector.name, vector.options, got) for vector, got in both if got != vector.outcome]
    assert wrong == []
