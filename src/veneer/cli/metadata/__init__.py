"""Metadata of common picture formats: what is read of them, and what is written into them."""
