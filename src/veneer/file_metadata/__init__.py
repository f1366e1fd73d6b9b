"""Metadata as picture files have it, apart from how Veneer keeps it."""
