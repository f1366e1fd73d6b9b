"""The report's page in a browser: no complaints, and what a reader touches moves."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from browser import Browser
from click.testing import CliRunner
from PIL import Image
from samples import make_picture

from veneer.cli.main import main

KEYS = {"left": "\ue012", "right": "\ue014", "home": "\ue011", "end": "\ue010", "shift": "\ue008"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two pictures."""
    for needed in ("bjontegaard", "matplotlib", "scipy", "ssimulacra2"):
        pytest.importorskip(needed)
    folder = tmp_path_factory.mktemp("report")
    for number in (1, 2):
        Image.fromarray(make_picture(170, 190, seed=number)).save(folder / f"picture{number}.png")
    pictures = [str(folder / f"picture{number}.png") for number in (1, 2)]
    options = ["--codecs", "veneer-base,veneer-base-psnr-e5,jpeg-420,webp-m6", "--points", "4", "--rates", "1"]
    result = CliRunner().invoke(
        main, ["bench", *pictures, "--out", str(folder), *options, "--crop", "160x120", "-j", "1"]
    )
    assert result.exit_code == 0, result.output
    return folder / "report.html"


@pytest.fixture
def opened(browser: Browser, page: Path) -> Browser:
    """The browser with the report."""
    browser.open(page)
    assert browser.run("return document.documentElement.dataset.ready") == "true"
    return browser


def curve(browser: Browser, codec: str) -> object:
    return browser.run(
        "return document.querySelector(`#chart g[data-codec='${arguments[0]}'] path`)?.getAttribute('d')", codec
    )


def position(browser: Browser) -> float:
    value = browser.run("return document.getElementById('slider-divider').getAttribute('aria-valuenow')")
    left = browser.run(
        "const box = document.getElementById('slider-divider').getBoundingClientRect(),"
        "stage = document.getElementById('slider-stage').getBoundingClientRect();"
        "return 100 * (box.left + box.width / 2 - stage.left) / stage.width"
    )
    assert float(str(left)) == pytest.approx(float(str(value)), abs=0.6)
    return float(str(value))


@pytest.mark.slow
def test_no_complaints_at_any_width_and_scheme(browser: Browser, page: Path) -> None:
    for width, dark in ((1200, False), (390, True)):
        browser.open(page, width=width, dark=dark)
        assert browser.complaints() == []
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth") is True
        background = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert background == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")


def test_curves_follow_picture_metric_and_rate(opened: Browser) -> None:
    seen = {curve(opened, "jpeg-420")}
    for identifier, value in (("curve-picture", "picture2"), ("curve-metric", "psnr"), ("curve-limit", "100")):
        opened.choose(identifier, value)
        seen.add(curve(opened, "jpeg-420"))
    assert len(seen) == 4
    assert None not in seen


def test_codecs_are_switched_on_and_off(opened: Browser) -> None:
    assert curve(opened, "veneer-base-psnr-e5") is None
    opened.run("document.querySelector('#legend input[value=veneer-base-psnr-e5]').click()")
    assert curve(opened, "veneer-base-psnr-e5")
    opened.run("document.querySelector('#legend input[value=jpeg-420]').click()")
    assert curve(opened, "jpeg-420") is None


def test_bd_rates_follow_their_selectors(opened: Browser) -> None:
    def text() -> object:
        return opened.run("return document.getElementById('bd-table').innerText")

    seen = {text()}
    opened.choose("bd-picture", "picture1")
    seen.add(text())
    opened.choose("bd-window", "all that both have")
    seen.add(text())
    assert len(seen) == 3
    assert all("overlap" in str(table) for table in seen)


def test_the_line_moves_by_keyboard(opened: Browser) -> None:
    assert position(opened) == 50
    opened.press("slider-divider", KEYS["right"] * 3)
    assert position(opened) == 53
    opened.press("slider-divider", KEYS["shift"] + KEYS["left"])
    assert position(opened) == 43
    opened.press("slider-divider", KEYS["end"])
    assert position(opened) == 100
    opened.press("slider-divider", KEYS["home"])
    assert position(opened) == 0


def test_the_line_moves_by_pointer(opened: Browser) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    divider = opened.driver.find_element(By.ID, "slider-divider")
    opened.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", divider)
    ActionChains(opened.driver).drag_and_drop_by_offset(divider, 40, 0).perform()
    assert position(opened) == pytest.approx(75, abs=2)  # 40 of 160 pixels


PREPARE = """
setZoom(arguments[0]);
setPosition(50);
document.getElementById("slider-divider").style.visibility = "hidden";
const view = document.getElementById("slider-view");
Object.assign(view.style, {position: "fixed", inset: "0", maxHeight: "none", border: "0", borderRadius: "0"});
const box = document.getElementById("slider-stage").getBoundingClientRect();
return [box.left, box.top];
"""


def test_what_is_left_and_right_of_the_line(opened: Browser) -> None:
    """The pixels on the screen are those of the two versions, at 100 and at 400 percent."""
    for zoom in (100, 400):
        left, top = opened.run(PREPARE, zoom)  # type: ignore[misc]
        with Image.open(io.BytesIO(opened.screenshot())) as image:
            screen = np.asarray(image.convert("RGB"))[round(top) :, round(left) :]
        scale = zoom // 100
        shown = screen[: 120 * scale : scale, : 160 * scale : scale]
        for side, columns in (("left", slice(0, 79)), ("right", slice(81, 160))):
            assert np.array_equal(shown[:, columns], pixels_of(opened, side)[:, columns]), (zoom, side)


def pixels_of(browser: Browser, side: str) -> np.ndarray:
    """The picture of a side as its source has it."""
    source = str(browser.run("return document.getElementById('slider-image-' + arguments[0]).src", side))
    with Image.open(io.BytesIO(base64.b64decode(source.split(",", 1)[1]))) as image:
        return np.asarray(image.convert("RGB"))


def test_zoom_swap_original_and_moving_by_keyboard(opened: Browser) -> None:
    def state() -> list[object]:
        names = [
            opened.run("return document.getElementById('slider-caption-' + arguments[0]).innerText", side)
            for side in ("left", "right")
        ]
        return [*names, opened.run("return document.getElementById('slider-stage').clientWidth")]

    left, right, width = state()
    assert width == 160
    assert str(left).startswith("Veneer base · ")
    opened.press("slider-divider", "+++++++++")
    assert state()[2] == 640
    opened.press("slider-divider", "-")
    assert state()[2] == 560
    opened.press("slider-divider", "x")
    assert state()[:2] == [right, left]
    opened.choose("slider-left", "webp-m6")
    assert str(state()[0]).startswith("WebP · ")
    send = "document.getElementById('slider-divider').dispatchEvent(new KeyboardEvent(arguments[0], {key: 'o'}))"
    opened.run(send, "keydown")
    assert all(str(text).startswith("Original · ") for text in state()[:2])
    opened.run(send, "keyup")
    assert str(state()[0]).startswith("WebP · ")


def test_controls_have_names(opened: Browser) -> None:
    unnamed = opened.run(
        "return [...document.querySelectorAll('select, input, [role=slider]')].filter((e) =>"
        " !(e.labels?.length && e.labels[0].textContent.trim()) && !e.getAttribute('aria-label')).map((e) => e.id)"
    )
    assert unnamed == []
    assert opened.run("return [...document.images].filter((image) => !image.alt).length") == 0
    assert opened.run("return document.documentElement.lang") == "en"


def test_comparison_of_two_pictures(browser: Browser, tmp_path: Path) -> None:
    for name, seed in (("a.png", 1), ("b.png", 2)):
        Image.fromarray(make_picture(100, 120, seed=seed)).save(tmp_path / name)
    names = [str(tmp_path / name) for name in ("a.png", "b.png", "map.html")]
    result = CliRunner().invoke(main, ["compare", *names[:2], "--map", names[2]])
    assert result.exit_code == 0, result.output
    browser.open(tmp_path / "map.html")
    assert browser.complaints() == []
    assert np.array_equal(pixels_of(browser, "right"), make_picture(100, 120, seed=2))
    browser.choose("slider-right", "difference")
    assert not np.array_equal(pixels_of(browser, "right"), make_picture(100, 120, seed=2))
    assert "PSNR RGB" in str(browser.run("return document.getElementById('pair-table').innerText"))
