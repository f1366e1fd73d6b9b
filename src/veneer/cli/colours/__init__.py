"""Colour of picture files: reads its description and writes it; converts pixels where a format cannot hold it."""
