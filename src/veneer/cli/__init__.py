"""The command `veneer`, on the public API alone."""
