"""`import veneer.imageio` makes `imageio.v3` read and write Veneer files; see `veneer.integrations.imageio`."""

from veneer.integrations.imageio import VeneerPlugin, register

__all__ = ["VeneerPlugin"]

register()
