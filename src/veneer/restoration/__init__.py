"""Restores JPEGs: side information on the losses of a file, and the network that reduces its artefacts."""
