"""A decoder in plain Python and NumPy, written from docs/format.md, in its order and for reading. Slow.

It shares errors and limits with the rest of the package, and nothing else. Tables are those of docs/tables.
`decoder.py` is where to start.
"""

from veneer.reference.decoder import decode, decode_jpeg
from veneer.reference.weights import Model, model_of, read_model, read_model_file, read_weight_file

__all__ = ["Model", "decode", "decode_jpeg", "model_of", "read_model", "read_model_file", "read_weight_file"]
