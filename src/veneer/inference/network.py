"""A network that somebody makes: a graph and its arrays, checked and proved by the core, which runs it.

Place: what training and tests make and `weights.py` writes.
Source: docs/format.md, "Integer networks" and "Proof against overflow".
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy

from veneer.errors import ErrorCode, VeneerError
from veneer.inference.graph import Graph
from veneer.inference.model_network import Array, ModelNetwork, native_model
from veneer.inference.weights import write_model_file, written_network

__all__ = ["Array", "Network"]


class Network(ModelNetwork):
    """A network that can be run and written.

    Args:
        graph: its structure.
        arrays: `operation/role` to array, exactly those of `graph.arrays`: weight int16, bias and multiplier
            int32, shift uint8, table int16.

    Raises:
        VeneerError: WEIGHTS_INVALID where arrays and graph do not agree, or the graph is none; WEIGHTS_OVERFLOW where
            an accumulator could leave 32 bits.
    """

    def __init__(self, graph: Graph, arrays: Mapping[str, Array]) -> None:
        expected = graph.arrays
        if arrays.keys() != expected.keys():
            raise _invalid(graph, f"arrays missing or left over: {', '.join(sorted(arrays.keys() ^ expected.keys()))}")
        for name, (kind, shape) in expected.items():
            array = arrays[name]
            if array.dtype.newbyteorder("=") != numpy.dtype(kind) or array.shape != shape:
                raise _invalid(graph, f"{name} is {array.dtype} {list(array.shape)}, not {kind} {list(shape)}")
        self.graph = graph
        self.arrays = arrays
        data = written_network(graph, arrays)
        super().__init__(native_model([write_model_file(0, "alone", [(graph.name, data)]), data]), graph.name)


def _invalid(graph: Graph, message: str) -> VeneerError:
    return VeneerError(ErrorCode.WEIGHTS_INVALID, f"{graph.name}: {message}")
