"""Restores JPEGs: reads them, and reduces the artefacts of their coding, by the core."""
