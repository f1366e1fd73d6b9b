"""`veneer view`: who gets what from its server, what it says, and its page in Chromium."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from web_files import HEIGHT, WIDTH, write_files

import veneer
from veneer.cli import view, view_server
from veneer.cli.main import main
from veneer.cli.view_server import ViewServer
from veneer.enhancement import models

PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("viewed")
    write_files(folder)
    return folder


@contextlib.contextmanager
def serving(*paths: Path) -> Iterator[ViewServer]:
    with ViewServer([(str(path), path) for path in paths], 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def get(server: ViewServer, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    """The answer to a request for a path behind the token."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE_SECONDS)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=names)
    return connection.getresponse()


def own(server: ViewServer, path: str = "") -> str:
    return f"/{server.token}/{path}"


def test_what_is_served(folder: Path) -> None:
    with serving(folder / "base.vnr", folder / "photo.jpg") as server:
        assert urllib.parse.urlsplit(server.address).hostname == "127.0.0.1"
        page = get(server, own(server))
        assert page.status == 200
        assert b'src="viewer.js"' in page.read()
        assert "default-src 'none'" in (page.headers["Content-Security-Policy"] or "")
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert get(server, own(server, "files/0")).read() == (folder / "base.vnr").read_bytes()
        files = json.loads(get(server, own(server, "files.json")).read())
        assert [file["name"] for file in files] == ["base.vnr", "photo.jpg"]
        assert ["picture", f"{WIDTH} x {HEIGHT}, RGB, 8 bits"] in files[0]["facts"]
        assert "not a Veneer file" in dict(files[1]["facts"])["format"]
        module = get(server, own(server, "veneer.wasm"))
        assert module.headers["Content-Type"] == "application/wasm"
        data = module.read()
        assert data.startswith(b"\0asm")
        head = get(server, own(server, "veneer.wasm"), method="HEAD")
        assert (head.status, head.headers["Content-Length"], head.read()) == (200, str(len(data)), b"")


def test_models_of_the_installation(folder: Path) -> None:
    entry = models.available()[0]
    with serving(folder / "base.vnr") as server:
        found = get(server, own(server, f"models/{entry.id}-{entry.check.hex()}.vnm"))
        assert hashlib.sha256(found.read()).hexdigest() == entry.sha256
        for name in models.weight_file_names(entry):
            data = get(server, own(server, f"models/{name}")).read()
            assert hashlib.sha256(data).hexdigest()[:8] in name
        assert get(server, own(server, "models/1-00000000.vnm")).status == 404
        assert get(server, own(server, "models/restore-00000000.vnw")).status == 404
        assert get(server, own(server, f"models/{entry.path.name}")).status == 404


@pytest.mark.parametrize(
    "path", ["/", "/files/0", "/x/files/0", "/{token}x/", "/{token}/files/1", "/{token}/files/-1", "/{token}/files/0x"]
)
def test_nobody_gets_more(folder: Path, path: str) -> None:
    with serving(folder / "base.vnr") as server:
        assert get(server, path.format(token=server.token)).status == 404


@pytest.mark.parametrize("path", ["../base.vnr", "%2e%2e/base.vnr", "files/../../base.vnr", "sources.txt", "viewer/"])
def test_no_other_file(folder: Path, path: str) -> None:
    with serving(folder / "base.vnr") as server:
        assert get(server, own(server, path)).status == 404


def test_other_hosts_and_origins_are_refused(folder: Path) -> None:
    with serving(folder / "base.vnr") as server:
        port = server.server_port
        assert get(server, own(server), Host=f"localhost:{port}").status == 200
        assert get(server, own(server), Host="example.org").status == 421
        assert get(server, own(server), Host="127.0.0.1:1").status == 421
        assert get(server, own(server), Origin=f"http://127.0.0.1:{port}").status == 200
        for origin in ("http://example.org", "null", f"https://127.0.0.1:{port}", "http://127.0.0.1:1"):
            answer = get(server, own(server, "files/0"), Origin=origin)
            assert answer.status == 403
            assert b"VNR" not in answer.read()
        assert get(server, own(server), method="POST").status == 501


def test_a_file_that_has_gone(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "gone.vnr"
    shutil.copy(folder / "base.vnr", path)
    with serving(path, folder / "cut.vnr") as server:
        path.unlink()
        assert get(server, own(server, "files/0")).status == 404
        gone, cut = json.loads(get(server, own(server, "files.json")).read())
        assert gone["facts"] == [["problem", "no such file or folder"]]
        assert "problem" in dict(cut["facts"])


def run(*arguments: str, code: int) -> list[str]:
    result = CliRunner().invoke(main, ["view", *arguments])
    assert result.exit_code == code, result.output
    return result.stderr.splitlines()


def test_failures_of_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.vnr").touch()
    assert run(str(folder / "none.vnr"), str(tmp_path / "empty.vnr"), code=1) == [
        f"veneer: {folder / 'none.vnr'}: no such file or folder; check the name",
        f"veneer: {tmp_path / 'empty.vnr'}: is empty; name a picture",
    ]
    with serving(folder / "base.vnr") as server:
        (line,) = run("--no-open", f"--port={server.server_port}", str(folder / "base.vnr"), code=1)
        assert line.startswith(f"veneer: port {server.server_port}: ")
    for module in (view, view_server):
        monkeypatch.setattr(module, "VIEWER", tmp_path)
    (line,) = run(str(folder / "base.vnr"), code=1)
    assert line.startswith("veneer: this installation has no viewer; build it")


@contextlib.contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address that it prints."""
    words = [sys.executable, "-m", "veneer", "view", "--no-open", *arguments]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # Where tests run in the background of a shell, interrupts are ignored, which a process inherits.
    options["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(words, **options) as process:  # type: ignore[call-overload]
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_the_command_ends_by_an_interrupt(folder: Path) -> None:
    with command(str(folder / "base.vnr")) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        assert process.stderr.readline() == "veneer: shows 1 file until Ctrl-C\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert said == "veneer: ended\n"


def test_the_command_ends_when_the_page_is_closed(folder: Path) -> None:
    with command("--until-closed", str(folder / "base.vnr")) as (process, address):
        assert process.stderr.readline() == "veneer: shows 1 file until the page is closed\n"
        with urllib.request.urlopen(f"{address}open") as first:  # noqa: S310 - an address of this machine
            assert first.readline() == b"\n"
            with urllib.request.urlopen(f"{address}open") as second:  # noqa: S310
                second.readline()
            time.sleep(view_server._GRACE + 2 * view_server._PULSE)
            assert process.poll() is None, "one page is still open"
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert said == "veneer: ended; no page is open\n"


@pytest.mark.parametrize("until_closed", [True, False])
def test_a_page_that_never_comes(folder: Path, monkeypatch: pytest.MonkeyPatch, *, until_closed: bool) -> None:
    monkeypatch.setattr(view_server, "_PATIENCE", 0.2)
    monkeypatch.setattr(view_server, "_GRACE", 0.1)
    with ViewServer([("base.vnr", folder / "base.vnr")], 0, until_closed=until_closed) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        thread.join(PATIENCE_SECONDS if until_closed else 2)
        assert thread.is_alive() != until_closed
        server.shutdown()
        thread.join()


def test_the_page(folder: Path, chromium: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    monkeypatch.setenv(models.FOLDERS_VARIABLE, str(folder / "models"))
    driver = chromium
    with command(str(folder / "photo.jpg"), str(folder / "enhanced.vnr")) as (_, address):
        driver.get(address)
        state = driver.find_element("id", "state")
        patience = WebDriverWait(driver, PATIENCE_SECONDS)
        patience.until(lambda _: "enhanced.vnr: 130 x 100, with enhancement" in state.text)
        assert f"photo.jpg: {HEIGHT} x {WIDTH}, shown by the browser" in state.text
        assert not driver.find_element("id", "realism").get_attribute("disabled")
        shown = driver.find_element("css selector", "canvas.second")
        assert shown.get_attribute("width") == str(WIDTH)
        details = driver.find_element("id", "facts").text
        info = veneer.read_info(folder / "enhanced.vnr")
        assert f"{info.size_bytes} bytes" in details
        driver.find_element("id", "actual").click()
        assert driver.find_element("id", "scale").text == "100 %"
        assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
