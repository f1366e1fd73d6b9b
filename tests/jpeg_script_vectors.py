"""Vectors of JPEG bases whose geometry, script or tiles are written by hand."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import numpy as np
from jpeg_files import AC_SYMBOLS, ZIGZAG, Levels
from jpeg_scripts import EMBEDDED, RUN, TABLE, Script, Told, geometry_of, number, write_script
from valid_vectors import END, File, head_chunk, put_together, tile_chunk

from veneer import _native_dev
from veneer.conformance.vectors import JPEG_OPTION
from veneer.reference.jpeg_levels import Component, Damaged, Decider, _read_plane
from veneer.reference.jpeg_script import Interval, ScanNotes

ONLY_BYTES = (JPEG_OPTION,)
SKEWED = 17  # symbols
MOST_MORE = 9000  # bytes of data of scans


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def frame(height: int = 16, width: int = 16, marker: int = 0xC0, count: int = 1) -> bytes:
    parts = b"".join(bytes([c + 1, 0x11, 0]) for c in range(count))
    return segment(marker, struct.pack(">BHHB", 8, height, width, count) + parts)


def table(kind: int, bits: int, symbols: Sequence[int]) -> bytes:
    counts = [0] * 16
    counts[bits - 1] = len(symbols)
    return segment(0xC4, bytes([kind << 4, *counts, *symbols]))


def scan(first: int = 0, last: int = 63, bits: int = 0, components: Sequence[int] = (1,)) -> bytes:
    parts = b"".join(bytes([c, 0]) for c in components)
    return segment(0xDA, bytes([len(components)]) + parts + bytes([first, last, bits]))


SOI, EOI = b"\xff\xd8", b"\xff\xd9"
TABLES = table(0, 5, range(17)) + table(1, 8, sorted({*AC_SYMBOLS, *range(0x10, 0xF0, 16)}))
SEQUENTIAL = SOI + frame() + TABLES + scan()
PROGRESSIVE = (SOI + frame(marker=0xC2) + TABLES + scan(0, 0, 1), scan(1, 63, 1), scan(0, 0, 0x10), scan(1, 63, 0x10))


def levels_of(rows: int = 2, columns: int = 2, count: int = 1) -> list[Levels]:
    """A few levels in each block, fewer in each."""
    rng = np.random.default_rng([rows, columns])
    levels = rng.integers(-3, 4, (count, rows, columns, 64)).astype(np.int16)
    levels[rng.random(levels.shape) < 0.7] = 0
    levels[:, 1:, :, 20:] = 0
    return list(levels)


def tile_of(geometry: bytes, levels: list[Levels]) -> bytes:
    rows, columns, _ = levels[0].shape
    return _native_dev.jpeg_encode_levels(geometry, levels, (0, 0, columns, rows))


def file_of(
    script: bytes, geometry: bytes | None = None, levels: list[Levels] | None = None, tile: bytes | None = None
) -> bytes:
    """A file of 4:4:4 or grey."""
    geometry, levels = geometry_of() if geometry is None else geometry, levels or levels_of()
    rows, columns, _ = levels[0].shape
    head = {"height": 8 * rows, "width": 8 * columns, "channels": len(levels), "base_kind": 2, "step_index": 0}
    tile = tile_of(geometry, levels) if tile is None else tile
    return put_together(
        [
            head_chunk(**head, tile_log2=11),
            (b"JHDR", geometry),
            (b"JSCR", script),
            tile_chunk(data=tile),
            END,
        ]
    )


def sized(script: Script, geometry: bytes | None = None, levels: list[Levels] | None = None) -> bytes:
    """The payload of JSCR with the size that is right."""
    geometry, levels = geometry or geometry_of(), levels or levels_of()
    for size in range(len(script.text), len(script.text) + MOST_MORE):
        script.size = size
        payload = write_script(script)
        if _native_dev.jpeg_rebuild(geometry, payload, levels) is not None:
            return payload
    raise ValueError("the script is invalid")


def sized_tables(levels: list[Levels], geometry: bytes, counts: range) -> bytes:
    """A script of an optimal table for AC with its number of symbols, and of one that is not used."""
    height, width = 8 * levels[0].shape[0], 8 * levels[0].shape[1]
    for count in counts:
        script = with_tables([(0x10, count), (0x11, 0)], SOI + frame(height, width) + table(0, 5, range(17)))
        try:
            return sized(script, geometry, levels)
        except ValueError:
            continue
    raise ValueError("no number of symbols is right")


def in_scans(notes: Sequence[ScanNotes] = (), **others: bytes) -> Script:
    """A script of a progressive file."""
    given = list(notes) or [ScanNotes(0) for _ in PROGRESSIVE]
    for note, text in zip(given, PROGRESSIVE, strict=True):
        note.text = len(text)
    return Script(b"".join(PROGRESSIVE) + EOI, given, **others)


def plain(
    text: bytes = SEQUENTIAL, *, behind: bytes = EOI, padding: tuple[str, int] = ("", 1), **notes: object
) -> Script:
    """A script of one scan."""
    return Script(text + behind, [ScanNotes(len(text), **notes)], padding=padding)  # type: ignore[arg-type]


def full_blocks() -> list[Levels]:
    """Levels in all places: with no end of a block."""
    levels = levels_of()
    for block in levels[0].reshape(-1, 64)[:2]:
        block[63] = 1
    return levels


def zeros_behind(place: int) -> list[Levels]:
    """Blocks whose last level is at a place of the zigzag."""
    levels = [np.zeros((2, 2, 64), np.int16)]
    levels[0][:, :, ZIGZAG[place]] = 1
    levels[0][:, :, ZIGZAG[1]] = 3
    return levels


def embedded(**changes: bytes) -> bytes:
    """The payload of a JPEG within another."""
    geometry, levels = geometry_of(), levels_of()
    parts = {"geometry": geometry, "script": sized(plain()), "levels": tile_of(geometry, levels), **changes}
    made = b"".join(number(len(parts[name])) + parts[name] for name in ("geometry", "script"))
    return made + parts["levels"]


def inside(payload: bytes, size: int, count: int = 1) -> Script:
    """A script of a file with others behind its end."""
    script = plain()
    script.inserts = [
        (len(script.text), size, EMBEDDED, len(payload)),
        *[(0, size, EMBEDDED, len(payload))] * (count - 1),
    ]
    script.payloads = payload * count
    return script


def size_of(script: bytes, levels: list[Levels] | None = None) -> int:
    made = _native_dev.jpeg_rebuild(geometry_of(), script, levels or levels_of())
    assert made is not None
    return len(made)


def script_files() -> Iterator[File]:
    """Valid files."""
    flips = [ScanNotes(0, rule=rule, flips=flips) for rule, flips in ((0, []), (1, [1, 2]), (0, []), (2, [2]))]
    cases: dict[str, tuple[Script, list[Levels]]] = {
        "plain": (plain(), levels_of()),
        "full_blocks": (plain(), full_blocks()),
        "padding": (plain(padding=("0101", 0)), levels_of()),
        "between_segments": (plain(SOI + frame() + b"?\xff\xd3\xff\xff" + TABLES + b"??" + scan()), levels_of()),
        "height_0": (plain(SOI + frame(0) + TABLES + scan(), behind=segment(0xDC, b"\0\x10") + EOI), levels_of()),
        "other_tables": (plain(SOI + frame() + segment(0xC4, b"\x20" + bytes(16)) + TABLES + scan()), levels_of()),
        "progressive": (in_scans(), full_blocks()),
        "progressive_flips": (in_scans(flips), levels_of()),
        "zero_runs": (plain(zero_runs={0: 2, 3: 1}), zeros_behind(20)),
        "zero_runs_to_the_end": (plain(zero_runs={1: 3}), zeros_behind(15)),
        "zero_runs_in_scans": (
            in_scans(
                [ScanNotes(0), ScanNotes(0, zero_runs={1: 1}), ScanNotes(0), ScanNotes(0, zero_runs={0: 1, 2: 3})]
            ),
            zeros_behind(20),
        ),
        "cut": (
            plain(
                SOI + frame() + TABLES + segment(0xDD, b"\0\2") + scan(),
                intervals={0: Interval(1, False, 5, 3)},
                behind=b"abc" + EOI,
            ),
            levels_of(),
        ),
        "last": (
            plain(SOI + frame() + TABLES + segment(0xDD, b"\0\1") + scan(), intervals={1: Interval(None, True, 0, 0)}),
            levels_of(),
        ),
        "not_heeded": (
            plain(SOI + frame() + TABLES + segment(0xDD, b"\0\1") + scan(), heeds_restarts=False),
            levels_of(),
        ),
    }
    for name, (script, levels) in cases.items():
        data = file_of(sized(script, levels=levels), levels=levels)
        yield f"jpeg_script_{name}", data, f"a script by hand: {name.replace('_', ' ')}", ("", JPEG_OPTION)
    for name, levels, counts in (
        ("optimal", levels_of(), range(21, 22)),
        ("optimal_skewed", skewed_levels(), range(SKEWED, SKEWED + 1)),
    ):
        geometry = geometry_of(8 * levels[0].shape[1], 8 * levels[0].shape[0])
        data = file_of(sized_tables(levels, geometry, counts), geometry, levels)
        yield f"jpeg_script_{name}", data, f"optimal tables: {name}", ONLY_BYTES
    run = plain()
    run.inserts = [(len(run.text), 200, RUN, 7), (0, 3, RUN, 0)]
    yield "jpeg_script_runs", file_of(sized(run)), "runs of a byte", ONLY_BYTES
    inner = sized(plain())
    yield "jpeg_script_embedded", file_of(sized(inside(embedded(), size_of(inner)))), "a JPEG in another", ONLY_BYTES
    outer = sized(inside(embedded(), size_of(inner)))
    two = inside(embedded(script=outer), size_of(outer))
    yield "jpeg_script_embedded_twice", file_of(sized(two)), "a JPEG in one in another", ONLY_BYTES
    wide = geometry_of(changes=[5, 0, 300, *[0] * 20, -100, *[3] * 10, *[-1] * 30])
    yield "jpeg_wide_steps", file_of(sized(plain(), wide), wide), "steps above 255", ("",)
    fine = geometry_of(changes=[-15, *[0] * 62, 65534])
    yield "jpeg_extreme_steps", file_of(sized(plain(), fine), fine), "steps of 1 and 65535", ("",)
    coarse = geometry_of(quality=3)
    yield "jpeg_quality_3", file_of(sized(plain(), coarse), coarse), "a standard table below 50", ("",)


def with_tables(counts: Sequence[tuple[int, int]], text: bytes) -> Script:
    """A script with optimal tables behind a text: class with number, and how many symbols."""
    made = [segment(0xC4, bytes([kind, *bytes(16 + symbols)])) for kind, symbols in counts]
    script = Script(b"", [ScanNotes(len(text) + sum(map(len, made)) + len(scan()))])
    before = len(text)
    for kind, symbols in counts:
        script.text += b"" if script.inserts else text
        start = struct.pack(">BBHB", 0xFF, 0xC4, 19 + symbols, kind)
        script.text += start
        script.inserts = [*script.inserts, (before + len(start), 16 + symbols, TABLE, 0)]
        before = 0
    script.text += scan() + EOI
    return script


def skewed_levels() -> list[Levels]:
    """Levels of which some are so rare that codes without a limit would have 17 bits. No block ends early."""
    counts = [1, 2]
    while len(counts) < SKEWED:
        counts.append(counts[-1] + counts[-2])
    # Zeros before it, and the level: the symbols, the rarest first.
    symbols = [(int(i < 8), 1 << i % 9) for i in range(SKEWED)]
    usual = symbols.pop()[1]
    blocks: list[list[int]] = [[0]]
    for (zeros, value), count in zip(symbols, counts, strict=False):
        for _ in range(count):
            if len(blocks[-1]) + zeros + 1 > 64:
                blocks[-1] += [usual] * (64 - len(blocks[-1]))
                blocks.append([0])
            blocks[-1] += [0] * zeros + [value]
    blocks[-1] += [usual] * (64 - len(blocks[-1]))
    blocks += [[0] + [usual] * 63] * -(-counts[-1] // 63)
    levels = np.zeros((1, len(blocks), 64), np.int16)
    levels[0][:, ZIGZAG] = blocks
    return [levels]


def damaged_tiles() -> Iterator[tuple[str, bytes, str]]:
    """Tiles that break a rule by what they say."""
    for name, decisions in (("inner_50", ()), ("level", (0,) * 12)):
        coder = Told(*decisions)
        component = Component(1, 1, [1] * 64, np.zeros((2, 2, 64), np.int16))
        try:
            _read_plane(Decider(coder, False), [component], [], 0, (0, 0, 2, 2))  # type: ignore[arg-type]
        except Damaged:
            yield name, b"\0" + coder.payload(), name


def wrong_script_files() -> Iterator[File]:
    """Files whose geometry, script or tile is invalid."""
    for name, tile, _ in damaged_tiles():
        yield f"jpeg_tile_{name}", file_of(b"", tile=tile), f"a tile that no encoder writes: {name}"
    for name, geometry in (
        ("components_5", geometry_of(count=5)),
        ("width_0", geometry_of(width=0)),
        ("height_0", geometry_of(height=0)),
        ("quality_0", geometry_of(quality=0)),
        ("quality_101", geometry_of(quality=101)),
        ("step_0", geometry_of(changes=[-16, *[0] * 63])),
        ("no_code", geometry_of(changes=[8, *[1] * 61, 3, 3], beyond=True)),
        ("step_65536", geometry_of(changes=[65520, *[0] * 63])),
    ):
        yield f"jpeg_geometry_{name}", file_of(b"", geometry, levels_of(), b"\0"), f"JHDR: {name}"
    good = sized(plain())
    size = size_of(good)
    dht = table(1, 1, [1, 2, 3])

    def text(made: bytes, **notes: object) -> bytes:
        script = plain(made, **notes)
        script.size = size
        return write_script(script)

    def changed(**values: object) -> bytes:
        script = plain()
        script.size = size
        for name, value in values.items():
            setattr(script, name, value)
        return write_script(script)

    extremes = levels_of()
    extremes[0][:, :, 0] = [[-32768, 32767], [0, 0]]
    one = scan()
    inner = embedded()
    none, damaged = embedded(geometry=b""), embedded(levels=b"\2")
    deep2 = sized(inside(inner, size))
    deep3 = sized(inside(embedded(script=deep2), size_of(deep2)))
    deepest = embedded(script=deep3)
    behind = len(SEQUENTIAL + EOI)
    wrong: dict[str, bytes] = {
        "empty": b"",
        "number_of_7_bytes": b"\2" + b"\x80" * 7,
        "notes_too_long": b"\2" + number(9) + number(4) + number(5) + bytes(9),
        "too_much_text": b"\0" + number(9000) + number(9000) + number(2) + number(1) + b"\0",
        "no_code": b"\0" + number(30) + number(20) + number(9) + number(40) + b"\xff" * 40,
        "scans_257": changed(scans=[ScanNotes(0)] * 257),
        "embedded_33": changed(inserts=[(0, 1, EMBEDDED, 0)] * 33),
        "insert_too_long": changed(inserts=[(0, 1 << 20, RUN, 0)]),
        "text_too_long": changed(text=SEQUENTIAL + EOI + bytes(900)),
        "payloads_left": changed(payloads=b"?"),
        "other_hash": changed(hash=b"\1" * 32),
        "other_size": changed(size=size + 1),
        "flags_of_scan": text(SEQUENTIAL, rule=3),
        "flags_of_interval": text(SEQUENTIAL, intervals={0: Interval(None, False, 31, 0)}),
        "end_before_scan": text(SOI + frame() + EOI + bytes(4) + TABLES + one),
        "length_1": text(SOI + frame() + b"\xff\xe0\0\1" + TABLES + one),
        "beyond_the_scan": text(SOI + frame() + TABLES + one[:-1]),
        "no_segment": text(SEQUENTIAL + b"abc"),
        "no_scan": text(SOI + frame() + TABLES),
        "lossless_frame": text(SOI + frame(marker=0xC3) + TABLES + one),
        "two_frames": text(SOI + frame() + frame() + TABLES + one),
        "short_frame": text(SOI + segment(0xC0, b"\x08\0\x10\0\x10\1\1") + TABLES + one),
        "no_frame": text(SOI + TABLES + one),
        "unknown_component": text(SOI + frame() + TABLES + scan(components=(2,))),
        "table_4": text(SOI + frame() + TABLES + segment(0xDA, b"\1\1\x44\0\x3f\0")),
        "bad_band": text(SOI + frame(marker=0xC2) + TABLES + scan(0, 5, 0)),
        "crowded_table": text(SOI + frame() + TABLES + dht + one),
        "no_table": text(SOI + frame() + one),
        "other_frame": text(SOI + frame(width=24) + TABLES + one),
        "cut_of_all": text(SEQUENTIAL, intervals={0: Interval(4, False, 0, 0)}),
        "text_is_missing": text(
            SOI + frame() + TABLES + segment(0xDD, b"\0\1") + one, intervals={0: Interval(None, False, 0, 99)}
        ),
        "notes_left": text(SEQUENTIAL, flips=[900]),
        "zero_runs": text(SEQUENTIAL, zero_runs={0: 5}),
        "embedded_none": changed(size=3 * size, inserts=[(behind, size, EMBEDDED, len(none))], payloads=none),
        "embedded_size": changed(size=3 * size, inserts=[(behind, size + 1, EMBEDDED, len(inner))], payloads=inner),
        "embedded_levels": changed(size=3 * size, inserts=[(behind, size, EMBEDDED, len(damaged))], payloads=damaged),
        "embedded_too_deep": changed(
            size=9 * size,
            inserts=[(behind, size_of(deep3), EMBEDDED, len(deepest))],
            payloads=deepest,
        ),
        "padding_left": changed(padding=("1" * 90, 1)),
        "tables_left": changed(size=size + 40, inserts=[(behind, 16, TABLE, 0)]),
        "tables_9": text_of_tables(9, size),
        "table_of_another_size": text_of_tables(1, size, 40),
    }
    for name, payload in wrong.items():
        yield f"jpeg_wrong_script_{name}", file_of(payload), f"an invalid script: {name.replace('_', ' ')}", ONLY_BYTES
    huge = changed(size=2 * size)
    yield "jpeg_wrong_script_level", file_of(huge, levels=extremes), "a difference of more than 15 bits", ONLY_BYTES
    again = Script(SEQUENTIAL + one + EOI, [ScanNotes(len(SEQUENTIAL)), ScanNotes(len(one))], size)
    yield "jpeg_wrong_script_scan_again", file_of(write_script(again)), "a scan twice", ONLY_BYTES
    runs = in_scans([ScanNotes(0), ScanNotes(0), ScanNotes(0), ScanNotes(0, zero_runs={0: 9})])
    runs.size = 2 * size
    yield "jpeg_wrong_script_zero_runs_in_scans", file_of(write_script(runs)), "more zeros than there are", ONLY_BYTES


def text_of_tables(count: int, size: int, symbols: int = 3) -> bytes:
    """A script with optimal tables before its scan."""
    start = SOI + frame() + TABLES
    script = Script(start, [], size + 500)
    for _ in range(count):
        script.text += struct.pack(">BBHB", 0xFF, 0xC4, 19 + 16 + symbols - 16, 0x10)
        script.inserts = [*script.inserts, (len(start) + 5 if not script.inserts else 5, 16 + symbols, TABLE, 0)]
    script.text += scan() + EOI
    script.scans = [ScanNotes(len(script.text) - 2 + count * (16 + symbols))]
    return write_script(script)
