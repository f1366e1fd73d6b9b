"""Weight files and model files of tests/vectors that every decoder refuses: each breaks one rule."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator, Sequence

import numpy as np
from weight_files import Parts, model_file, network_bytes, text, weight_file

from veneer import backend
from veneer.inference.graph import Graph, Input, Kind, Operation, Output
from veneer.inference.network import Array
from veneer.inference.weights import MODEL_SIGNATURE, ROLES, SIGNATURE, sealed

WeightFile = tuple[str, bytes, str]  # name, bytes, purpose

HEADER_SIZE = 16

X = Input("x", 8, 4)
CLIP = Operation("y", Kind.CLIP, ("x",))
NET = Parts("net", [X], [CLIP], [Output("y")])
PLAIN = weight_file(NET)
PLAIN_MODEL = model_file([(b"net", 99)])
# The first decision of a stream, whose two values are as likely, is 1: the number has 32 digits or more.
_LENGTH_32 = b"\0\0\0\xc0"
_SHIFTS = {"weight": [1, 2], "bias": [3, 4], "multiplier": [1, 1], "shift": [1, 256]}
INPUTS = {
    tensor.name: tensor
    for tensor in (X, *(Input(*fields) for fields in (("w", 4, 4), ("v", 8, 2), ("u", 1, 256), ("t", 1000), ("s", 1))))
}
INPUTS["p"] = Input("p", 17 * 17, 17)


def invalid_weight_files() -> Iterator[WeightFile]:
    """Every kind of them."""
    yield from _frames()
    yield from _bodies()
    yield from _networks()
    for name, operation, about in OPERATIONS:
        yield f"operation_{name}.vnw", weight_file(_network_of(operation)), about
    yield from _arrays()
    yield from _proofs()


def _network_of(operation: Operation) -> Parts:
    """A network in which nothing else is wrong: it has all arrays that the operation needs, but for a large table."""
    operations, outputs = [operation], [Output("y")]
    inputs = [tensor for name, tensor in INPUTS.items() if name in operation.inputs]
    if not inputs:
        inputs = [X]
        operations.append(Operation("z", Kind.CLIP, ("x",)))
        outputs.append(Output("z"))
    graph = Graph("net", tuple(inputs), tuple(operations), tuple(outputs))
    arrays = {name: np.ones(shape, kind) for name, (kind, shape) in graph.arrays.items() if shape < (1 << 16,)}
    return Parts("net", inputs, operations, outputs, arrays)


def _checked(content: bytes) -> bytes:
    """A file with its checksum."""
    return content + struct.pack("<I", backend.crc32c(content))


def _frames() -> Iterator[WeightFile]:
    for kind, plain in (("vnw", PLAIN), ("vnm", PLAIN_MODEL)):
        for name, data, about in (
            ("empty", b"", "no byte"),
            ("signature", _checked(b"\x8bVNR" + plain[4:-4]), "another signature"),
            ("signature_cut", plain[:5], "a file that ends within its signature"),
            ("header_cut", plain[:12], "a file that ends within its header"),
            ("body_cut", plain[:-9], "a file that ends within its body"),
            ("version_1", _checked(plain[:8] + b"\1" + plain[9:-4]), "Weights_Version of before"),
            ("version_3", _checked(plain[:8] + b"\3" + plain[9:-4]), "Weights_Version of a later version"),
            ("reserved", _checked(plain[:10] + b"\1" + plain[11:-4]), "Reserved that is not 0"),
            ("size", _checked(plain[:12] + struct.pack("<I", 64 << 20) + plain[16:-4]), "Body_Size beyond the limit"),
            ("bytes_behind", plain + b"\0", "a byte after the checksum"),
            ("checksum", plain[:-1] + bytes([plain[-1] ^ 1]), "a wrong checksum"),
        ):
            yield f"file_{name}.{kind}", data, about


def _bodies() -> Iterator[WeightFile]:
    yield "body_ends_early.vnw", sealed(SIGNATURE, PLAIN[HEADER_SIZE:-5]), "a body that ends within a field"
    body = PLAIN_MODEL[HEADER_SIZE:-4]
    one = (b"net", 99)
    for name, data, about in (
        ("ends_early", sealed(MODEL_SIGNATURE, body[:-1]), "a body that ends within a field"),
        ("left_over", sealed(MODEL_SIGNATURE, body + b"\0"), "a byte after the networks"),
        ("name_empty", model_file([one], name=b""), "a name without characters"),
        ("name_64", model_file([one], name=b"m" * 64), "a name of 64 characters"),
        ("name_capital", model_file([one], name=b"Model"), "a name with a capital letter"),
        ("no_network", model_file([]), "no network"),
        ("networks_17", model_file([(b"n%d" % i, 99) for i in range(17)]), "more networks than the limit"),
        ("networks_alike", model_file([one, one]), "two networks of one name"),
        ("network_name", model_file([(b"Net", 99)]), "a network whose name has a capital letter"),
        ("file_size", model_file([(b"net", (64 << 20) + 1)]), "File_Size beyond the limit"),
    ):
        yield f"model_{name}.vnm", data, about


def _clipped(*inputs: Input) -> Parts:
    """All inputs, each clipped, and all of that as outputs."""
    operations = [Operation(f"y{i}", Kind.CLIP, (tensor.name,)) for i, tensor in enumerate(inputs)]
    return Parts("net", inputs, operations, [Output(operation.name) for operation in operations])


def _many_operations() -> bytes:
    """A network that announces more operations than the limit."""
    head = text(b"net") + b"\1" + text(b"x") + struct.pack("<HHhhb", 8, 4, -9, 9, 0)
    return sealed(SIGNATURE, head + struct.pack("<H", 1025) + bytes(20))


def _networks() -> Iterator[WeightFile]:
    another = dataclasses.replace(CLIP, name="z")
    many = [Input(f"x{i}", 1) for i in range(65)]
    joined = [
        Operation("z", Kind.CONCAT, tuple(tensor.name for tensor in many[:64])),
        Operation("y", Kind.CONCAT, ("z", "x64")),
    ]
    clips = [dataclasses.replace(CLIP, name=f"y{i}") for i in range(65)]
    cases: dict[str, tuple[Parts, str]] = {
        "name": (dataclasses.replace(NET, name="Net"), "a name with a capital letter"),
        "no_input": (Parts("net", [], [], []), "nothing at all"),
        "inputs_65": (Parts("net", many, joined, [Output("y")]), "65 inputs"),
        "no_output": (dataclasses.replace(NET, outputs=[]), "no output"),
        "outputs_65": (Parts("net", [X], clips, [Output(clip.name) for clip in clips]), "65 outputs"),
        "input_as_output": (dataclasses.replace(NET, outputs=[Output("y"), Output("x")]), "an output that is an input"),
        "output_unknown": (dataclasses.replace(NET, outputs=[Output("z")]), "an output that is no tensor"),
        "output_twice": (dataclasses.replace(NET, outputs=[Output("y")] * 2), "an output that occurs twice"),
        "input_unused": (dataclasses.replace(NET, inputs=[X, INPUTS["w"]]), "an input that nothing uses"),
        "result_unused": (dataclasses.replace(NET, operations=[CLIP, another]), "a result that nothing uses"),
        "tensors_alike": (dataclasses.replace(NET, inputs=[X, X]), "two tensors of one name"),
        "result_as_input": (
            Parts("net", [X], [dataclasses.replace(CLIP, name="x")], [Output("x")]),
            "a result with the name of an input",
        ),
        "tensor_name": (
            Parts("net", [X], [dataclasses.replace(CLIP, name="Y")], [Output("Y")]),
            "a result whose name has a capital letter",
        ),
        "channels_0": (_clipped(Input("x", 0)), "an input without channels"),
        "channels_1025": (_clipped(Input("x", 1025)), "an input with more channels than the limit"),
        "reduction_0": (_clipped(Input("x", 1, 0)), "an input of reduction 0"),
        "reduction_257": (_clipped(Input("x", 1, 257)), "an input with a reduction beyond the limit"),
        "limits": (_clipped(Input("x", 1, low=5, high=4)), "an input with Low above High"),
        "alignment": (_clipped(Input("a", 1, 9), Input("b", 1, 32)), "an alignment beyond the limit"),
    }
    for name, (parts, about) in cases.items():
        yield f"network_{name}.vnw", weight_file(parts), about
    yield "network_operations_1025.vnw", _many_operations(), "more operations than the limit"
    unknown = PLAIN.replace(b"\1y\5\1", b"\1y\x0b\1")[HEADER_SIZE:-4]
    yield "operation_kind_11.vnw", sealed(SIGNATURE, unknown), "an unknown operation"


# All their results are y, and the only output.
OPERATIONS = (
    ("of_itself", Operation("y", Kind.CLIP, ("y",)), "an operand that is not made before"),
    ("without_operand", Operation("y", Kind.CLIP, ()), "a clip of nothing"),
    ("clip_of_two", Operation("y", Kind.CLIP, ("x", "x")), "a clip of two operands"),
    ("add_one", Operation("y", Kind.ADD, ("x",), multiplier_a=1), "a sum of one operand"),
    ("add_three", Operation("y", Kind.ADD, ("x", "x", "x"), multiplier_a=1), "a sum of three operands"),
    ("multiply_one", Operation("y", Kind.MULTIPLY, ("x",)), "a product of one operand"),
    ("concat_one", Operation("y", Kind.CONCAT, ("x",)), "concat of one operand"),
    ("concat_65", Operation("y", Kind.CONCAT, ("x",) * 65), "concat of 65 operands"),
    ("reductions_differ", Operation("y", Kind.CONCAT, ("x", "v")), "operands of two reductions"),
    ("add_channels", Operation("y", Kind.ADD, ("x", "w")), "a sum of 8 and 4 channels"),
    ("multiply_channels", Operation("y", Kind.MULTIPLY, ("x", "w")), "a product of 8 and 4 channels"),
    ("limits", Operation("y", Kind.CLIP, ("x",), low=5, high=4), "Low above High"),
    ("kernel_5", Operation("y", Kind.CONVOLUTION, ("x",), channels=4, kernel=5), "a kernel of 5 x 5"),
    ("channels_0", Operation("y", Kind.CONVOLUTION, ("x",), channels=0, kernel=3), "a result without channels"),
    ("channels_1025", Operation("y", Kind.CONVOLUTION, ("s",), channels=1025, kernel=1), "too many channels"),
    (
        "add_multipliers",
        Operation("y", Kind.ADD, ("x", "x"), multiplier_a=-16384, multiplier_b=16384),
        "multipliers whose sizes add up to 32768",
    ),
    ("add_shift_16", Operation("y", Kind.ADD, ("x", "x"), shift=16), "a sum with Shift 16"),
    ("multiply_shift_31", Operation("y", Kind.MULTIPLY, ("x", "x"), shift=31), "a product with Shift 31"),
    ("table_entries_0", Operation("y", Kind.TABLE, ("x",), entries=0), "a table without entries"),
    ("table_entries_65537", Operation("y", Kind.TABLE, ("x",), entries=65537), "a table of 65537 entries"),
    ("unshuffle_factor_1", Operation("y", Kind.PIXEL_UNSHUFFLE, ("x",), factor=1), "a pixel unshuffle by 1"),
    ("unshuffle_factor_17", Operation("y", Kind.PIXEL_UNSHUFFLE, ("s",), factor=17), "a pixel unshuffle by 17"),
    ("unshuffle_channels", Operation("y", Kind.PIXEL_UNSHUFFLE, ("x",), factor=16), "8 * 256 channels"),
    ("unshuffle_reduction", Operation("y", Kind.PIXEL_UNSHUFFLE, ("u",), factor=2), "a result of reduction 512"),
    ("shuffle_factor_1", Operation("y", Kind.PIXEL_SHUFFLE, ("x",), factor=1), "a pixel shuffle by 1"),
    ("shuffle_factor_17", Operation("y", Kind.PIXEL_SHUFFLE, ("p",), factor=17), "a pixel shuffle by 17"),
    ("shuffle_channels", Operation("y", Kind.PIXEL_SHUFFLE, ("x",), factor=4), "a pixel shuffle by 4 of 8 channels"),
    ("shuffle_reduction", Operation("y", Kind.PIXEL_SHUFFLE, ("t",), factor=2), "a pixel shuffle of reduction 1"),
    ("concat_channels", Operation("y", Kind.CONCAT, ("t", "t")), "concat of 2000 channels"),
    ("slice_before", Operation("y", Kind.SLICE, ("x",), first=-1, channels=4), "a slice from channel -1 on"),
    ("slice_behind", Operation("y", Kind.SLICE, ("x",), first=5, channels=4), "a slice beyond the last channel"),
    ("slice_of_nothing", Operation("y", Kind.SLICE, ("x",), first=0, channels=0), "a slice without channels"),
)


def _scaled(**arrays: Sequence[int]) -> Parts:
    """A network of one scale of two channels, with some arrays changed."""
    values = {"weight": [1, 2], "bias": [3, 4], "multiplier": [1, 1], "shift": [1, 1], **arrays}
    types = {"weight": "i2", "bias": "i4", "multiplier": "i4", "shift": "u1"}
    found: dict[str, Array] = {f"y/{role}": np.array(values[role], types[role]) for role in types}
    return Parts("net", [Input("x", 2)], [Operation("y", Kind.SCALE, ("x",))], [Output("y")], found)


def _stream(*numbers: int, role: int = 0) -> bytes:
    """The code of numbers, all by the models of one role."""
    return backend.code_arrays([(role, np.array(numbers, np.int32))])


def _arrays() -> Iterator[WeightFile]:
    head = network_bytes(_scaled())
    for name, data, about in (
        ("range", b"\xff" * 8, "a coded number outside the interval"),
        ("length_32", _LENGTH_32, "a number of 32 digits"),
        ("weight", _stream(32768), "a weight above 32767"),
        ("weight_low", _stream(-32769), "a weight below -32768"),
    ):
        yield f"arrays_{name}.vnw", sealed(SIGNATURE, head + data), about
    shifts = [(ROLES.index(role), np.array(values, np.int32)) for role, values in _SHIFTS.items()]
    yield "arrays_shift.vnw", sealed(SIGNATURE, head + backend.code_arrays(shifts)), "a shift that adds up to 256"
    operations = [Operation("y", Kind.CONVOLUTION, ("x",), channels=1024, kernel=3)]
    huge = Parts("net", [Input("x", 1024)], operations, [Output("y")])
    yield "arrays_numbers.vnw", sealed(SIGNATURE, network_bytes(huge)), "more numbers in arrays than the limit"


def _proofs() -> Iterator[WeightFile]:
    least = -(1 << 15)
    for name, parts, about in (
        ("shift_0", _scaled(shift=[1, 0]), "shift 0 of a channel"),
        ("shift_31", _scaled(shift=[31, 1]), "shift 31 of a channel"),
        ("multiplier_negative", _scaled(multiplier=[-1, 1]), "a negative multiplier"),
        ("multiplier_too_large", _scaled(multiplier=[1, 3]), "a multiplier above 2^shift"),
        ("bias", _scaled(weight=[0, -1], bias=[3, 2**31 - 2**15]), "a sum that reaches 2^31"),
        ("negative_bias", _scaled(weight=[least, 0], bias=[-(2**30), 0]), "a sum that reaches -2^31"),
    ):
        yield f"proof_{name}.vnw", weight_file(parts), about
    operations = [Operation("z", Kind.TABLE, ("x",), entries=2), Operation("y", Kind.SCALE, ("z",))]
    arrays: dict[str, Array] = {"z/table": np.array([5, least], np.int16)}
    arrays |= _scaled(weight=[least, 0], bias=[2**30, 0]).arrays
    parts = Parts("net", [Input("x", 2, low=0, high=0)], operations, [Output("y")], arrays)
    yield "proof_table.vnw", weight_file(parts), "a sum that reaches 2^31 by an entry that no input names"
