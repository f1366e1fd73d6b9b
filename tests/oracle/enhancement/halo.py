"""How far the influence of a picture's pixels reaches in a network.

Source: docs/format.md, "Running the networks".
"""

from __future__ import annotations

from veneer.reference.graph import Graph, Kind, Operation


def halo_of(graph: Graph) -> int:
    """Picture pixels on each side of a pixel beyond which nothing has an influence on it: an upper bound."""
    shapes = graph.shapes
    reach = {output.name: graph.alignment - 1 for output in graph.outputs}  # the place of a pixel in its square
    for operation in reversed(graph.operations):
        half = shapes[operation.name].reduction if _side(operation) == 3 else 0
        for name in operation.inputs:
            reach[name] = max(reach.get(name, 0), reach[operation.name] + half)
    return max(reach[tensor.name] for tensor in graph.inputs)


def _side(operation: Operation) -> int:
    """Side of the square of pixels that one pixel of the result is made from."""
    return 3 if operation.kind == Kind.DEPTHWISE else operation.kernel
