"""Colour of picture files: reading its description, writing it, and converting where there is no place for it."""
