"""Texture: noise, the same pixels from every backend and by region, realism, and what it does for lost tiles."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import numpy as np
import pytest
from enhanced_vectors import with_head
from enhancers import enhanced_file, make_model, write_models
from oracle.decoder import decode as oracle_decode
from oracle.enhancement import runner as oracle_runner
from oracle.enhancement.runner import run_native
from oracle.enhancement.texture import noise
from samples import Pixels, make_picture
from test_damaged_enhancement import place_of
from test_whole_path import REGIONS, decode_with

import veneer
from veneer.backend import inference_targets
from veneer.bitstream.chunks import ChunkReader
from veneer.bitstream.container import FIRST_CHUNK
from veneer.enhancement.unrounded import FRACTION_BITS
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.network import Network
from veneer.inference.weights import Model
from veneer.reference.network import Network as ReferenceNetwork
from veneer.reference.texture import noise as reference_noise

FORMAT = Path(__file__).parents[2] / "docs" / "format.md"


@pytest.fixture(scope="module")
def file(folder: Path) -> bytes:
    return enhanced_file(make_picture(190, 180), folder, "textured")  # 3 x 3 tiles


def without_tile(data: bytes, tile: int) -> bytes:
    """A file with the colour of a tile damaged."""
    place = place_of(data, b"BASE", tile) + 8
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def decode_damaged(data: bytes, folder: Path, **options: object) -> Pixels:
    problems: list[VeneerError] = []
    pixels = veneer.decode(data, models=folder, problems=problems, **options)  # type: ignore[arg-type]
    assert problems
    return pixels


def test_noise_of_the_examples() -> None:
    row = r"^\| ([0-9a-f]{4}) \| (\d+) \| (\d+) \| [0-9a-f]{8} \| (.*) \|$"
    rows = re.findall(row, FORMAT.read_text(), re.MULTILINE)
    assert len(rows) >= 4
    for seed, u, v, channels in rows:
        expected = [int(value) for value in channels.split(", ")]
        assert noise(int(seed, 16), int(u), int(v), (1, 1)).ravel().tolist() == expected
        assert reference_noise(int(seed, 16), int(u), int(v)) == expected


def test_noise_by_parts_and_how_it_is_distributed() -> None:
    seed = 0xCAFEF00D
    whole = noise(seed, 0, 0, (200, 300))
    np.testing.assert_array_equal(noise(seed, 17, 40, (50, 60)), whole[40:90, 17:77])
    for u, v in ((0, 0), (299, 199), (123, 45)):
        assert reference_noise(seed, u, v) == whole[v, u].tolist()
    # Differences of two bytes each: mean 0, variance 2 (256^2 - 1) / 12; channels and neighbours know nothing of
    # each other. Bounds are five standard deviations.
    few = 5 / np.sqrt(whole[:, :, 0].size)
    assert np.abs(whole.mean(axis=(0, 1))).max() < few * 104.5
    np.testing.assert_allclose(whole.astype(float).var(axis=(0, 1)), 65535 / 6, rtol=0.02)
    scaled = whole / 104.5
    shifted = [scaled[1:, :], scaled[:, 1:], *(np.roll(scaled, n, axis=2) for n in range(1, 5))]
    for other in shifted:
        same = scaled[: other.shape[0], : other.shape[1]]
        assert np.abs((same * other).mean(axis=(0, 1))).max() < 1.1 * few
    assert (noise(seed + 1, 0, 0, (8, 8)) != whole[:8, :8]).any()


@pytest.mark.parametrize("base_scale", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_backends_targets_threads_and_strips(base_scale: int, channels: int, folder: Path) -> None:
    data = enhanced_file(make_picture(101, 90, channels), folder, "textured", base_scale=base_scale)
    expected = veneer.decode(data, strict=True, models=folder)
    assert (expected != veneer.decode(data, models=folder, realism=0)).any()
    np.testing.assert_array_equal(decode_with(ReferenceNetwork.run, data, folder, "textured"), expected)
    np.testing.assert_array_equal(veneer.decode(data, models=folder, backend="reference"), expected)
    for target in inference_targets():
        for threads, strip in ((1, 16), (2, 32), (8, 0)):
            runner = functools.partial(run_native, target=target, threads=threads, strip=strip)
            made = decode_with(runner, data, folder, "textured")
            np.testing.assert_array_equal(made, expected, f"{target} {threads} {strip}")
    for threads in (1, 2, 8):
        np.testing.assert_array_equal(veneer.decode(data, models=folder, threads=threads), expected)


def test_torch(folder: Path) -> None:
    pytest.importorskip("torch")
    import torch_networks

    data = enhanced_file(make_picture(90, 70), folder, "textured")
    expected = veneer.decode(data, strict=True, models=folder)
    np.testing.assert_array_equal(decode_with(torch_networks.run, data, folder, "textured"), expected)


@pytest.mark.parametrize("base_scale", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_regions(base_scale: int, channels: int, folder: Path) -> None:
    data = enhanced_file(make_picture(333, 301, channels), folder, "textured", base_scale=base_scale)
    for realism in (None, 0.0, 1.0):
        whole = veneer.decode(data, strict=True, models=folder, realism=realism)
        for x, y, width, height in REGIONS:
            part = veneer.decode(data, strict=True, models=folder, region=(x, y, width, height), realism=realism)
            np.testing.assert_array_equal(part, whole[y : y + height, x : x + width])


def test_regions_without_realism_see_no_further(folder: Path) -> None:
    data = enhanced_file(make_picture(320, 320), folder, "textured")
    damaged = without_tile(data, 1)  # which `restore` does not see from here, and `texture` does
    region = 0, 0, 40, 40
    veneer.decode(damaged, models=folder, region=region, realism=0, strict=True)
    with pytest.raises(VeneerError):
        veneer.decode(damaged, models=folder, region=region, realism=1, strict=True)


def test_realism_and_seed(file: bytes, folder: Path) -> None:
    plain = enhanced_file(make_picture(190, 180), folder, "tiny")
    # The same but for `texture`.
    np.testing.assert_array_equal(
        veneer.decode(file, models=folder, realism=0), veneer.decode(plain, models=folder, realism=0)
    )
    changes = [
        int(
            np.abs(
                veneer.decode(file, models=folder, realism=share).astype(int)
                - veneer.decode(file, models=folder, realism=0)
            ).sum()
        )
        for share in (0.004, 0.25, 0.5, 1)
    ]
    assert changes == sorted(changes)
    assert changes[0] == 0
    other = with_head(file, noise_seed=7)
    np.testing.assert_array_equal(
        veneer.decode(other, models=folder, realism=0), veneer.decode(file, models=folder, realism=0)
    )
    assert (veneer.decode(other, models=folder) != veneer.decode(file, models=folder)).any()


@pytest.mark.parametrize(("channels", "base_scale"), [(1, 1), (3, 1), (4, 1), (1, 2), (3, 2)])
@pytest.mark.slow
def test_lost_tiles_get_texture(channels: int, base_scale: int, folder: Path) -> None:
    """At realism 0 in the lost tile alone; everywhere at others."""
    picture = make_picture(380 if base_scale == 2 else 190, 180 * base_scale, channels)
    textured, plain = (enhanced_file(picture, folder, name, base_scale=base_scale) for name in ("textured", "tiny"))
    for tile in (0, 4, 8):
        damaged, blurred = without_tile(textured, tile), without_tile(plain, tile)
        filled, blur = (decode_damaged(data, folder, realism=0) for data in (damaged, blurred))
        top, left = 64 * base_scale * (tile // 3), 64 * base_scale * (tile % 3)
        lost = np.zeros(picture.shape[:2], bool)
        lost[top : top + 64 * base_scale, left : left + 64 * base_scale] = True
        np.testing.assert_array_equal(filled[~lost], blur[~lost])
        colours = filled.shape[2] - (channels == 4)
        assert (filled[lost] != blur[lost])[:, :colours].mean() > 0.5
        more = decode_damaged(damaged, folder, realism=1)
        assert (more[~lost] != filled[~lost]).mean() > 0.3
        for threads in (1, 3):
            np.testing.assert_array_equal(decode_damaged(damaged, folder, realism=0, threads=threads), filled)


def test_region_of_a_lost_tile(file: bytes, folder: Path) -> None:
    damaged = without_tile(file, 4)
    blurred = without_tile(enhanced_file(make_picture(190, 180), folder, "tiny"), 4)
    part, blur = (decode_damaged(data, folder, region=(70, 70, 40, 30), realism=0) for data in (damaged, blurred))
    assert part.shape == (30, 40, 3)
    assert (part != blur).mean() > 0.5
    assert np.abs(part.astype(int) - blur).max() <= 12  # the most that `texture` adds
    with pytest.raises(VeneerError):
        veneer.decode(damaged, models=folder, realism=0, strict=True)


def test_missing_is_heard(file: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the oracle, which gives the same pixels as the decoder."""
    damaged = without_tile(file, 4)
    filled = decode_damaged(damaged, folder, realism=0.5)
    np.testing.assert_array_equal(oracle_decode(damaged, models=folder, problems=[], realism=0.5), filled)
    told = []

    def noting(
        network: ReferenceNetwork, inputs: dict[str, np.ndarray], size: tuple[int, int], **options: object
    ) -> object:
        if network.graph.name == "texture":
            told.append((inputs["missing"][:, :, 0], inputs["realism"][:, :, 0]))
            inputs = {**inputs, "missing": np.zeros_like(inputs["missing"])}
        return run(network, inputs, size, **options)  # type: ignore[arg-type]

    run = oracle_runner.run_native
    monkeypatch.setattr(oracle_runner, "run_native", noting)
    untold = oracle_decode(damaged, models=folder, problems=[], realism=0.5)
    ((missing, realism),) = told
    assert missing.shape == (48, 45)
    assert (missing[16:32, 16:32] == 1).all()
    assert missing.sum() == 256
    assert (realism == np.where(missing, 64, 32)).all()
    assert (untold[70:120, 70:120] != filled[70:120, 70:120]).any()


@pytest.mark.parametrize(("channels", "base_scale"), [(1, 1), (3, 1), (4, 1), (1, 2), (3, 2)])
@pytest.mark.parametrize("preview", [False, True])
def test_cut_files_are_filled_by_the_decoders_own_model(
    channels: int, base_scale: int, preview: bool, tmp_path: Path
) -> None:
    """A cut file that names no model."""
    own = write_models(tmp_path, make_model(903, "standard", texture=True))
    picture = make_picture(190, 180, channels)
    whole = veneer.encode(picture, layers="base", base_scale=base_scale, tile_size=64, preview=preview)
    last = [chunk for chunk in ChunkReader(memoryview(whole), FIRST_CHUNK, print).chunks() if chunk.type == b"BASE"][-1]
    data = whole[: last.offset + 30]
    blur, filled = (decode_damaged(data, own, layers=layers) for layers in ("base", "full"))
    lost = np.zeros((*picture.shape[:2], 1), bool)
    x, y = ((side - 1) // base_scale // 64 * 64 * base_scale for side in (180, 190))
    lost[y:, x:] = True
    changed = (filled != blur)[:, :, : channels - (channels == 4)]
    assert not changed[~lost[:, :, 0]].any()
    assert changed[lost[:, :, 0]].mean() > 0.4
    np.testing.assert_array_equal(decode_damaged(data, own, threads=3), filled)
    region = x - 5, y - 3, 20, 15
    part, flat = (decode_damaged(data, own, region=region, layers=layers) for layers in ("full", "base"))
    inside = lost[y - 3 : y + 12, x - 5 : x + 15, 0]
    np.testing.assert_array_equal(part[~inside], flat[~inside])
    assert (part[inside] != flat[inside]).any()
    with pytest.raises(VeneerError):
        veneer.decode(data, models=own, strict=True)
    # In transit too, when nothing more comes.
    decoder = veneer.Decoder(models=own)
    decoder.feed(data)
    decoder.finish()
    np.testing.assert_array_equal(decoder.picture(), filled)


def test_a_model_without_texture_fills_as_ever(file: bytes, tmp_path: Path) -> None:
    own = write_models(tmp_path, make_model(903, "standard"))
    damaged = without_tile(file, 4)  # of a model that is unknown here
    np.testing.assert_array_equal(decode_damaged(damaged, own), decode_damaged(damaged, own, layers="base"))
    (own / "manifest.toml").write_text("no manifest")
    np.testing.assert_array_equal(decode_damaged(damaged, own), decode_damaged(damaged, own, layers="base"))


@pytest.mark.parametrize("base_scale", [1, 2])
def test_damaged_in_transit(base_scale: int, folder: Path) -> None:
    data = without_tile(enhanced_file(make_picture(190, 180), folder, "textured", base_scale=base_scale), 1)
    decoder = veneer.Decoder(models=folder)
    for start in range(0, len(data), 500):
        decoder.feed(data[start : start + 500])
    decoder.finish()
    np.testing.assert_array_equal(decoder.picture(), decode_damaged(data, folder))


def test_random_damage_is_survived(file: bytes, folder: Path) -> None:
    rng = np.random.default_rng(6)
    start = place_of(file, b"BASE", 0)
    for _ in range(20):
        changed = bytearray(file)
        for place in rng.integers(start, len(file), 3):
            changed[place] ^= 1 << int(rng.integers(8))
        assert decode_damaged(bytes(changed), folder, realism=1).shape == (190, 180, 3)


def test_other_fields_of_the_head_have_no_influence(file: bytes, folder: Path) -> None:
    """Of HEAD only the seed decides the noise: what is for information does not change a pixel."""
    wanted = veneer.decode(file, models=folder, realism=1)
    for changes in ({"tune": 0}, {"tune": 1}, {"colour_primaries": 9, "transfer_characteristics": 16}):
        np.testing.assert_array_equal(veneer.decode(with_head(file, **changes), models=folder, realism=1), wanted)
    other = veneer.decode(with_head(file, noise_seed=7), models=folder, realism=1)
    assert (other != wanted).any()


def test_too_large_is_refused_before_it_runs(tmp_path: Path) -> None:
    """The activations of `texture` would take more than a decoder gives them."""
    most = 255 << FRACTION_BITS
    graph = GraphBuilder("texture")
    picture = graph.input("picture", 3, low=0, high=most, fraction_bits=FRACTION_BITS)
    x = graph.concat("many", *[graph.concat("some", *[picture] * 64)] * 5)
    for number in range(300):
        x = graph.clip(f"clip_{number}", x, low=0, high=most)
    graph.output(graph.slice("textured", x, first=0, channels=3), fraction_bits=FRACTION_BITS)
    networks = {**make_model(65100, "huge", texture=True).networks, "texture": Network(graph.build(), {})}
    folder = write_models(tmp_path, Model(65100, "huge", networks))
    file = enhanced_file(make_picture(190, 180), folder, "huge")
    with pytest.raises(VeneerError) as caught:
        veneer.decode(file, models=folder, strict=True)
    assert caught.value.code == ErrorCode.NETWORK_TOO_LARGE
    problems: list[VeneerError] = []
    pixels = veneer.decode(file, models=folder, problems=problems)
    np.testing.assert_array_equal(pixels, veneer.decode(file, layers="base"))
    assert [problem.code for problem in problems] == [ErrorCode.NETWORK_TOO_LARGE]
