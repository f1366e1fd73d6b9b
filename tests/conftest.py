"""Settings of all tests: long timeouts, since test machines do other work too, and independence of released models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from veneer import _native_dev, backend
from veneer.enhancement import models
from veneer.enhancement.models import Entry, Folder, by_name
from veneer.restoration import layer as _  # noqa: F401 - bound before models are hidden: restoring uses them

settings.register_profile("veneer", deadline=None)
settings.load_profile("veneer")


def _by_name_in(name: str, folder: Folder | None = None) -> Entry | None:
    return by_name(name, folder) if folder else None


@pytest.fixture(scope="session", autouse=True)
def encoding_without_released_models() -> Iterator[pytest.MonkeyPatch]:
    """Files encoded by tests are the same before and after a model is released, and take no longer.

    Only models of a folder that a test names are used. Files that name a released model are decoded with it all the
    same.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "by_name", _by_name_in)
        yield patch


@pytest.fixture(params=_native_dev.transform_targets())
def target(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each SIMD target of this machine by name, scalar too; the best one is back in force afterwards."""
    yield request.param
    backend.force_target("auto")


@pytest.fixture
def encoding_as_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encoding uses the models of the package, as it does in other processes."""
    monkeypatch.setattr(models, "by_name", by_name)


@pytest.fixture
def released_models(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """Those of the package, which encoding uses within the test."""
    monkeypatch.setattr(models, "by_name", by_name)
    entries = [entry for entry in models.available() if entry.path.parent == models.PACKAGE_FOLDER]
    if not entries:
        pytest.skip("no model is released")
    return entries
