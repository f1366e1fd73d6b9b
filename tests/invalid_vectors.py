"""The files of tests/vectors that a strict decoder refuses: name, bytes, and what is wrong with each."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator

import numpy as np
from entropy_writers import last_of_interval
from samples import make_picture
from valid_vectors import END, File, gain_map_chunk, head_chunk, preview_chunk, put_together, text_chunk, tile_chunk

import veneer
from veneer.bitstream.chunks import write_chunk
from veneer.conformance.enc_range_coder import RangeEncoder, words_to_bytes
from veneer.conformance.generator import Inventor
from veneer.reference.adaptive import BitModel
from veneer.reference.alpha import read_alpha, read_constant

# Values of fields of HEAD that this version does not have: of none, and of a later one.
WRONG_VALUES = (
    {"format_version": 0},
    {"width": 0},
    {"width": 65536},
    {"height": 0},
    {"height": 1 << 31},
    {"channels": 0},
    {"channels": 5},
    {"bit_depth": 0},
    {"bit_depth": 17},
    {"base_kind": 3},
    {"matrix_coefficients": 1},
    {"full_range": 2},
    {"base_scale": 0},
    {"base_scale": 3},
    {"tile_log2": 5},
    {"tile_log2": 17},
    {"tune": 2},
    {"step_index": 224},
    {"step_group_log2": 3},
)
LATER_VALUES = (
    {"format_version": 2},
    {"bit_depth": 7},
    {"matrix": 16},
    {"tools": 8},
)


def flip(data: bytes, position: int, bits: int) -> bytes:
    return data[:position] + bytes([data[position] ^ bits]) + data[position + 1 :]


def broken_files() -> Iterator[File]:
    """Cut, and damaged."""
    data = veneer.encode(make_picture(70, 70), quality=20, effort=5, tile_size=64, layers="base")
    base = data.index(b"BASE") - 4
    end = len(data) - 12
    yield "empty", b"", "no byte"
    yield "other_signature", b"\x89PNG\r\n\x1a\n" + data[8:], "the signature of another format"
    yield "text_mode", data.replace(b"\r\n", b"\n", 1), "line ends translated"
    yield "cut_in_signature", data[:5], "cut within the signature"
    yield "cut_behind_signature", data[:8], "cut behind the signature"
    yield "cut_in_head_type", data[:14], "cut within the type of HEAD"
    yield "cut_in_head", data[:30], "cut within HEAD"
    yield "cut_in_tile", data[: base + 40], "cut within a tile"
    yield "cut_in_end", data[:-3], "cut within TEND"
    yield "no_end", data[:end], "cut before TEND"
    yield "flipped_bit_in_head", flip(data, 20, 1), "a bit of HEAD is wrong"
    yield "flipped_bit_in_tile", flip(data, base + 20, 4), "a bit of a payload is wrong"
    yield "flipped_bit_in_length", flip(data, base + 1, 64), "a bit of a length is wrong"
    yield "flipped_bit_in_type", flip(data, base + 5, 32), "a bit of a type is wrong, which is none then"
    yield "flipped_bit_at_the_end", flip(data, len(data) - 1, 1), "the checksum of TEND is wrong"
    yield "length_of_2_gb", flip(data, base + 3, 128), "a length above the limit"
    lost = data[: end + 2] + bytes(30)
    yield "nothing_after_damage", lost, "bytes that are no chunk, to the end"
    wrong_sum = write_chunk(b"xMP_", b"") + b"?" * 20
    yield "checksum_before_garbage", data[:48] + flip(wrong_sum, 8, 1), "a wrong checksum, and no chunk behind it"
    yield "type_in_garbage", data[:end] + b"?" * 9 + b"BASE" + bytes(40), "a type that begins no chunk"
    cut_tile = put_together([head_chunk(), tile_chunk()])
    yield (
        "payload_is_no_code",
        cut_tile[:48] + write_chunk(*tile_chunk(data=b"\xff" * 9)) + write_chunk(*END),
        "offset >= range",
    )
    for name, payload, why in tile_filters_that_are_none():
        yield name, put_together([head_chunk(tools=4), tile_chunk(data=payload), END]), why
    for name, payload in {
        "alpha_is_no_code": b"\xff" * 9,
        "alpha_does_not_end": b"\x01\0\0\xc0\x01",
        "alpha_last_bit_too_high": last_bit_too_high(),
        "constant_alpha_is_no_code": b"\xff\xff\xff\x7f" + b"\xff" * 9,
    }.items():
        chunks = [head_chunk(channels=2), tile_chunk(), tile_chunk(b"ALPH", data=payload), END]
        yield name, put_together(chunks), "a payload of ALPH that no encoder writes"


def tile_filters_that_are_none() -> Iterator[tuple[str, bytes, str]]:
    """Names, payloads of BASE, and what is wrong with their filters."""
    yield "tile_filters_without_size", b"", "no byte that says how long the filters are"
    yield "tile_filters_beyond_the_end", b"\x05abc", "filters longer than the payload"
    yield "tile_filters_are_no_code", b"\x04\xff\xff\xff\xff", "offset >= range after the filters"
    for name, numbers in {
        "tile_filters_of_nine_classes": [(0, 9)],
        "tile_filters_of_large_clip": [(0, 1), (1, 64)],
        "tile_filters_of_large_code": [(0, 2), (1, 0), (1, 64)],
        "tile_filters_of_large_tap": [(0, 1), (1, 0), (2, 128)],
    }.items():
        models = [[BitModel(1 << 31) for _ in range(8)] for _ in range(12)]
        coder = RangeEncoder()
        for kind, value in numbers:
            n = (value + 1).bit_length() - 1
            for i in range(min(n + 1, 7)):
                coder.bit(int(i < n), models[kind][i].p1)
                models[kind][i].update(int(i < n))
            coder.raw(value + 1 - 2**n, n)
        payload = words_to_bytes(coder.finish())
        yield name, bytes([len(payload)]) + payload, "a number of the filters is out of its range"


def last_bit_too_high() -> bytes:
    """A payload of ALPH of 8 x 8 samples whose last bit leaves offset = range."""
    for seed in itertools.count():
        inventor = Inventor(np.random.default_rng(seed))
        if read_constant(inventor) is None:
            read_alpha(inventor, 8, 8)
            if inventor.encoder._range % 2:
                break
    return last_of_interval(inventor.encoder)


def wrong_heads() -> Iterator[File]:
    """Heads that say what they must not."""
    for values, kind in ((WRONG_VALUES, "wrong"), (LATER_VALUES, "later")):
        for changes in values:
            ((field, value),) = changes.items()
            data = put_together([head_chunk(**changes), tile_chunk(), END])
            yield f"{kind}_{field}_{value}", data, f"{field} is {value}"
    name, head = head_chunk()
    yield "short_head", put_together([(name, head[:-1]), tile_chunk(), END]), "HEAD without its last field"
    bomb = {"width": 65535, "height": 65535, "tile_log2": 16}
    yield "huge", put_together([head_chunk(**bomb), tile_chunk(), END]), "more pixels than the limit"
    many = {"width": 16385, "height": 16383}
    yield "many_tiles", put_together([head_chunk(**many), tile_chunk(), END]), "more tiles than the limit"
    wide = {"width": 4096, "height": 4097, "tile_log2": 13}
    yield "large_tile", put_together([head_chunk(**wide), tile_chunk(), END]), "a tile of more pixels than the limit"


def wrong_chunks() -> Iterator[File]:
    """Chunks that stand where they must not, are missing, or are too many, too short or too long."""
    head, tile, xmp = head_chunk(), tile_chunk(), (b"xMP_", b"?")
    wide = head_chunk(width=70)
    alpha = head_chunk(channels=2)
    cases = {
        "head_not_first": ([xmp, head, tile, END], "another chunk before HEAD"),
        "head_twice": ([head, head, tile, END], "two HEADs"),
        "metadata_twice": ([head, xmp, xmp, tile, END], "two xMP_"),
        "metadata_behind_tiles": ([head, tile, xmp, END], "metadata behind a tile"),
        "offsets_behind_tiles": ([head, tile, (b"tOCS", bytes(4)), END], "tOCS behind a tile"),
        "short_preview": ([head, (b"pREV", bytes(5)), tile, END], "pREV without its last parameter"),
        "preview_of_step_224": ([head, preview_chunk(step_index=224), tile, END], "a wrong parameter of the preview"),
        "preview_twice": ([head, preview_chunk(), preview_chunk(), tile, END], "two pREV"),
        "preview_behind_tiles": ([head, tile, preview_chunk(), END], "pREV behind a tile"),
        "unknown_critical": ([head, tile, (b"NEW_", b""), END], "an unknown critical chunk"),
        "end_with_payload": ([head, tile, (b"TEND", b"?")], "TEND with a payload"),
        "no_tiles": ([head, END], "no BASE"),
        "tile_missing": ([wide, tile, END], "one BASE of two"),
        "alpha_missing": ([alpha, tile, END], "no ALPH in a picture with alpha"),
        "alpha_without_colour": ([alpha, tile_chunk(b"ALPH"), END], "no BASE in a picture with alpha"),
        "tile_twice": ([wide, tile, tile, tile_chunk(index=1), END], "two BASE of one tile"),
        "alpha_twice": ([alpha, tile, tile_chunk(b"ALPH"), tile_chunk(b"ALPH"), END], "two ALPH of one tile"),
        "tile_out_of_range": ([head, tile, tile_chunk(index=1), END], "BASE of a tile that is not there"),
        "alpha_not_declared": ([head, tile, tile_chunk(b"ALPH"), END], "ALPH in a picture without alpha"),
        "short_tile": ([head, (b"BASE", b"\0"), END], "BASE without its last byte"),
        "offsets_too_few": ([wide, (b"tOCS", bytes(4)), tile, tile_chunk(index=1), END], "tOCS of one length for two"),
        "offsets_not_whole": ([head, (b"tOCS", bytes(5)), tile, END], "tOCS of five bytes"),
        "offsets_too_large": ([head, (b"tOCS", struct.pack("<I", 1 << 31)), tile, END], "a length above the limit"),
        "offsets_wrong": ([head, (b"tOCS", struct.pack("<I", 5)), tile, END], "tOCS and a tile disagree"),
    }
    for name, (chunks, about) in cases.items():
        yield name, put_together(chunks), about


def wrong_metadata() -> Iterator[File]:
    """Texts and densities of another form than theirs."""
    for name, payload in {
        "density_short": struct.pack("<BI", 1, 300),
        "density_long": struct.pack("<BIIB", 1, 300, 300, 0),
        "density_of_unit_2": struct.pack("<BII", 2, 300, 300),
        "density_0": struct.pack("<BII", 1, 300, 0),
        "density_above_the_limit": struct.pack("<BII", 1, 1 << 31, 300),
    }.items():
        yield name, put_together([head_chunk(), (b"dENS", payload), tile_chunk(), END]), name.replace("_", " ")
    for name, (_, payload) in {
        "text_without_length": (b"", b"\1a\0\0"),
        "text_cut": (b"", b"\1a\2\0\0\0b"),
        "text_keyword_cut": (b"", b"\2a"),
        "text_keyword_of_no_byte": text_chunk((b"", b"b")),
        "text_keyword_of_80": text_chunk((b"a" * 80, b"b")),
        "text_keyword_of_255": text_chunk((b"a" * 255, b"b")),
        "text_keyword_no_utf8": text_chunk((b"\xe9", b"b")),
        "text_keyword_with_control": text_chunk((b"a\nb", b"b")),
        "text_keyword_beyond_latin": text_chunk(("ж".encode(), b"b")),
        "text_keyword_with_spaces": text_chunk((b"a  b", b"b")),
        "text_keyword_begins_with_space": text_chunk((b" a", b"b")),
        "text_keyword_ends_with_space": text_chunk((b"a ", b"b")),
        "text_no_utf8": text_chunk((b"a", b"b"), (b"a", b"\xc3")),
        "text_with_nul": text_chunk((b"a", b"b\0")),
        "texts_too_many": text_chunk(*[(b"a", b"")] * 1025),
    }.items():
        yield name, put_together([head_chunk(), (b"tEXT", payload), tile_chunk(), END]), name.replace("_", " ")
    texts = text_chunk((b"a", b"b"))
    yield "texts_twice", put_together([head_chunk(), texts, texts, tile_chunk(), END]), "two tEXT"
    yield "texts_behind_tiles", put_together([head_chunk(), tile_chunk(), texts, END]), "tEXT behind a tile"


def wrong_light() -> Iterator[File]:
    """Chunks of HDR pictures of another form than theirs."""
    rest = struct.pack("<4BI", 2, 2, 2, 0, 0)
    wrong = {
        "content_light_short": (b"cLLI", bytes(3)),
        "content_light_long": (b"cLLI", bytes(5)),
        "mastering_display_short": (b"mDCV", bytes(23)),
        "mastering_display_long": (b"mDCV", bytes(25)),
        "gain_map_short": (b"gMAP", bytes(4)),
        "gain_map_of_kind_2": gain_map_chunk(kind=2),
        "gain_map_without_metadata": gain_map_chunk(metadata=b""),
        "gain_map_of_2_gb": (b"gMAP", struct.pack("<BI", 0, 1 << 31) + rest),
        "gain_map_ends_in_metadata": (b"gMAP", struct.pack("<BI", 0, 20) + rest),
        "gain_map_ends_in_colour": (b"gMAP", struct.pack("<BI", 0, 1) + rest),
        "gain_map_of_range_2": gain_map_chunk(colour=(1, 13, 0, 2)),
        "gain_map_ends_in_profile": (b"gMAP", struct.pack("<BI", 0, 1) + b"?" + rest[:4] + b"\4\0\0\0icc"),
    }
    for name, chunk in wrong.items():
        yield name, put_together([head_chunk(), chunk, tile_chunk(), END]), name.replace("_", " ")
    for name, chunk in {
        "content_light": (b"cLLI", bytes(4)),
        "mastering_display": (b"mDCV", bytes(24)),
        "gain_map": gain_map_chunk(),
    }.items():
        about = chunk[0].decode()
        yield f"{name}_twice", put_together([head_chunk(), chunk, chunk, tile_chunk(), END]), f"two {about}"
        yield f"{name}_behind_tiles", put_together([head_chunk(), tile_chunk(), chunk, END]), f"{about} behind a tile"


def invalid_files() -> Iterator[File]:
    """All of them."""
    yield from broken_files()
    yield from wrong_heads()
    yield from wrong_chunks()
    yield from wrong_metadata()
    yield from wrong_light()
