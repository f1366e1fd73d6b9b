"""The cache: what goes in comes out, interrupted work goes on, and other settings are refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import make_cache, picture

from veneer.base.enc_layer import encode_base
from veneer.training import data, forms, prepare, sources
from veneer.training.data import CropSet, Decoding, oriented, write_shard

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cache(tmp_path_factory.mktemp("data"))


def quarters(seed: int) -> data.Quarters:
    """A picture with random quarters of a level, and all the extremes."""
    values = picture(seed) * np.int16(4) + np.random.default_rng(seed).integers(-2, 2, (256, 256, 3))
    values[0, :4] = [[0], [1], [1019], [1020]]
    return values.clip(0, 1020).astype(np.int16)


def test_round_trip_of_a_shard(tmp_path: Path) -> None:
    originals = [picture(seed) for seed in range(3)]
    decodings = [
        [
            Decoding(
                quarters(10 * i + j),
                np.full((64, 64, 8), i, np.uint8),
                np.full((64, 64), 10 * j, np.uint8),
                (i + j) % 8,
                bytes([i, j, 0, 0, 0, 0, 0, 0]),
                bytes(100 * i + j),
            )
            for j in range(i + 1)
        ]
        for i in range(3)
    ]
    for kind in ("train", "valid"):
        write_shard(tmp_path / f"{kind}-00000.npz", originals, decodings)
    (tmp_path / data.MANIFEST).write_text('{"scale": 1, "shards": {"train": 1, "valid": 1}}')
    crops = CropSet(tmp_path, "train", CPU)
    flat = [(i, decoding) for i, versions in enumerate(decodings) for decoding in versions]
    assert len(crops) == len(flat) == 6
    for number, (i, decoding) in enumerate(flat):
        batch = crops.whole(number, 1)
        np.testing.assert_array_equal(batch.base[0].permute(1, 2, 0) * 4, decoding.quarters)
        np.testing.assert_array_equal(batch.original[0].permute(1, 2, 0), oriented(originals[i], decoding.orientation))
        assert crops.parameters[number].tobytes() == decoding.parameters
        assert crops.coded_bytes[number] == len(decoding.payload)
        assert (batch.maps == i).all()
        assert (batch.step == decoding.steps[0, 0]).all()
        assert batch.maps.shape == (1, 8, 64, 64)


def test_orientations_differ_and_agree_between_arrays_and_tensors() -> None:
    pixels = picture(5)
    turned = [np.ascontiguousarray(oriented(pixels, i)) for i in range(8)]
    assert len({array.tobytes() for array in turned}) == 8
    for i, array in enumerate(turned):
        np.testing.assert_array_equal(oriented(torch.from_numpy(pixels), i), array)


def test_samples_of_base_and_original_are_of_one_place(cache: Path) -> None:
    crops = CropSet(cache, "train", CPU)
    batch = crops.random_batch(16, 64, torch.Generator().manual_seed(0))
    again = crops.random_batch(16, 64, torch.Generator().manual_seed(0))
    assert torch.equal(batch.original, again.original)
    assert torch.equal(batch.base, again.base)
    error = (batch.original - batch.base).square().mean(dim=(1, 2, 3))
    other = (batch.original - batch.base.roll(1, 0)).square().mean(dim=(1, 2, 3))
    assert (error < other).float().mean() > 0.8
    # Errors are of the order of a step's.
    assert (error < batch.q.square() + 1).all()


def test_an_interrupted_preparation_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prepare, "SHARD_BYTES", 1)  # a shard for each picture
    partial = make_cache(tmp_path)
    whole = sorted(partial.glob("*.npz"))
    assert [path.name for path in whole] == ["train-00000.npz", "train-00001.npz", "valid-00000.npz"]
    content, kept = whole[1].read_bytes(), whole[0].stat().st_mtime_ns
    assert len(CropSet(partial, "train", CPU)) == 4
    whole[1].unlink()
    assert len(CropSet(partial, "train", CPU)) == 2  # training can begin before all is coded
    assert "1 of 2 shards of train are missing" in capsys.readouterr().out
    held_out = whole[2].read_bytes()
    whole[2].unlink()
    with pytest.raises(FileNotFoundError, match="1 of 1 shards of valid are missing"):
        CropSet(partial, "valid", CPU)
    whole[2].write_bytes(held_out)
    arguments = {"validation": tmp_path / "held_out", "versions": 2, "efforts": [1], "jobs": 1}
    prepare.prepare(tmp_path / "pictures", partial, **arguments)
    assert whole[1].read_bytes() == content
    assert whole[0].stat().st_mtime_ns == kept
    with pytest.raises(ValueError, match="other pictures, settings"):
        prepare.prepare(tmp_path / "pictures", partial, **(arguments | {"versions": 3}))
    with pytest.raises(ValueError, match="no pictures"):
        prepare.prepare(tmp_path / "cache", tmp_path / "new")
    with pytest.raises(FileNotFoundError, match="no cache"):
        CropSet(tmp_path / "pictures", "train", CPU)


def test_held_out_crops_train_nothing(tmp_path: Path) -> None:
    from PIL import Image

    for seed in range(3):
        Image.fromarray(picture(seed, 600, 300)).save(tmp_path / f"{seed}.png")
    found = sources.find_sources(tmp_path, 1)
    assert len(found) == 3
    assert sources.find_sources(tmp_path, 1) == found
    prepare.prepare(tmp_path, tmp_path / "cache", versions=1, efforts=[1], jobs=1)
    train, valid = (CropSet(tmp_path / "cache", kind, CPU) for kind in ("train", "valid"))
    assert (len(train), len(valid)) == (2, len(prepare.VALID_STEPS[1]))
    assert not any(torch.equal(picture, valid.originals[0]) for picture in train.originals)


def test_coded_crops_have_no_filters() -> None:
    """Encoders leave them away where a network follows; with the tune psnr they have them else."""
    pixels, tools, filters = picture(6), 5, 4
    decoding = prepare.code(pixels, 0, 120, 0, 5)
    assert not decoding.parameters[tools] & filters
    layer = encode_base(pixels, step_index=120, tune=0, effort=5, tile_log2=8, threads=1, filters=True)
    assert layer.parameters[tools] & filters


def test_a_folder_of_caches_is_a_cache(tmp_path: Path) -> None:
    """Pictures that were coded before lie beside the others, at coarse steps alone and with nothing held out."""
    from PIL import Image

    make_cache(tmp_path / "a").rename(tmp_path / "one")
    coded = tmp_path / "coded"
    coded.mkdir()
    Image.fromarray(picture(5)).save(coded / "5.avif", quality=90)
    both = tmp_path / "both"
    both.mkdir()
    (tmp_path / "one").rename(both / "lossless")
    arguments = {"versions": 6, "efforts": [1], "jobs": 1, "hold_out": False}
    prepare.prepare(coded, both / "coded", least_step=140, **arguments)
    alone, crops = CropSet(both / "lossless", "train", CPU), CropSet(both, "train", CPU)
    assert (len(alone), len(crops)) == (4, 10)
    added = [number for number in range(10) if crops.steps[number] not in alone.steps]
    assert min(crops.steps[added]) >= 140 > min(alone.steps)
    assert len(CropSet(both, "valid", CPU)) == len(prepare.VALID_STEPS[1])
    batch = crops.whole(added[0], 1)
    assert (batch.original - batch.base).abs().mean() < 0.25 * batch.q  # each with its own original
    with pytest.raises(FileNotFoundError, match="0 of 0 shards of valid"):
        CropSet(both / "coded", "valid", CPU)
    with pytest.raises(ValueError, match="the least step is 200"):
        prepare.prepare(coded, tmp_path / "none", least_step=200, **arguments)
    prepare.prepare(coded, both / "half", scale=2, **arguments)
    with pytest.raises(ValueError, match="several scales"):
        CropSet(both, "train", CPU)


def test_changed_forms_differ_and_follow_from_their_generator() -> None:
    crops = [picture(seed) for seed in range(3)]
    made = [forms.changed_form(crops, seed % 3, np.random.default_rng(seed)) for seed in range(24)]
    assert all(pixels.shape == (256, 256, 3) and pixels.dtype == np.uint8 for pixels in made)
    assert len({pixels.tobytes() for pixels in made + crops}) >= 20  # some are left as they are
    np.testing.assert_array_equal(made[5], forms.changed_form(crops, 2, np.random.default_rng(5)))


def test_forms_are_coded_beside_the_crops_themselves(tmp_path: Path) -> None:
    cache = make_cache(tmp_path)
    arguments = {"validation": tmp_path / "held_out", "versions": 1, "efforts": [1], "jobs": 1}
    prepare.prepare(tmp_path / "pictures", tmp_path / "wide", forms=3, **arguments)
    plain, wide = CropSet(cache, "train", CPU), CropSet(tmp_path / "wide", "train", CPU)
    assert len(wide.originals) == len(wide) == 3 * len(plain.originals)
    assert all(any(torch.equal(own, form) for form in wide.originals) for own in plain.originals)
    with pytest.raises(ValueError, match="other pictures, settings"):
        prepare.prepare(tmp_path / "pictures", tmp_path / "wide", forms=2, **arguments)
