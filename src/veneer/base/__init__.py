"""The base layer, a complete picture by itself. Source: docs/format.md, "Base layer"."""
