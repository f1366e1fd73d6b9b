"""Veneer, an image codec: a block-transform base layer in integers, to be refined by small networks.

`encode` makes a file of pixels, `decode` pixels of a file, `read_info` says what a file is.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veneer.arguments import Backend, DecodedLayers, Folder, Layers, Tune
    from veneer.bitstream.fields import SyntaxLine
    from veneer.bitstream.tiles import Region
    from veneer.colour.codes import Cicp
    from veneer.decoder import decode
    from veneer.diagnosis import Diagnosis, ModelState, diagnose
    from veneer.enc_jpeg import encode_jpeg
    from veneer.encoder import encode
    from veneer.errors import ErrorCode, ErrorKind, VeneerError, VeneerWarning
    from veneer.gain_maps import GainMap, gain_map
    from veneer.inspection import Info, dump_syntax, read_info
    from veneer.jpeg_files import decode_jpeg
    from veneer.mastering_display import MasteringDisplay
    from veneer.progressive import Decoder, Event, EventKind
    from veneer.restoration.layer import restore_jpeg
    from veneer.settings import Settings
    from veneer.sources import Source

__version__ = "0.1.0"

__all__ = [
    "Backend",
    "Cicp",
    "DecodedLayers",
    "Decoder",
    "Diagnosis",
    "ErrorCode",
    "ErrorKind",
    "Event",
    "EventKind",
    "Folder",
    "GainMap",
    "Info",
    "Layers",
    "MasteringDisplay",
    "ModelState",
    "Region",
    "Settings",
    "Source",
    "SyntaxLine",
    "Tune",
    "VeneerError",
    "VeneerWarning",
    "__version__",
    "decode",
    "decode_jpeg",
    "diagnose",
    "dump_syntax",
    "encode",
    "encode_jpeg",
    "gain_map",
    "read_info",
    "restore_jpeg",
]

# Modules of the public names, loaded when one is first asked for: training runs without the compiled core.
_MODULES = {
    "Backend": "arguments",
    "Cicp": "colour.codes",
    "DecodedLayers": "arguments",
    "Decoder": "progressive",
    "Diagnosis": "diagnosis",
    "ErrorCode": "errors",
    "ErrorKind": "errors",
    "Event": "progressive",
    "EventKind": "progressive",
    "Folder": "arguments",
    "GainMap": "gain_maps",
    "Info": "inspection",
    "Layers": "arguments",
    "MasteringDisplay": "mastering_display",
    "ModelState": "diagnosis",
    "Region": "bitstream.tiles",
    "Settings": "settings",
    "Source": "sources",
    "SyntaxLine": "bitstream.fields",
    "Tune": "arguments",
    "VeneerError": "errors",
    "VeneerWarning": "errors",
    "decode": "decoder",
    "decode_jpeg": "jpeg_files",
    "diagnose": "diagnosis",
    "dump_syntax": "inspection",
    "encode": "encoder",
    "encode_jpeg": "enc_jpeg",
    "gain_map": "gain_maps",
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
