"""Networks of weight files as the compiled core runs them.

Place: over the core's models; restoring, diagnosis and training run networks by name here.
Source: docs/format.md, "Integer networks".
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy
import numpy.typing

from veneer import backend, limits
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.weight_bytes import read_weights, weight_file_name
from veneer.inference.weights import write_model_file

Array = numpy.typing.NDArray[Any]

# Columns that whoever runs a network on a whole picture takes at a time: the memory of a run grows with the width.
# Wider pictures are made in parts, which overlap by what the network sees: a few percent of the work.
MAX_COLUMNS = 8192

MODEL_SUFFIX = ".vnm"

_AS_IT_LIKES = -1  # a strip that the core chooses


class Tensor(NamedTuple):
    """An input or an output.

    Attributes:
        name: of the tensor.
        channels: 1..1024.
        reduction: sides of the picture over sides of the tensor.
        low: least value; of inputs smaller ones are raised to it.
        high: greatest value; of inputs larger ones are lowered to it.
        fraction_bits: the real number is value / 2^fraction_bits.
    """

    name: str
    channels: int
    reduction: int
    low: int
    high: int
    fraction_bits: int


class ModelNetwork:
    """A network of a model.

    Args:
        model: of the core.
        name: of one of its networks.
    """

    def __init__(self, model: backend.Model, name: str) -> None:
        self._model = model
        self.name = name

    @functools.cached_property
    def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = self._model.describe()["networks"][self.name]
        return facts

    @property
    def inputs(self) -> list[Tensor]:
        """What it takes, in the order of its weight file."""
        return [Tensor(*fields) for fields in self._facts["inputs"]]

    @property
    def outputs(self) -> list[Tensor]:
        """What it gives, in the order of its weight file; no value lies outside low..high."""
        return [Tensor(*fields) for fields in self._facts["outputs"]]

    @property
    def alignment(self) -> int:
        """Both sides of a picture are extended to multiples of this."""
        return int(self._facts["alignment"])

    @property
    def halo(self) -> int:
        """Picture pixels on each side of a pixel beyond which nothing has an influence on it: an upper bound."""
        return int(self._facts["halo"])

    def memory_bytes(self, size: tuple[int, int], strip: int | None = None) -> int:
        """Bytes that the activations of one run take, whatever the height once it is above the strip's and halo's."""
        return self._model.memory_bytes(self.name, *size, _AS_IT_LIKES if strip is None else strip)

    def run(
        self, inputs: Mapping[str, Array], size: tuple[int, int], *, threads: int = 0, strip: int | None = None
    ) -> dict[str, Array]:
        """Runs the network. Threads, strip, and the kernels that `backend.force_target` chose change nothing.

        Args:
            inputs: every input by name, uint8 or int16 [ceil(H / d), ceil(W / d), C] for reduction d.
            size: H, W of the picture, 1..65536.
            threads: at most this many; 0 for as many as there are cores.
            strip: picture rows made at a time, rounded up to the alignment; 0 for the whole picture, None for what the
                core takes.

        Returns:
            Every output by name, [ceil(H / d), ceil(W / d), C], uint8 where its range allows it, else int16.

        Raises:
            VeneerError: BAD_TENSOR for inputs that do not fit; BAD_SETTING for a size or strip out of range;
                NETWORK_TOO_LARGE.
        """
        arrays = [numpy.ascontiguousarray(array) for array in self._checked(inputs, size)]
        if strip is not None and not 0 <= strip <= limits.MAX_NETWORK_SIDE:
            raise VeneerError(ErrorCode.BAD_SETTING, f"strip {strip} is not 0..{limits.MAX_NETWORK_SIDE}")
        rows = _AS_IT_LIKES if strip is None else strip
        results = self._model.run(self.name, arrays, *size, backend.thread_count(threads), rows)
        return {output.name: result for output, result in zip(self.outputs, results, strict=True)}

    def _checked(self, inputs: Mapping[str, Array], size: tuple[int, int]) -> list[Array]:
        """The inputs in order; raises VeneerError unless they are what the network takes."""
        height, width = size
        if not all(1 <= side <= limits.MAX_NETWORK_SIDE for side in size):
            raise VeneerError(ErrorCode.BAD_SETTING, f"a picture of {width} x {height} is out of range")
        if set(inputs) != {tensor.name for tensor in self.inputs}:
            raise VeneerError(ErrorCode.BAD_TENSOR, f"{self.name} does not take inputs {sorted(inputs)}")
        for tensor in self.inputs:
            array = inputs[tensor.name]
            shape = (-(-height // tensor.reduction), -(-width // tensor.reduction), tensor.channels)
            if array.dtype not in (numpy.uint8, numpy.int16) or array.shape != shape:
                message = f"{tensor.name} is {array.dtype} {list(array.shape)}, not uint8 or int16 {list(shape)}"
                raise VeneerError(ErrorCode.BAD_TENSOR, message)
        return [inputs[tensor.name] for tensor in self.inputs]


def native_model(files: Sequence[bytes]) -> backend.Model:
    """A model in the core.

    Args:
        files: the model file, then weight files of networks that it names.

    Raises:
        VeneerError: NO_WEIGHTS, WEIGHTS_VERSION, WEIGHTS_TOO_LARGE, WEIGHTS_CUT, WEIGHTS_CHECKSUM, WEIGHTS_INVALID or
            WEIGHTS_OVERFLOW, where a file cannot be used.
    """
    file = backend.ModelFile(files[0])
    return backend.Model(file, [backend.WeightFile(data) for data in files[1:]])


def read_networks(path: Path) -> dict[str, ModelNetwork]:
    """Networks by name: the one of a weight file, or all of a model file, whose weight files are beside it.

    Raises:
        VeneerError: as `native_model`, NO_WEIGHTS where a file cannot be read.
    """
    data = read_weights(path)
    if path.suffix != MODEL_SUFFIX:
        weights = backend.WeightFile(data)
        file = backend.ModelFile(write_model_file(0, "alone", [(weights.name, data)]))
        return networks_in(backend.Model(file, [weights]))
    file = backend.ModelFile(data)
    named = [
        (path.parent / weight_file_name(name, sha.hex()), sha.hex()) for name, _, sha in file.describe()["networks"]
    ]
    return networks_in(backend.Model(file, [backend.WeightFile(read_weights(*each)) for each in named]))


def networks_in(model: backend.Model) -> dict[str, ModelNetwork]:
    """All networks of a model by name, in the order of its file."""
    return {name: ModelNetwork(model, name) for name in model.describe()["networks"]}
