"""A picture while it arrives: events, the picture at any time, damage, limits."""

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from samples import XMP, Pixels, four_tiles, make_exif, make_picture, srgb_profile

import veneer
from veneer import ErrorCode, Event, EventKind, VeneerError, VeneerWarning, _native, limits
from veneer.bitstream import syntax
from veneer.bitstream.chunks import write_chunk

SIZE = (403, 397)  # no multiples of a tile or of 8
TILE_COUNT = 16


def file_with_preview(channels: int = 3) -> bytes:
    picture = make_picture(*SIZE, channels)
    return veneer.encode(
        picture, quality=80, effort=1, tile_size=128, preview=True, icc=srgb_profile(), exif=make_exif(3), xmp=XMP
    )


def pieces(data: bytes, size: int) -> Iterable[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def kinds(events: Iterable[Event]) -> list[EventKind]:
    return [event.kind for event in events]


def feed_all(decoder: veneer.Decoder, data: bytes, size: int) -> list[Event]:
    return list(itertools.chain.from_iterable(map(decoder.feed, pieces(data, size))))


EVENTS = [
    EventKind.INFO,
    *[EventKind.METADATA] * 2,
    EventKind.PREVIEW,
    EventKind.METADATA,
    *[EventKind.TILE] * TILE_COUNT,
    EventKind.PICTURE,
]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [37, 1000, 1 << 20])
def test_any_pieces_give_the_picture(size: int, channels: int) -> None:
    data = file_with_preview(channels)
    decoder = veneer.Decoder()
    assert kinds(feed_all(decoder, data, size)) == EVENTS
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data))
    np.testing.assert_array_equal(decoder.preview, veneer.decode(data, layers="preview"))
    assert decoder.info == veneer.read_info(data)
    assert (decoder.finished, decoder.problems, decoder.tiles_shown) == (True, (), TILE_COUNT)
    assert decoder.finish() == []
    assert decoder.feed(b"more") == []


def test_what_is_known_when() -> None:
    data = file_with_preview()
    decoder = veneer.Decoder()
    assert (decoder.info, decoder.preview, decoder.picture()) == (None, None, None)
    head_end = data.index(b"iCCP") - 4
    assert decoder.feed(data[: head_end - 1]) == []
    assert kinds(decoder.feed(data[head_end - 1 : head_end])) == [EventKind.INFO]
    info = decoder.info
    assert info is not None
    assert (info.width, info.height, info.icc, info.size_bytes) == (397, 403, None, head_end)
    assert decoder.picture() is None
    tiles = data.index(b"BASE") - 4
    assert EventKind.PREVIEW in kinds(decoder.feed(data[head_end:tiles]))
    assert decoder.info.icc == srgb_profile()  # type: ignore[union-attr]
    assert decoder.info.preview_size == (50, 51)  # type: ignore[union-attr]
    preview = veneer.decode(data, layers="preview")
    np.testing.assert_array_equal(decoder.picture(), _native.enlarge_picture(preview, (0, 0, 397, 403), 8))


def test_tiles_appear_over_the_preview() -> None:
    data = file_with_preview()
    whole = veneer.decode(data)
    expected = _native.enlarge_picture(veneer.decode(data, layers="preview"), (0, 0, 397, 403), 8)
    decoder = veneer.Decoder()
    for piece in pieces(data[:-12], 500):
        for event in decoder.feed(piece):
            if event.kind == EventKind.TILE:
                x, y, width, height = event.region  # type: ignore[misc]
                expected[y : y + height, x : x + width] = whole[y : y + height, x : x + width]
        if decoder.picture() is not None:
            np.testing.assert_array_equal(decoder.picture(), expected)
    assert decoder.tiles_shown == TILE_COUNT
    assert not decoder.finished


def test_half_of_the_bytes_give_about_half_of_the_tiles() -> None:
    data = file_with_preview()
    regions = [event.region for event in veneer.Decoder().feed(data[: len(data) // 2]) if event.kind == EventKind.TILE]
    pixels = sum(region[2] * region[3] for region in regions if region is not None)
    assert 0.35 < pixels / (SIZE[0] * SIZE[1]) < 0.6


def test_without_preview_the_rest_is_filled_in() -> None:
    data = veneer.encode(make_picture(200, 200), quality=70, effort=1, tile_size=64, preview=False)
    decoder = veneer.Decoder()
    cut = len(data) // 2
    decoder.feed(data[: data.index(b"BASE")])
    assert decoder.picture() is None
    decoder.feed(data[data.index(b"BASE") : cut])
    with pytest.warns(VeneerWarning):
        expected = veneer.decode(data[:cut])
    first = decoder.picture()
    np.testing.assert_array_equal(first, expected)
    assert np.shares_memory(first, decoder.picture())  # type: ignore[arg-type]
    decoder.feed(data[cut:])
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data))


def test_broken_rule_behind_damage_leaves_the_picture() -> None:
    """It shows only in the whole file, where the decoder looks for chunks behind the damage."""
    data = four_tiles()
    second = data.index(b"BASE", data.index(b"BASE") + 1) - 4
    decoder = veneer.Decoder()
    decoder.feed(data[:second] + bytes(16) + write_chunk(b"tEXT", b"") + data[second:])
    with pytest.warns(VeneerWarning):
        np.testing.assert_array_equal(decoder.picture(), veneer.decode(data[:second]))
    with pytest.raises(VeneerError) as caught:
        decoder.finish()
    assert caught.value.code == ErrorCode.CHUNK_ORDER


def test_picture_is_not_to_be_written_to() -> None:
    decoder = veneer.Decoder()
    decoder.feed(file_with_preview())
    picture = decoder.picture()
    assert picture is not None
    with pytest.raises(ValueError, match="read-only"):
        picture[0, 0] = 0
    preview = decoder.preview
    assert preview is not None
    with pytest.raises(ValueError, match="read-only"):
        preview[0, 0] = 0


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_cut_file(share: float, preview: bool) -> None:
    data = veneer.encode(make_picture(*SIZE), quality=80, effort=1, tile_size=128, preview=preview)
    cut = data[: int(share * len(data))]
    decoder = veneer.Decoder()
    feed_all(decoder, cut, 1000)
    events = decoder.finish()
    assert kinds(events)[-1] == EventKind.PICTURE
    assert EventKind.PROBLEM in kinds(events)
    problems: list[VeneerError] = []
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(cut, problems=problems))
    assert list(map(str, decoder.problems)) == list(map(str, problems))
    assert decoder.finished


def test_cut_before_the_first_tile() -> None:
    data = file_with_preview()
    decoder = veneer.Decoder()
    decoder.feed(data[: data.index(b"BASE") + 20])
    before = np.array(decoder.picture())
    assert EventKind.PROBLEM in kinds(decoder.finish())
    np.testing.assert_array_equal(decoder.picture(), before)


@pytest.mark.parametrize(("end", "code"), [(0, 201), (5, 301), (20, 301), (60, 405)])
def test_nothing_to_show(end: int, code: int) -> None:
    decoder = veneer.Decoder()
    assert EventKind.PICTURE not in kinds(decoder.feed(four_tiles()[:end]))
    for _ in range(2):
        with pytest.raises(VeneerError) as caught:
            decoder.finish()
        assert caught.value.code == code


@pytest.mark.parametrize("place", [4, 9, 40], ids=["type", "index", "payload"])
@pytest.mark.parametrize("size", [333, 1 << 20])
@pytest.mark.parametrize("preview", [False, True])
def test_damaged_tile(place: int, size: int, preview: bool) -> None:
    data = bytearray(veneer.encode(make_picture(*SIZE), quality=80, effort=1, tile_size=128, preview=preview))
    start = data.index(b"BASE", data.index(b"BASE") + 4) - 4
    data[start + place] ^= 0x20
    decoder = veneer.Decoder()
    events = feed_all(decoder, bytes(data), size) + decoder.finish()
    assert kinds(events)[-1] == EventKind.PICTURE
    assert EventKind.PROBLEM in kinds(events)
    problems: list[VeneerError] = []
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data, problems=problems))
    assert list(map(str, decoder.problems)) == list(map(str, problems))


def test_payload_that_is_no_code() -> None:
    data = four_tiles()
    start = data.index(b"BASE", data.index(b"BASE") + 4) - 4
    end = data.index(b"BASE", start + 8) - 4
    data = data[:start] + write_chunk(b"BASE", b"\1\0" + b"\xff" * 200) + data[end:]
    decoder = veneer.Decoder()
    events = feed_all(decoder, data, 100)
    codes = [event.problem.code for event in events if event.problem]
    assert codes == [ErrorCode.TILE_DAMAGED, ErrorCode.OFFSETS_WRONG]
    assert kinds(events)[-1] == EventKind.PICTURE
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data, problems=[]))


def test_preview_that_is_no_code() -> None:
    data = four_tiles()
    place = data.index(b"tOCS") - 4
    data = data[:place] + write_chunk(b"pREV", bytes(6) + b"\xff" * 40) + data[place:]
    decoder = veneer.Decoder()
    events = feed_all(decoder, data, 50)
    assert [event.problem.code for event in events if event.problem] == [ErrorCode.TILE_DAMAGED]
    assert EventKind.PREVIEW not in kinds(events)
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x89PNG", ErrorCode.NO_SIGNATURE),
        (syntax.SIGNATURE + b"\0\0\0\0TEND", ErrorCode.CHUNK_ORDER),
        (syntax.SIGNATURE + b"\xff\xff\xff\xffHEAD", ErrorCode.HEAD_CUT),
        (four_tiles()[:20] + b"\1" + four_tiles()[21:60], ErrorCode.CHECKSUM),
    ],
)
@pytest.mark.parametrize("size", [1, 100])
def test_what_cannot_be_a_picture_is_refused_at_once(data: bytes, code: ErrorCode, size: int) -> None:
    decoder = veneer.Decoder()
    with pytest.raises(VeneerError) as caught:
        feed_all(decoder, data, size)
    assert caught.value.code == code
    for call in (decoder.finish, lambda: decoder.feed(b"")):
        with pytest.raises(VeneerError) as again:
            call()
        assert (again.value.code, str(again.value)) == (caught.value.code, str(caught.value))


def test_broken_rule_keeps_the_picture() -> None:
    data = file_with_preview()
    decoder = veneer.Decoder()
    decoder.feed(data[: len(data) // 2])
    picture = np.array(decoder.picture())
    broken = data[:-12] + write_chunk(b"NEW_", b"") + data[-12:]
    with pytest.raises(VeneerError) as caught:
        decoder.feed(broken[len(data) // 2 :])
    assert caught.value.code == ErrorCode.CRITICAL_CHUNK
    assert decoder.picture() is not None
    assert decoder.picture().shape == picture.shape  # type: ignore[union-attr]


def test_limits() -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.Decoder(max_pixels=11_999).feed(four_tiles())
    assert caught.value.code == ErrorCode.PICTURE_TOO_LARGE
    data = four_tiles()
    first_tile = data.index(b"BASE") - 4
    many = data[:first_tile] + limits.MAX_CHUNKS * write_chunk(b"xXXX", b"")
    with pytest.raises(VeneerError) as caught:
        feed_all(veneer.Decoder(), many, 1 << 16)
    assert caught.value.code == ErrorCode.TOO_MANY_CHUNKS


@pytest.mark.slow
def test_more_bytes_than_a_picture_can_need() -> None:
    """They are kept until then: the largest metadata of each of nine kinds, and one more."""
    decoder = veneer.Decoder()
    decoder.feed(four_tiles()[:100])
    piece = bytes(64 << 20)
    for _ in range(10):
        decoder.feed(piece)
    with pytest.raises(VeneerError) as caught:
        decoder.feed(piece)
    assert caught.value.code == ErrorCode.TOO_MANY_BYTES


@pytest.mark.parametrize("options", [{"layers": "preview"}, {"layers": "x"}, {"threads": -1}, {"realism": 2}])
def test_settings_are_checked(options: dict[str, object]) -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.Decoder(**options)  # type: ignore[arg-type]
    assert caught.value.code == ErrorCode.BAD_SETTING


def test_tiles_in_any_order() -> None:
    data = four_tiles()
    places = [data.index(b"BASE") - 4]
    for _ in range(3):
        places.append(data.index(b"BASE", places[-1] + 8) - 4)
    places.append(len(data) - 12)
    tiles = [data[a:b] for a, b in itertools.pairwise(places)]
    front = data[: data.index(b"tOCS") - 4]
    decoder = veneer.Decoder()
    events = feed_all(decoder, front + b"".join(tiles[::-1]) + data[-12:], 100)
    assert next(e.region for e in events if e.kind == EventKind.TILE) == (64, 64, 56, 36)
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data))


def test_wrong_offsets_are_noted() -> None:
    data = four_tiles()
    place = data.index(b"tOCS") - 4
    end = data.index(b"BASE") - 4
    data = data[:place] + write_chunk(b"tOCS", bytes(16)) + data[end:]
    decoder = veneer.Decoder()
    decoder.feed(data)
    assert [problem.code for problem in decoder.problems] == [ErrorCode.OFFSETS_WRONG]
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(four_tiles()))


def shape_of(picture: Pixels | None) -> tuple[int, ...] | None:
    return None if picture is None else picture.shape


@pytest.mark.parametrize("seed", range(30))
def test_random_damage_ends_like_decode(seed: int) -> None:
    """Whatever is done to a file, the decoder ends as `decode` does: with the same pixels, or an error."""
    rng = np.random.default_rng(seed)
    data = bytearray(veneer.encode(make_picture(150, 140), quality=60, effort=1, tile_size=64, preview=bool(seed % 2)))
    for _ in range(rng.integers(1, 4)):
        data[rng.integers(len(data))] ^= 1 << rng.integers(8)
    if seed % 3 == 0:
        del data[rng.integers(len(data)) :]
    try:
        expected = veneer.decode(data, problems=[])
    except VeneerError:
        expected = None
    decoder = veneer.Decoder()
    try:
        feed_all(decoder, bytes(data), 777)
        decoder.finish()
    except VeneerError:
        assert expected is None
    else:
        if expected is not None:
            np.testing.assert_array_equal(decoder.picture(), expected)
        else:
            assert shape_of(decoder.picture()) == (150, 140, 3)
            assert decoder.preview is not None
