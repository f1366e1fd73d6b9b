"""The container: fields, the syntax of every chunk, framing, checksums. Source: docs/format.md, "Container"."""
