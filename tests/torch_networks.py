"""Networks in torch, float64: a cross-check that shares no arithmetic with the others, and a path to a GPU.

Every sum of a network stays below 2^31 and every product with a multiplier below 2^61; sums are exact in float64,
products are taken in int64. Needs torch, which nothing else of the engine does; import this module on demand.
Source: docs/format.md, "Integer operations".
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy
import torch
from torch.nn import functional

from veneer.reference.graph import Kind, Operation
from veneer.reference.network import Array, Network


def run(
    network: Network, inputs: Mapping[str, Array], size: tuple[int, int], *, device: str = "cpu"
) -> dict[str, Array]:
    """Runs a network over a whole picture at once.

    Args:
        network: any.
        inputs: as for `Network.run`.
        size: H, W of the picture.
        device: as torch names it, "cuda" for a GPU.

    Returns:
        As `Network.run`, the same bits.
    """
    tensors = {
        name: torch.from_numpy(numpy.ascontiguousarray(array)).to(device).permute(2, 0, 1)[None]
        for name, array in network.prepared(inputs, size).items()
    }
    for operation in network.graph.operations:
        tensors[operation.name] = _apply(network, operation, [tensors[name] for name in operation.inputs])
    outputs = {output.name for output in network.graph.outputs}
    arrays = {name: tensors[name][0].permute(1, 2, 0).cpu().numpy() for name in outputs}
    return network.finished(arrays, size)


def _apply(network: Network, operation: Operation, operands: list[torch.Tensor]) -> torch.Tensor:
    """One operation on int64 [1, C, H, W]."""
    x, low, high = operands[0], operation.low, operation.high

    def role(name: str) -> torch.Tensor:
        values = numpy.ascontiguousarray(network.arrays[f"{operation.name}/{name}"], numpy.int64)
        return torch.from_numpy(values).to(x.device)

    match operation.kind:
        case Kind.CONVOLUTION | Kind.DEPTHWISE | Kind.SCALE:
            weight = role("weight")
            groups = 1 if operation.kind == Kind.CONVOLUTION else x.shape[1]
            weight = weight.reshape(len(weight), -1, *(weight.shape[-2:] if weight.ndim > 1 else (1, 1)))
            half = weight.shape[-1] // 2
            padded = functional.pad(x.double(), (half, half, half, half), mode="replicate")
            # Rounded, since a GPU's library may take a transform that is exact only to far below a unit.
            total = functional.conv2d(padded, weight.double(), role("bias").double(), groups=groups).round().long()
            multiplier, shift = role("multiplier")[:, None, None], role("shift")[:, None, None]
            return ((total * multiplier + (1 << (shift - 1))) >> shift).clamp(low, high)
        case Kind.ADD:
            total = operation.multiplier_a * x + operation.multiplier_b * operands[1]
            return ((total + ((1 << operation.shift) >> 1)) >> operation.shift).clamp(low, high)
        case Kind.MULTIPLY:
            return ((x * operands[1] + ((1 << operation.shift) >> 1)) >> operation.shift).clamp(low, high)
        case Kind.CLIP:
            return x.clamp(low, high)
        case Kind.TABLE:
            return role("table")[(x - operation.first).clamp(0, operation.entries - 1)]
        case Kind.PIXEL_UNSHUFFLE:
            return functional.pixel_unshuffle(x, operation.factor)
        case Kind.PIXEL_SHUFFLE:
            return functional.pixel_shuffle(x, operation.factor)
        case Kind.CONCAT:
            return torch.cat(operands, dim=1)
        case Kind.SLICE:
            return x[:, operation.first : operation.first + operation.channels]
