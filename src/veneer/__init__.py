"""Veneer, an image codec: a block-transform base layer in integers, to be refined by small networks.

`encode` makes a file of pixels, `decode` pixels of a file, `read_info` says what a file is.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veneer.bitstream.fields import SyntaxLine
    from veneer.decoder import decode
    from veneer.diagnosis import Diagnosis, ModelState, diagnose
    from veneer.encoder import encode
    from veneer.errors import ErrorCode, ErrorKind, VeneerError, VeneerWarning
    from veneer.inspection import Info, dump_syntax, read_info
    from veneer.progressive import Decoder, Event, EventKind
    from veneer.restoration.layer import restore_jpeg
    from veneer.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Decoder",
    "Diagnosis",
    "ErrorCode",
    "ErrorKind",
    "Event",
    "EventKind",
    "Info",
    "ModelState",
    "Settings",
    "SyntaxLine",
    "VeneerError",
    "VeneerWarning",
    "__version__",
    "decode",
    "diagnose",
    "dump_syntax",
    "encode",
    "read_info",
    "restore_jpeg",
]

# Modules of the public names, loaded when one is first asked for: training runs without the compiled core.
_MODULES = {
    "Decoder": "progressive",
    "Diagnosis": "diagnosis",
    "ErrorCode": "errors",
    "ErrorKind": "errors",
    "Event": "progressive",
    "EventKind": "progressive",
    "Info": "inspection",
    "ModelState": "diagnosis",
    "Settings": "settings",
    "SyntaxLine": "bitstream.fields",
    "VeneerError": "errors",
    "VeneerWarning": "errors",
    "decode": "decoder",
    "diagnose": "diagnosis",
    "dump_syntax": "inspection",
    "encode": "encoder",
    "read_info": "inspection",
    "restore_jpeg": "restoration.layer",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module 'veneer' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"veneer.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
