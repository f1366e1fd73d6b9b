"""Entropy coding, written to be read; the native core has the same arithmetic.

Source: docs/format.md, "Range coder" and "Adaptive binary models".
"""
