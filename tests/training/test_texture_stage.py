"""The texture stage: it learns, goes on as if never stopped, leaves alone what it must, and becomes integers."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny import TINY, make_cache, picture

from veneer import backend
from veneer.inference.model_network import native_model, read_networks
from veneer.training import discriminator, export, perceptual
from veneer.training import train as fidelity
from veneer.training.data import CropSet
from veneer.training.discriminator import Discriminator, DiscriminatorConfig
from veneer.training.networks import load_enhancer
from veneer.training.perceptual import SqueezeNet, distance
from veneer.training.runs import CHECKPOINT, LOG, Place
from veneer.training.texture import data, losses
from veneer.training.texture import export as texture_export
from veneer.training.texture.config import TextureConfig, from_options
from veneer.training.texture.data import Samples, Source, TextureCrops, lose
from veneer.training.texture.grain import DIRECTIONS, GRAIN_LEVEL, draw_noise, filters, fine_noise, unlikelihood
from veneer.training.texture.network import Texturer, load_texturer
from veneer.training.texture.train import Stage, train
from veneer.training.texture.validation import textured

CPU = torch.device("cpu")
ALONE = Place(CPU, 0, 1)
SMALL = TextureConfig(
    channels=16,
    blocks_before=1,
    deep_channels=16,
    deep_blocks=1,
    blocks_after=1,
    map_features=4,
    critic_channels=8,
    alone=4,
    adversarial_ramp=2,
    missing=0.5,
    finest_step=40,
    steps=10,
    batch=2,
    crop=64,
    warm_up=2,
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """A cache and a run of the fidelity stage."""
    folder = tmp_path_factory.mktemp("texture")
    cache = make_cache(folder)
    fidelity.train(dataclasses.replace(TINY, steps=2), cache, folder / "fidelity", place=ALONE)
    return Source(cache, folder / "fidelity")


@pytest.fixture(scope="module")
def run(source: Source, features: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run")
    train(SMALL, [source], features, run, place=ALONE)
    return run


def trained_roughly() -> Texturer:
    """A generator whose every weight does something."""
    torch.manual_seed(3)
    model = Texturer(SMALL)
    with torch.no_grad():
        for name, layer in model.texture.layers.items():
            torch.nn.init.normal_(layer.bias, std=0.1)
            if name in ("tail", "side"):
                torch.nn.init.normal_(layer.weight, std=0.02)
    return model.eval()


def blank(side: int = 64, level: float = 128.0, step: float = 144.0, maps: float = 0.0) -> Samples:
    units = side // 4
    picture = torch.full((1, 3, side, side), level)
    return Samples(
        original=picture.clone(),
        enhanced=picture.clone(),
        step=torch.full((1, 1, units, units), step),
        settings=torch.zeros(1, 4, 1, 1),
        maps=torch.full((1, 8, units, units), maps),
        missing=torch.zeros(1, 1, units, units),
        coarse=torch.ones(1),
    )


def test_a_stopped_run_goes_on_as_if_it_had_not(source: Source, features: Path, run: Path, tmp_path: Path) -> None:
    train(SMALL, [source], features, tmp_path, place=ALONE, last_step=6)
    train(SMALL, [source], features, tmp_path, place=ALONE)
    straight, resumed = (torch.load(folder / CHECKPOINT, weights_only=True) for folder in (run, tmp_path))
    assert (resumed["step"], resumed["price"]) == (straight["step"], straight["price"])
    for network in ("generator", "means", "discriminator"):
        assert all(torch.equal(value, straight[network][name]) for name, value in resumed[network].items())
    entries = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert [entry["step"] for entry in entries] == [6, 10]
    assert {"told_real", "told_fake", "cost_db", "flat", "before", "after", "filled_after"} <= entries[-1].keys()
    with Image.open(tmp_path / "sheet-000010.png") as sheet:
        assert sheet.width == 2 * (3 * 132 + 4)
    with pytest.raises(ValueError, match="another configuration"):
        train(dataclasses.replace(SMALL, batch=4), [source], features, tmp_path, place=ALONE)


def test_enhanced_crops_are_made_anew_only_for_another_enhancer(source: Source, run: Path, tmp_path: Path) -> None:
    kept = run / f"train-{data.ENHANCED}"
    before = kept.stat().st_mtime_ns
    crops = TextureCrops([source], "train", SMALL.finest_step, run, CPU)
    assert kept.stat().st_mtime_ns == before
    assert len(crops) == 4
    fresh = TextureCrops([source], "train", SMALL.finest_step, tmp_path, CPU)
    assert (fresh.enhanced == crops.enhanced).all()
    with pytest.raises(ValueError, match="coarse enough"):
        TextureCrops([source], "train", 255, tmp_path, CPU)


def test_training_lowers_the_distance(features: Path) -> None:
    """Of one batch that it sees again and again: stripes that coding has blurred."""
    config = dataclasses.replace(SMALL, steps=120, alone=1000, guard=0.0, learning_rate=2e-3, ema=0.8)
    stage = Stage(config, SqueezeNet(features), ALONE)
    samples = blank()
    samples.original[:, :, :, ::4] += 60
    samples.enhanced[:, :, :, ::4] += 20
    wanted = stage.features(samples.original)
    torch.manual_seed(1)
    for _ in range(config.steps):
        stage.run_step(samples)
    with torch.no_grad():
        made = textured(stage.means, samples)
    before, after = (float(distance(stage.features(x), wanted)) for x in (samples.enhanced, made))
    assert after < 0.7 * before
    assert stage.named()["cost_db"] < 0
    assert stage.state.price < 0.1


def test_discriminator_learns_to_tell() -> None:
    torch.manual_seed(2)
    model = Discriminator(DiscriminatorConfig(8))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, betas=(0.5, 0.99))
    for _ in range(40):
        real = 128 + 20 * torch.randn(4, 3, 32, 32)
        fake = torch.nn.functional.avg_pool2d(real, 3, 1, 1)
        amplitude = torch.full((4, 1, 8, 8), 16.0)
        scores = [model(x, fake, amplitude, torch.tensor([1.0, 1.0, 0.0, 0.0])) for x in (real, fake)]
        optimizer.zero_grad()
        losses.hinge_critic(scores[0], scores[1], torch.ones(4)).backward()
        optimizer.step()
    model.eval()
    assert scores[0].mean() > 0.2 > -0.2 > scores[1].mean()
    assert model.judge(real).mean() > model.judge(fake).mean()
    for layer in (model.at_half, model.at_quarter, model.at_eighth_again):
        matrix = layer.weight.detach().flatten(1)
        following = torch.linalg.vector_norm(layer.direction @ matrix)
        assert float(following) == pytest.approx(float(torch.linalg.matrix_norm(matrix, 2)), rel=0.05)


def test_discriminator_is_kept(run: Path, tmp_path: Path) -> None:
    model = discriminator.load_discriminator(run / CHECKPOINT)
    torch.save({"discriminator": {name: x.half() for name, x in model.state_dict().items()}}, tmp_path / "half.pt")
    halved = discriminator.load_discriminator(tmp_path / "half.pt")
    picture = 255 * torch.rand(1, 3, 37, 21)
    scores = model.judge(picture)
    assert scores.shape == (1, 5, 3)
    assert torch.allclose(scores, halved.judge(picture), atol=0.02)
    with pytest.raises(FileNotFoundError):
        discriminator.load_discriminator(tmp_path / "none.pt")
    torch.save({}, tmp_path / "empty.pt")
    with pytest.raises(ValueError, match="no discriminator"):
        discriminator.load_discriminator(tmp_path / "empty.pt")


def test_distance_is_that_of_unit_features(features: Path, tmp_path: Path) -> None:
    model = SqueezeNet(features)
    torch.manual_seed(1)
    a, b = 255 * torch.rand(2, 3, 64, 48), 255 * torch.rand(2, 3, 64, 48)
    taps_a, taps_b = model(a), model(b)
    assert [tap.shape[1] for tap in taps_a] == [64, 128, 256, 384, 384, 512, 512]
    wanted = sum(
        (torch.nn.functional.normalize(x, dim=1) - torch.nn.functional.normalize(y, dim=1))
        .square()
        .sum(dim=1)
        .mean(dim=(1, 2))
        for x, y in zip(taps_a, taps_b, strict=True)
    )
    assert torch.allclose(distance(taps_a, taps_b), wanted, rtol=1e-4)
    assert perceptual.tap_distances(taps_a, taps_b).shape == (7, 2)
    assert distance(taps_a, taps_a).abs().max() < 1e-5
    with pytest.raises(FileNotFoundError, match="--perceptual"):
        SqueezeNet(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", a=np.zeros(1))
    with pytest.raises(ValueError, match="does not hold"):
        perceptual.SqueezeNet(tmp_path / "other.npz")


def test_guards_see_where_nothing_may_be_made_up() -> None:
    samples = blank()
    noisy = samples.enhanced + 6 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    found = losses.guards(noisy, samples)
    assert found["flat"] > 0.1
    assert found["excess"] > 0.05
    assert found["line"] == found["skin"] == 0
    assert all(value < 1e-3 for value in losses.guards(samples.enhanced, samples).values())
    coded = losses.guards(noisy, dataclasses.replace(samples, maps=torch.ones_like(samples.maps)))
    assert found["flat"].item() == pytest.approx(2 * coded["flat"].item())

    detailed = dataclasses.replace(samples, original=noisy)
    kept, found = found, losses.guards(noisy, detailed)
    assert found["flat"] < 0.2 * kept["flat"]
    assert found["excess"] == found["lack"] == 0
    assert losses.guards(samples.enhanced, detailed)["lack"] > 0.05

    stripes = torch.zeros(1, 3, 64, 64)
    stripes[..., ::4] = 255
    letters = dataclasses.replace(samples, original=stripes, enhanced=stripes)
    found = losses.guards(stripes + (noisy - samples.enhanced), letters)
    assert found["line"] > 0.1
    assert found["flat"] == 0

    skin = torch.tensor([200.0, 150.0, 120.0])[None, :, None, None].expand(1, 3, 64, 64)
    face = dataclasses.replace(samples, original=skin, enhanced=skin)
    assert losses.guards(skin + (noisy - samples.enhanced), face)["skin"] > 0.1

    dots = torch.zeros(1, 3, 64, 64)
    dots[..., ::4, ::4] = 24
    assert dots.std() < 6.1
    assert losses.guards(samples.enhanced + dots, samples)["pattern"] > 5 * losses.guards(noisy, samples)["pattern"]

    shifted = losses.guards(samples.enhanced + 4, samples)
    assert shifted["mean"] > 0.1
    assert shifted["excess"] < 1e-6


def test_cost_is_that_in_psnr() -> None:
    samples = blank()
    samples.enhanced[:] += 10
    assert float(losses.loss_db(samples.original + 20, samples)) == pytest.approx(6.02, abs=0.01)
    assert float(losses.loss_db(samples.enhanced, samples)) == 0


def test_fine_noise_is_alike_everywhere() -> None:
    torch.manual_seed(4)
    noise = draw_noise((4, 130, 130), CPU)
    for direction in range(DIRECTIONS):
        weight = torch.from_numpy(fine_noise(direction)).float()
        pixels = torch.nn.functional.pixel_shuffle(torch.nn.functional.conv2d(noise, weight), 4)
        assert torch.equal(pixels[:, 0], pixels[:, 1])
        assert torch.equal(pixels[:, 0], pixels[:, 2])
        places = pixels[:, 0].unflatten(1, (-1, 4)).unflatten(3, (-1, 4))
        np.testing.assert_allclose(places.var(dim=(0, 1, 3)), 1, atol=0.05)
        assert abs((pixels[..., 8:] * pixels[..., :-8]).mean().item()) < 0.02


def test_fine_noise_has_its_direction() -> None:
    torch.manual_seed(4)
    noise = draw_noise((4, 130, 130), CPU)
    steps = ((0, 2), (1, 1), (2, 0), (-1, 1))  # along which its waves go
    for direction in range(DIRECTIONS):
        weight = torch.from_numpy(fine_noise(direction)).float()
        pixels = torch.nn.functional.pixel_shuffle(torch.nn.functional.conv2d(noise, weight), 4)[:, 0]
        agreement = [(pixels * pixels.roll(step, dims=(1, 2))).mean().item() for step in steps]
        assert int(np.argmax(agreement)) == (direction + 2) % 4  # along the crests
        assert agreement[direction] < 0.2


def test_directions_add_up_to_none() -> None:
    ring = filters().sum(axis=0)
    np.testing.assert_allclose(ring, ring.T, atol=0.01)
    np.testing.assert_allclose(ring, np.rot90(ring), atol=0.01)
    assert 1.5 * np.abs(ring[4, 3]) < ring[4, 4]


def test_level_of_grain_is_that_of_the_detail_that_is_lacking() -> None:
    torch.manual_seed(5)
    samples = blank(level=60.0)
    detail = 6 * torch.randn(1, 1, 64, 64).expand(-1, 3, -1, -1)
    lacking = dataclasses.replace(samples, original=samples.original + detail)
    levels = torch.linspace(0.02, 0.6, 30)

    def best(of: Samples, direction: int) -> float:
        tried = torch.full((1, DIRECTIONS, 16, 16), 0.1)
        worth = []
        for level in levels:
            tried[:, direction] = level
            worth.append(unlikelihood(tried, of).item())
        return float(levels[int(np.argmin(worth))] * samples.amplitude[0, 0, 0, 0])

    skin = dataclasses.replace(
        lacking, enhanced=torch.tensor([200.0, 150.0, 120.0])[:, None, None].expand(1, 3, 64, 64)
    )
    skin = dataclasses.replace(skin, original=skin.enhanced + detail)
    for direction in range(DIRECTIONS):
        expected = 6 * float(np.linalg.norm(filters()[direction]))
        assert 0.75 * expected < best(lacking, direction) < 1.25 * expected
        assert best(skin, direction) < 0.8 * best(lacking, direction)


def test_grain_learns_apart(source: Source, features: Path, run: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(SMALL, only_grain=1, steps=30, learning_rate=3e-3)
    stage = train(config, [source], features, tmp_path, place=ALONE, begin_with=run)
    before = torch.load(run / CHECKPOINT, weights_only=True)["means"]
    changed = {name for name, value in stage.generator.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {
        f"texture.layers.{name}.{role}" for name in ("grain_inner", GRAIN_LEVEL) for role in ("weight", "bias")
    }
    assert stage.named().keys() == {"grain"}


def test_lost_parts_are_concealed() -> None:
    kinds = set()
    for seed in range(20):
        samples = blank(128, maps=3.0)
        samples.enhanced[0] = torch.rand(3, 128, 128, generator=torch.Generator().manual_seed(7)).mul(255).round()
        before = samples.enhanced.clone()
        lose(samples, 0, torch.Generator().manual_seed(seed))
        missing = samples.missing[0, 0].bool()
        kinds.add(int(missing.sum()))
        wide = missing.repeat_interleave(4, 0).repeat_interleave(4, 1)
        assert torch.equal(samples.enhanced[0][:, ~wide], before[0][:, ~wide])
        # Smooth, and about as bright as before.
        assert samples.enhanced[0][:, wide].std() < 0.4 * before[0][:, wide].std()
        assert (samples.enhanced[0][:, wide].mean() - before[0][:, wide].mean()).abs() < 8
        assert (samples.maps[0, 2][missing] == 12).all()
        assert (samples.maps[0, 3][missing] == 0).all()
        assert (samples.maps[0][:, ~missing] == 3).all()
        assert (samples.whole == 0).all()
        assert samples.amplitude[0, 0][missing].min() > 24
    assert kinds == {256, 512, 1024}


def test_realism_nothing_changes_nothing(source: Source) -> None:
    model, crops = trained_roughly(), CropSet(source.cache, "train", CPU)
    enhancer = load_enhancer(source.fidelity)
    network = texture_export.export_texturer(model, enhancer, crops, 3)
    samples = data.enhance(enhancer, crops, [1])
    noise = draw_noise((1, 64, 64), CPU)
    same = texture_export.texture(network, samples, noise, realism=0)
    assert (same == samples.enhanced[0].permute(1, 2, 0).numpy()).all()
    full, half = (texture_export.texture(network, samples, noise, realism).astype(int) for realism in (64, 32))
    assert (full != same).any()
    middle = (full != 0) & (full != 255)
    assert np.abs(2 * (half - same) - (full - same))[middle].max() <= 2
    other = texture_export.texture(network, samples, draw_noise((1, 64, 64), CPU))
    assert (other != full).any()


def test_export_merges_g_t(source: Source, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = trained_roughly()
    torch.save(
        {"config": dataclasses.asdict(SMALL), "means": {name: x.half() for name, x in model.state_dict().items()}},
        tmp_path / "rough.pt",
    )
    file = tmp_path / "tiny.vnm"
    arguments = [str(file), "--run", str(source.fidelity), "--cache", str(source.cache), "--id", "9"]
    export.main([*arguments, "--texture", str(tmp_path / "rough.pt")])
    networks = read_networks(file)
    assert "texture" in networks
    assert {tensor.name for tensor in networks["texture"].inputs} == {
        "picture", "step", "settings", "maps", "missing", "noise", "realism"
    }  # fmt: skip
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("texture changes"))
    changed, apart = float(line.split(" by ")[1].split()[0]), float(line.split("float32 by ")[1].split(",")[0])
    assert changed > 1
    assert apart < 0.2 * changed
    with pytest.raises(FileNotFoundError, match="texture stage"):
        load_texturer(tmp_path)


def test_grain_of_restored_jpegs(features: Path, tmp_path: Path) -> None:
    for kind, seeds in (("train", (1, 2)), ("valid", (3,))):
        (tmp_path / "pictures" / kind).mkdir(parents=True)
        for seed in seeds:
            Image.fromarray(picture(seed)).save(tmp_path / "pictures" / kind / f"{seed}.png")
    restore = dataclasses.replace(TINY, source="jpeg", latent_channels=0, texture_channels=0, steps=2)
    fidelity.train(restore, tmp_path / "pictures", tmp_path / "restore", place=ALONE)
    arguments = ["--stage", "texture", "--cache", str(tmp_path / "pictures"), "--fidelity", str(tmp_path / "restore")]
    changes = ["steps=40", "crop=64", "batch=2", "channels=16", "deep_channels=16"]
    arguments += ["--perceptual", str(features), "--run", str(tmp_path / "run"), "--device", "cpu"]
    fidelity.main([*arguments, "--set", *changes])
    state = torch.load(tmp_path / "run" / CHECKPOINT, weights_only=True)
    assert (state["config"]["source"], state["config"]["texture"], state["step"]) == ("jpeg", 0, 40)
    with pytest.raises(ValueError, match="nothing but grain"):
        from_options("jpeg", ["only_grain=0"])

    file = tmp_path / "restore.vnm"
    run = ["--run", str(tmp_path / "restore"), "--cache", str(tmp_path / "pictures"), "--id", "9"]
    export.main([str(file), *run, "--texture", str(tmp_path / "run")])
    assert read_networks(file).keys() == {"jpeg_restore", "texture"}
    weights = [path.read_bytes() for path in tmp_path.glob("*.vnw")]
    assert backend.jpeg_networks(native_model([file.read_bytes(), *weights])) == (True, True)


def test_command(source: Source, features: Path, run: Path, tmp_path: Path) -> None:
    arguments = ["--stage", "texture", "--cache", str(source.cache), "--run", str(tmp_path), "--device", "cpu"]
    changes = [f"{name}={value}" for name, value in vars(SMALL).items() if name not in ("model", "source")]
    changes.append("steps=1")
    with pytest.raises(ValueError, match="--perceptual"):
        fidelity.main(arguments)
    arguments += ["--fidelity", str(source.fidelity), "--perceptual", str(features), "--set", *changes]
    with pytest.raises(ValueError, match="--half-cache"):
        fidelity.main(["--half", str(source.fidelity), *arguments])
    fidelity.main(["--begin-with", str(run), *arguments])
    state = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert state["step"] == 1
    before = torch.load(run / CHECKPOINT, weights_only=True)
    layer = "texture.layers.head.weight"
    assert torch.allclose(state["generator"][layer], before["means"][layer], atol=1e-2)
    with pytest.raises(ValueError, match="no number"):
        from_options("veneer", ["colour=3"])
    with pytest.raises(ValueError, match="multiple of 64"):
        from_options("veneer", ["crop=100"])
