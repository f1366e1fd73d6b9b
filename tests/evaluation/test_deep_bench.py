"""The benchmark of lossy codecs above 8 bits: sources, codecs, measurements, gradients, and the command."""

from __future__ import annotations

import csv
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from samples import make_picture

for needed in ("bjontegaard", "imagecodecs", "matplotlib", "scipy", "ssimulacra2"):
    pytest.importorskip(needed)

import imagecodecs  # noqa: E402

import veneer  # noqa: E402
from veneer.cli.main import main  # noqa: E402
from veneer.evaluation import deep, deep_codecs, deep_report, deep_sources, ssimulacra2  # noqa: E402
from veneer.evaluation.lossless_codecs import Samples  # noqa: E402

CODECS = deep_codecs.deep_codecs()
PQ_COLOUR = (9, 16, 0, 1)


def deep_picture(height: int = 48, width: int = 64) -> Samples:
    """uint16 of 10 bits, RGB."""
    wide = make_picture(height * 2, width * 2).astype(np.uint32)
    return ((wide[::2, ::2] + wide[1::2, 1::2]) * 1023 // 510).astype(np.uint16)


def png(samples: Samples, chunks: dict[bytes, bytes]) -> bytes:
    """A PNG of 16 bits with chunks of its own behind the header."""
    data = bytes(imagecodecs.png_encode(samples))
    own = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks.items()
    )
    return data[:33] + own + data[33:]


@pytest.mark.parametrize("depth", deep_codecs.DEPTHS)
@pytest.mark.parametrize("name", CODECS)
def test_every_codec_keeps_depth_and_nearly_the_samples(name: str, depth: int) -> None:
    codec, samples = CODECS[name], deep_sources.scaled(deep_picture(), 10, depth)
    largest = (1 << depth) - 1
    for cicp in (deep_codecs.SRGB, PQ_COLOUR):
        errors = []
        for setting in (codec.settings[1], codec.settings[-1]):
            decoded = codec.decode(codec.encode(samples, depth, cicp, setting), depth)
            assert decoded.shape == samples.shape
            assert decoded.dtype == samples.dtype
            errors.append(deep.psnr(samples / largest, decoded / largest))
        assert errors[1] > errors[0] + 1, "the last setting is the finest"
        if cicp == deep_codecs.SRGB:
            assert errors[1] > 30, "samples are in their places, and of the same range"


def test_the_peers_are_there() -> None:
    assert {"veneer", "veneer-psnr-e5", "veneer-base", "avif-444"} <= set(CODECS)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep_codecs, "imagecodecs_module", lambda: None)
    monkeypatch.setattr(deep_codecs.importlib.util, "find_spec", lambda _: None)
    lines = deep_codecs.missing()
    assert any("imagecodecs" in line and "AVIF" in line for line in lines)
    assert any("pillow-heif" in line for line in lines)
    monkeypatch.undo()
    monkeypatch.setattr(deep_codecs.shutil, "which", lambda _: None)
    assert any("cjxl" in line for line in deep_codecs.missing())


def test_sources(tmp_path: Path) -> None:
    samples = deep_picture()
    pq = tmp_path / "pq.png"
    pq.write_bytes(png(samples << 6, {b"cICP": bytes(PQ_COLOUR), b"sBIT": bytes([10] * 3)}))
    source = deep_sources.read_source(str(pq))
    assert (source.depth, source.cicp, source.kind) == (10, PQ_COLOUR, "pq")
    np.testing.assert_array_equal(source.samples, samples)
    np.testing.assert_array_equal(source.at_depth(8), deep_sources.scaled(samples, 10, 8))

    plain = tmp_path / "plain.png"
    plain.write_bytes(png(samples << 6, {}))
    assert (deep_sources.read_source(str(plain)).depth, deep_sources.read_source(str(plain)).kind) == (16, "sdr")

    byte = tmp_path / "byte.png"
    pixels = make_picture(41, 30)
    Image.fromarray(pixels).save(byte)
    source = deep_sources.read_source(str(byte))
    assert source.depth == 10
    assert source.samples.shape == (20, 15, 3)
    total = pixels[:2, :2].astype(int).sum(axis=(0, 1))
    np.testing.assert_array_equal(source.samples[0, 0], np.rint(total * 1023 / 1020))

    Image.fromarray(np.dstack([pixels, pixels[:, :, :1]])).save(tmp_path / "alpha.png")
    with pytest.raises(ValueError, match="alpha"):
        deep_sources.read_source(str(tmp_path / "alpha.png"))


def test_scores_do_not_depend_on_the_depth() -> None:
    """A picture of 8 bits as 16 bits has the same values, and so the same score."""
    a, b = make_picture(40, 40), make_picture(40, 40) // 16 * 16
    score = ssimulacra2.Reference(a).score(b)
    wide = ssimulacra2.Reference(a.astype(np.uint16) * 257, 65535).score(b.astype(np.uint16) * 257)
    assert wide == pytest.approx(score, abs=1e-6)


def test_bands_of_gradients() -> None:
    row = np.repeat([[0, 0, 0, 1, 1, 5, 5, 5, 5, 2]], 3, axis=0)
    assert deep.widest_band(np.repeat(row[:, :, None], 3, axis=2).astype(np.uint8)) == 4
    assert deep.widest_band(np.zeros((3, 7, 3), np.uint16)) == 7
    for name in deep_sources.GRADIENTS:
        true = deep_sources.gradient(name)
        bands = [deep.widest_band(np.rint(true * ((1 << depth) - 1)).astype(np.uint16)) for depth in (8, 10, 12)]
        assert bands[0] > bands[1] > bands[2], "more bits, narrower bands"
        assert 0 <= true.min() < true.max() < 0.25


def run(pictures: Path, out: Path, *options: str) -> Result:
    return CliRunner().invoke(
        main,
        ["bench", "--deep", str(pictures), "--out", str(out), "--codecs", "veneer-base,avif-444", *options],
    )


def test_the_command(tmp_path: Path) -> None:
    pictures, out = tmp_path / "pictures", tmp_path / "out"
    pictures.mkdir()
    Image.fromarray(make_picture(80, 96)).save(pictures / "byte.png")
    result = run(pictures, out, "-j", "1")
    assert result.exit_code == 0, result.output
    with (out / deep.RESULTS).open(newline="") as file:
        rows = {(row["codec"], row["setting"], row["depth"]): row for row in csv.DictReader(file)}
    assert {key[2] for key in rows} == {"8", "10"}, "halved pictures have 10 bits, and none of 12"
    data = veneer.encode(
        deep_sources.halved(make_picture(80, 96)),
        depth=10,
        quality=75,
        layers="base",
        cicp=deep_codecs.SRGB,
        preview=False,
        threads=1,
    )
    assert int(rows["veneer-base", "75", "10"]["bytes"]) == len(data)
    text = (out / deep_report.MARKDOWN).read_text()
    for heading in ("## Bytes at equal PSNR", "## Bytes at equal SSIMULACRA2", "## Dark gradients"):
        assert heading in text
    assert "| 1, SDR | 10 | Veneer base |" in text
    before = (out / deep.RESULTS).read_bytes()
    (out / "notes.txt").write_text("A word at the head.")
    assert run(pictures, out, "--report-only").exit_code == 0
    assert (out / deep.RESULTS).read_bytes() == before
    assert "A word at the head." in (out / deep_report.MARKDOWN).read_text()


@pytest.mark.parametrize("options", [["--lossless"], ["--points", "3"], ["--rates", "0.5"]])
def test_options_without_meaning_are_refused(options: list[str], tmp_path: Path) -> None:
    Image.fromarray(make_picture(16, 16)).save(tmp_path / "a.png")
    result = run(tmp_path, tmp_path / "out", *options)
    assert result.exit_code == 2
    assert "--deep" in result.output or "--lossless" in result.output
