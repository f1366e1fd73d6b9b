"""A decoder in plain Python and NumPy, written from docs/format.md, in its order and for reading. Slow.

It shares the entropy coder with the rest of the package, which is plain Python too, the NumPy arithmetic of networks,
errors, limits and trained tables; nothing else. `decoder.py` is where to start.
"""

from veneer.reference.decoder import decode

__all__ = ["decode"]
