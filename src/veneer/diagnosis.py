"""Whether this installation does what it should: what it has, and a test of every kernel of this machine.

Place: beside encoder and decoder, which it calls as a user would.
Source: docs/format.md for what must not differ: neither files nor pixels depend on kernels or threads.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Callable, Iterator
from typing import Any

import numpy

from veneer import __version__, backend
from veneer.bitstream.syntax import FORMAT_VERSION
from veneer.decoder import decode
from veneer.encoder import encode
from veneer.enhancement import models
from veneer.errors import VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.model_network import Array, ModelNetwork, networks_in
from veneer.inference.network import Network
from veneer.inference.weights import Model, write_model

# Kernels by name, the reference first; of the others a machine and build has those that its processor can run.
KERNELS = ("scalar", "avx2", "avx512", "neon")

# Packages that matter here: those without which nothing runs, then those that extras bring.
PACKAGES = ("numpy", "pillow", "click", "tqdm", "fsspec", "distributed", "torch")

# What any encoder reaches on the test picture at the quality of the test; a broken one stays far below.
_MIN_PSNR_DB = 30.0


@dataclasses.dataclass(frozen=True)
class ModelState:
    """A model that was found.

    Attributes:
        id: what picture files say.
        name: what users say.
        path: its model file.
        sha256: the hash that its manifest says.
        problem: what is wrong with it or a weight file; None where it is the right one and passes all checks.
    """

    id: int
    name: str
    path: str
    sha256: str
    problem: str | None


@dataclasses.dataclass(frozen=True)
class Check:
    """A part of the self-test.

    Attributes:
        name: what was tried.
        passed: whether it went as it must.
        detail: what was found.
    """

    name: str
    passed: bool
    detail: str


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found.

    Attributes:
        version: of the package.
        format_version: of the files that it writes.
        python: version of Python.
        machine: operating system and processor architecture.
        packages: versions by name; None for those that are not installed.
        cpu_features: instruction sets by name, and whether this machine has them.
        kernels: names of those that it can run; the last one is used.
        threads: used where nobody asks for a number.
        models: all models found.
        checks: of the self-test.
    """

    version: str
    format_version: int
    python: str
    machine: str
    packages: dict[str, str | None]
    cpu_features: dict[str, bool]
    kernels: tuple[str, ...]
    threads: int
    models: tuple[ModelState, ...]
    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Whether all parts of the self-test, models among them, are as they must be."""
        return all(check.passed for check in self.checks)


def diagnose() -> Diagnosis:
    """Looks at the installation and tests it; takes about a second.

    The kernels of the whole process are switched meanwhile, which slows down encoding and decoding in other threads
    and has no influence on their results.
    """
    kernels = tuple(name for name in KERNELS if backend.force_target(name))
    backend.force_target("auto")
    model_states, model_checks = _find_models()
    return Diagnosis(
        version=__version__,
        format_version=FORMAT_VERSION,
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        packages={name: _package_version(name) for name in PACKAGES},
        cpu_features=backend.cpu_features(),
        kernels=kernels,
        threads=backend.thread_count(0),
        models=tuple(model_states),
        checks=(*_base_checks(kernels), *_network_checks(), *model_checks),
    )


def _package_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _base_checks(kernels: tuple[str, ...]) -> Iterator[Check]:
    """A picture to a file and back with each kernel, and with several threads: all the same as with the reference."""
    picture = _test_picture()
    expected: tuple[str, str] | None = None
    for kernel in kernels:
        with _Kernel(kernel):
            result, detail = _attempt(lambda: _there_and_back(picture, threads=1))
        expected = expected or result
        yield Check(f"base layer, {kernel}", result is not None and result == expected, detail)
    result, detail = _attempt(lambda: _there_and_back(picture, threads=4))
    yield Check("base layer, 4 threads", result is not None and result == expected, detail)


class _Kernel:
    """Within it, the whole process uses the kernels of one name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        backend.force_target(self._name)

    def __exit__(self, *_: object) -> None:
        backend.force_target("auto")


def _test_picture() -> Array:
    """Slopes, texture, edges and an alpha plane, of integers alone; uint8 [200, 280, 4]."""
    y, x = numpy.mgrid[:200, :280].astype(numpy.int64)
    texture = (x * x * 7 + y * y * 13 + x * y * 5) % 31
    edges = 60 * ((x // 40 + y // 25) % 2)
    planes = [(x * (c + 1) // 3 + y + edges) % 190 + texture * (y > 100) for c in range(3)]
    alpha = numpy.clip(255 - (x - 140) ** 2 // 60, 1, 255)
    return numpy.stack([*planes, alpha], axis=-1).astype(numpy.uint8)


def _there_and_back(picture: Array, *, threads: int) -> tuple[tuple[str, str], str]:
    """Hashes of the file and of the pixels, and a text about them; raises ValueError where the picture is not back."""
    data = encode(picture, quality=80, tile_size=128, layers="base", threads=threads)
    pixels = decode(data, strict=True, threads=threads)
    psnr_db = _psnr_db(picture[:, :, :3], pixels[:, :, :3])
    if psnr_db < _MIN_PSNR_DB or (pixels[:, :, 3] != picture[:, :, 3]).any():
        raise ValueError(f"the picture comes back damaged ({psnr_db:.1f} dB)")
    hashes = hashlib.sha256(data).hexdigest(), hashlib.sha256(pixels.tobytes()).hexdigest()
    return hashes, f"file {hashes[0][:12]}, pixels {hashes[1][:12]}, {psnr_db:.2f} dB"


def _psnr_db(a: Array, b: Array) -> float:
    error = float(numpy.mean((a.astype(float) - b.astype(float)) ** 2))
    return 10 * float(numpy.log10(255**2 / error)) if error else 99.0


def _network_checks() -> Iterator[Check]:
    """A small network with each kernel: the same as in NumPy."""
    from veneer import reference  # which nobody else has to wait for

    network = _test_network()
    inputs = {"picture": numpy.ascontiguousarray(_test_picture()[:61, :83, :3])}
    same_network = reference.read_model(write_model(Model(0, "test", {network.name: network}))).networks[network.name]
    expected = same_network.run(inputs, (61, 83))["result"]
    for kernel in backend.inference_targets():
        result, detail = _attempt(functools.partial(_run_network, network, inputs, kernel))
        same = result is not None and bool((result == expected).all())
        yield Check(f"networks, {kernel}", same, detail)


def _run_network(network: Network, inputs: dict[str, Array], kernel: str) -> tuple[Array, str]:
    with _Kernel(kernel):
        result = network.run(inputs, (61, 83), strip=16, threads=2)["result"]
    return result, f"result {hashlib.sha256(result.tobytes()).hexdigest()[:12]}"


def _test_network() -> Network:
    """Two convolutions at a quarter of the size, the second added to the picture."""
    builder = GraphBuilder("test")
    squares = builder.pixel_unshuffle("squares", builder.input("picture", 3, low=0, high=255), 4)
    inner = builder.convolution("inner", squares, 24, low=0, high=8000)
    outer = builder.convolution("outer", inner, 48)
    total = builder.add("total", squares, outer, multiplier_a=16, shift=4, low=0, high=255)
    builder.output(builder.pixel_shuffle("result", total, 4))
    graph = builder.build()
    arrays: dict[str, Array] = {}
    for name, (kind, shape) in graph.arrays.items():
        role = name.split("/")[1]
        count = int(numpy.prod(shape))
        pattern = (numpy.arange(count, dtype=numpy.int64) * 7919 % 401 - 200).reshape(shape)
        constant = {"multiplier": 1 << 12, "shift": 20}
        values = pattern if role in ("weight", "bias") else numpy.full(shape, constant[role])
        arrays[name] = values.astype(kind)
    return Network(graph, arrays)


def _attempt(work: Callable[[], tuple[Any, str]]) -> tuple[Any, str]:
    """The result and its text, or None and what went wrong."""
    try:
        return work()
    except ValueError as error:  # VeneerError is one
        return None, str(error)


def _find_models() -> tuple[list[ModelState], list[Check]]:
    """Every model that encoder and decoder would find, with a test of those whose files are right."""
    try:
        entries = models.available()
    except VeneerError as error:
        return [], [Check("models", False, str(error))]
    if not entries:
        return [], [Check("models", True, "none; the base layer needs none")]
    states, checks = [], []
    for entry in entries:
        try:
            networks = networks_in(models.load(entry)).values()
        except VeneerError as error:
            states.append(ModelState(entry.id, entry.name, str(entry.path), entry.sha256, str(error)))
            checks.append(Check(f"model {entry.name} {entry.id}", False, str(error)))
            continue
        states.append(ModelState(entry.id, entry.name, str(entry.path), entry.sha256, None))
        checks += _model_checks(f"model {entry.name} {entry.id}", list(networks))
    return states, checks


def _model_checks(name: str, networks: list[ModelNetwork]) -> Iterator[Check]:
    """All networks of a model with each kernel: the same as with the reference."""
    expected: str | None = None
    for kernel in backend.inference_targets():
        result, detail = _attempt(functools.partial(_run_model, networks, kernel))
        expected = expected or result
        yield Check(f"{name}, {kernel}", result is not None and result == expected, detail)


def _run_model(networks: list[ModelNetwork], kernel: str) -> tuple[str, str]:
    """Hash of what all networks make of inputs that use the whole of their ranges."""
    side = 48
    digest = hashlib.sha256()
    for network in networks:
        inputs: dict[str, Array] = {}
        for tensor in network.inputs:
            rows = -(-side // tensor.reduction)
            count = rows * rows * tensor.channels
            values = tensor.low + numpy.arange(count) * 7919 % (tensor.high - tensor.low + 1)
            inputs[tensor.name] = values.astype(numpy.int16).reshape(rows, rows, tensor.channels)
        with _Kernel(kernel):
            results = network.run(inputs, (side, side))
        for result in results.values():
            digest.update(result.tobytes())
    return digest.hexdigest(), f"results {digest.hexdigest()[:12]}"
