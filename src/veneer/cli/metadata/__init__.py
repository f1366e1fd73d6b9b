"""Reads and writes the metadata of common picture formats."""
