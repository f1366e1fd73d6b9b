"""The servers of examples/serving, by requests on loopback."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy
import pytest
from PIL import Image
from samples import make_picture, psnr_db
from servers import asgi_server, ask, nginx_server, wsgi_server

import veneer

pytestmark = pytest.mark.slow

BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
SERVERS = [
    "wsgi",
    pytest.param("asgi", marks=pytest.mark.skipif(find_spec("uvicorn") is None, reason="needs uvicorn")),
    pytest.param("nginx", marks=pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx")),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is served, with a file beside it that must not be."""
    outside = tmp_path_factory.mktemp("serving")
    inside = outside / "pictures"
    (inside / "sub").mkdir(parents=True)
    coded = veneer.encode(make_picture(60, 80))
    for name in ("a.vnr", "sub/é b.vnr", ".hidden.vnr", "../secret.vnr", "concurrent.vnr"):
        (inside / name).write_bytes(coded)
    (inside / "alpha.vnr").write_bytes(veneer.encode(make_picture(60, 80, 4)))
    buffer = io.BytesIO()
    Image.fromarray(make_picture(60, 80)).save(buffer, "JPEG", quality=97)
    (inside / "kept.vnr").write_bytes(veneer.encode_jpeg(buffer.getvalue()))
    (inside / "broken.vnr").write_bytes(b"not a picture")
    (inside / "note.txt").write_text("not served")
    (inside / "folder.vnr").mkdir()
    (inside / "link.vnr").symlink_to(outside / "secret.vnr")
    return inside


@pytest.fixture(scope="module", params=SERVERS)
def port(request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    work = tmp_path_factory.mktemp(request.param)
    if request.param == "asgi":
        with asgi_server(folder, work / "cache") as found:
            yield found
    elif request.param == "wsgi":
        with wsgi_server(folder, work / "cache") as found:
            yield found
    else:
        with wsgi_server(folder, work / "cache") as upstream, nginx_server(folder, upstream, work / "nginx") as found:
            yield found


def image_of(body: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


@pytest.mark.parametrize("accept", [None, "*/*", "image/x-veneer", f"image/x-veneer,{BROWSER}"])
def test_the_file_itself(port: int, folder: Path, accept: str | None) -> None:
    reply = ask(port, "/a.vnr", accept)
    assert reply.status == 200
    assert reply.headers["content-type"] == "image/x-veneer"
    assert reply.headers["vary"] == "Accept"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.body == (folder / "a.vnr").read_bytes()


@pytest.mark.parametrize("accept", [BROWSER, "image/jpeg", "image/x-veneer;q=0, image/*"])
def test_a_jpeg_for_browsers(port: int, folder: Path, accept: str) -> None:
    reply = ask(port, "/a.vnr", accept)
    assert (reply.status, reply.headers["content-type"]) == (200, "image/jpeg")
    assert reply.headers["vary"] == "Accept"
    assert int(reply.headers["content-length"]) == len(reply.body)
    image = image_of(reply.body)
    assert image.format == "JPEG"
    assert psnr_db(veneer.decode(folder / "a.vnr"), numpy.asarray(image)) > 30


def test_alpha_and_kept_jpegs(port: int, folder: Path) -> None:
    assert image_of(ask(port, "/alpha.vnr", BROWSER).body).format == "WEBP"
    assert image_of(ask(port, "/alpha.vnr", "image/*").body).mode == "RGBA"
    assert ask(port, "/kept.vnr", BROWSER).body == veneer.decode_jpeg(folder / "kept.vnr")


def test_names(port: int) -> None:
    for accept, kind in (("*/*", "image/x-veneer"), (BROWSER, "image/jpeg")):
        reply = ask(port, "/sub/%C3%A9%20b.vnr", accept)
        assert (reply.status, reply.headers["content-type"]) == (200, kind)


def test_tags(port: int) -> None:
    tags = set()
    for accept in ("*/*", BROWSER):
        first = ask(port, "/a.vnr", accept)
        tags.add(first.headers["etag"])
        again = ask(port, "/a.vnr", accept, If_None_Match=first.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        assert again.headers["vary"] == "Accept"
        assert ask(port, "/a.vnr", accept, If_None_Match='"other"').status == 200
    assert len(tags) == 2


def test_head(port: int) -> None:
    for accept in ("*/*", BROWSER):
        whole, head = ask(port, "/a.vnr", accept), ask(port, "/a.vnr", accept, method="HEAD")
        assert head.body == b""
        assert head.status == 200
        assert head.headers["content-length"] == str(len(whole.body))


@pytest.mark.parametrize("accept", ["*/*", BROWSER])
@pytest.mark.parametrize(
    "path",
    [
        "/../secret.vnr",
        "/%2e%2e/secret.vnr",
        "/sub/..%2f..%2fsecret.vnr",
        "/sub/../../secret.vnr",
        "/..%5csecret.vnr",
        "//etc/passwd.vnr",
        "/a%00.vnr",
        "/a.vnr%00",
        "/.hidden.vnr",
        "/link.vnr",
        "/folder.vnr",
        "/missing.vnr",
        "/a.vnr/x.vnr",
        "/%ff.vnr",
        f"/{'x' * 300}.vnr",
        "/note.txt",
    ],
)
def test_nothing_else_is_served(
    port: int, request: pytest.FixtureRequest, folder: Path, path: str, accept: str
) -> None:
    reply = ask(port, path, accept)
    is_nginx = "nginx" in request.node.callspec.id
    if is_nginx and path in ("/.hidden.vnr", "/note.txt"):
        return  # the rest of the folder is for the configuration of the site
    assert reply.status in ((400, 403, 404, 301) if is_nginx and path == "/folder.vnr" else (400, 403, 404)), reply
    secret = (folder.parent / "secret.vnr").read_bytes()
    assert secret not in reply.body
    assert not reply.body.startswith(b"\xff\xd8")


def test_errors(port: int, request: pytest.FixtureRequest) -> None:
    broken = ask(port, "/broken.vnr", BROWSER)
    assert broken.status == 500
    assert b"broken" not in broken.body
    assert ask(port, "/a.vnr", BROWSER, method="POST").status == 405
    if "nginx" not in request.node.callspec.id:  # which decides between two forms alone
        assert ask(port, "/a.vnr", "image/gif").status == 406


def test_many_at_once(port: int) -> None:
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: ask(port, "/concurrent.vnr", BROWSER), range(12)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1


def test_a_changed_file_is_decoded_anew(port: int, folder: Path) -> None:
    path = folder / "changing.vnr"
    path.write_bytes(veneer.encode(make_picture(60, 80)))
    before = ask(port, "/changing.vnr", BROWSER)
    path.write_bytes(veneer.encode(make_picture(30, 40)))
    after = ask(port, "/changing.vnr", BROWSER, If_None_Match=before.headers["etag"])
    assert after.status == 200
    assert image_of(after.body).size == (40, 30)


def test_avif_where_it_is_offered(folder: Path, tmp_path: Path) -> None:
    with wsgi_server(folder, tmp_path / "cache", "--avif", "--quality", "50") as port:
        assert image_of(ask(port, "/a.vnr", BROWSER).body).format == "AVIF"
        assert image_of(ask(port, "/a.vnr", "image/*").body).format == "JPEG"
