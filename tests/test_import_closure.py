"""Decoding imports nothing of the encoder, of training, of evaluation or of the command."""

import subprocess
import sys
from pathlib import Path

import pytest

PICTURE = Path(__file__).parent / "vectors" / "1" / "enhanced_1.vnr"

# Modules of the encoder alone, beside those whose names begin with enc_.
ENCODER = {
    "encoder",
    "settings",
    "stages",
    "straight_lines",
    "training",
    "evaluation",
    "cli",
    "integrations",
    "diagnosis",
}

PROGRAM = """
import sys
from pathlib import Path

data = Path(sys.argv[1]).read_bytes()
{use}
print(*sorted(name for name in sys.modules if name.startswith("veneer.")))
"""

USES = {
    "decode": "import veneer; assert veneer.decode(data, models=Path(sys.argv[1]).parent / 'models').size",
    "module": "import veneer.decoder",
    "preview": "import veneer; assert veneer.decode(data, layers='preview').size",
    "base": "import veneer; assert veneer.decode(data, layers='base', region=(0, 0, 8, 8)).size",
    "progressive": "import veneer; decoder = veneer.Decoder(); decoder.feed(data); decoder.finish()",
    "information": "import veneer; assert veneer.read_info(data).width",
    "syntax": "import veneer; assert list(veneer.dump_syntax(data))",
}


def modules_after(use: str, path: Path) -> set[str]:
    program = [sys.executable, "-W", "ignore", "-c", PROGRAM.format(use=use), str(path)]
    return set(subprocess.run(program, check=True, capture_output=True, text=True).stdout.split())


def of_the_encoder(modules: set[str]) -> list[str]:
    parts = {name: name.split(".")[1:] for name in modules}
    return sorted(name for name, own in parts.items() if own[0] in ENCODER or own[-1].startswith("enc_"))


@pytest.mark.parametrize("name", USES)
def test_decoding_imports_no_encoder(name: str) -> None:
    modules = modules_after(USES[name], PICTURE)
    assert "veneer.bitstream.container" in modules, "the program did import the decoder"
    assert of_the_encoder(modules) == []
    assert not any(module.startswith("veneer.reference") for module in modules), "a decoder that was not asked for"


def test_the_encoder_is_found() -> None:
    modules = modules_after("import numpy, veneer; veneer.encode(numpy.zeros((8, 8, 3), numpy.uint8))", PICTURE)
    assert {"veneer.encoder", "veneer.enc_layering", "veneer.base.enc_layer"} <= set(of_the_encoder(modules))
