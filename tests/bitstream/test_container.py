"""A whole file: order, repetition, tiles by number, metadata, offsets."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import write_chunk
from veneer.bitstream.container import (
    CodedPreview,
    Metadata,
    has_alpha,
    preview_size,
    read_contents,
    read_front,
    tile_grid,
    write_contents,
)
from veneer.bitstream.syntax import CodedGainMap, Enhancement, Head, ModelSlot
from veneer.bitstream.tiles import Region, TileGrid
from veneer.errors import ErrorCode, VeneerError

PLAIN = Head(
    format_version=1,
    width=100,
    height=70,
    channels=3,
    bit_depth=8,
    colour_primaries=1,
    transfer_characteristics=13,
    matrix_coefficients=0,
    full_range=1,
    base_kind=0,
    base_scale=1,
    tile_log2=6,
    tune=1,
    default_realism=0,
    noise_seed=0x1234,
    models=(ModelSlot(7, b"abcd", 1), ModelSlot(8, b"abcx", 3), ModelSlot(9, b"abcd", 2)),
    step_index=90,
    co_step_offset=0,
    cg_step_offset=-3,
    matrix=0,
    step_group_log2=0,
    tools=0,
)
FOUR = [b"a", b"bb", b"ccc", b"dddd"]
METADATA = Metadata(
    icc=b"profile",
    exif=b"II*\0",
    xmp=b"<x/>",
    iptc=b"\x1c\2",
    text=(("Comment", "first"), ("Übersicht", "second\n"), ("Comment", "")),
    density=(1, 11811, 5906),
    content_light=(1000, 65535),
    mastering_display=(1, 2, 3, 4, 5, 6, 7, 65535, 1 << 31, 9),
    gain_map=CodedGainMap(1, 4, b"<x/>", 9, 16, 9, 1, 3, b"icc", b"a file"),
)


def read(data: bytes, strict: bool = True, region: Region | None = None, enhancement: bool = True) -> Any:
    return read_contents(data, strict=strict, max_pixels=1 << 28, region=region, enhancement=enhancement)


def join(*parts: tuple[bytes, bytes], head: Head = PLAIN) -> bytes:
    """A file of any chunks after HEAD."""
    written = [write_chunk(name, payload) for name, payload in parts]
    return syntax.SIGNATURE + write_chunk(b"HEAD", fields.write(syntax.HEAD, head)) + b"".join(written)


def base(index: int, data: bytes = b"data", name: bytes = b"BASE") -> tuple[bytes, bytes]:
    return name, index.to_bytes(2, "little") + data


def chunk(index: int, slot: int = 0, **changes: Any) -> Enhancement:
    return Enhancement(
        **{
            "tile_index": index,
            "slot": slot,
            "flags": 0,
            "strength": 64,
            "data": bytes(index),
            **changes,
        }
    )


TILES = [base(index, data) for index, data in enumerate(FOUR)]
END = (b"TEND", b"")


def refused(data: bytes, **options: Any) -> VeneerError:
    """The error that both a strict and a tolerant reader raise."""
    with pytest.raises(VeneerError) as strict:
        read(data, True, **options)
    with pytest.raises(VeneerError) as tolerant:
        read(data, False, **options)
    assert strict.value.code == tolerant.value.code
    return tolerant.value


heads = st.builds(
    dataclasses.replace,
    st.just(PLAIN),
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    channels=st.integers(1, 4),
    tile_log2=st.integers(6, 16),
    full_range=st.integers(0, 1),
    cg_step_offset=st.integers(-128, 127),
)
blobs = st.none() | st.binary(min_size=1, max_size=30)


@given(heads, st.builds(Metadata, blobs, blobs, blobs), st.data())
def test_there_and_back(head: Head, metadata: Metadata, data: st.DataObject) -> None:
    count = tile_grid(head).count
    tiles = st.lists(st.binary(max_size=20), min_size=count, max_size=count)
    colour = data.draw(tiles)
    alpha = data.draw(tiles) if has_alpha(head) else []
    contents = read(write_contents(head, metadata, colour, alpha))
    assert (contents.head, contents.metadata) == (head, metadata)
    assert (contents.colour_tiles, contents.alpha_tiles) == (colour, alpha)
    assert contents.problems == []


def test_overhead_of_a_small_file() -> None:
    one_tile = dataclasses.replace(PLAIN, tile_log2=7)
    assert len(write_contents(one_tile, Metadata(), [b""], [])) == 74 + 3 * 7


def test_order_in_the_file() -> None:
    head = dataclasses.replace(PLAIN, channels=4)
    data = write_contents(head, METADATA, FOUR, FOUR, CodedPreview(bytes(6), b"small", b"soft"))
    front = [b"HEAD", b"iCCP", b"cLLI", b"mDCV", b"eXIF", b"dENS", b"pREV", b"pALP"]
    front += [b"xMP_", b"iPTC", b"tEXT", b"gMAP", b"tOCS"]
    position = 0
    for name in [*front, *[b"BASE", b"ALPH"] * 4, b"TEND"]:
        position = data.index(name, position) + 1


def test_tiles_in_any_order() -> None:
    assert read(join(*TILES[::-1], END)).colour_tiles == FOUR


def test_unknown_chunks() -> None:
    ancillary = (b"fOO_", b"anything")
    assert read(join(ancillary, *TILES[:2], ancillary, *TILES[2:], ancillary, END)).colour_tiles == FOUR
    assert refused(join((b"FOO_", b""), *TILES, END)).code == ErrorCode.CRITICAL_CHUNK


def test_bytes_after_the_end_are_not_the_file() -> None:
    assert read(join(*TILES, END) + join(*TILES, END)).colour_tiles == FOUR


def test_head_ends_with_the_table_of_models() -> None:
    head = fields.write(syntax.HEAD, PLAIN)
    for rest, code in ((b"\1", ErrorCode.CHUNK_SIZE), (b"\1\0abcd\3" * 6, ErrorCode.FIELD_VALUE)):
        data = syntax.SIGNATURE + write_chunk(b"HEAD", head + rest) + write_chunk(*TILES[0])
        assert refused(data).code == code


@pytest.mark.parametrize(
    ("chunks", "code"),
    [
        ([*TILES, TILES[1], END], ErrorCode.CHUNK_REPEATED),
        ([(b"iCCP", b"x"), (b"iCCP", b"x"), *TILES, END], ErrorCode.CHUNK_REPEATED),
        ([(b"HEAD", fields.write(syntax.HEAD, PLAIN)), *TILES, END], ErrorCode.CHUNK_REPEATED),
        ([*TILES, (b"eXIF", b"x"), END], ErrorCode.CHUNK_ORDER),
        ([*TILES, base(4), END], ErrorCode.TILE_INDEX),
        ([*TILES, base(0, name=b"ALPH"), END], ErrorCode.TILE_INDEX),
        ([*TILES, (b"BASE", b"\0"), END], ErrorCode.CHUNK_SIZE),
        ([*TILES, (b"TEND", b"x")], ErrorCode.CHUNK_SIZE),
        ([(b"tOCS", bytes(12)), *TILES, END], ErrorCode.CHUNK_SIZE),
        ([END], ErrorCode.NO_TILE),
    ],
)
def test_broken_rules(chunks: list[tuple[bytes, bytes]], code: ErrorCode) -> None:
    assert refused(join(*chunks)).code == code


@pytest.mark.parametrize(
    ("chunk", "code"),
    [
        ((b"tEXT", b"\1a\2\0\0\0b"), ErrorCode.CHUNK_SIZE),
        ((b"tEXT", b"\1\n\1\0\0\0b"), ErrorCode.FIELD_VALUE),
        ((b"tEXT", b"\1a\1\0\0\0\0"), ErrorCode.FIELD_VALUE),
        ((b"tEXT", b"\1a\0\0\0\0" * 1025), ErrorCode.METADATA_TOO_LARGE),
        ((b"dENS", b"\2" + bytes(8)), ErrorCode.FEATURE),
        ((b"dENS", b"\1" + bytes(8)), ErrorCode.FIELD_VALUE),
        ((b"dENS", b"\1"), ErrorCode.CHUNK_SIZE),
        ((b"cLLI", bytes(5)), ErrorCode.CHUNK_SIZE),
        ((b"mDCV", bytes(23)), ErrorCode.CHUNK_SIZE),
        ((b"gMAP", b"\2" + bytes(20)), ErrorCode.FEATURE),
        ((b"gMAP", bytes(20)), ErrorCode.FIELD_VALUE),
        ((b"gMAP", b"\0\1\0\0\0?"), ErrorCode.CHUNK_SIZE),
    ],
)
def test_metadata_cost_no_more_than_themselves(chunk: tuple[bytes, bytes], code: ErrorCode) -> None:
    data = join(chunk, (b"iPTC", b"kept"), *TILES, END)
    with pytest.raises(VeneerError) as caught:
        read(data)
    assert caught.value.code == code
    contents = read(data, strict=False)
    assert [problem.code for problem in contents.problems] == [code]
    assert (contents.colour_tiles, contents.metadata) == (FOUR, Metadata(iptc=b"kept"))


def test_metadata_limit() -> None:
    much = bytes(limits.MAX_METADATA_LENGTH + 1)
    assert refused(join((b"xMP_", much), *TILES, END)).code == ErrorCode.METADATA_TOO_LARGE
    with pytest.raises(VeneerError) as caught:
        write_contents(PLAIN, Metadata(xmp=much), FOUR, [])
    assert caught.value.code == ErrorCode.METADATA_TOO_LARGE


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"", ErrorCode.NO_SIGNATURE),
        (b"\x89PNG\r\n\x1a\n", ErrorCode.NO_SIGNATURE),
        (b"\x8bVNR\n\x1a\n....", ErrorCode.NO_SIGNATURE),
        (b"\x0bVNR\r\n\x1a\n", ErrorCode.NO_SIGNATURE),
        (syntax.SIGNATURE[:5], ErrorCode.HEAD_CUT),
        (syntax.SIGNATURE, ErrorCode.HEAD_CUT),
        (join()[:30], ErrorCode.HEAD_CUT),
        (syntax.SIGNATURE + write_chunk(b"TEND", b""), ErrorCode.CHUNK_ORDER),
    ],
)
def test_beginnings(start: bytes, code: ErrorCode) -> None:
    assert refused(start).code == code


def test_text_mode_transfer_is_named() -> None:
    assert "text mode" in str(refused(join(*TILES, END).replace(b"\r\n", b"\n")))


def test_damaged_head() -> None:
    data = bytearray(join(*TILES, END))
    data[20] ^= 1
    assert refused(bytes(data)).code == ErrorCode.CHECKSUM


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format_version": 2}, ErrorCode.VERSION),
        ({"bit_depth": 7}, ErrorCode.FEATURE),
        ({"bit_depth": 10, "base_scale": 2, "channels": 3}, ErrorCode.FEATURE),
        ({"bit_depth": 10, "tools": 2}, ErrorCode.FEATURE),
        ({"base_scale": 2, "channels": 4}, ErrorCode.FIELD_VALUE),
        ({"base_scale": 3}, ErrorCode.FIELD_VALUE),
        ({"width": 0}, ErrorCode.FIELD_VALUE),
        ({"height": 65536}, ErrorCode.FIELD_VALUE),
        ({"channels": 5}, ErrorCode.FIELD_VALUE),
        ({"width": 65535, "height": 65535}, ErrorCode.PICTURE_TOO_LARGE),
        ({"width": 8193, "height": 32705}, ErrorCode.TOO_MANY_TILES),
    ],
)
def test_heads(changes: dict[str, int], code: ErrorCode) -> None:
    values = {**vars(PLAIN), **changes}
    payload = b"".join(field.kind.write(values[field.attribute]) for field in syntax.HEAD.fields)
    data = syntax.SIGNATURE + write_chunk(b"HEAD", payload) + write_chunk(*TILES[0])
    assert refused(data).code == code


def test_missing_tiles() -> None:
    data = join(TILES[0], TILES[3], END)
    contents = read(data, strict=False)
    assert contents.colour_tiles == [b"a", None, None, b"dddd"]
    assert [problem.code for problem in contents.problems] == [ErrorCode.TILE_MISSING]
    assert "1, 2" in str(contents.problems[0])
    with pytest.raises(VeneerError) as caught:
        read(data)
    assert caught.value.code == ErrorCode.TILE_MISSING


def test_damaged_metadata_is_left_out() -> None:
    data = write_contents(PLAIN, METADATA, FOUR, [])
    data = data.replace(b"profile", b"pr0file")
    contents = read(data, strict=False)
    assert contents.metadata == dataclasses.replace(METADATA, icc=None)
    assert contents.colour_tiles == FOUR
    assert [problem.code for problem in contents.problems] == [ErrorCode.CHECKSUM]


def test_cut_within_metadata_is_reported_once() -> None:
    data = write_contents(PLAIN, METADATA, FOUR, [])
    with pytest.raises(VeneerError) as caught:
        read(data[: data.index(b"profile") + 2], strict=False)
    assert caught.value.code == ErrorCode.NO_TILE
    assert str(caught.value).count("the file ends within") == 1


class TestOffsets:
    """Access by tOCS."""

    region = (70, 10, 5, 5)  # tile 1 alone

    def test_only_the_wanted_tile_is_looked_at(self) -> None:
        data = bytearray(write_contents(PLAIN, METADATA, FOUR, []))
        for other in (b"ccc", b"dddd"):
            data[data.index(other)] ^= 1
        contents = read(bytes(data), region=self.region)
        assert contents.colour_tiles == [None, b"bb", None, None]
        assert contents.metadata == METADATA

    def test_with_alpha(self) -> None:
        head = dataclasses.replace(PLAIN, channels=2)
        alpha = [bytes([65 + index]) * (index + 3) for index in range(4)]
        data = write_contents(head, Metadata(), FOUR, alpha)
        contents = read(data[: data.index(b"ccc")], region=self.region, enhancement=False)
        assert contents.alpha_tiles == [None, alpha[1], None, None]

    def test_enhancement_is_behind_all_tiles(self) -> None:
        data = write_contents(PLAIN, METADATA, FOUR, [], enhancement=[chunk(index) for index in range(4)])
        contents = read(data, region=self.region)
        assert contents.colour_tiles == [None, b"bb", None, None]
        assert contents.enhancement == [chunk(index) for index in range(4)]
        cut = read(data[: data.index(b"ccc")], False, region=self.region)
        assert cut.colour_tiles == [None, b"bb", None, None]
        assert [problem.code for problem in cut.problems] == [ErrorCode.CHUNK_CUT]
        assert cut.model is None

    def test_absent(self) -> None:
        contents = read(join(*TILES, END), region=self.region)
        assert contents.colour_tiles == [None, b"bb", None, None]

    def test_wrong(self) -> None:
        lengths = b"".join(n.to_bytes(4, "little") for n in (9, 9, 9, 9))
        data = join((b"tOCS", lengths), *TILES, END)
        assert read(data, False, region=self.region).colour_tiles[1] == b"bb"
        with pytest.raises(VeneerError) as caught:
            read(data)
        assert caught.value.code == ErrorCode.OFFSETS_WRONG
        assert [problem.code for problem in read(data, False).problems] == [ErrorCode.OFFSETS_WRONG]

    def test_pointing_at_another_tile(self) -> None:
        lengths = b"".join((2 + len(tile)).to_bytes(4, "little") for tile in FOUR)
        swapped = [base(0, b"a"), base(2, b"bb"), base(1, b"ccc"), base(3, b"dddd")]
        data = join((b"tOCS", lengths), *swapped, END)
        assert read(data, region=self.region).colour_tiles[1] == b"ccc"

    def test_damaged_tile_of_the_region(self) -> None:
        data = write_contents(PLAIN, Metadata(), FOUR, []).replace(b"bb", b"bc")
        contents = read(data, False, region=self.region)
        assert contents.colour_tiles == [None] * 4
        assert [p.code for p in contents.problems] == [ErrorCode.CHECKSUM, ErrorCode.TILE_MISSING]


def test_front_needs_no_tiles() -> None:
    preview = CodedPreview(bytes(6), b"small")
    data = write_contents(PLAIN, METADATA, FOUR, [], preview)
    front = read_front(memoryview(data[: data.index(b"BASE")]))
    assert (front.head, front.metadata, front.preview) == (PLAIN, METADATA, preview)


class TestPreview:
    """The chunks pREV and pALP."""

    colour = (b"pREV", bytes(6) + b"small")
    alpha = (b"pALP", b"soft")
    with_alpha = dataclasses.replace(PLAIN, channels=4)

    def test_there_and_back(self) -> None:
        for preview in (CodedPreview(bytes([9, 1, 255, 3, 4, 1]), b"small"), CodedPreview(bytes(6), b"")):
            assert read(write_contents(PLAIN, METADATA, FOUR, [], preview)).preview == preview

    def test_order_does_not_matter(self) -> None:
        tiles = [*TILES, *[base(index, name=b"ALPH") for index in range(4)], END]
        for chunks in ([self.colour, self.alpha], [self.alpha, (b"xMP_", b"<x/>"), self.colour]):
            preview = read(join(*chunks, *tiles, head=self.with_alpha)).preview
            assert preview == CodedPreview(bytes(6), b"small", b"soft")

    def test_half_of_it_is_none(self) -> None:
        for chunk in (self.colour, self.alpha):
            data = join(chunk, *TILES, END, head=self.with_alpha)
            assert read(data, strict=False).preview is None

    def test_alpha_has_no_meaning_without_alpha(self) -> None:
        assert read(join(self.alpha, self.colour, *TILES, END)).preview == CodedPreview(bytes(6), b"small")
        assert read(join(self.alpha, *TILES, END)).preview is None

    @pytest.mark.parametrize(
        ("payload", "code"),
        [
            (b"\xe0" + bytes(5), ErrorCode.FIELD_VALUE),
            (bytes(5) + b"\x08", ErrorCode.FEATURE),
            (bytes(5), ErrorCode.CHUNK_SIZE),
        ],
    )
    def test_broken_ones_are_none(self, payload: bytes, code: ErrorCode) -> None:
        data = join((b"pREV", payload), *TILES, END)
        contents = read(data, strict=False)
        assert (contents.preview, contents.colour_tiles) == (None, FOUR)
        assert [problem.code for problem in contents.problems] == [code]
        with pytest.raises(VeneerError) as caught:
            read(data)
        assert caught.value.code == code

    def test_twice_or_late(self) -> None:
        assert refused(join(self.colour, self.colour, *TILES, END)).code == ErrorCode.CHUNK_REPEATED
        assert refused(join(*TILES, self.colour, END)).code == ErrorCode.CHUNK_ORDER

    def test_size(self) -> None:
        assert preview_size(1, 8) == (1, 1)
        assert preview_size(9, 65535) == (2, 8192)


@pytest.mark.parametrize("region", [(0, 0, 101, 1), (-1, 0, 5, 5), (0, 0, 0, 5), (99, 69, 1, 2), (0, 70, 1, 1)])
def test_regions_outside(region: tuple[int, int, int, int]) -> None:
    with pytest.raises(VeneerError) as caught:
        TileGrid(100, 70, 6).covering(region)
    assert caught.value.code == ErrorCode.BAD_REGION


@given(st.integers(1, 300), st.integers(1, 300), st.integers(6, 9), st.data())
def test_covering(width: int, height: int, tile_log2: int, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    grid = TileGrid(width, height, tile_log2)
    side = 1 << tile_log2
    expected = {
        row // side * grid.columns + column // side
        for row in {*range(y, y + h, side), y + h - 1}
        for column in {*range(x, x + w, side), x + w - 1}
    }
    assert grid.covering((x, y, w, h)) == expected
    assert max(expected) < grid.count == grid.columns * grid.rows


def enhanced(*chunks: Enhancement) -> bytes:
    return join(*TILES, *((b"eNHA", fields.write(syntax.ENHANCEMENT, each)) for each in chunks), END)


def codes(contents: Any) -> list[ErrorCode]:
    return [problem.code for problem in contents.problems]


class TestEnhancement:
    """What is wrong with it never takes more than the enhancement."""

    def test_round_trip(self) -> None:
        chunks = [chunk(0), chunk(3, strength=128, data=b"latents")]
        contents = read(enhanced(*chunks))
        assert contents.enhancement == [chunks[0], None, None, chunks[1]]
        assert contents.model == (7, b"abcd")

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (enhanced(chunk(0), chunk(4)), ErrorCode.TILE_INDEX),
            (enhanced(chunk(0), chunk(0, data=b"other")), ErrorCode.CHUNK_REPEATED),
            (join(*TILES, (b"eNHA", b"\0\0\x08" + bytes(2)), (b"eNHA", bytes(4)), END), ErrorCode.FIELD_VALUE),
            (join(*TILES, (b"eNHA", bytes(4)), END), ErrorCode.CHUNK_SIZE),
            (enhanced(chunk(0), chunk(1, 2)), ErrorCode.SLOT_UNKNOWN),
            (enhanced(chunk(0), chunk(1, 3)), ErrorCode.SLOT_UNKNOWN),
            (join(*TILES, (b"eNHA", b"\1\0\0\2\x40"), END), ErrorCode.FEATURE),
        ],
    )
    def test_broken_rules(self, data: bytes, code: ErrorCode) -> None:
        with pytest.raises(VeneerError) as caught:
            read(data)
        assert caught.value.code == code
        contents = read(data, False)
        assert codes(contents)[0] == code
        assert contents.colour_tiles == FOUR
        assert all(found is None or found == chunk(0) for found in contents.enhancement)

    def test_models_differ(self) -> None:
        contents = read(enhanced(chunk(0), chunk(1, 1)), False)
        assert codes(contents) == [ErrorCode.MODELS_DIFFER]
        assert contents.enhancement == [None] * 4

    def test_before_a_tile(self) -> None:
        early = (b"eNHA", fields.write(syntax.ENHANCEMENT, chunk(2)))
        contents = read(join(*TILES[:3], early, TILES[3], END), False)
        assert codes(contents) == [ErrorCode.CHUNK_ORDER]
        assert contents.enhancement == [None] * 4
        assert contents.colour_tiles == FOUR

    def test_damaged(self) -> None:
        data = enhanced(chunk(0), chunk(1, data=b"damaged"), chunk(2))
        contents = read(data.replace(b"damaged", b"Damaged"), False)
        assert codes(contents) == [ErrorCode.CHECKSUM]
        assert contents.enhancement == [chunk(0), None, chunk(2), None]
