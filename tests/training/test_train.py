"""The loop: it learns, goes on as if never stopped, and comes out as integers that do the same."""

import dataclasses
import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny import TINY, make_cache, picture

from veneer import backend
from veneer.inference.model_network import native_model, networks_in
from veneer.inference.weights import save_model, write_model
from veneer.training import export, plan, prepare
from veneer.training.data import CropSet
from veneer.training.integers import ExportError, to_integers
from veneer.training.networks import Enhancer, load_enhancer
from veneer.training.runs import CHECKPOINT, LOG, Place, mixed_precision
from veneer.training.teacher import load_model, target, teacher_share
from veneer.training.train import CURVES, learning_rate, rate_weight, train
from veneer.training.validation import Report

CPU = torch.device("cpu")
ALONE = Place(CPU, 0, 1)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cache(tmp_path_factory.mktemp("train"))


@pytest.fixture(scope="module")
def run(cache: Path) -> Path:
    run = cache.parent / "run"
    train(TINY, cache, run, place=ALONE)
    return run


def weights(model: Enhancer) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_a_stopped_run_goes_on_as_if_it_had_not(cache: Path, run: Path, tmp_path: Path) -> None:
    train(TINY, cache, tmp_path, place=ALONE, last_step=5)
    resumed = weights(train(TINY, cache, tmp_path, place=ALONE))
    straight = weights(load_enhancer(run))
    assert resumed.keys() == straight.keys()
    assert all(torch.equal(value, straight[name]) for name, value in resumed.items())
    with Image.open(tmp_path / CURVES) as image:
        assert image.size == (1040, 600)
    assert len((tmp_path / LOG).read_text().splitlines()) == 2
    with pytest.raises(ValueError, match="another configuration"):
        train(dataclasses.replace(TINY, batch=99), cache, tmp_path, place=ALONE)


def test_no_minutes_means_one_step_and_a_checkpoint(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(TINY, cache, tmp_path, place=ALONE, minutes=0)
    assert torch.load(tmp_path / CHECKPOINT, weights_only=True)["step"] == 1
    assert "validation at step 1: rate" in capsys.readouterr().out


def test_training_improves_on_the_base(cache: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, steps=80, batch=4, crop=64, latent_channels=0, ema=0.9, decay=1.0)
    train(config, cache, tmp_path, place=ALONE)
    report = json.loads((tmp_path / LOG).read_text())
    assert report["rate_change"] < -0.005
    assert max(report["gain_db"]) > 0.1


def test_a_teacher_gives_the_targets(cache: Path, tmp_path: Path) -> None:
    """A taught network comes nearer to its teacher's pictures than one that learns from originals."""
    learner = dataclasses.replace(TINY, steps=60, batch=4, latent_channels=0, texture_channels=0, ema=0.9, decay=1.0)
    taught = dataclasses.replace(learner, taught_steps=120)  # beyond the last step: the teacher alone
    model = trained_roughly({})
    torch.save({"config": dataclasses.asdict(model.config), "means": model.state_dict()}, tmp_path / "teacher.pt")
    with pytest.raises(ValueError, match="--teacher"):
        train(taught, cache, tmp_path / "a", place=ALONE)
    batch = CropSet(cache, "valid", CPU).whole(0, 2)
    teacher = load_model(tmp_path / "teacher.pt", taught, CPU)
    shown = target(teacher, batch, 1.0)
    nothing_kept = model(
        *(batch.original, batch.base, batch.step, batch.settings, batch.maps), keep=torch.zeros(2)
    ).enhanced
    assert torch.equal(shown, nothing_kept.detach())
    torch.testing.assert_close(target(teacher, batch, 0.25), batch.original + 0.25 * (shown - batch.original))
    errors = []
    for name, config in (("with", taught), ("without", learner)):
        made = train(config, cache, tmp_path / name, place=ALONE, teacher=tmp_path / "teacher.pt")
        result = made(batch.original, batch.base, batch.step, batch.settings, batch.maps).enhanced
        errors.append(float((result - shown).square().mean()))
    assert errors[0] < 0.9 * errors[1]
    assert errors[0] < 0.9 * float((batch.base - shown).square().mean())


@pytest.mark.parametrize("scale", [1, 2])
def test_a_weight_file_teaches_as_its_checkpoint_does(scale: int, tmp_path: Path) -> None:
    crops = CropSet(make_cache(tmp_path, scale=scale), "train", CPU)
    changes = {"latent_channels": 2 if scale == 1 else 0, "texture_channels": 0, "scale": scale}
    model = trained_roughly(changes)
    config = dataclasses.replace(TINY, crop=64, **changes)
    file, run = tmp_path / "teacher.vnm", tmp_path / "teacher.pt"
    save_model(export.export_model(model, crops, 7), tmp_path, file.name)
    torch.save({"config": dataclasses.asdict(model.config), "means": model.state_dict()}, run)
    batch = crops.random_batch(2, 64, torch.Generator().manual_seed(1))
    by_file, by_run = (target(load_model(path, config, CPU), batch, 1.0) for path in (file, run))
    assert (by_run - batch.shown).abs().mean() > 0.5
    assert (by_file - by_run).abs().mean() < 0.05
    for path in (file, run):
        with pytest.raises(ValueError, match="teach"):
            load_model(path, dataclasses.replace(config, scale=3 - scale), CPU)


def test_shares_of_the_teacher() -> None:
    config = dataclasses.replace(TINY, taught_steps=100)
    assert [teacher_share(config, step) for step in (0, 50, 75, 100, 200)] == [1, 1, 0.5, 0, 0]
    assert teacher_share(TINY, 0) == 0


@pytest.mark.parametrize(("able", "precision"), [(False, torch.float32), (True, torch.bfloat16)])
def test_bfloat16_is_for_machines_that_multiply_it(
    able: bool, precision: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, "avx512_bf16": able})
    with mixed_precision(CPU):
        assert torch.nn.functional.linear(torch.ones(1, 1), torch.ones(1, 1)).dtype == precision


def test_schedules() -> None:
    config = dataclasses.replace(TINY, steps=1000, warm_up=10, decay=0.5, rate_ramp=0.1)
    rates = [learning_rate(config, step) / config.learning_rate for step in range(1000)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == rates[500] == pytest.approx(1)
    assert rates[750] == pytest.approx(0.5, abs=0.01)
    assert rates[-1] == pytest.approx(0.001)
    assert rate_weight(config, 49) == pytest.approx(config.rate_weight / 2)
    assert rate_weight(config, 500) == config.rate_weight


def test_rate_change_of_known_curves() -> None:
    # Every halving of the rate costs 3 dB; 0.3 dB better are 2^-0.1, and latents cost 2 %.
    bpp, db = [2.0, 1.0, 0.5, 0.25], [40.0, 37.0, 34.0, 31.0]
    report = Report([80, 96, 112, 128], bpp, db, [0.3] * 4, [0.02 * rate for rate in bpp])
    assert report.rate_change == pytest.approx(2**-0.1 * 1.02 - 1, abs=1e-6)


def trained_roughly(config_changes: dict[str, int]) -> Enhancer:
    """Networks whose every weight does something, with residuals of the size of the errors."""
    torch.manual_seed(4)
    model = Enhancer(dataclasses.replace(TINY, **config_changes))
    with torch.no_grad():
        for network in model.networks.values():
            for name, layer in network.layers.items():
                if name in ("tail", "texture_tail", "side"):
                    torch.nn.init.normal_(layer.weight, std=0.01)
                torch.nn.init.normal_(layer.bias, std=0.1) if name != "index" else None
    return model.eval()


@pytest.mark.parametrize(
    "changes",
    [{}, {"latent_channels": 0, "texture_channels": 0, "deep_blocks": 0}, {"latent_channels": 0, "coefficients": 1}],
)
def test_integers_do_what_float_does(cache: Path, changes: dict[str, int]) -> None:
    model = trained_roughly(changes)
    crops = CropSet(cache, "train", CPU)
    exported = export.export_model(model, crops, 7)
    networks = networks_in(native_model(write_model(exported)))
    assert list(networks) == list(model.networks)
    pixels = picture(9, 96, 80)
    for step in (80, 130):
        decoding = prepare.code(pixels, 0, step, 1, 5)
        found = export.compare(model, networks, pixels, decoding)
        assert abs(found.float_db) > 0.05
        assert found.integer_db == pytest.approx(found.float_db, abs=0.02)
        assert found.integer_bits == pytest.approx(found.float_bits, rel=0.01)
        enhanced, _ = export.enhance(networks, pixels, decoding, realism=1.0)
        plain, _ = export.enhance(networks, pixels, decoding)
        assert (enhanced != plain).any() == bool(model.config.texture_channels)


def test_networks_of_half_the_sides(tmp_path: Path) -> None:
    """Trained from the weights of another run, exported beside others, checked against float."""
    changes = {"scale": 2, "latent_channels": 0, "texture_channels": 0}
    model = trained_roughly(changes)
    cache = make_cache(tmp_path, scale=2)
    networks = export.export_model(model, CropSet(cache, "train", CPU), 7).networks
    assert list(networks) == ["restore_half"]
    pixels = picture(9, 96, 64)
    decoding = prepare.code(pixels, 0, 100, 0, 5, scale=2)
    assert decoding.quarters.shape == (32, 48, 3)
    found = export.compare(model, networks, pixels, decoding)
    assert abs(found.float_db) > 0.05
    assert found.integer_db == pytest.approx(found.float_db, abs=0.02)
    config = dataclasses.replace(TINY, steps=2, **changes)
    train(config, cache, tmp_path / "first", place=ALONE)
    second = train(
        dataclasses.replace(config, learning_rate=0.0, ema=0.0),
        cache,
        tmp_path / "second",
        place=ALONE,
        begin_with=tmp_path / "first",
    )
    assert all(
        torch.equal(a, b)
        for a, b in zip(weights(second).values(), weights(load_enhancer(tmp_path / "first")).values(), strict=True)
    )
    with pytest.raises(ValueError, match="crops of scale 2"):
        train(TINY, cache, tmp_path / "third", place=ALONE)


def test_any_size_can_be_enhanced(cache: Path) -> None:
    model = trained_roughly({})
    networks = export.export_model(model, CropSet(cache, "train", CPU), 7).networks
    pixels = picture(9, 37, 21)
    decoding = prepare.code(pixels, 0, 120, 0, 5)
    enhanced, bits = export.enhance(networks, pixels, decoding)
    assert enhanced.shape == pixels.shape
    assert enhanced.dtype == np.uint8
    assert bits > 0


def test_every_tensor_is_accounted_for(cache: Path) -> None:
    model = trained_roughly({})
    largest = export.calibrate(model, CropSet(cache, "train", CPU))
    for name, network in model.networks.items():
        integer = to_integers(network, largest[name])
        linear = {key.split("/")[0] for key in integer.arrays if key.endswith("/weight")}
        constant = {key.split("/")[0] for key in network.definition.constants if key.endswith("/weight")}
        assert linear == set(network.layers) | constant
    network = model.restore
    network.register_buffer("forgotten", torch.zeros(1))
    with pytest.raises(ExportError, match="without a place: forgotten"):
        to_integers(network, largest["restore"])


def test_export_command(cache: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, pictures = tmp_path / "tiny.vnm", tmp_path / "pictures"
    pictures.mkdir()
    Image.fromarray(picture(8, 70, 50)).save(pictures / "a.png")
    arguments = [str(file), "--run", str(run), "--cache", str(cache), "--id", "9", "--pictures", str(pictures)]
    export.main(arguments)
    written = backend.ModelFile(file.read_bytes()).describe()
    assert (written["id"], written["name"]) == (9, "tiny")
    sizes = {path.name.split("-")[0]: path.stat().st_size for path in tmp_path.glob("*.vnw")}
    assert sizes == {name: size for name, size, _ in written["networks"]}
    out = capsys.readouterr().out
    assert "integers lose" in out
    assert out.count("a.png") == len(export.CHECK_STEPS)


def tiny_settings(**changes: int) -> list[str]:
    """The configuration of tests as `--set` takes it."""
    numbers = {name: value for name, value in vars(TINY).items() if not isinstance(value, str)} | changes
    return [f"{name}={value}" for name, value in numbers.items()]


def test_a_plan_trains_run_after_run(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    first, second = tmp_path / "first", tmp_path / "second"
    file.write_text(
        f"cache = {str(cache)!r}\n"
        f"[[train]]\nrun = {str(first)!r}\nset = {tiny_settings(steps=2)}\n"
        f"[[train]]\nrun = {str(second)!r}\nset = {tiny_settings(steps=1, learning_rate=0)}\n"
        f"begin-with = {str(first)!r}\n"
    )
    arguments = [str(file), "--device", "cpu", "--threads", "1"]
    plan.main([*arguments, "--minutes", "0"])
    assert torch.load(first / CHECKPOINT, weights_only=True)["step"] == 1
    assert not second.exists()
    plan.main(arguments)
    written = (first / CHECKPOINT).stat().st_mtime_ns, (second / CHECKPOINT).stat().st_mtime_ns
    states = [torch.load(run / CHECKPOINT, weights_only=True) for run in (first, second)]
    assert [state["step"] for state in states] == [2, 1]
    assert all(torch.equal(states[0]["means"][name], value) for name, value in states[1]["model"].items())
    plan.main(arguments)  # nothing is left to do
    assert ((first / CHECKPOINT).stat().st_mtime_ns, (second / CHECKPOINT).stat().st_mtime_ns) == written
    file.write_text("[[train]]\nmodel = 'standard'\n")
    with pytest.raises(ValueError, match=r"plan.toml is no plan"):
        plan.main(arguments)


def environment(**variables: str) -> dict[str, str]:
    return {**os.environ, **variables, "OMP_NUM_THREADS": "1"}


def test_training_needs_no_compiled_core(cache: Path, tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['veneer._native'] = None; from veneer.training import train;"
        "train.main(sys.argv[1:]); print(sorted(name for name in sys.modules if name.startswith('veneer.base')))"
    )
    arguments = ["--cache", str(cache), "--run", str(tmp_path), "--device", "cpu", "--set", *tiny_settings(steps=1)]
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, env=environment(), check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("[]\n")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def test_processes_train_together(cache: Path, tmp_path: Path) -> None:
    """Two processes with half a batch each keep the same weights, and the first writes the run."""
    script = (
        "import sys; sys.path.append(sys.argv[3]); from veneer.training.train import *; from tiny import TINY;"
        "torch.set_num_threads(1); config = dataclasses.replace(TINY, steps=2);"
        "means = train(config, Path(sys.argv[1]), Path(sys.argv[2]), place=find_place('cpu'));"
        "print(sum(float(p.double().sum()) for p in means.parameters())); distributed.destroy_process_group()"
    )
    command = [sys.executable, "-c", script, str(cache), str(tmp_path), str(Path(__file__).parent)]
    group = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}

    def work(rank: int) -> subprocess.CompletedProcess[str]:
        variables = environment(RANK=str(rank), **group)
        return subprocess.run(command, capture_output=True, text=True, env=variables, timeout=120, check=False)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(work, range(2)))
    assert [result.returncode for result in results] == [0, 0], results[0].stderr + results[1].stderr
    sums = [result.stdout.splitlines()[-1] for result in results]
    assert sums[0] == sums[1]
    assert torch.load(tmp_path / CHECKPOINT, weights_only=True)["step"] == 2
