"""Vectors that break the rules of the modular base."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

import numpy as np
from entropy_writers import last_of_interval, write_bit
from fast_payloads import Plan, ended, two_fast_samples
from modular_vectors import modular_head
from valid_vectors import END, File, put_together, tile_chunk

from veneer.conformance.enc_range_coder import RangeEncoder, words_to_bytes
from veneer.conformance.generator import Inventor
from veneer.reference.adaptive import BitModel
from veneer.reference.alpha import read_alpha
from veneer.reference.modular_photo import PhotoDecoder

Payload = tuple[str, bytes, Mapping[str, int]]  # name, data of a tile, fields of HEAD
ALL_0 = (0,) * 14  # coefficients of the form fast


def _stored(most: int, *values: int) -> bytes:
    """Numbers of the form stored."""
    bits = "".join(f"{value:0{most.bit_length()}b}" for value in values)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def _maps(*numbers: tuple[int, int]) -> bytes:
    """A part of maps: numbers, and their bits."""
    coder = RangeEncoder()
    for value, bits in numbers:
        coder.raw(value, bits)
    payload = words_to_bytes(coder.finish())
    return bytes([len(payload)]) + payload


def _steep_table() -> bytes:
    """A part of maps with a table that goes beyond the largest value."""
    coder = RangeEncoder()
    for value, bits in ((2, 2), (1, 8), (200, 8)):
        coder.raw(value, bits)
    for n in range(1, 8):
        write_bit(coder, int(n < 7), BitModel())  # seven bits
    coder.raw(0, 6)
    payload = words_to_bytes(coder.finish())
    return bytes([len(payload)]) + payload


def _photo(width: int, most: int, seed: int = 0) -> RangeEncoder:
    """Form data of the form photo for a row of grey, without the bit that ends them."""
    inventor = Inventor(np.random.default_rng(seed))
    PhotoDecoder(inventor, width, 1, [most]).decode()
    return inventor.encoder


def _wrong_photo(head: Mapping[str, int]) -> Iterator[Payload]:
    yield "photo_without_end", b"\1", head
    coder = next(coder for coder in (_photo(2, 255, seed) for seed in range(99)) if coder._range % 2)
    yield "photo_no_code", b"\1" + last_of_interval(coder), head
    coder = _photo(2049, 1)
    wide = {"width": 2049, "height": 1, "bit_depth": 1, "tile_log2": 16}
    yield "photo_too_wide", b"\1" + ended(coder), wide


def _wrong_fast(head: Mapping[str, int]) -> Iterator[Payload]:
    yield "fast_without_end", b"\2", head
    coder = next(coder for coder in (two_fast_samples(Plan(own=(*ALL_0, i))) for i in range(99)) if coder._range % 2)
    yield "fast_no_code", b"\2" + last_of_interval(coder), head
    for name, plan in {
        "unit_9": Plan(unit=9),
        "coefficient_1024": Plan(own=(0, -1024)),
        "coefficient_4096": Plan(own=(-960,) * 4),  # which leaves 256 + 3840 for the other one
    }.items():
        yield f"fast_{name}", b"\2" + ended(two_fast_samples(plan)), head
    planes = Plan(), Plan(cross=((1023, 1023, 1023, 1023, 4),)), Plan()
    yield "fast_cross_coefficient", b"\2" + ended(two_fast_samples(*planes)), {**head, "channels": 3}


def _part(data: bytes) -> bytes:
    """A part of less than 128 bytes, with its length."""
    return bytes([len(data)]) + data


def _wrong_alpha(head: Mapping[str, int]) -> Iterator[Payload]:
    with_alpha = {**head, "channels": 2}
    grey = ended(two_fast_samples(Plan()))
    yield "alpha_beyond_the_end", b"\2\x7f" + grey, with_alpha
    yield "alpha_no_code", b"\2" + _part(b"\xff" * 20) + grey, with_alpha
    inventor = Inventor(np.random.default_rng(0))
    inventor.write(1, 1)
    read_alpha(inventor, 2, 1)
    inventor.write(0, 1)
    yield "alpha_without_end", b"\2" + _part(inventor.payload()) + grey, with_alpha
    maps = _maps((0, 2), (1, 2), (0, 8), (99, 8), (1, 8))
    coder = RangeEncoder()
    for value, bits in ((0, 1), (1, 1), (99, 8)):  # where 99 is written as 255
        coder.raw(value, bits)
    yield "alpha_too_large", b"\6" + maps + _part(words_to_bytes(coder.finish())) + grey, with_alpha
    maps = _maps((1, 2), (7, 16), (0, 16), (0, 2))  # no colour is coded
    yield "fine_alpha_without_end", b"\5" + maps + _part(b""), {**with_alpha, "bit_depth": 16}


def wrong_modular_files() -> Iterator[File]:
    """Files that break a rule of the modular base."""
    plain = b"\0" + bytes(64)
    for name, chunks in {
        "scale": [modular_head(base_scale=2), tile_chunk(data=plain), END],
        "alpha_chunk": [modular_head(channels=2), tile_chunk(data=plain * 2), tile_chunk(b"ALPH"), END],
        "depth_0": [modular_head(bit_depth=0), tile_chunk(data=plain), END],
        "depth_17": [modular_head(bit_depth=17), tile_chunk(data=plain), END],
        "tools": [modular_head(co_step_offset=1), tile_chunk(data=plain), END],
        "reserved": [modular_head(tools=1), tile_chunk(data=plain), END],
        "models": [(b"HEAD", modular_head()[1] + struct.pack("<H4sB", 1, b"abcd", 1)), tile_chunk(data=plain), END],
    }.items():
        yield f"modular_head_{name}", put_together(chunks), f"a head of the modular base: {name.replace('_', ' ')}"
    grey = {"width": 2, "height": 1}
    two = _stored(255, 1, 2)
    for name, payload, head in (
        ("empty", b"", grey),
        ("unknown_flag", b"\x08" + two, grey),
        ("too_short", b"\0" + two[:1], grey),
        ("too_long", b"\0" + two + b"\0", grey),
        ("bits_behind_the_end", b"\0\x01", {**grey, "bit_depth": 1}),
        ("number_too_large", b"\4" + _maps((1, 2), (0, 8), (2, 8), (1, 8)) + b"\xf0", grey),
        ("maps_too_long", b"\4\x7f" + two, grey),
        ("length_of_six_bytes", b"\4\x80\x80\x80\x80\x80\0" + two, grey),
        ("grid_without_step", b"\4" + _maps((1, 2), (0, 8), (2, 8), (0, 8)) + b"\x50", grey),
        ("grid_too_large", b"\4" + _maps((1, 2), (200, 8), (2, 8), (100, 8)) + b"\x50", grey),
        ("table_too_large", b"\4" + _steep_table() + b"\x40", grey),
        ("copy_of_itself", b"\4" + _maps((3, 2)), grey),
        ("copy_as_alpha", b"\4" + _maps((0, 2), (3, 2)) + two, {**grey, "channels": 2}),
        ("data_for_no_plane", b"\4" + _maps((1, 2), (7, 8), (0, 8)) + b"\0", grey),
        ("length_beyond_the_end", b"\4", grey),
        ("graphics_without_candidates", b"\3", grey),
        ("graphics_list_too_large", b"\3" + b"\xff" * 40, grey),
        ("graphics_no_code", b"\3\xff\xff\xff\xf7\xf0\xff\xff\xff", grey),
        ("graphics_list_of_one_colour_no_code", b"\3\xff\x5f\0\x18\xff\x7f\xfe\x7f", grey),
        ("graphics_without_end", b"\3\0\0\0\x40", grey),
        ("maps_are_no_code", b"\4\x08\xff\xff\xff\x3f\xfe\xff\xff\xff" + two, {**grey, "channels": 3}),
        *_wrong_photo(grey),
        *_wrong_fast(grey),
        *_wrong_alpha(grey),
    ):
        file = put_together([modular_head(**head), tile_chunk(data=payload), END])
        yield f"modular_tile_{name}", file, f"a modular tile: {name.replace('_', ' ')}"
