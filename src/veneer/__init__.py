"""Veneer, an image codec: a block-transform base layer in integers, to be refined by small networks.

`encode` makes a file of pixels, `decode` pixels of a file, `read_info` says what a file is.
"""

from veneer.bitstream.fields import SyntaxLine
from veneer.decoder import decode
from veneer.encoder import encode
from veneer.errors import ErrorCode, ErrorKind, VeneerError, VeneerWarning
from veneer.inspection import Info, dump_syntax, read_info
from veneer.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "ErrorCode",
    "ErrorKind",
    "Info",
    "Settings",
    "SyntaxLine",
    "VeneerError",
    "VeneerWarning",
    "__version__",
    "decode",
    "dump_syntax",
    "encode",
    "read_info",
]
