"""JPEG files are taken apart and come back to the byte, whatever is wrong with them."""

import io
import itertools
import random
import struct
from typing import Any

import found_jpegs as files
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from veneer import _native_dev
from veneer.reference.tables import jpeg_dictionary
from veneer.training.jpeg_dictionary import make_dictionary

OPTIONS = [
    {},
    {"quality": 5},
    {"quality": 100, "subsampling": 0},
    {"subsampling": 1},
    {"subsampling": 2, "optimize": True},
    {"progressive": True},
    {"progressive": True, "subsampling": 0, "quality": 95},
    {"progressive": True, "subsampling": 1, "quality": 20},
    {"restart_marker_blocks": 1},
    {"restart_marker_blocks": 7, "progressive": True},
    {"restart_marker_rows": 1, "subsampling": 1, "optimize": True},
    {"mode": "L"},
    {"mode": "L", "progressive": True, "restart_marker_rows": 2},
    {"mode": "L", "restart_marker_blocks": 3},
    {"mode": "CMYK"},
    {"mode": "CMYK", "progressive": True, "optimize": True},
    {"width": 1, "height": 1},
    {"width": 8, "height": 300},
    {"width": 161, "height": 17, "subsampling": 2},
    {"keep_rgb": True},
    {"keep_rgb": True, "progressive": True, "quality": 90},
    {"qtables": [[1] * 64, [200] * 64, [7] * 64], "subsampling": 0},
    {"comment": b"a comment of no use", "dpi": (300, 300)},
]


def taken_apart(file: bytes) -> dict[str, int]:
    """What the parser found; the file came back."""
    geometry, script, levels = _native_dev.jpeg_parse(file)
    assert _native_dev.jpeg_rebuild(geometry, script, levels) == file
    assert len(script) < len(file) + 64
    return _native_dev.jpeg_inspect(file)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_files_of_pillow_come_back_and_only_their_headers_are_text(options: dict) -> None:
    file = files.jpeg(**options)
    found = taken_apart(file)
    picture = Image.open(io.BytesIO(file))
    assert (found["width"], found["height"]) == picture.size
    assert found["components"] == len(picture.getbands())
    headers = files.scan_start(file) + 2  # and EOI
    if found["scans"] == 1:
        assert found["text"] == headers
    assert found["flips"] == found["zero_runs"] == found["intervals"] == found["padding"] == 0


@pytest.mark.parametrize("options", [{"optimize": True}, {"progressive": True}, {"progressive": True, "mode": "L"}])
def test_tables_that_follow_from_levels_are_not_in_the_script(options: dict) -> None:
    file = files.jpeg(quality=85, **options)
    assert taken_apart(file)["tables"] > 50
    _, script, _ = _native_dev.jpeg_parse(file)
    assert len(script) < (180 if options.get("progressive") else 110)


def test_plain_headers_cost_next_to_nothing() -> None:
    _, script, _ = _native_dev.jpeg_parse(files.jpeg(quality=75))
    assert len(script) < 32 + 25  # the hash, and the sizes


def test_geometry_of_standard_tables_is_short() -> None:
    geometry, _, _ = _native_dev.jpeg_parse(files.jpeg(quality=75))
    assert len(geometry) <= 12


def test_a_profile_of_srgb_and_plain_exif_cost_little() -> None:
    exif = Image.Exif()
    exif[271], exif[272], exif[306] = "Canon", "Canon PowerShot G2", "2005:01:01 00:00:00"
    plain = len(_native_dev.jpeg_parse(files.jpeg())[1])
    assert len(_native_dev.jpeg_parse(files.jpeg(exif=exif))[1]) < plain + 70
    profile = make_dictionary()
    start = profile.index(b"ICC_PROFILE") + 14
    icc = profile[start : start + 3144]
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip() == "sRGB IEC61966-2.1"
    assert len(_native_dev.jpeg_parse(files.jpeg(icc_profile=icc))[1]) < plain + 40


def test_the_dictionary_is_the_one_that_is_made() -> None:
    assert jpeg_dictionary() == make_dictionary()


def test_mutated_files_come_back() -> None:
    rng = random.Random(4)  # noqa: S311
    sources = [files.jpeg(48, 40, **options) for options in ({}, {"progressive": True}, {"restart_marker_blocks": 2})]
    parsed = sum(taken_apart(files.mutate(rng.choice(sources), rng))["components"] > 0 for _ in range(250))
    assert parsed > 100


@given(st.binary(max_size=300))
def test_any_bytes_come_back(data: bytes) -> None:
    taken_apart(data)
    taken_apart(b"\xff\xd8\xff" + data)


def damaged(name: str) -> bytes:
    plain, cut = (files.jpeg(280, 90, quality=92, **options) for options in ({}, {"restart_marker_blocks": 5}))
    start, marks = files.scan_start(plain), files.restarts(cut)
    end = files.scan_end(plain, start)
    progressive = files.jpeg(280, 90, quality=92, progressive=True)
    match name:
        case "no EOI":
            return plain[:-2]
        case "tail":
            return plain + b"what follows " * 20
        case "fill bytes":
            return plain[:-2] + b"\xff\xff\xff\xd9"
        case "fill bytes before a header":
            return plain[:20] + b"\xff\xff" + plain[20:]
        case "garbage between markers":
            return plain[:20] + b"garbage\x00\xff\x00\xff\x37" + plain[20:]
        case "empty segments":
            return plain[:20] + b"\xff\xe5\0\2\xff\xfe\0\2\xff\xdb\0\2\xff\xc4\0\2" + plain[20:]
        case "bytes after the data of a scan":
            return plain[:end] + b"\x12\x34\xff\x00\x56" + plain[end:]
        case "cut within the data":
            return plain[: (start + end) // 2]
        case "cut before EOI":
            return plain[: end - 3]
        case "marker within the data":
            return plain[: (start + end) // 2] + b"\xff\xd9" + plain[(start + end) // 2 :]
        case "a restart with a wrong number":
            return cut[: marks[2] + 1] + bytes([0xD0 | (cut[marks[2] + 1] + 3 & 7)]) + cut[marks[2] + 2 :]
        case "bytes before a restart":
            return cut[: marks[2]] + b"\x01\x02\xff" + cut[marks[2] :]
        case "an interval lost":
            return cut[: marks[2]] + cut[marks[3] :]
        case "an interval cut":
            return cut[: marks[2] - 5] + cut[marks[2] :]
        case "zero bits for padding":
            at = marks[1] - 1
            return cut[:at] + bytes([cut[at] & 0xFE]) + cut[at + 1 :]
        case "restarts that are announced alone":
            return plain[:20] + b"\xff\xdd\0\4\0\5" + plain[20:]
        case "height in DNL":
            at = plain.index(b"\xff\xc0")
            return plain[: at + 5] + b"\0\0" + plain[at + 7 : end] + b"\xff\xdc\0\4\0\x5a" + plain[end:]
        case "no quantization tables":
            at = plain.index(b"\xff\xdb")
            length = struct.unpack(">H", plain[at + 2 : at + 4])[0]
            return plain[:at] + plain[at + 2 + length :]
        case "progressive, cut":
            return progressive[: len(progressive) * 2 // 3]
        case "progressive, a scan twice":
            first, last = (
                files.scan_start(progressive, 0),
                files.scan_end(progressive, files.scan_start(progressive, 0)),
            )
            header = progressive.rindex(b"\xff\xda", 0, first)
            return progressive[:last] + progressive[header:last] + progressive[last:]
        case "progressive, a refinement cut":
            at = files.scan_start(progressive, 5)
            return progressive[: at + 40] + progressive[files.scan_end(progressive, at) :]
    raise AssertionError(name)


DAMAGE = {  # the largest share of the file that may be text, and the least number of scans
    "no EOI": (0.2, 1),
    "tail": (0.25, 1),
    "fill bytes": (0.2, 1),
    "fill bytes before a header": (0.2, 1),
    "garbage between markers": (0.2, 1),
    "empty segments": (0.2, 1),
    "bytes after the data of a scan": (0.2, 1),
    "cut within the data": (0.3, 1),
    "cut before EOI": (0.2, 1),
    "marker within the data": (0.6, 1),
    "a restart with a wrong number": (0.2, 1),
    "bytes before a restart": (0.2, 1),
    "an interval lost": (0.2, 1),
    "an interval cut": (0.25, 1),
    "zero bits for padding": (0.2, 1),
    "restarts that are announced alone": (0.2, 1),
    "height in DNL": (0.2, 1),
    "no quantization tables": (0.2, 1),
    "progressive, cut": (0.2, 6),
    "progressive, a scan twice": (0.4, 10),
    "progressive, a refinement cut": (0.6, 9),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_noted_and_the_rest_is_parsed(name: str) -> None:
    file = damaged(name)
    found = taken_apart(file)
    share, scans = DAMAGE[name]
    assert found["components"] == 3
    assert found["scans"] >= scans
    assert found["text"] < share * len(file)


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC9, 0xCA])
def test_other_processes_are_bytes(marker: int) -> None:
    file = files.jpeg()
    at = file.index(b"\xff\xc0")
    assert taken_apart(file[: at + 1] + bytes([marker]) + file[at + 2 :])["components"] == 0


def test_twelve_bits_are_bytes() -> None:
    file = files.jpeg()
    at = file.index(b"\xff\xc0")
    assert taken_apart(file[: at + 4] + b"\x0c" + file[at + 5 :])["components"] == 0


def test_a_file_that_claims_more_pixels_than_it_can_have_is_bytes() -> None:
    file = files.jpeg()
    at = file.index(b"\xff\xc0")
    assert taken_apart(file[: at + 5] + b"\xff\xff\xff\xff" + file[at + 9 :])["components"] == 0


def number(value: int) -> bytes:
    """As scripts have it."""
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def stored_script(file: bytes, notes: bytes, size: int, padding: bytes = b"\x01") -> bytes:
    """A script without a hash of a file of one scan, with these notes."""
    start = files.scan_start(file)
    text = file[:start] + file[files.scan_end(file, start) :]
    notes = b"\x01" + number(start) + notes + padding + b"\0"
    return b"\x02" + number(size) + number(len(notes + text)) + number(len(notes)) + notes + text


def rebuilt_with(file: bytes, notes: bytes) -> bytes:
    """The file as an encoder would have written it that does what the notes say."""
    geometry, _, levels = _native_dev.jpeg_parse(file)
    for size in range(len(file), len(file) + 4000):
        made = _native_dev.jpeg_rebuild(geometry, stored_script(file, notes, size), levels)
        if made is not None:
            return made
    raise AssertionError("the notes are not true of the file")


def test_codes_of_zeros_after_the_last_coefficient_are_noted() -> None:
    file = files.jpeg(40, 40, quality=30)
    made = rebuilt_with(file, b"\x10\x02\x01\x01\x03\x02")  # one after block 1, two after block 4
    assert len(made) > len(file)
    found = taken_apart(made)
    assert found["zero_runs"] == 2
    assert found["text"] == files.scan_start(file) + 2


@pytest.mark.parametrize(
    ("notes", "valid"),
    [
        (b"\0", True),
        (b"\x01", True),
        (b"\x03", False),  # no such rule
        (b"\x40", False),  # no such flag
        (b"\x08\x01\x00", False),  # flips in a scan that has no runs
        (b"\x10\x01\xff\xff\x7f\x01", False),  # a block that there is not
        (b"\x10\x01\x00\x09", False),  # more zeros than the block has
        (b"\x20\x01\x01\x00", False),  # an interval that there is not
        (b"\x20\x01\x00\x01\xff\x7f", False),  # more MCUs than there are
    ],
)
def test_scripts_that_are_not_true_of_the_levels_are_refused(notes: bytes, valid: bool) -> None:
    file = files.jpeg(40, 40)
    geometry, _, levels = _native_dev.jpeg_parse(file)
    assert (_native_dev.jpeg_rebuild(geometry, stored_script(file, notes, len(file)), levels) == file) is valid


def test_other_geometry_is_refused() -> None:
    file, other = files.jpeg(40, 40), files.jpeg(40, 33)
    _, script, _ = _native_dev.jpeg_parse(file)
    geometry, _, levels = _native_dev.jpeg_parse(other)
    assert _native_dev.jpeg_rebuild(geometry, script, levels) is None


def test_levels_that_differ_are_found() -> None:
    file = files.jpeg()
    geometry, script, levels = _native_dev.jpeg_parse(file)
    levels[1][2, 1, 0] += 1
    assert _native_dev.jpeg_rebuild(geometry, script, levels) is None


def test_files_above_the_limit_are_refused() -> None:
    file = files.jpeg()
    geometry, script, levels = _native_dev.jpeg_parse(file)
    assert _native_dev.jpeg_rebuild(geometry, script, levels, limit=len(file) - 1) is None
    assert _native_dev.jpeg_rebuild(geometry, script, levels, limit=len(file)) == file


def test_cut_and_changed_scripts_are_refused_or_give_other_bytes_never_a_crash() -> None:
    file = files.jpeg(40, 40, progressive=True)
    geometry, script, levels = _native_dev.jpeg_parse(file)
    rng = random.Random(1)  # noqa: S311
    for _ in range(200):
        changed = bytearray(script)
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        assert _native_dev.jpeg_rebuild(geometry, bytes(changed), levels, limit=10**6) in (None, file)
        _native_dev.jpeg_rebuild(geometry, script[: rng.randrange(len(script))], levels, limit=10**6)


def test_long_runs_take_no_bytes() -> None:
    file = files.jpeg() + bytes(3_000_000) + b"end"
    geometry, script, levels = _native_dev.jpeg_parse(file)
    assert len(script) < 200
    assert _native_dev.jpeg_rebuild(geometry, script, levels) == file


def test_repeated_text_keeps_to_the_bound_of_its_cost() -> None:
    file = b"\xff\xd8" + bytes(range(256)) * 4000
    geometry, script, levels = _native_dev.jpeg_parse(file)
    assert (len(file) - 4096) / 64 < len(script) < (len(file) - 4096) / 64 + 300
    assert _native_dev.jpeg_rebuild(geometry, script, levels) == file


def test_long_random_bytes_are_stored() -> None:
    noise = random.Random(7).randbytes(1 << 20)  # noqa: S311
    file = b"\xff\xd8\xff\xc9" + noise
    geometry, script, levels = _native_dev.jpeg_parse(file)
    assert script[0] & 2
    assert len(script) < len(file) + 64
    assert _native_dev.jpeg_rebuild(geometry, script, levels) == file
    half = file + bytes(range(256)) * 4096
    assert len(_native_dev.jpeg_parse(half)[1]) < len(file) + 40_000


def test_metadata_are_what_pillow_finds() -> None:
    exif = Image.Exif()
    exif[271] = "A maker"
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = files.jpeg(exif=exif, icc_profile=icc, comment=b"first", dpi=(300, 200))
    packet = b"<x:xmpmeta/>"
    content = b"http://ns.adobe.com/xap/1.0/\0" + packet
    file = file[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(content)) + content + file[2:]
    geometry, script, _ = _native_dev.jpeg_parse(file)
    found = _native_dev.jpeg_metadata(geometry, script)
    assert found["exif"] == exif.tobytes()[6:]
    assert found["icc"] == icc
    assert found["xmp"] == packet
    assert found["comments"] == [b"first"]
    assert found["density"] == (1, 300, 200)


def test_profiles_and_packets_in_parts_are_joined() -> None:
    icc = random.Random(2).randbytes(150_000)  # noqa: S311
    file = files.jpeg(icc_profile=icc)
    packet, digest = b"<rdf/>" * 20_000, b"0123456789abcdef" * 2
    parts = [(at, packet[at : at + 65_000]) for at in range(0, len(packet), 65_000)]
    for at, part in parts:
        content = b"http://ns.adobe.com/xmp/extension/\0" + digest + struct.pack(">II", len(packet), at) + part
        file = file[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(content)) + content + file[2:]
    geometry, script, _ = _native_dev.jpeg_parse(file)
    found = _native_dev.jpeg_metadata(geometry, script)
    assert found["icc"] == icc
    assert found["extended_xmp"] == packet


@pytest.mark.parametrize(
    ("options", "colour"),
    [({"mode": "L"}, 0), ({}, 1), ({"keep_rgb": True}, 2), ({"mode": "CMYK"}, 3)],
)
def test_colour_follows_from_markers(options: dict, colour: int) -> None:
    assert _native_dev.jpeg_inspect(files.jpeg(**options))["colour"] == colour


@given(st.binary(max_size=400), st.integers(0, 3))
def test_bytes_model(data: bytes, times: int) -> None:
    geometry = _native_dev.jpeg_parse(b"")[0]
    plain = data * (times + 1)
    assert _native_dev.jpeg_decode_bytes(_native_dev.jpeg_encode_bytes(plain, geometry), geometry, len(plain)) == plain


def with_thumbnail(thumbnail: bytes, **options: Any) -> bytes:
    """A file whose Exif has a thumbnail."""
    directory = struct.pack("<HHHIIHHIII", 2, 0x201, 4, 1, 8 + 6 + 30, 0x202, 4, 1, len(thumbnail), 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IHI", 8, 0, 14) + directory + thumbnail
    return files.jpeg(exif=exif, **options)


def test_embedded_files_are_parsed() -> None:
    thumbnail = files.jpeg(120, 90, quality=90)
    plain, file = files.jpeg(quality=90), with_thumbnail(thumbnail, quality=90)
    taken_apart(file)
    coded = len(_native_dev.jpeg_parse(file)[1])
    assert coded < len(_native_dev.jpeg_parse(plain)[1]) + 0.92 * len(thumbnail)
    geometry, script, _ = _native_dev.jpeg_parse(file)
    assert thumbnail in _native_dev.jpeg_metadata(geometry, script)["exif"]


def test_pictures_after_the_end_are_parsed_and_metadata_do_not_need_them() -> None:
    second = files.jpeg(200, 150, quality=90, seed=1)
    file = files.jpeg(exif=b"Exif\0\0II*\0") + bytes(100) + second + b"the end"
    taken_apart(file)
    geometry, script, levels = _native_dev.jpeg_parse(file)
    assert len(script) < 0.92 * len(second)
    assert _native_dev.jpeg_metadata(geometry, script)["exif"] == b"II*\0"
    damaged_tail = script[:-50] + bytes(50)
    assert _native_dev.jpeg_metadata(geometry, damaged_tail)["exif"] == b"II*\0"
    assert _native_dev.jpeg_rebuild(geometry, damaged_tail, levels) is None


def test_embedded_files_may_have_embedded_files_up_to_two_deep() -> None:
    nested = files.jpeg(100, 80, quality=90)
    sizes = [len(_native_dev.jpeg_parse(nested)[1])]
    for seed in range(3):
        nested = with_thumbnail(nested, width=100, height=80, quality=90, seed=seed)
        taken_apart(nested)
        sizes.append(len(_native_dev.jpeg_parse(nested)[1]))
    first, second, third = (after - before for before, after in itertools.pairwise(sizes))
    assert abs(second - first) < 100
    assert third > second + 300  # the innermost is bytes


def test_a_file_that_begins_with_other_bytes_has_its_picture_parsed() -> None:
    inner = files.jpeg(200, 150, quality=90)
    file = b"something else in front" + inner
    assert taken_apart(file)["components"] == 0
    assert len(_native_dev.jpeg_parse(file)[1]) < 0.92 * len(inner)
