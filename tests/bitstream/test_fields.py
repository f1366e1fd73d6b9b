"""Field kinds, and every structure of the syntax, there and back."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veneer.bitstream import fields, syntax
from veneer.bitstream.fields import Field, Records, Structure
from veneer.bitstream.kinds import Bytes, Counted, Numbers, Signed, Unsigned
from veneer.errors import ErrorCode, VeneerError

STRUCTURES = [
    *(s for s in syntax.CHUNKS.values() if not s.repeated),
    syntax.CHUNK_HEADER,
    syntax.CHUNK_TRAILER,
    syntax.BASE_PARAMETERS,
]


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Anything that the field may hold."""
    kind = field.kind
    if isinstance(kind, Bytes):
        return st.binary(min_size=kind.size or 0, max_size=kind.size or 50)
    if isinstance(kind, Records):
        return st.lists(records_of(kind.structure), max_size=kind.most).map(tuple)
    if isinstance(kind, Numbers):
        numbers = st.sampled_from(field.valid) if field.valid else st.integers(0, 256**kind.item - 1)
        return st.lists(numbers, max_size=9).map(tuple)
    if field.valid is not None:
        return st.sampled_from(field.valid)
    return st.integers(0, 256**kind.size - 1)


def records_of(structure: Structure[Any]) -> st.SearchStrategy[Any]:
    """Any record that the structure can hold; of bytes that are counted, there are as many as the field before says."""
    counted = {field.kind.length: field for field in structure.fields if isinstance(field.kind, Counted)}
    strategies: dict[str, st.SearchStrategy[Any]] = {}
    for field in structure.fields:
        if field.name in counted:
            strategies[counted[field.name].attribute] = st.binary(min_size=1, max_size=50)
            strategies[field.attribute] = st.none()
        elif not isinstance(field.kind, Counted):
            strategies[field.attribute] = values_of(field)

    def with_lengths(values: dict[str, Any]) -> Any:
        for length, field in counted.items():
            values[length.lower()] = len(values[field.attribute])
        return structure.record(**values)

    return st.fixed_dictionaries(strategies).map(with_lengths)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda s: s.name)
@given(data=st.data())
def test_write_then_read(structure: Structure[Any], data: st.DataObject) -> None:
    record = data.draw(records_of(structure))
    written = fields.write(structure, record)
    assert fields.read(structure, memoryview(written)) == record


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda s: s.name)
@given(data=st.data())
def test_trace_covers_every_byte(structure: Structure[Any], data: st.DataObject) -> None:
    written = fields.write(structure, data.draw(records_of(structure)))
    lines = fields.trace(structure, memoryview(written), 1000)
    assert [line.name for line in lines] == [field.name for field in structure.fields]
    ends = [1000, *(line.offset + line.size for line in lines)]
    assert [line.offset for line in lines] == ends[:-1]
    assert ends[-1] == 1000 + len(written)


def entry(keyword: bytes, text: bytes) -> syntax.TextEntry:
    return syntax.TextEntry(len(keyword), keyword, len(text), text)


@given(st.lists(st.builds(entry, st.binary(min_size=1, max_size=158), st.binary(max_size=40)), max_size=5))
def test_repeated_records(entries: list[syntax.TextEntry]) -> None:
    written = b"".join(fields.write(syntax.TEXT, record) for record in entries)
    assert fields.read_all(syntax.TEXT, memoryview(written), 0, 5) == entries
    assert fields.read_all(syntax.TEXT, memoryview(written), 0, 1) == entries[:2]  # one more says: too many
    lines = fields.trace(syntax.TEXT, memoryview(written), 1000)
    assert [line.name for line in lines] == [field.name for field in syntax.TEXT.fields] * len(entries)
    ends = [1000, *(line.offset + line.size for line in lines)]
    assert [line.offset for line in lines] == ends[:-1]
    assert ends[-1] == 1000 + len(written)


def test_repeated_records_that_are_cut() -> None:
    written = fields.write(syntax.TEXT, entry(b"Author", b"somebody")) * 2
    for length in range(1, len(written)):
        if length == len(written) // 2:
            continue
        with pytest.raises(VeneerError) as caught:
            fields.read_all(syntax.TEXT, memoryview(written[:length]), 0, 9)
        assert caught.value.code == ErrorCode.CHUNK_SIZE
    with pytest.raises(VeneerError, match="Keyword_Length is 0"):
        fields.read_all(syntax.TEXT, memoryview(bytes(9)), 0, 9)


def test_texts_in_a_dump_do_nothing_to_a_terminal() -> None:
    written = fields.write(syntax.TEXT, entry(b"Title", "é\x1b[2J\n".encode() + b"\xff" + b"x" * 99))
    assert [line.text for line in fields.trace(syntax.TEXT, memoryview(written))[1::2]] == [
        "Title",
        "é\\x1b[2J\\n\\xff" + "x" * 50 + " ...",
    ]


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda s: s.name)
def test_record_has_the_fields(structure: Structure[Any]) -> None:
    names = {field.name for field in dataclasses.fields(structure.record)}  # type: ignore[arg-type]
    if structure is syntax.HEAD:  # which has one of three headers of the base
        for other in (syntax.MODULAR_PARAMETERS, syntax.JPEG_PARAMETERS):
            names -= {field.attribute for field in other.fields}
    assert names == {field.attribute for field in structure.fields}


@given(data=st.data())
def test_values_outside_are_refused(data: st.DataObject) -> None:
    structure = data.draw(st.sampled_from(STRUCTURES))
    limited = [
        f for f in structure.fields if f.valid is not None and isinstance(f.kind, (Unsigned, Signed)) and len(f.valid)
    ]
    if not limited:
        return
    field = data.draw(st.sampled_from(limited))
    low, high = (0, 256**field.kind.size - 1) if isinstance(field.kind, Unsigned) else (-128, 127)
    value = data.draw(st.integers(low, high))
    record = data.draw(records_of(structure))
    written = bytearray(fields.write(structure, record))
    before = structure.fields[: structure.fields.index(field)]
    start = sum(len(f.kind.write(getattr(record, f.attribute))) for f in before)
    written[start : start + field.kind.size] = field.kind.write(value)
    counts = any(isinstance(f.kind, Counted) and f.kind.length == field.name for f in structure.fields)
    if value in field.valid:
        if counts:  # other fields are elsewhere then
            return
        assert getattr(fields.read(structure, memoryview(written)), field.attribute) == value
        return
    with pytest.raises(VeneerError) as caught:
        fields.read(structure, memoryview(written), 500)
    assert caught.value.offset == 500 + start
    assert caught.value.code == (field.later_code if value in field.later else ErrorCode.FIELD_VALUE)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda s: s.name)
def test_too_short(structure: Structure[Any]) -> None:
    size = fields.fixed_size(structure)
    for length in range(size):
        with pytest.raises(VeneerError) as caught:
            fields.read(structure, memoryview(b"\1" * length))
        assert caught.value.code in (ErrorCode.CHUNK_SIZE, ErrorCode.FIELD_VALUE, ErrorCode.FEATURE)


def test_surplus_bytes() -> None:
    with pytest.raises(VeneerError, match="surplus") as caught:
        fields.read(syntax.TEND, memoryview(b"x"), 7)
    assert (caught.value.code, caught.value.offset) == (ErrorCode.CHUNK_SIZE, 7)


def test_numbers_must_be_whole() -> None:
    with pytest.raises(VeneerError) as caught:
        fields.read(syntax.TOCS, memoryview(bytes(7)))
    assert caught.value.code == ErrorCode.CHUNK_SIZE


def test_writing_checks_too() -> None:
    with pytest.raises(VeneerError, match="Tile_Index"):
        fields.write(syntax.BASE, syntax.Tile(1 << 30, b""))
    with pytest.raises(TypeError, match="Data"):
        fields.write(syntax.BASE, syntax.Tile(1, None))  # type: ignore[arg-type]


def test_descriptions() -> None:
    numbers = Field("Numbers", Numbers(4, 99), "")
    assert numbers.describe(tuple(range(10))) == "0, 1, 2, 3, 4, 5, 6, 7, ..."
    assert Field("Data", Bytes(), "").describe(b"\x01\xff") == "01 ff"
    assert Field("Type", Bytes(4, text=True), "").describe(b"HE\xffD") == "HE\\xffD"
    assert Field("Tune", Unsigned(1), "", names={1: "visual"}).describe(1) == "1 (visual)"
