"""`veneer batch` with S3, on a server of this machine; and with pictures on the web."""

import functools
import hashlib
import http.server
import json
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_tools import COUNT, QUICK, finish, results
from cli_tools import Command

pytest.importorskip("s3fs")
pytest.importorskip("moto")


@pytest.fixture
def bucket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty bucket, `pictures`, of a server that the environment leads to."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with (
        open(folder / "server.log", "wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as server,
    ):
        try:
            address = wait_for_address(folder / "server.log")
            monkeypatch.setenv("AWS_ENDPOINT_URL", address)
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
            monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            request = urllib.request.Request(f"{address}/pictures", method="PUT")  # noqa: S310 - our own server
            urllib.request.urlopen(request).close()  # noqa: S310
            yield
        finally:
            server.kill()


def wait_for_address(log: Path) -> str:
    for _ in range(3000):
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found:
            return found[0]
        threading.Event().wait(0.1)
    raise AssertionError(log.read_text())


def objects(place: str) -> dict[str, str]:
    """SHA-256 of every object below a place, by its path there; asked for by a client of its own."""
    script = """
import hashlib, json, s3fs, sys
fs = s3fs.S3FileSystem()
found = fs.find(sys.argv[1])
print(json.dumps({key.removeprefix(sys.argv[1] + "/"): hashlib.sha256(fs.cat_file(key)).hexdigest() for key in found}))
"""
    answer = subprocess.run([sys.executable, "-c", script, place], check=True, capture_output=True)
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def hashes(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


@pytest.mark.slow
@pytest.mark.usefixtures("archive", "bucket")
def test_to_a_bucket_and_from_it(run: Command, start: Callable[..., Any]) -> None:
    there = ("batch", "in", "s3://pictures/deep/vnr", *QUICK, "--json")
    assert finish(start(*there))["done"] == COUNT
    assert finish(start(*there))["finished_before"] == COUNT
    run("batch", "in", "out", *QUICK)
    assert objects("pictures/deep/vnr") == hashes(results(Path("out")))
    back = finish(start("batch", "--decode", "s3://pictures/deep/**/0*.vnr", "s3://pictures/back", "--json"))
    assert back["done"] == 10
    run("batch", "--decode", "out", "local")
    pictures = {str(path.relative_to("local")): path.read_bytes() for path in Path("local").rglob("0*.png")}
    assert objects("pictures/back/vnr") == hashes(pictures)


CHANGE = """
import s3fs, sys
fs = s3fs.S3FileSystem()
for key, data in zip(sys.argv[1::2], sys.argv[2::2]):
    fs.pipe_file(key, bytes(fs.info(key)["size"]) if data == "zeroes" else data.encode())
"""


@pytest.mark.slow
@pytest.mark.usefixtures("archive", "bucket")
def test_objects_of_others_and_damaged_ones(start: Callable[..., Any]) -> None:
    def change(*keys_and_data: str) -> None:
        subprocess.run([sys.executable, "-c", CHANGE, *keys_and_data], check=True, capture_output=True)

    there = ("batch", "in/roll 1", "s3://pictures/vnr", *QUICK, "--json")
    change("pictures/vnr/01.vnr", "precious")
    running = start(*there)
    stdout, stderr = running.communicate(timeout=600)
    assert running.returncode == 1
    assert json.loads(stdout)["done"] == COUNT // 3 - 1
    (line,) = stderr.decode().splitlines()
    assert "s3://pictures/vnr/01.vnr exists and is not of this batch" in line
    assert objects("pictures/vnr")["01.vnr"] == hashlib.sha256(b"precious").hexdigest()
    assert finish(start(*there, "--force"))["done"] == 1
    whole = objects("pictures/vnr")
    change("pictures/vnr/04.vnr", "zeroes")
    values = finish(start(*there))
    assert (values["done"], values["finished_before"], values["damaged"]) == (1, COUNT // 3 - 1, 1)
    assert objects("pictures/vnr") == whole


@pytest.mark.slow
@pytest.mark.usefixtures("bucket")
def test_a_free_name_is_taken_in_one_step() -> None:
    """The store itself refuses what comes second; asked in a process of its own, which leaves no client behind."""
    script = """
from veneer.cli.batch import places, remote_places
write = dict(may_replace="", token="00000000")
places.write("s3://pictures/a.vnr", b"first", **write)
remote_places.stamp_of = lambda url: None  # the name seemed to be free
try:
    places.write("s3://pictures/a.vnr", b"second", **write)
except places.TakenFailure:
    print(places.read("s3://pictures/a.vnr").decode())
"""
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert answer.stdout == b"first\n"


@pytest.mark.slow
@pytest.mark.usefixtures("archive", "bucket")
def test_names_that_the_client_takes_for_versions(start: Callable[..., Any]) -> None:
    Path("in/roll 1/01.png").rename("in/roll 1/04.vnr?versionId=7.png")
    running = start("batch", "in/roll 1", "s3://pictures/vnr", *QUICK, "--json")
    stdout, stderr = running.communicate(timeout=600)
    assert running.returncode == 1
    assert (json.loads(stdout)["done"], json.loads(stdout)["failed"]) == (COUNT // 3 - 1, 1)
    (line,) = stderr.decode().splitlines()
    assert "means another object to the client of this store; rename it" in line
    assert len(objects("pictures/vnr")) == COUNT // 3 - 1


@pytest.mark.slow
@pytest.mark.usefixtures("archive", "bucket")
def test_no_such_bucket(start: Callable[..., Any]) -> None:
    running = start("batch", "in", "s3://elsewhere/x", *QUICK, "-j", "2")
    stdout, stderr = running.communicate(timeout=600)
    assert running.returncode == 1
    lines = stderr.decode().splitlines()
    assert len(lines) == COUNT
    assert all("s3://elsewhere/x/" in line and "bucket" in line.lower() for line in lines)
    assert f"{COUNT} failed" in stdout.decode()


@pytest.fixture
def web(archive: Path) -> Iterator[str]:
    handler = functools.partial(QuietHandler, directory=str(archive))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.slow
def test_from_the_web(run: Command, start: Callable[..., Any], web: str) -> None:
    assert finish(start("batch", web, "out", *QUICK, "--json"))["done"] == COUNT
    run("batch", "in", "plain", *QUICK)
    assert results(Path("out")) == results(Path("plain"))


@pytest.mark.usefixtures("folder")
def test_web_that_does_not_answer(start: Callable[..., Any]) -> None:
    running = start("batch", "http://127.0.0.1:9/", "out")
    _, stderr = running.communicate(timeout=600)
    assert running.returncode == 1
    (line,) = stderr.decode().splitlines()
    assert "http://127.0.0.1:9/" in line
