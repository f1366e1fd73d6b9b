"""Archives of JPEGs, which are kept as they are: `veneer batch` both ways, and killed midway."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_tools import finish, wait_for_results
from cli_tools import Command
from jpeg_vectors import jpeg_of
from PIL import Image

import veneer

pytest.importorskip("fsspec")


@pytest.fixture
def jpegs(folder: Path) -> dict[str, bytes]:
    """A folder `in` of JPEGs and one PNG."""
    files = {f"{index:02}.jpg": jpeg_of(50 + index, 60, progressive=index % 2 == 1) for index in range(8)}
    (folder / "in").mkdir()
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    Image.new("RGB", (20, 20)).save(folder / "in" / "z.png")
    return files


@pytest.mark.usefixtures("in_process")
def test_an_archive(run: Command, jpegs: dict[str, bytes], folder: Path) -> None:
    values = json.loads(run("batch", "in", "out", "--json").stdout)
    assert (values["done"], values["failed"]) == (9, 0)
    assert json.loads(run("batch", "in", "out", "--json").stdout)["finished_before"] == 9
    run("batch", "--decode", "out", "back", "--format", "jpg")
    assert {name: (folder / "back" / name).read_bytes() for name in jpegs} == jpegs
    run("batch", "in", "coded", "-q", "75", "--json")
    assert veneer.read_info(folder / "coded" / "00.vnr").base_kind == "transform"


@pytest.mark.slow
def test_a_batch_that_is_killed(start: Callable[..., Any], jpegs: dict[str, bytes], folder: Path) -> None:
    running = start("batch", "in", "out", "-j", "2", "--json")
    wait_for_results(Path("out"), 2)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert finish(start("batch", "in", "out", "-j", "2", "--json"))["failed"] == 0
    assert {name: veneer.decode_jpeg(folder / "out" / f"{Path(name).stem}.vnr") for name in jpegs} == jpegs
