"""`<veneer-img>` in browsers, and plain `<img>` by the service worker."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from browsers import VIEWER, Browser, Server, Site
from serving.servers import wsgi_server
from web_files import HEIGHT, WIDTH, places_of_models, write_files

import veneer

PICTURES = 30


def picture_of(found: Any, width: int, height: int) -> npt.NDArray[np.uint8]:
    """Pixels of a canvas, which are RGBA."""
    return np.array(found, np.uint8).reshape(height, width, 4)


def rgba(path: Path, **options: Any) -> npt.NDArray[np.uint8]:
    """What a canvas shows of a file, of 8 bits and without a turn."""
    pixels = veneer.decode(path, models=path.parent / "models", **options)
    alpha = pixels[:, :, 3:] if pixels.shape[2] == 4 else np.full((*pixels.shape[:2], 1), 255, np.uint8)
    return np.concatenate([pixels[:, :, :3], alpha], axis=2)


def test_element(browser: Browser, files: Path) -> None:
    browser.server.site.delays["/files/base.vnr"] = 0.4
    models = places_of_models(files / "models", "/files/models")
    try:
        found = browser.run("element.js", slow="/files/base.vnr", turned="/files/turned.vnr", models=models)
    finally:
        del browser.server.site.delays["/files/base.vnr"]
    assert found["slow"] == {
        "early": {"box": [WIDTH, HEIGHT], "complete": False},
        "box": [WIDTH, HEIGHT],
        "complete": True,
        "natural": [WIDTH, HEIGHT],
        "canvas": [WIDTH, HEIGHT],
    }
    turned = found["turned"]
    assert turned["natural"] == [HEIGHT, WIDTH]
    shown = picture_of(turned["pixels"], HEIGHT, WIDTH)
    assert np.array_equal(shown, np.rot90(rgba(files / "turned.vnr", layers="base"), -1))
    attributes = found["attributes"]
    assert attributes["before"] == attributes["after"] == [65, 70]
    assert attributes["fit"] == "cover"
    assert attributes["narrow"] == [65, HEIGHT / 2]
    assert found["lazy"] == {"before": [False, 0], "after": [True, WIDTH]}
    assert found["failed"] == [["error", code, "the alternative"] for code in (901, 201, 102)]
    for realism, name in ((0, "plain"), (1, "textured")):
        shown = picture_of(found["enhanced"][name], WIDTH, HEIGHT)
        assert np.array_equal(shown, rgba(files / "enhanced.vnr", realism=realism))


def test_name_and_role(tmp_path: Path, chromium: Any) -> None:
    """As Chromium tells programs that read screens."""
    write_files(tmp_path)
    element = '<veneer-img id="{}" src="/files/base.vnr" alt="{}"></veneer-img>'
    elements = element.format("named", "A test") + element.format("decoration", "")
    (tmp_path / "named.html").write_text(f'<script type="module" src="/element.js"></script>{elements}')
    with Server(Site({"/files/": tmp_path, "/": VIEWER})) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        chromium.get(f"{server.address}/files/named.html")
        named, decoration = (chromium.find_element("id", name) for name in ("named", "decoration"))
        assert (named.aria_role, named.accessible_name) == ("image", "A test")
        assert decoration.accessible_name == ""
        assert decoration.aria_role != "image"
        server.shutdown()


def test_a_page_of_many_pictures(browser: Browser, files: Path) -> None:
    names = [path.name for path in sorted(files.glob("*.vnr")) if path.name != "enhanced.vnr"]
    srcs = [f"/files/{names[i % len(names)]}?{i}" for i in range(PICTURES)]
    found = browser.run("many.js", srcs=srcs)
    assert found["events"] == ["load"] * PICTURES
    turned = {"turned.vnr", "jpeg.vnr"}
    assert found["sizes"] == [
        [HEIGHT, WIDTH] if names[i % len(names)] in turned else [WIDTH, HEIGHT] for i in range(PICTURES)
    ]


@pytest.mark.parametrize("settings", ["", "layers=full&models=/files/by_check"])
def test_service_worker(browser: Browser, files: Path, settings: str) -> None:
    by_check = files / "by_check"
    by_check.mkdir(exist_ok=True)
    for name, place in places_of_models(files / "models", "").items():
        (by_check / f"{name}{Path(place).suffix}").write_bytes((files / "models" / place[1:]).read_bytes())
    srcs = [f"/files/{name}.vnr" for name in ("base", "enhanced", "turned", "lossless", "deep", "cut", "jpeg", "none")]
    found = browser.run("service_worker.js", settings=settings, srcs=srcs)
    layers = {"layers": "full" if settings else "base"}
    for name in ("base", "enhanced", "lossless"):
        shown = picture_of(found[f"/files/{name}.vnr"]["pixels"], WIDTH, HEIGHT)
        expected = rgba(files / f"{name}.vnr", **layers)
        visible = expected[:, :, 3] == 255  # a canvas multiplies by alpha, and rounds
        assert np.array_equal(shown[visible], expected[visible]), name
    turned = picture_of(found["/files/turned.vnr"]["pixels"], HEIGHT, WIDTH)
    assert np.array_equal(turned, np.rot90(rgba(files / "turned.vnr", **layers), -1))
    deep = picture_of(found["/files/deep.vnr"]["pixels"], WIDTH, HEIGHT)[:, :, :3]
    assert np.abs(deep - veneer.decode(files / "deep.vnr") / 4).max() <= 1
    assert found["/files/jpeg.vnr"]["size"] == [HEIGHT, WIDTH]
    assert found["/files/cut.vnr"]["size"] == [WIDTH, HEIGHT]
    assert found["/files/none.vnr"] == {"event": "error"}
    assert found["foreign"] == [WIDTH, HEIGHT]
    assert found["early"]["pixels"] == found["/files/base.vnr"]["pixels"]
    assert found["bytes"] == (files / "base.vnr").stat().st_size


def test_service_worker_with_a_server_that_negotiates(browser: Browser, files: Path, tmp_path: Path) -> None:
    """It names Veneer's type, so that the server sends the file; what is a JPEG already is shown as it is."""
    site = browser.server.site
    browser.server.forwarded.clear()
    (tmp_path / "cache").mkdir()
    with wsgi_server(files, tmp_path / "cache") as port, converting_server(files / "photo.jpg") as jpegs:
        site.ports = {"/negotiated/": port, "/converted/": jpegs}
        try:
            srcs = ["/negotiated/base.vnr", "/converted/base.vnr"]
            found = browser.run("service_worker.js", settings="", srcs=srcs)
        finally:
            site.ports = {}
    assert browser.server.forwarded == [
        ("/negotiated/base.vnr", "image/x-veneer"),
        ("/converted/base.vnr", "image/jpeg"),
    ]
    for path in srcs:
        accepted = browser.server.accepted[path] or ""
        assert accepted.startswith("image/x-veneer,"), accepted
        assert "*/*" in accepted
    shown = picture_of(found["/negotiated/base.vnr"]["pixels"], WIDTH, HEIGHT)
    assert np.array_equal(shown, rgba(files / "base.vnr", layers="base"))
    assert found["/converted/base.vnr"]["size"] == [HEIGHT, WIDTH]  # the photograph is turned by its Exif


@contextlib.contextmanager
def converting_server(jpeg: Path) -> Iterator[int]:
    """A server that gives everybody a JPEG."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = jpeg.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
