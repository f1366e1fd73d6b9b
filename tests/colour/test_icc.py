"""ICC profiles made here, as Little CMS understands them, and what is looked up in profiles of others."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from samples import srgb_profile

from veneer import colour

# Linear light of one space to linear light of sRGB, as published (rounded to four places).
P3_TO_SRGB = np.array([[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]])
BT2020_TO_SRGB = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
SAMPLES = np.array([[130, 120, 110], [200, 180, 170], [90, 100, 80], [255, 255, 255], [16, 16, 16]], np.uint8)


def shown(profile: bytes | None, samples: np.ndarray, *, grey: bool = False) -> np.ndarray:
    """Samples [N, 3 or 1] in sRGB, by Little CMS."""
    assert profile is not None
    image = Image.fromarray(samples.reshape(1, -1) if grey else samples[np.newaxis])
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return np.asarray(
        ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB"
        )
    )[0].astype(int)


def srgb_samples(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return np.rint(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


def light_of(samples: np.ndarray, transfer: int) -> np.ndarray:
    s = samples / 255
    if transfer == 13:
        return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    return s ** {4: 2.2, 5: 2.8, 8: 1.0}[transfer]


@pytest.mark.parametrize(
    ("cicp", "matrix"),
    [
        ((1, 13, 0, 1), np.eye(3)),
        ((1, 8, 0, 1), np.eye(3)),
        ((1, 4, 0, 1), np.eye(3)),
        ((1, 5, 0, 1), np.eye(3)),
        ((12, 13, 0, 1), P3_TO_SRGB),
        ((12, 8, 0, 1), P3_TO_SRGB),
        ((9, 13, 0, 1), BT2020_TO_SRGB),
        ((9, 4, 0, 1), BT2020_TO_SRGB),
    ],
)
def test_colour_of_profiles(cicp: colour.Cicp, matrix: np.ndarray) -> None:
    expected = srgb_samples(light_of(SAMPLES, cicp[1]) @ matrix.T)
    assert np.abs(shown(colour.icc_profile(cicp), SAMPLES) - expected).max() <= 1
    grey = SAMPLES[:, :1]
    expected = np.repeat(srgb_samples(light_of(grey, cicp[1])), 3, axis=1)
    assert np.abs(shown(colour.icc_profile(cicp, grey=True), grey, grey=True) - expected).max() <= 1


def test_video_range_is_stretched() -> None:
    video = np.rint(16 + SAMPLES * (219 / 255)).astype(np.uint8)
    stretched = np.clip(np.rint((video.astype(float) - 16) * 255 / 219), 0, 255).astype(np.uint8)
    assert np.abs(shown(colour.icc_profile((1, 13, 0, 0)), video) - stretched).max() <= 1
    assert shown(colour.icc_profile((9, 16, 0, 0)), np.full((1, 3), 235, np.uint8)).min() == 255


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_range_has_the_tag(transfer: int) -> None:
    profile = colour.icc_profile((9, transfer, 0, 1))
    assert profile is not None
    assert bytes([9, transfer, 0, 1]) in profile
    assert profile[8:10] == b"\x04\x40"
    middle = shown(profile, np.full((1, 3), 128, np.uint8))[0]
    assert len(set(middle)) == 1
    assert {16: 165, 18: 120}[transfer] < middle[0] < {16: 195, 18: 150}[transfer]


def test_other_whites_are_adapted() -> None:
    white = np.full((1, 3), 255, np.uint8)
    for primaries in (4, 8, 10, 11, 22):
        assert shown(colour.icc_profile((primaries, 8, 0, 1)), white).min() >= 254


def test_unknown_codes_have_none() -> None:
    assert colour.icc_profile((1, 3, 0, 1)) is None
    assert colour.icc_profile((3, 13, 0, 1)) is None


def test_same_bytes_always() -> None:
    """They go into files, whose bytes must not depend on the machine."""
    names = ("display-p3", "bt2100-pq", "bt2100-hlg", "dci-p3")
    profiles = b"".join(colour.icc_profile(colour.NAMES[name]) or b"" for name in names)
    assert hashlib.sha256(profiles).hexdigest()[:16] == "471e901b18d42eba"


@pytest.mark.parametrize(
    "chromaticities",
    [
        colour.Chromaticities((0.3, 0.3), (0.3, 0.3), (0.3, 0.3), (0.3, 0.3)),
        colour.Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3, 0.0)),
        colour.Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.9, 0.05)),
    ],
)
def test_impossible_primaries(chromaticities: colour.Chromaticities) -> None:
    with pytest.raises(ValueError, match="mixed"):
        colour.make_profile("none", chromaticities, [colour.gamma_curve(2.2)])


def test_spaces_and_names() -> None:
    assert colour.profile_space(srgb_profile()) == "RGB"
    assert colour.profile_name(srgb_profile()) == "sRGB built-in"
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert colour.profile_space(lab) == "Lab"
    grey = colour.icc_profile(colour.SRGB, grey=True)
    assert grey is not None
    assert (colour.profile_space(grey), colour.profile_name(grey)) == ("GRAY", "sRGB")
    for damaged in (b"", b"nonsense", srgb_profile()[:200], srgb_profile()[:300], bytes(500)):
        assert colour.profile_space(damaged) is None
        assert colour.profile_name(damaged) is None or damaged.startswith(srgb_profile()[:36])


def test_grey_of_rgb_and_back() -> None:
    for transfer in (8, 4, 13):
        rgb = colour.icc_profile((12, transfer, 0, 1))
        assert rgb is not None
        grey = colour.grey_profile_of(rgb)
        assert grey is not None
        levels = SAMPLES[:, :1]
        expected = shown(rgb, np.repeat(levels, 3, axis=1))
        assert np.abs(shown(grey, levels, grey=True) - expected).max() <= 1
        again = colour.rgb_profile_of(grey)
        assert np.abs(shown(again, np.repeat(levels, 3, axis=1)) - expected).max() <= 1


def test_no_grey_of_three_curves() -> None:
    curves = [colour.gamma_curve(gamma) for gamma in (1.8, 2.0, 2.2)]
    assert colour.grey_profile_of(colour.make_profile("three", colour.PRIMARIES[1], curves)) is None
    assert colour.grey_profile_of(b"nonsense") is None
    assert colour.rgb_profile_of(srgb_profile()) is None
