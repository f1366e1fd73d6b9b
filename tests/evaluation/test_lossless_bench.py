"""The benchmark of lossless codecs: every codec gives every sample back, and the tables say what was measured."""

from __future__ import annotations

import csv
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
from veneer.evaluation import lossless, lossless_codecs, lossless_report  # noqa: E402
from veneer.evaluation.lossless_codecs import LosslessCodec, Samples, Shape  # noqa: E402
from veneer.evaluation.lossless_samples import read_samples  # noqa: E402

CODECS = lossless_codecs.lossless_codecs()


def samples_of(channels: int, depth: int, kind: str = "picture") -> Samples:
    """A small picture, uint8 or uint16; a `flat` one is white and opaque, in which optimizers leave much out."""
    dtype, most = np.uint8 if depth == 8 else np.uint16, (1 << depth) - 1
    if kind == "flat":
        return np.full((9, 7, channels), most, dtype)
    picture = make_picture(23, 31).astype(np.uint32)
    picture = np.concatenate((picture, picture[:, :, :1]), axis=2)[:, :, :channels] * most // 255
    return picture.astype(dtype)


@pytest.mark.parametrize("kind", ["picture", "flat"])
@pytest.mark.parametrize(
    ("name", "depth"),
    [(name, depth) for name, codec in CODECS.items() for depth in (8, 12, 16) if depth <= codec.most_depth],
)
def test_every_codec_gives_every_sample_back(name: str, depth: int, kind: str) -> None:
    codec = CODECS[name]
    for channels in (1, 2, 3, 4):
        samples = samples_of(channels, depth, kind)
        back = codec.decode(codec.encode(samples, depth), Shape(channels, depth))
        assert back.dtype == samples.dtype
        np.testing.assert_array_equal(back, samples)


def test_the_peers_are_there() -> None:
    """All of them where their libraries are, as in the environment of development."""
    assert {"veneer-ll", "png", "webp-ll", "jxl-ll-e7", "jxl-ll-e9", "j2k-ll", "avif-ll", "qoi"} <= set(CODECS)


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lossless_codecs.importlib.util, "find_spec", lambda _: None)
    lines = lossless_codecs.missing()
    assert any("pyoxipng" in line and "pip install '.[oxipng]'" in line for line in lines)
    assert any("imagecodecs" in line for line in lines)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures of all sorts."""
    folder = tmp_path_factory.mktemp("pictures")
    rgb = samples_of(3, 8)
    Image.fromarray(rgb).save(folder / "rgb.png")
    Image.fromarray(rgb[:, :, 0] > 100).save(folder / "bits.png")
    Image.fromarray(rgb).quantize(8).save(folder / "palette.png", transparency=3)
    (folder / "deep.png").write_bytes(imagecodecs.png_encode(samples_of(3, 16)))
    return folder


def test_samples_are_those_of_the_file(pictures: Path) -> None:
    for name, expected in (("rgb", samples_of(3, 8)), ("deep", samples_of(3, 16))):
        samples, depth = read_samples(str(pictures / f"{name}.png"))
        assert depth == 8 * expected.dtype.itemsize
        np.testing.assert_array_equal(samples, expected)
    tiff = pictures / "deep.tif.bin"
    tiff.write_bytes(imagecodecs.tiff_encode(samples_of(3, 16), photometric="rgb"))
    np.testing.assert_array_equal(read_samples(str(tiff))[0], samples_of(3, 16))
    assert read_samples(str(pictures / "bits.png"))[0].shape == (23, 31, 1)
    palette = read_samples(str(pictures / "palette.png"))[0]
    assert palette.shape == (23, 31, 4)
    assert palette[:, :, 3].min() == 0


def run(pictures: Path, out: Path, *options: str) -> Result:
    names = "veneer-ll,png,webp-ll,jxl-ll-e7"
    return CliRunner().invoke(
        main, ["bench", "--lossless", str(pictures), "--out", str(out), "--codecs", names, "-j", "1", *options]
    )


def read(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    with path.open(newline="") as file:
        return {(row["image"], row["codec"]): row for row in csv.DictReader(file)}


def test_the_command(pictures: Path, tmp_path: Path) -> None:
    (pictures / "words.png").write_text("no picture")
    try:
        result = run(pictures, tmp_path)
    finally:
        (pictures / "words.png").unlink()
    assert result.exit_code == 1, "a picture cannot be read"
    assert all("words.png" in line for line in result.stderr.splitlines())
    rows = read(tmp_path / "lossless.csv")
    assert int(rows["rgb", "found"]["bytes"]) == (pictures / "rgb.png").stat().st_size
    data = veneer.encode(samples_of(3, 8), lossless=True, exact=True, threads=1)
    assert int(rows["rgb", "veneer-ll"]["bytes"]) == len(data)
    assert rows["rgb", "veneer-ll"]["bpp"] == f"{8 * len(data) / (23 * 31):.5f}"
    assert ("deep", "webp-ll") not in rows, "WebP has 8 bits"
    text = (tmp_path / "lossless.md").read_text()
    assert f"| rgb | 31x23x3, 8 | {rows['rgb', 'found']['bytes']} | {len(data)} |" in text
    assert "## Sums, more than 8 bits a sample" in text
    before = (tmp_path / "lossless.csv").read_bytes()
    assert run(pictures, tmp_path).exit_code == 0
    assert (tmp_path / "lossless.csv").read_bytes() == before, "nothing is measured twice: times would differ"
    assert "--rates has no effect with --lossless" in run(pictures, tmp_path, "--rates", "0.5").stderr


def test_a_codec_that_loses_samples_fails(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lossy = LosslessCodec(
        "lossy", "Lossy", lambda s, _: s.tobytes(), lambda _, __: np.zeros((23, 31, 3), np.uint8), "1"
    )
    monkeypatch.setattr(lossless, "lossless_codecs", lambda: {"lossy": lossy})
    with pytest.raises(ValueError, match="other samples"):
        lossless.measure("lossy", str(pictures / "rgb.png"))


def test_sums_and_losses() -> None:
    def row(codec: str, image: str, size: int, seconds: str = "0.5") -> dict[str, str]:
        fields = dict.fromkeys(lossless.FIELDS, "8") | {"width": "100", "height": "100"}
        return fields | {"codec": codec, "image": image, "bytes": str(size), "encode_s": seconds, "decode_s": seconds}

    rows = [row("veneer-ll", "a", 100), row("veneer-ll", "b", 300), row("jxl-ll-e7", "a", 125, "0.25")]
    rows += [row("jxl-ll-e7", "b", 275, "0.75"), row("webp-ll", "a", 80)]
    text = lossless_report.markdown(rows, _machine(), ())
    lines = {line.split(" | ")[0].strip("| "): line for line in text.split("## Sums")[1].splitlines()}
    assert lines["Veneer, lossless"].endswith("| 2 | 400 | 0.160 | +0.0 % | 0.02 | 0.02 | 1 | 1 |")
    assert lines["WebP, lossless"].endswith("| 1 | 80 | 0.064 | +25.0 % | 0.02 | 0.02 | 2 | 2 |")
    assert "| 2 | 355 |  | +12.7 % |" in lines["smallest of the others, each"]
    losses = text.split("## Where Veneer loses")[1]
    assert "- a: +25.0 % against WebP, lossless\n- b: +9.1 % against JPEG XL, lossless, effort 7\n" in losses


def _machine() -> lossless_report.Machine:
    return lossless_report.Machine("a processor", 2, "a system", "3", "none", "1", "2026-01-01", "veneer bench")
