"""Fixtures of `browser.py`."""

from browser import browser

__all__ = ["browser"]
