"""The demo, made and used in Chromium."""

from __future__ import annotations

import functools
import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from web_files import write_files

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
MOST_APART = 0.12  # of the bytes: one step of JPEG's quality at these rates


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.slow
def test_demo(tmp_path: Path, chromium: Any) -> None:
    from selenium.webdriver.support.ui import Select, WebDriverWait

    if not (ROOT / "web" / "dist" / "demo.js").is_file():
        pytest.skip("the web package is not built: node web/build.mjs --models")
    demo = tmp_path / "demo"
    subprocess.run([sys.executable, ROOT / "web" / "make_demo.py", demo], check=True, capture_output=True)
    for entry in json.loads((demo / "pictures.json").read_text()):
        _, own, *others = entry["files"]
        assert all(abs(other["bytes"] / own["bytes"] - 1) <= MOST_APART for other in others)
        assert all((demo / file["url"]).stat().st_size == file["bytes"] for file in entry["files"])
    (tmp_path / "own").mkdir()
    write_files(tmp_path / "own")

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=demo)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        driver, patience = chromium, WebDriverWait(chromium, PATIENCE_SECONDS)
        driver.get(f"http://127.0.0.1:{server.server_port}/")

        def says(identifier: str, text: str) -> None:
            patience.until(lambda _: text in driver.find_element("id", identifier).text)

        def set_value(identifier: str, value: int) -> None:
            script = "const [id, v] = arguments; const e = document.getElementById(id); e.value = v;"
            script += "for (const name of ['input', 'change']) e.dispatchEvent(new Event(name));"
            driver.execute_script(script, identifier, value)

        says("right-state", "Veneer, enhanced: ")
        says("left-state", "JPEG: ")
        says("losses", "Nothing is lost.")
        set_value("arrived", 50)
        says("losses", "Lost: the file ends within chunk")
        says("right-state", "Veneer, enhanced: ")
        set_value("arrived", 1)
        patience.until(lambda _: driver.find_element("id", "right-state").get_attribute("class") == "bad")
        set_value("arrived", 100)
        set_value("damaged", 5)
        says("losses", "checksum")
        set_value("damaged", 0)
        says("losses", "Nothing is lost.")
        Select(driver.find_element("id", "layers")).select_by_value("base")
        says("right-state", "Veneer, base: ")
        Select(driver.find_element("id", "left")).select_by_visible_text("AVIF")
        says("left-state", "AVIF: ")
        for name in ("lossless.vnr", "photo.jpg"):
            driver.find_element("id", "file").send_keys(str(tmp_path / "own" / name))
            says("left-state", name)
            says("left-state", " bytes, ")
        driver.find_element("id", "file").send_keys(str(ROOT / "README.md"))
        says("left-state", "this browser cannot read the picture")
        assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
        server.shutdown()
