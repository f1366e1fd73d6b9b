"""The table of codecs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from samples import make_picture

pytest.importorskip("bjontegaard")

from veneer.evaluation import codecs, installed, metrics
from veneer.evaluation.measure import check_decoded
from veneer.evaluation.summary import _distinct


@pytest.mark.parametrize("name", codecs.all_codecs())
def test_every_codec_gives_a_picture_back(name: str) -> None:
    codec, pixels = codecs.all_codecs()[name], make_picture(70, 90)
    sizes = []
    for setting in {codec.settings[0], codec.settings[-1]}:
        data = codec.encode(pixels, setting)
        decoded = codec.decode(data)
        check_decoded(codec, pixels, decoded)
        assert decoded.dtype == np.uint8
        sizes.append((codec.settings.index(setting), len(data)))
    assert sorted(sizes) == sorted(sizes, key=lambda pair: pair[1]), "settings rise in rate"


def test_names_are_keys_and_bounds_hold_the_settings() -> None:
    for name, codec in codecs.all_codecs().items():
        assert codec.name == name
        if codec.bounds is not None:
            assert all(min(codec.bounds) <= setting <= max(codec.bounds) for setting in codec.settings)
        else:
            assert codec.lossless


def test_models_are_found_by_their_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = installed.models()
    (tmp_path / "manifest.toml").write_text('[[model]]\nname = "mine"\nid = 60000\n')
    monkeypatch.setenv("VENEER_MODELS", str(tmp_path))
    assert installed.models() == {**before, "mine": tmp_path / "manifest.toml"}


@pytest.mark.parametrize(
    "content", [b"\xff", b"model = 3", b"[[model]]", b"a = " + b"[\n" * 20_000, b"a" + b".a" * 30_000 + b" = 1"]
)
def test_manifests_that_are_none_name_no_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    before = installed.models()
    (tmp_path / "manifest.toml").write_bytes(content)
    monkeypatch.setenv("VENEER_MODELS", str(tmp_path))
    assert installed.models() == before


def test_settings_without_effect_are_left_out_of_reports() -> None:
    codec = codecs.all_codecs()["jpeg-420"]
    same, other = (codecs.dataclasses.replace(codec, name=name) for name in ("same", "other"))
    row = dict.fromkeys(("setting", "image", "bytes", *metrics.BY_NAME), "1")
    rows = {"jpeg-420": [row], "same": [row], "other": [row | {"psnr": "2"}]}
    assert _distinct([codec, same, other], rows) == [codec, other]
