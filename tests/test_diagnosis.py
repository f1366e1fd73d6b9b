"""A sound installation passes, and whatever differs between kernels or is missing shows."""

import os
from pathlib import Path

import pytest
from enhancers import make_model, write_models

import veneer
from veneer import _native_dev, backend, diagnosis


def test_sound_installation() -> None:
    found = veneer.diagnose()
    assert found.healthy, found.checks
    assert set(found.kernels) == set(_native_dev.transform_targets())
    names = {check.name for check in found.checks}
    assert {f"base layer, {name}" for name in found.kernels} <= names
    assert {f"networks, {name}" for name in backend.inference_targets()} <= names
    assert found.packages["numpy"]


def test_test_picture_uses_what_it_can() -> None:
    picture = diagnosis._test_picture()
    assert [len(set(picture[:, :, c].ravel().tolist())) > 100 for c in range(4)] == [True] * 4
    network = diagnosis._test_network()
    result = network.run({"picture": picture[:61, :83, :3]}, (61, 83))["result"]
    assert (result != picture[:61, :83, :3]).mean() > 0.5
    assert ((result > 0) & (result < 255)).mean() > 0.3


def test_a_kernel_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    last = diagnosis.diagnose().kernels[-1]
    encode, force = diagnosis.encode, backend.force_target
    forced = ["auto"]

    def remember(name: str) -> bool:
        forced.append(name)
        return force(name)

    def differ(*args: object, **options: object) -> bytes:
        changed = {"step_index": 60} if forced[-1] == last else {}
        return encode(*args, **{**options, **changed})  # type: ignore[arg-type]

    monkeypatch.setattr(backend, "force_target", remember)
    monkeypatch.setattr(diagnosis, "encode", differ)
    found = veneer.diagnose()
    assert not found.healthy
    assert [check.name for check in found.checks if not check.passed] == [f"base layer, {last}"]


def test_a_codec_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise veneer.VeneerError(veneer.ErrorCode.CHECKSUM, "changed on the way")

    monkeypatch.setattr(diagnosis, "decode", refuse)
    failed = [check for check in veneer.diagnose().checks if not check.passed]
    assert failed
    assert {check.detail for check in failed} == {"changed on the way"}


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "PACKAGES", ("numpy", "no-such-package"))
    assert veneer.diagnose().packages["no-such-package"] is None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models that the environment leads to."""
    folder = write_models(tmp_path, make_model(900, "tiny"), make_model(901, "other", scales=(1,)))
    monkeypatch.setenv("VENEER_MODELS", str(folder))
    return folder


def test_models_are_found_and_run(folder: Path) -> None:
    found = veneer.diagnose()
    assert found.healthy, found.checks
    states = {model.id: model for model in found.models}
    assert {900, 901} <= states.keys()
    assert Path(states[900].path).parent == folder
    assert {f"model tiny 900, {name}" for name in backend.inference_targets()} <= {check.name for check in found.checks}


def test_a_model_that_was_tampered_with(folder: Path) -> None:
    path = folder / "other-901.vnm"
    path.write_bytes(path.read_bytes()[:-1])
    found = veneer.diagnose()
    assert not found.healthy
    problems = {model.id: model.problem for model in found.models}
    assert problems[900] is None
    assert "other-901.vnm" in str(problems[901])


def test_a_weight_file_that_is_missing(folder: Path) -> None:
    (path,) = folder.glob("latent_prior_half-*.vnw")
    path.unlink()
    problems = {model.id: model.problem for model in veneer.diagnose().models}
    assert f"{path} cannot be read" in str(problems[900])
    assert problems[901] is None


def test_a_folder_without_a_manifest(folder: Path) -> None:
    (folder / "manifest.toml").unlink()
    assert [check.name for check in veneer.diagnose().checks if not check.passed] == ["models"]


@pytest.mark.parametrize("name", ["manifest.toml", "tiny-900.vnm"])
@pytest.mark.parametrize("stand_in", ["pipe", "device", "loop", "NUL"])
@pytest.mark.slow
def test_hostile_files_of_models(folder: Path, name: str, stand_in: str) -> None:
    path = folder / name
    path.unlink()
    match stand_in:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "loop":
            path.symlink_to(path)
        case "NUL":
            path.write_bytes(b"[[model]]\nid = 900\nname = 'a'\nfile = \"\\u0000\"\nsha256 = '" + b"0" * 64 + b"'")
    found = veneer.diagnose()
    assert not found.healthy
    assert any(
        str(folder) in check.detail or "cannot be read" in check.detail for check in found.checks if not check.passed
    )
