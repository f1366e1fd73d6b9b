"""Conformance: files that together use all of the format, their decoded pictures, and checks of decoders.

Source: docs/format.md, "Conformance".
"""

from veneer.conformance.decoders import FORMATS, Command, Decoder, own_decoders
from veneer.conformance.generator import generate
from veneer.conformance.suite import Result, run
from veneer.conformance.vectors import find_vectors, read_index, read_weights_index

__all__ = [
    "FORMATS",
    "Command",
    "Decoder",
    "Result",
    "find_vectors",
    "generate",
    "own_decoders",
    "read_index",
    "read_weights_index",
    "run",
]
