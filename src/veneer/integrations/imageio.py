"""The imageio v3 plugin for Veneer files; `import veneer.imageio` registers it.

    import imageio.v3 as iio
    import veneer.imageio

    pixels = iio.imread("photo.vnr", layers="preview")
    iio.imwrite("photo.vnr", pixels, quality=80)

Source: imageio's documentation, "Plugin API".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import numpy.typing
from imageio import config
from imageio.core.request import URI_BYTES, InitializationError, IOMode, Request
from imageio.core.v3_plugin_api import ImageProperties, PluginV3

import veneer

NAME = "veneer"
SUFFIX = ".vnr"


class VeneerPlugin(PluginV3):
    """One Veneer file, to read or to write.

    Args:
        request: imageio's.

    Raises:
        InitializationError: it is another format.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        if request.mode.io_mode == IOMode.read:
            try:
                self._info = veneer.read_info(request.get_file())
            except veneer.VeneerError as error:
                raise InitializationError(str(error)) from error
        elif (request.extension or request.format_hint) != SUFFIX:
            raise InitializationError(f"Veneer files are called NAME{SUFFIX}")

    def read(self, *, index: Any = 0, **options: Any) -> numpy.typing.NDArray[numpy.uint8]:
        """Decodes the picture.

        Args:
            index: 0; or ... for all pictures: the only picture, with a first axis of length 1 as imageio defines it.
            options: keywords of `veneer.decode`, such as `region` or `layers`.

        Returns:
            uint8, or uint16 of more than 8 bits, or float16, [H, W] of a grey picture, else [H, W, C]; [1, H, W] or
            [1, H, W, C] of all.

        Raises:
            IndexError: `index` is another.
            VeneerError: as of `veneer.decode`.
        """
        is_batch = _is_batch(index)
        pixels = veneer.decode(self._request.get_file(), **options)
        picture = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
        return picture[None] if is_batch else picture

    def iter(self, **options: Any) -> Iterator[numpy.typing.NDArray[numpy.uint8]]:
        """The one picture; `options` as for `read`."""
        yield self.read(**options)

    def write(self, ndimage: Any, *, is_batch: bool = False, **options: Any) -> bytes | None:
        """Encodes a picture.

        Args:
            ndimage: uint8 [H, W] or [H, W, C]; with `is_batch` one of them in a list, or with a first axis of length 1.
            is_batch: whether it is in a list.
            options: keywords of `veneer.encode`, such as `quality` or `icc`.

        Returns:
            The file where the target is `"<bytes>"`, else None.

        Raises:
            ValueError: there are several pictures, or none; also VeneerError, a ValueError, as of `veneer.encode`.
        """
        if is_batch or isinstance(ndimage, (list, tuple)) or getattr(ndimage, "ndim", 0) == 4:
            count = len(ndimage)
            if count != 1:
                raise ValueError(f"a Veneer file holds one picture, not {count}; write each to a file of its own")
            ndimage = ndimage[0]
        data = veneer.encode(ndimage, **options)
        if self._request._uri_type == URI_BYTES:
            return data
        self._request.get_file().write(data)
        return None

    def properties(self, index: Any = 0) -> ImageProperties:
        """Shape and type of what `read` gives, from the headers alone."""
        is_batch = _is_batch(index)
        shape: tuple[int, ...] = (self._info.height, self._info.width, self._info.channels)
        shape = shape[:2] if shape[2] == 1 else shape
        return ImageProperties(
            shape=(1, *shape) if is_batch else shape,
            dtype=self._dtype(),
            n_images=1 if is_batch else None,
            is_batch=is_batch,
        )

    def _dtype(self) -> numpy.dtype[Any]:
        """Of the samples that `read` gives."""
        if self._info.sample_format == "half floats":
            return numpy.dtype(numpy.float16)
        return numpy.dtype(numpy.uint8 if self._info.bit_depth <= 8 else numpy.uint16)

    def metadata(self, index: Any = 0, exclude_applied: bool = True) -> dict[str, Any]:
        """ICC profile, Exif, XMP and the rest of `veneer.Info`, from the headers alone; nothing of it is applied."""
        del exclude_applied
        _is_batch(index)
        return dict(vars(self._info))


def _is_batch(index: Any) -> bool:
    """Whether all pictures are asked for; raises IndexError unless the one there is belongs to them."""
    if index is Ellipsis:
        return True
    is_number = isinstance(index, (int, numpy.integer)) and not isinstance(index, bool)
    if index is not None and not (is_number and index == 0):
        raise IndexError(f"a Veneer file holds one picture; there is none of index {index!r}")
    return False


def register() -> None:
    """Makes `imageio.v3` choose this plugin for names that end in .vnr, and for `plugin="veneer"`."""
    config.known_plugins[NAME] = config.PluginConfig(NAME, VeneerPlugin.__name__, __name__)
    extension = config.FileExtension(name="Veneer", extension=SUFFIX, priority=[NAME])
    config.known_extensions[SUFFIX] = [extension]
