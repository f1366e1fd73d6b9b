"""Models that are missing, cut, tampered with, unknown, or of no use here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from enhancers import enhanced_file, make_model, write_models
from samples import make_picture

import veneer
from veneer import backend
from veneer.enhancement import models
from veneer.enhancement.models import by_name
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.model_network import native_model
from veneer.inference.network import Network
from veneer.inference.weights import Model, write_model
from veneer.reference.enhancement import networks_of as reference_networks
from veneer.reference.enhancement import texture_network_of
from veneer.reference.weights import read_model


def networks_of(model: Model, scale: int) -> backend.Networks | None:
    return native_model(write_model(model)).networks(scale)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """Models that may be spoilt."""
    return Path(shutil.copytree(folder, tmp_path / "models"))


@pytest.fixture(scope="module")
def file(folder: Path) -> bytes:
    return enhanced_file(make_picture(70, 90), folder)


def spoil(folder: Path) -> Iterator[tuple[str, ErrorCode]]:
    """Ways to spoil a model file, and the weight file of a network that is needed, undone after each."""
    entry = by_name("tiny", folder)
    assert entry is not None
    (needed,) = [name for name in models.weight_file_names(entry) if name.startswith("restore-")]
    for path in (entry.path, folder / needed):
        yield from spoil_file(path)


def spoil_file(path: Path) -> Iterator[tuple[str, ErrorCode]]:
    whole = path.read_bytes()
    path.unlink()
    yield "missing", ErrorCode.NO_WEIGHTS
    for name, data in (
        ("empty", b""),
        ("cut", whole[:-100]),
        ("tampered", whole[:50] + bytes([whole[50] ^ 1]) + whole[51:]),
        ("longer", whole + b"!"),
    ):
        path.write_bytes(data)
        yield name, ErrorCode.WEIGHTS_CHECKSUM
    path.write_bytes(whole)


def test_spoilt_weights(file: bytes, copy: Path) -> None:
    base = veneer.decode(file, layers="base")
    for what, code in spoil(copy):
        with pytest.warns(veneer.VeneerWarning) as caught:
            decoded = veneer.decode(file, models=copy)
        np.testing.assert_array_equal(decoded, base, err_msg=what)
        assert [warning.message.problem.code for warning in caught] == [code]  # type: ignore[union-attr]
        with pytest.raises(VeneerError) as refused:
            veneer.decode(file, models=copy, strict=True)
        assert refused.value.code == code
        with pytest.raises(VeneerError, match=r"tiny-900|restore-"):
            veneer.encode(make_picture(20, 20), model="tiny", models=copy)
    assert (veneer.decode(file, models=copy, strict=True) != base).any()


def test_networks_that_are_not_needed(file: bytes, copy: Path) -> None:
    """Encoder's networks and those for the other scale are not looked at, nor is that of texture at realism 0."""
    expected = veneer.decode(file, models=copy, strict=True)
    for pattern in ("latent_analysis-*", "*_half-*"):
        for path in copy.glob(pattern):
            path.unlink()
    np.testing.assert_array_equal(veneer.decode(file, models=copy, strict=True), expected)


def test_without_the_network_of_texture(tmp_path: Path) -> None:
    """The picture is that of a file which names none; nothing is wrong with it where realism 0 is asked for."""
    folder = write_models(tmp_path, make_model(905, "textured", texture=True))
    data = enhanced_file(make_picture(70, 90), folder, "textured")
    entry = models.by_name("textured", folder)
    assert entry is not None
    bare = with_head(data, entry.check + bytes([3]), entry.check + bytes([1]))
    plain, textured = (veneer.decode(each, models=folder, strict=True, realism=1) for each in (bare, data))
    assert (plain != textured).any()
    at_zero = veneer.decode(data, models=folder, strict=True, realism=0)
    (path,) = folder.glob("texture-*.vnw")
    path.unlink()
    np.testing.assert_array_equal(veneer.decode(data, models=folder, strict=True, realism=0), at_zero)
    with pytest.warns(veneer.VeneerWarning, match=path.name) as caught:
        np.testing.assert_array_equal(veneer.decode(data, models=folder, realism=1), plain)
    assert [warning.message.problem.code for warning in caught] == [ErrorCode.NO_WEIGHTS]  # type: ignore[union-attr]
    for backend_name in ("native", "reference"):
        with pytest.raises(VeneerError) as refused:
            veneer.decode(data, models=folder, strict=True, realism=1, backend=backend_name)
        assert refused.value.code == ErrorCode.NO_WEIGHTS


def test_a_network_of_two_models_is_one_file(tmp_path: Path) -> None:
    one, two = make_model(905, "one", latents=False), make_model(906, "two", latents=False, scales=(1,))
    folder = write_models(tmp_path, one, two)
    assert len(list(folder.glob("restore-*.vnw"))) == 1
    entries = [models.by_name(name, folder) for name in ("one", "two")]
    first, second = (models.network_hashes(entry) for entry in entries if entry)
    assert first["restore"] == second["restore"]


def test_a_weight_file_with_another_network(tmp_path: Path) -> None:
    """Its hash is right, but the model file calls it something else."""
    made = make_model(905, "tiny", latents=False)
    swapped = {"restore": made.networks["restore_half"], "restore_half": made.networks["restore"]}
    folder = write_models(tmp_path, Model(905, "tiny", swapped))
    entry = models.by_name("tiny", folder)
    assert entry is not None
    with pytest.raises(VeneerError, match="has network restore_half, not restore") as caught:
        models.load(entry)
    assert caught.value.code == ErrorCode.WEIGHTS_INVALID
    data = enhanced_file(make_picture(20, 30), write_models(tmp_path / "right", made))
    old = models.by_name("tiny", tmp_path / "right")
    assert old is not None
    data = with_head(data, old.check, entry.check)
    for name in ("native", "reference"):
        with pytest.raises(VeneerError, match="restore_half") as refused:
            veneer.decode(data, models=folder, strict=True, backend=name)
        assert refused.value.code == ErrorCode.WEIGHTS_INVALID


def with_head(data: bytes, old: bytes, new: bytes) -> bytes:
    """A file with other bytes in its HEAD."""
    at = data.index(b"HEAD")
    end = at + 4 + int.from_bytes(data[at - 4 : at], "little")
    head = data[at:end].replace(old, new)
    return data[:at] + head + backend.crc32c(head).to_bytes(4, "little") + data[end + 4 :]


def test_unknown_model(file: bytes) -> None:
    with pytest.warns(veneer.VeneerWarning, match="model 900"):
        decoded = veneer.decode(file)
    np.testing.assert_array_equal(decoded, veneer.decode(file, layers="base", strict=True))
    with pytest.raises(VeneerError) as caught:
        veneer.decode(file, strict=True)
    assert caught.value.code == ErrorCode.MODEL_UNKNOWN


def test_another_weight_file_of_the_same_number(file: bytes, tmp_path: Path) -> None:
    other = write_models(tmp_path, make_model(900, "tiny", scales=(1,)))
    with pytest.raises(VeneerError, match="another model") as caught:
        veneer.decode(file, models=other, strict=True)
    assert caught.value.code == ErrorCode.MODEL_UNKNOWN


def test_folders_of_the_environment(file: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(models.FOLDERS_VARIABLE, str(folder))
    assert (veneer.decode(file, strict=True) != veneer.decode(file, layers="base")).any()
    monkeypatch.setenv(models.FOLDERS_VARIABLE, str(folder / "nowhere"))
    with pytest.raises(VeneerError) as caught:
        veneer.decode(file, strict=True)
    assert caught.value.code == ErrorCode.NO_WEIGHTS


def test_names(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(VeneerError, match=r"there are .*plain.*tiny") as caught:
        veneer.encode(make_picture(8, 8), model="huge", models=folder)
    assert caught.value.code == ErrorCode.BAD_SETTING
    newest = write_models(tmp_path / "two", make_model(905, "plain", latents=False), make_model(904, "plain"))
    entry = models.by_name("plain", newest)
    assert entry is not None
    assert entry.id == 905
    # A package that was built without models.
    empty = write_models(tmp_path / "none")
    monkeypatch.setattr(models, "PACKAGE_FOLDER", empty)
    monkeypatch.setattr(models, "by_name", by_name)
    assert by_name("standard") is None
    assert b"eNHA" not in veneer.encode(make_picture(64, 64), step_index=170)


def manifest(**fields: str) -> bytes:
    """A manifest of one model, with some of its fields as they are given."""
    usual = {"id": "900", "name": "'a'", "file": "'b'", "sha256": f"'{64 * '0'}'"}
    return "\n".join(["[[model]]", *(f"{name} = {value}" for name, value in {**usual, **fields}.items())]).encode()


MANIFESTS = {
    "fields missing": b"[[model]]\nid = 1",
    "a number": b"model = 3",
    "numbers": b"model = [1, 2]",
    "no toml": b"no toml",
    "large number": manifest(id="65536"),
    "boolean": manifest(id="true"),
    "larger than can be printed": manifest(id=f"0x{'f' * 500}"),
    "list": manifest(name="['a']"),
    "NUL in a file": manifest(file='"a\\u0000b"'),
    "newline in a name": manifest(name='"a\\nveneer: all is well"'),
    "table": manifest(file="{a = 1}"),
    "nested tables": manifest(id="{a=" * 100 + "1" + "}" * 100),
    "nested beyond recursion": b"a = " + b"[\n" * 20_000,
    "many levels": b"a" + b".a" * 30_000 + b" = 1",
    "bytes": b"\xff\xfe",
    "NUL": b"\0" * 100,
    "empty line": b"[[model]]\n",
}


@pytest.mark.parametrize("content", MANIFESTS.values(), ids=MANIFESTS)
def test_manifests_that_are_none(content: bytes, file: bytes, tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_bytes(content)
    with pytest.raises(VeneerError) as caught:
        models.available(tmp_path)
    assert caught.value.code == ErrorCode.WEIGHTS_INVALID
    assert len(caught.value.message.splitlines()) == 1
    assert len(caught.value.message) < 400
    check_fallback(file, tmp_path, ErrorCode.WEIGHTS_INVALID)


def check_fallback(file: bytes, folder: Path, code: ErrorCode) -> None:
    """Decoding gives the base, with one warning of this error; strict decoding raises it."""
    with pytest.warns(veneer.VeneerWarning) as caught:
        decoded = veneer.decode(file, models=folder)
    assert [warning.message.problem.code for warning in caught] == [code]  # type: ignore[union-attr]
    np.testing.assert_array_equal(decoded, veneer.decode(file, layers="base"))
    with pytest.raises(VeneerError) as refused:
        veneer.decode(file, models=folder, strict=True)
    assert refused.value.code == code


def stand_in(path: Path, kind: str) -> None:
    """Puts something that is no regular file in the place of one."""
    path.unlink()
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "loop":
            path.symlink_to(path.name)
        case "folder":
            path.mkdir()


@pytest.mark.parametrize("name", ["manifest.toml", "tiny-900.vnm"])
@pytest.mark.parametrize("kind", ["pipe", "device", "loop", "folder"])
def test_what_is_no_file(file: bytes, copy: Path, name: str, kind: str) -> None:
    stand_in(copy / name, kind)
    check_fallback(file, copy, ErrorCode.NO_WEIGHTS)


@pytest.mark.parametrize(
    ("name", "code"), [("manifest.toml", ErrorCode.NO_WEIGHTS), ("tiny-900.vnm", ErrorCode.WEIGHTS_TOO_LARGE)]
)
def test_files_of_any_size(file: bytes, copy: Path, name: str, code: ErrorCode) -> None:
    with open(copy / name, "ab") as grown:
        grown.truncate(100 << 20)
    check_fallback(file, copy, code)


def _fraction_bits(name: str, result: str) -> int:
    return (6 if result == "textured" else 2) if name in {"picture", "interpolated"} else 0


def network(
    name: str, inputs: dict[str, tuple[int, int]], output: tuple[str, int, int, int], fraction_bits: int = 6
) -> Network:
    """A network without arrays that clips its first input; all inputs are used."""
    builder = GraphBuilder(name)
    result, reduction, low, high = output
    tensors = [
        builder.input(key, channels, reduction=at, fraction_bits=_fraction_bits(key, result))
        for key, (channels, at) in inputs.items()
    ]
    for tensor in tensors[1:]:
        builder.output(builder.clip(f"{tensor}_used", tensor, low=0, high=1))
    x = tensors[0]
    if reduction > 1:
        x = builder.slice("one", builder.pixel_unshuffle("small", x, reduction), first=0, channels=3)
    builder.output(builder.clip(result, x, low=low, high=high), fraction_bits=fraction_bits)
    return Network(builder.build(), {})


ENHANCED = ("enhanced", 1, 0, 16320)


@pytest.mark.parametrize(
    ("inputs", "output", "message"),
    [
        ({"picture": (3, 1), "depth": (1, 4)}, ENHANCED, "'depth' is unknown"),
        ({"picture": (3, 1), "interpolated": (3, 1)}, ENHANCED, "unknown"),
        ({"picture": (3, 1), "step": (1, 8)}, ENHANCED, "1/8"),
        ({"picture": (3, 1), "maps": (7, 4)}, ENHANCED, "7 channels"),
        ({"picture": (3, 1), "y": (3, 5)}, ENHANCED, "reduction 5"),
        ({"picture": (3, 1), "y": (3, 16)}, ENHANCED, "no network latent_prior"),
        ({"picture": (3, 1)}, ("better", 1, 0, 16320), "not 'enhanced'"),
        ({"picture": (3, 1)}, ("enhanced", 2, 0, 16320), "enhanced is"),
        ({"picture": (3, 1)}, ("enhanced", 1, 0, 16321), "0..16321"),
    ],
)
def test_networks_that_are_no_generator(
    inputs: dict[str, tuple[int, int]], output: tuple[str, int, int, int], message: str
) -> None:
    model = Model(1, "wrong", {"restore": network("restore", inputs, output)})
    with pytest.raises(VeneerError, match=message) as caught:
        networks_of(model, 1)
    assert caught.value.code == ErrorCode.MODEL_UNKNOWN


@pytest.mark.parametrize(
    ("inputs", "output", "message"),
    [
        ({"picture": (3, 1), "strength": (1, 4)}, ("textured", 1, 0, 16320), "'strength' is unknown"),
        ({"picture": (3, 2)}, ("textured", 1, 0, 16320), "1/2"),
        ({"picture": (3, 1), "noise": (3, 4)}, ("textured", 1, 0, 16320), "3 channels"),
        ({"picture": (3, 1)}, ("enhanced", 1, 0, 16320), "not 'textured'"),
        ({"picture": (3, 1)}, ("textured", 1, -1, 16320), "-1..16320"),
    ],
)
def test_networks_that_are_no_generator_of_texture(
    inputs: dict[str, tuple[int, int]], output: tuple[str, int, int, int], message: str
) -> None:
    good = network("restore", {"picture": (3, 1)}, ENHANCED)
    model = Model(1, "wrong", {"restore": good, "texture": network("texture", inputs, output)})
    with pytest.raises(VeneerError, match=message) as caught:
        networks_of(model, 1)
    assert caught.value.code == ErrorCode.MODEL_UNKNOWN
    assert networks_of(Model(1, "plain", {"restore": good}), 1) is not None


def test_networks_in_whole_levels() -> None:
    """Models from before the enhanced picture was unrounded would give nearly black pictures."""
    inputs, good = {"picture": (3, 1)}, network("restore", {"picture": (3, 1)}, ENHANCED)
    levels = network("restore", inputs, ("enhanced", 1, 0, 255), fraction_bits=0)
    texture = network("texture", inputs, ("textured", 1, 0, 255), fraction_bits=0)
    for networks in ({"restore": levels}, {"restore": good, "texture": texture}):
        with pytest.raises(VeneerError, match="0 fraction bits, not") as caught:
            networks_of(Model(1, "old", networks), 1)
        assert caught.value.code == ErrorCode.MODEL_UNKNOWN
        model = read_model(write_model(Model(1, "old", networks)))
        with pytest.raises(VeneerError) as refused:
            texture_network_of(model) if "texture" in networks else reference_networks(model, 1)
        assert refused.value.code == ErrorCode.MODEL_UNKNOWN


def test_a_scale_that_the_model_lacks(folder: Path) -> None:
    entry = models.by_name("plain", folder)
    assert entry is not None
    assert models.load(entry).networks(2) is None
    data = veneer.encode(make_picture(64, 64), base_scale=2, model="plain", models=folder, step_index=150)
    assert b"eNHA" not in data
