"""`import veneer.pillow` makes `PIL.Image.open` and `Image.save` know Veneer files.

The import itself registers, as `import pillow_avif` or `import pillow_jxl` does: one line at the top of a program, and
no call that can be forgotten. `import veneer` alone changes nothing of Pillow.
"""

from veneer.integrations.pillow import VeneerImageFile, register

__all__ = ["VeneerImageFile"]

register()
