"""The library of the decoder's side alone, as native/CMakeLists.txt builds it."""

import re
import subprocess
from pathlib import Path

import pytest
from c_library import built_library, needs_a_compiler
from source_list_of_core import NATIVE

pytestmark = [pytest.mark.slow, needs_a_compiler]


def run(*command: str | Path) -> str:
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout[-4000:] + process.stderr[-4000:]
    return process.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_library(tmp_path_factory)


def declared_by_the_encoder() -> set[str]:
    headers = "".join(path.read_text() for path in NATIVE.rglob("enc_*.h") if not path.name.endswith("_inl.h"))
    return set(re.findall(r"^[A-Za-z][\w:<>*& ]* \*?&?(\w+)\(", headers, re.MULTILINE))


def test_decoding_links_without_the_encoder(folder: Path) -> None:
    """The library is linked with --no-undefined."""
    symbols = run("nm", "--demangle", "--defined-only", folder / "libveneer.so")
    names = set(re.findall(r" [TtWw] veneer::(?:\w+::)*(\w+)\(", symbols))
    assert {"decode_tile", "decode_alpha", "filter_box"} <= names
    encoder = declared_by_the_encoder()
    assert {"encode_tile", "encode_alpha", "load_pixels", "trained_forward"} <= encoder
    assert names & encoder == set()
    kernels = set(re.findall(r" [TtWw] veneer::(?:[\w ()]+::)*(\w+)\(", symbols))
    assert {"inverse", "add_residual", "predict_from_luma", "store_colour"} <= kernels
    assert kernels & {"forward", "forward_scalar", "satd", "sse", "subtract", "chroma_sums", "load_colour"} == set()


def test_the_static_library_has_no_source_of_the_encoder(folder: Path) -> None:
    members = {name.split(".")[0] for name in run("ar", "t", folder / "libveneer.a").split()}
    assert {"tile_decoder", "reader", "decoder"} <= members
    assert members & {path.stem for path in NATIVE.rglob("enc_*.cpp")} == set()


def test_a_program_links_with_either_library(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "program.cpp"
    source.write_text(
        '#include "veneer/decode.h"\n'
        "int main() {\n"
        "  VeneerDecoder* decoder = veneer_decoder_create(nullptr, nullptr);\n"
        "  const VeneerStatus status = veneer_decoder_finish(decoder);\n"
        "  veneer_decoder_destroy(decoder);\n"
        "  return status == VENEER_FAILED && veneer_version() > 0 ? 0 : 1;  // there is no file\n"
        "}\n"
    )
    for library in ("libveneer.a", "libveneer.so"):
        program = tmp_path / library.replace(".", "_")
        include, place = f"-I{NATIVE / 'include'}", f"-Wl,-rpath,{folder}"
        run("c++", "-std=c++17", include, source, folder / library, "-pthread", place, "-o", program)
        run(program)
