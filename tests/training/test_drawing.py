"""The second texture network: filters, levels, stages that go on, figures, and that integers can do all of it."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny import TINY, make_cache, picture
from torch.nn import functional

from veneer.inference.weights import save_model
from veneer.training import export as fidelity_export
from veneer.training.data import CropSet
from veneer.training.drawing import bands, gate, losses, prepare
from veneer.training.drawing.config import DrawingConfig, can_go_on, from_fields
from veneer.training.drawing.crops import HELD_OUT, TRAIN, WHOLE, Samples, Shown, as_samples, read_shown, write_shown
from veneer.training.drawing.network import GAINS, LEVELS, SHARPNESS, Drawer, draw_noise
from veneer.training.drawing.train import Run, load_drawer, train
from veneer.training.float_network import FloatNetwork
from veneer.training.graph_writer import Writer
from veneer.training.integers import to_integers
from veneer.training.networks import Enhancer
from veneer.training.perceptual import SqueezeNet
from veneer.training.runs import LOG, Place
from veneer.training.texture.losses import luma

CPU = torch.device("cpu")
ALONE = Place(CPU, 0, 1)
SMALL = DrawingConfig(
    channels=16,
    deep_channels=16,
    deep_blocks=1,
    map_features=4,
    amplitude_steps=3,
    drawing_steps=3,
    sharpening_steps=2,
    batch=2,
    crop=64,
    amplitude_crop=64,
    warm_up=1,
)


def shown(seed: int, side: int = 256, step: int = 140) -> Shown:
    """A picture with fine detail, and without it."""
    original = picture(seed, side, side)
    planes = torch.from_numpy(original).float().permute(2, 0, 1)[None]
    soft = functional.avg_pool2d(functional.pad(planes, (2, 2, 2, 2), mode="replicate"), 5, 1)
    maps = np.zeros((side // 4, side // 4, 9), np.uint8)
    maps[:, :, 8] = step
    parameters = np.array([step, 0, 0, 0, 0, 0, 0, 0], np.uint8)
    return Shown(f"{seed}", original, soft[0].permute(1, 2, 0).numpy().astype(np.uint8), maps, parameters, 0.15)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shown")
    write_shown(path / TRAIN.replace("*", "0"), [shown(1), shown(2)])
    write_shown(path / HELD_OUT.replace("*", "0"), [shown(3)])
    return path


def test_stored_pictures_come_back(folder: Path) -> None:
    found, expected = read_shown(folder, TRAIN)[1], shown(2)
    assert found.name == "2"
    assert found.rate == 0.15
    for name in ("original", "shown", "maps", "parameters"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    with pytest.raises(FileNotFoundError, match="prepare-drawing"):
        read_shown(folder, WHOLE)


def test_every_pixel_has_the_same_noise_in_every_band() -> None:
    """Otherwise squares would show: dots and lines at periods of 4 and 8."""
    for weight, side in ((bands.fine_noise(), 4), (bands.coarse_noise(), 8)):
        deviation = np.sqrt(np.square(weight).sum(axis=(1, 2, 3))) * bands.NOISE_DEVIATION / (1 if side == 4 else 2)
        np.testing.assert_allclose(deviation, 1, rtol=0.02)
        sums = weight.sum(axis=(1, 2, 3))
        np.testing.assert_allclose(sums, 0, atol=0.02 * abs(weight).sum(axis=(1, 2, 3)).max())


def test_drawn_bands_are_what_the_filters_say() -> None:
    torch.manual_seed(1)
    model = Drawer(SMALL)
    empty = Samples(torch.zeros(0), torch.zeros(0), torch.zeros(1, 1, 64, 64), torch.zeros(0), torch.zeros(0))
    drawn = model.texture({"noise": draw_noise(empty)}, wanted=("bands",))["bands"]
    drawn = functional.pixel_shuffle(drawn, 4)
    np.testing.assert_allclose(drawn.std(dim=(0, 2, 3)).numpy(), 1, rtol=0.06)
    for band in range(bands.BANDS):
        energy = bands.band_energy(drawn[:, band : band + 1]).mean(dim=(0, 2, 3)).numpy()
        # Of those of its octave each band has most of its own direction.
        first = 0 if band < 4 else 4 if band < 8 else 8
        last = first + bands.DIRECTIONS[min(first // 4, 2)]
        assert first + energy[first:last].argmax() == band


def test_interpolation_is_linear_between_units() -> None:
    ramp = torch.arange(8.0).expand(1, 1, 8, 8).contiguous()
    kernels = torch.from_numpy(bands.bilinear(4)).float()[:, None]
    padded = functional.pad(ramp.repeat(1, 16, 1, 1), (1, 1, 1, 1), mode="replicate")
    found = functional.pixel_shuffle(functional.conv2d(padded, kernels, groups=16), 4)
    expected = functional.interpolate(ramp, scale_factor=4, mode="bilinear", align_corners=False)
    torch.testing.assert_close(found, expected)


def test_levels_that_were_drawn_are_the_most_likely() -> None:
    levels = torch.full((1, bands.BANDS, 4, 4), 2.0)
    wanted = losses.drawn_deviations(levels)
    at = [float(losses.amplitude_loss(levels * share, wanted)) for share in (0.7, 1.0, 1.4)]
    assert at[1] < min(at[0], at[2])


def test_distortion_of_windows_forgives_places_but_not_levels() -> None:
    torch.manual_seed(2)
    flat = torch.full((2, 3, 128, 128), 128.0)
    grain = [8 * torch.randn_like(flat[:, :1]).expand(-1, 3, -1, -1) for _ in range(3)]
    details = [losses.haar(flat + x) for x in (grain[0], grain[1], 0 * grain[0])]
    scale, fine = torch.tensor(2.0), torch.zeros(2, 1, 32, 32)
    other, none = (
        float(losses.wasserstein(x[0], details[0][0], losses.haar(flat)[0], 4, scale, fine))
        for x in (details[1], details[2])
    )
    assert other < none / 20
    samples = Samples(flat + grain[0], flat, torch.zeros(2, 1, 32, 32), torch.zeros(0), torch.zeros(0))
    everywhere = torch.ones(2, 1, 32, 32)
    right, nothing = (float(losses.level_loss(x, samples, 1.0, everywhere)) for x in (grain[2], 0 * grain[2]))
    assert right < nothing / 20


def test_edges_are_where_places_matter() -> None:
    plane = torch.zeros(1, 3, 64, 64)
    plane[..., 32:] = 200
    noise = 100 + 10 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    assert losses.fine_map(plane, plane)[0, 0, 8, 8] > 0.9
    assert losses.fine_map(torch.full_like(noise, 100), noise).mean() < 0.2
    # Noise may stand for what is missing of noise, less of an edge; and where the long periods are shown already, too.
    assert losses.drawable(noise).mean() > 0.8
    assert losses.drawable(plane)[0, 0, 8, 8] < 0.5
    shown = functional.avg_pool2d(functional.pad(noise, (1, 1, 1, 1), mode="replicate"), 3, 1)
    samples = Samples(noise, shown, torch.zeros(1, 1, 16, 16), torch.zeros(0), torch.zeros(0))
    missing = bands.band_energy(luma(noise - shown)).mean(dim=(0, 2, 3)).sqrt()
    torch.testing.assert_close(losses.missing_deviations(samples).mean(dim=(0, 2, 3)), missing, rtol=0.3, atol=0)


def test_stages_follow_each_other_and_a_run_goes_on(folder: Path, tmp_path: Path, features: Path) -> None:
    def run(path: Path, *stops: int) -> Drawer:
        for stop in stops:
            train(SMALL, folder, path, features, judge=None, place=ALONE, last_step=stop)
        return load_drawer(path)

    at_once, stopped = run(tmp_path / "a", 8), run(tmp_path / "b", 2, 5, 8)
    for name, value in at_once.state_dict().items():
        torch.testing.assert_close(stopped.state_dict()[name], value, msg=name)
    begun = Drawer(SMALL)
    changed = {name for name, value in begun.state_dict().items() if not torch.equal(value, at_once.state_dict()[name])}
    for layer in ("band_gains", "mix_inner", SHARPNESS):
        assert any(name.startswith(f"texture.layers.{layer}.") for name in changed), layer
    assert (tmp_path / "a" / LOG).read_text().count("\n") == 1
    assert (tmp_path / "a" / "sheet-000008.png").exists()


def test_a_run_begins_with_the_weights_of_another_not_with_its_constants(features: Path) -> None:
    net = SqueezeNet(features)
    old, new = Run(SMALL, net, ALONE), Run(dataclasses.replace(SMALL, seed=2), net, ALONE)
    checkpoint = old.as_checkpoint()
    noise, gains = "texture.fine_noise_weight", "texture.layers.band_gains.weight"
    checkpoint["means"] = {**checkpoint["means"], noise: torch.zeros_like(checkpoint["means"][noise])}
    new.begin_with(checkpoint)
    for model in (new.model, new.means):
        state = model.state_dict()
        torch.testing.assert_close(state[gains], checkpoint["means"][gains])
        assert state[noise].abs().max() > 0


def test_sharpening_teaches_no_other_layer() -> None:
    model = Drawer(SMALL)
    named = {id(parameter): name for name, parameter in model.named_parameters()}
    taught = {named[id(parameter)].split(".")[2] for parameter in model.stage_parameters("sharpening")}
    assert taught == {"sharp_inner", SHARPNESS}
    assert not taught & {named[id(p)].split(".")[2] for p in model.stage_parameters("drawing")}


def test_what_is_added_has_no_long_periods() -> None:
    """Levels that change from unit to unit bring some in; the last blur takes them off."""
    torch.manual_seed(3)
    model = Drawer(SMALL)
    samples = as_samples([shown(4)], CPU)
    guide = dict(model.guided(samples))
    guide[LEVELS] = 6 * torch.rand_like(guide[LEVELS])
    added = model.residual(samples, draw_noise(samples), guide).mean(dim=1)[0].double().detach().numpy()
    long, missing = gate.band_powers(added, (gate.LONG, gate.MISSING))
    assert long < 0.02 * missing


def test_figures_of_known_pictures(features: Path) -> None:
    """Of a network that adds nothing, and of lines that are there."""
    model = Drawer(SMALL)
    with torch.no_grad():
        model.texture.layers["draw_outer"].weight.zero_()
    found = gate.measure(model, SqueezeNet(features), None, [shown(5)])
    assert found.added == found.added_together == found.cost == found.contrast == 0
    assert found.distance == found.distance_shown > 0
    noise = np.random.default_rng(1).normal(0, 1, (256, 256))
    lined = noise + 0.5 * np.cos(np.arange(256) * np.pi / 2)
    plain, marked = (gate.lines_of(gate.line_powers(x)) for x in (noise, lined))
    assert max(plain) < 1.5
    assert marked[1] > 3
    assert max(marked[0], *marked[2:]) < 1.5


def test_integers_do_the_same() -> None:
    """Nothing in it is beyond the operations of the format."""
    torch.manual_seed(4)
    model = Drawer(SMALL)
    with torch.no_grad():
        model.texture.layers[SHARPNESS].bias.fill_(0.2)
    samples = as_samples([shown(6, 64)], CPU)
    largest: dict[str, float] = {}

    def observe(name: str, x: torch.Tensor) -> None:
        largest[name] = max(largest.get(name, 0.0), float(x.abs().max()))

    noise = draw_noise(samples, torch.Generator().manual_seed(1))
    inputs = {
        "picture": samples.shown,
        "step": samples.step,
        "settings": samples.settings.expand(-1, -1, 16, 16),
        "maps": samples.maps,
        "noise": noise,
        "realism": torch.ones_like(samples.step),
    }
    with torch.no_grad():
        wanted = model.texture(inputs, observe)["textured"]
        network = to_integers(model.texture, largest)
    bits = {tensor.name: tensor.fraction_bits for tensor in network.graph.inputs}
    given = {
        name: np.ascontiguousarray((x[0] * 2.0 ** bits[name]).permute(1, 2, 0).numpy().astype(np.int16))
        for name, x in inputs.items()
    }
    found = network.run(given, (64, 64))["textured"].astype(np.float64) / (1 << network.graph.outputs[0].fraction_bits)
    expected = wanted[0].permute(1, 2, 0).numpy()
    assert np.square(expected - samples.shown[0].permute(1, 2, 0).numpy()).mean() > 1
    assert np.sqrt(np.square(found - expected).mean()) < 0.1


def test_results_that_are_not_needed_are_not_calculated() -> None:
    writer = Writer("two")
    b = writer.builder
    b.input("x", 4)
    first = b.convolution("first", "x", 4, kernel=1)
    b.convolution("aside", "x", 4, kernel=1)
    network = FloatNetwork(writer.definition(b.convolution("second", first, 4, kernel=1), "aside"))
    seen: list[str] = []
    x = torch.zeros(1, 4, 4, 4)
    network({"x": x}, lambda name, _: seen.append(name), wanted=("second",))
    assert seen == ["first", "second"]
    seen.clear()
    network({"first": x}, lambda name, _: seen.append(name), wanted=("second",))
    assert seen == ["second"]


def test_a_cache_is_enhanced(tmp_path: Path) -> None:
    cache = make_cache(tmp_path)
    model = Enhancer(dataclasses.replace(TINY))
    save_model(fidelity_export.export_model(model, CropSet(cache, "train", CPU), 9), tmp_path, "model.vnm")
    file = tmp_path / "model.vnm"
    pictures = tmp_path / "whole"
    pictures.mkdir()
    Image.fromarray(picture(9, 100, 70)).save(pictures / "a.png")
    choice = prepare.Choice(least=0, most=255, rate=1.0)
    for _ in range(2):  # the second time nothing is left to do
        prepare.prepare(cache, tmp_path / "out", file, pictures, choice)
    assert len(read_shown(tmp_path / "out", TRAIN)) == 2
    (held_out,) = read_shown(tmp_path / "out", HELD_OUT)
    (whole,) = read_shown(tmp_path / "out", WHOLE)
    assert whole.original.shape == (64, 96, 3)
    assert whole.rate <= 1
    assert abs(held_out.rate - 1) < 1
    assert 0 < np.abs(held_out.original.astype(int) - held_out.shown).mean() < 10
    with pytest.raises(ValueError, match="no decoding"):
        prepare.prepare(cache, tmp_path / "none", file, None, prepare.Choice(least=254, most=255))


def test_configurations() -> None:
    fields = dataclasses.asdict(SMALL)
    assert from_fields(fields) == SMALL
    assert can_go_on(dataclasses.replace(SMALL, batch=4), SMALL)
    assert not can_go_on(dataclasses.replace(SMALL, channels=32), SMALL)
    assert [SMALL.stage(step) for step in (0, 3, 6, 99)] == ["amplitude", "drawing", "sharpening", "sharpening"]
    for wrong in ({"crop": 100}, {"unknown": 1}):
        with pytest.raises(ValueError, match=r"crop|fields"):
            from_fields({**fields, **wrong})
    assert GAINS in Drawer(SMALL).texture.layers
