"""Definitions, rate and losses."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from tiny import TINY, picture
from torch.nn import functional

from veneer.enhancement import distributions
from veneer.training import config as configuration
from veneer.training import losses, quantizers
from veneer.training.config import PRESETS
from veneer.training.data import interpolate
from veneer.training.float_network import _Clamp
from veneer.training.graph_writer import side_inputs, square_basis, step_levels, whitened_basis
from veneer.training.networks import Enhancer


@pytest.mark.parametrize(("model", "most"), [("standard", 10), ("fast", 5), ("half", 6)])
def test_multiplications_of_the_presets(model: str, most: float) -> None:
    graph = Enhancer(PRESETS[model]).restore.definition.graph
    assert 0.9 * most < graph.multiplications_per_pixel / 1e3 < most
    assert math.lcm(*(shape.reduction for shape in graph.shapes.values())) == 8 * PRESETS[model].scale
    assert "maps" in {tensor.name for tensor in graph.inputs}


def test_coefficients_of_squares() -> None:
    """Orthonormal, of the layout of `pixel_unshuffle`; those of a grey square are one, and scales even pictures out."""
    for edge in (4, 8):
        basis = torch.from_numpy(square_basis(edge)).float()
        torch.testing.assert_close(basis @ basis.T, torch.eye(3 * edge**2), atol=1e-5, rtol=0)
        grey = functional.pixel_unshuffle(torch.full((1, 3, edge, edge), 2.0), edge).flatten()
        assert torch.argwhere((basis @ grey).abs() > 1e-3).flatten().tolist() == [0]
        ramp = torch.arange(edge).expand(1, 3, edge, edge).float()  # from left to right
        spread = (basis @ functional.pixel_unshuffle(ramp, edge).flatten())[: edge**2].reshape(edge, edge).abs() > 1e-3
        assert spread[0].any()
        assert not spread[1:].any()
    pixels = torch.from_numpy(picture(3).astype(np.float32)).permute(2, 0, 1)[None]
    squares = functional.pixel_unshuffle((pixels - 128) / 64, 4)[0].flatten(1)
    plain, even = (torch.from_numpy(make(4)).float() @ squares for make in (square_basis, whitened_basis))
    ratios = [float(x.std(dim=1).max() / x.std(dim=1).min()) for x in (plain, even)]
    assert ratios[1] < ratios[0] / 3


@pytest.mark.parametrize("scale", [1, 2])
def test_a_network_in_coefficients_is_one_of_pixels(scale: int) -> None:
    """The weights that are exported do what the trained ones do."""
    torch.manual_seed(0)
    shape = dataclasses.replace(TINY, latent_channels=0, texture_channels=0, scale=scale, crop=64)
    model = Enhancer(dataclasses.replace(shape, coefficients=1))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    plain = Enhancer(shape)
    plain.load_state_dict(model.state_dict())
    original = torch.randint(0, 256, (1, 3, 64, 64)).float()
    base = original[:, :, : 64 // scale, : 64 // scale]
    first, shown = side(120), interpolate(base) if scale == 2 else base
    result = model(original, base, *first, shown=shown).enhanced
    assert (plain(original, base, *first, shown=shown).enhanced - result).abs().max() > 1
    with torch.no_grad():
        for operation in model.restore.definition.graph.operations:
            if operation.name in ("head", "tail"):
                weight, bias = model.restore.linear(operation)
                plain.restore.layers[operation.name].weight.copy_(weight)
                plain.restore.layers[operation.name].bias.copy_(bias)
    torch.testing.assert_close(plain(original, base, *first, shown=shown).enhanced, result, atol=0.01, rtol=0)


def side(step: int) -> list[torch.Tensor]:
    parameters = np.array([[step, 5, 251, 0, 0, 1, 0, 0]], np.uint8)
    return [*(torch.from_numpy(array).float() for array in side_inputs(parameters)), torch.ones(1, 8, 1, 1)]


def test_side_inputs() -> None:
    step, settings, _ = side(100)
    assert step.tolist() == [[[[100]]]]
    assert settings.flatten().tolist() == [5, -5, 0, 16]
    assert step_levels([32, 64]).tolist() == [0.25, 1]


@pytest.mark.parametrize("latents", [0, 2])
def test_untrained_networks_change_nothing(latents: int) -> None:
    torch.manual_seed(0)
    config = configuration.from_fields({**vars(TINY), "latent_channels": latents})
    model = Enhancer(config)
    original, base = torch.randint(0, 256, (2, 1, 3, 48, 32)).float()
    result = model(original, base, *side(120), realism=1.0, hard=True)
    assert torch.equal(result.enhanced, base)
    assert (result.bits > 0).item() is (latents > 0)
    assert set(model.networks) == ({"restore", "latent_prior", "latent_analysis"} if latents else {"restore"})


def test_planes_of_a_constant_are_the_constant() -> None:
    torch.manual_seed(0)
    model = Enhancer(TINY)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    original, base = torch.randint(0, 256, (2, 1, 3, 48, 32)).float()
    step, settings, maps = side(120)
    one = model(original, base, step, settings, maps, realism=0.5, hard=True)
    step, maps = step.expand(1, 1, 12, 8), maps.expand(1, 8, 12, 8)
    all_over = model(original, base, step, settings, maps, realism=0.5, hard=True)
    torch.testing.assert_close(one.enhanced, all_over.enhanced, rtol=1e-5, atol=1e-3)
    assert not torch.equal(one.enhanced, base)


def test_lost_latents_are_zero_and_cost_nothing() -> None:
    torch.manual_seed(0)
    model = Enhancer(TINY)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    original, base = torch.randint(0, 256, (2, 2, 3, 32, 32)).float()
    parts = [part.expand(2, -1, -1, -1) for part in side(120)]
    kept = model(original, base, *parts, hard=True)
    result = model(original, base, *parts, hard=True, keep=torch.tensor([1.0, 0.0]))
    assert torch.equal(result.enhanced[0], kept.enhanced[0])
    assert not torch.equal(result.enhanced[1], kept.enhanced[1])
    assert result.bits[0] == kept.bits[0] > 0
    assert result.bits[1] == 0


def test_interpolation_of_a_ramp_is_a_ramp() -> None:
    ramp = torch.arange(0.0, 64, 4).expand(1, 3, 16, 16)
    wide = interpolate(ramp + ramp.transpose(2, 3))
    assert wide.shape == (1, 3, 32, 32)
    inner = wide[0, 0, 4:-4, 4:-4]
    assert torch.equal(inner, inner.T)
    # The filter is sharp, not linear: it puts the quarters of a sample at 0.23.
    assert ((inner.diff() - 2).abs() < 0.3).all()
    assert inner[0, 0] == pytest.approx(2 * (4 * 2 - 1), abs=0.3)


def test_clamp_lets_gradients_lead_back() -> None:
    x = torch.tensor([-2.0, -2.0, 0.5, 3.0, 3.0], requires_grad=True)
    y = _Clamp.apply(x, 0.0, 1.0)
    assert y.tolist() == [0, 0, 0.5, 1, 1]
    y.backward(torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0]))
    assert x.grad is not None
    assert x.grad.tolist() == [0, -1, 1, 1, 0]


def test_tables_of_the_distributions() -> None:
    table = distributions.cumulative_frequencies()
    assert table.shape == (64, 256)
    frequency = np.diff(table.astype(np.int64), axis=1)
    assert (frequency >= 1).all()
    assert (frequency == frequency[:, ::-1]).all()
    assert (table[:, 0] == 0).all()
    assert (table[:, -1] == 1 << 24).all()
    value = np.arange(-127, 128)
    for index in (0, 32, 63):
        b = 2 ** ((index - 32) / 7)
        weight = np.where(
            value == 0, 1 - np.exp(-0.5 / b), 0.5 * np.exp(-(np.abs(value) - 0.5) / b) * (1 - np.exp(-1 / b))
        )
        np.testing.assert_allclose(frequency[index] / 2**24, weight / weight.sum(), atol=2e-5)


def test_bits_of_formula_and_tables_agree() -> None:
    index = torch.arange(0.0, 64).repeat_interleave(11)
    y = torch.arange(-5.0, 6).repeat(64)
    formula, table = quantizers.laplace_bits(y, index), quantizers.table_bits(y, index)
    likely = table < 12
    assert likely.sum() > 300
    assert (formula - table)[likely].abs().max() < 0.01
    y.requires_grad_()
    index.requires_grad_()
    quantizers.laplace_bits(y * 20, index).sum().backward()
    assert y.grad is not None
    assert index.grad is not None
    assert torch.isfinite(y.grad).all()
    assert torch.isfinite(index.grad).all()


def test_rounding_is_that_of_the_engine() -> None:
    y = torch.tensor([-1.5, -0.5, 0.49, 0.5, 1.5], requires_grad=True)
    rounded = quantizers.rounded(y)
    assert rounded.tolist() == [-1, 0, 0, 1, 2]
    rounded.sum().backward()
    assert y.grad is not None
    assert y.grad.tolist() == [1] * 5
    assert (quantizers.noisy(y) - y).abs().max() <= 0.5


def test_losses() -> None:
    original = torch.full((2, 3, 16, 16), 100.0)
    base, enhanced, q = original + 9.75, original + 5.25, torch.tensor([8.0, 16.0])
    error = losses.squared_error(enhanced, original)
    assert error.tolist() == [5.25**2] * 2
    assert losses.gain_db(enhanced, base, original).tolist() == pytest.approx([6.02, 6.02], abs=0.01)
    assert losses.expected_error(q).tolist() == pytest.approx([3.6, 10.4], abs=0.1)
    scale = losses.scale(base, original, q)
    assert scale.tolist() == pytest.approx([(9.75**2 + 3.6) / 2, (9.75**2 + 10.4) / 2], abs=0.1)
    rate = losses.rate_bpp(torch.tensor([128.0, 0.0]), 256)
    expected = ((error + torch.tensor([0.1 * 64 * 0.5, 0])) / scale).tolist()
    assert losses.fidelity(error, rate, q, 0.1, scale).tolist() == pytest.approx(expected)


def test_configurations_from_options() -> None:
    assert configuration.from_options("fast", ["steps=7", "decay=0.25"]).steps == 7
    for assignments in (["step=7"], ["model=x"], ["crop=100"], ["steps=x"]):
        with pytest.raises(ValueError, match=r"configuration|multiple|invalid"):
            configuration.from_options("standard", assignments)
    with pytest.raises(ValueError, match="younger"):
        configuration.from_fields({**vars(TINY), "younger": 1})
    older = configuration.from_fields({name: value for name, value in vars(TINY).items() if name != "source"})
    assert older == TINY
