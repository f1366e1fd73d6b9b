"""XMP above 64 kB in JPEG, there and back."""

import struct
from xml.dom import minidom

import pytest
from metadata_files import jpeg, load
from samples import XMP

from veneer.file_metadata import extended_xmp

GUID = b"0123456789ABCDEF0123456789ABCDEF"
MAIN = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    b' xmpNote:HasExtendedXMP="%s" dc:format="image/jpeg"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>' % GUID
)
EXTENSION = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    b' xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/"><rdf:Description rdf:about="" GDepth:Data="%s"/>'
    b"</rdf:RDF></x:xmpmeta>" % (b"QUJD" * 30_000)
)


def pieces(extension: bytes = EXTENSION, guid: bytes = GUID, size: int = 40_000) -> list[tuple[int, bytes]]:
    return [
        (
            0xE1,
            extended_xmp.EXTENSION_PREFIX
            + guid
            + struct.pack(">II", len(extension), start)
            + extension[start : start + size],
        )
        for start in range(0, len(extension), size)
    ]


def main(packet: bytes = MAIN) -> tuple[int, bytes]:
    return 0xE1, extended_xmp.PREFIX + packet


@pytest.mark.parametrize("order", [1, -1])
def test_extension_is_put_into_the_main_packet(order: int) -> None:
    picture = load(jpeg(main(), *pieces()[::order]))
    assert picture.notes == []
    assert picture.xmp is not None
    packet = minidom.parseString(picture.xmp)  # noqa: S318 - made here
    dublin_core, depth = packet.getElementsByTagName("rdf:Description")
    assert dublin_core.getAttribute("dc:format") == "image/jpeg"
    assert depth.getAttribute("GDepth:Data") == "QUJD" * 30_000
    assert depth.getAttribute("xmlns:GDepth") == "http://ns.google.com/photos/1.0/depthmap/"
    assert b"HasExtendedXMP" not in picture.xmp
    assert picture.xmp.startswith(b"<?xpacket begin")
    assert picture.xmp.endswith(b'<?xpacket end="w"?>')


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        ([main(), *pieces()[1:]], "40000 bytes are missing"),
        ([main(), *pieces()[:-1]], "it is not whole"),
        ([main(), *pieces(guid=b"F" * 32)], "it is not whole"),
        ([main(XMP), *pieces()], "the main packet does not name it"),
        ([main(), *pieces(b"<not xml")], "unclosed token"),
        ([main(), *pieces(b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + EXTENSION)], "it has a document type"),
        ([main(), *pieces(b"<a/>" * 250_000)], "too many elements"),
        ([main(), (0xE1, extended_xmp.EXTENSION_PREFIX + b"short")], "unpack_from"),
    ],
)
def test_extension_that_does_not_belong_is_named(segments: list[tuple[int, bytes]], reason: str) -> None:
    picture = load(jpeg(*segments))
    assert picture.xmp == segments[0][1].removeprefix(extended_xmp.PREFIX)
    assert len(picture.notes) == 1
    assert picture.notes[0].startswith("of its XMP only the first part is kept; the extension is left out: ")
    assert reason in picture.notes[0]


def test_large_packets_are_split_and_come_back() -> None:
    packet = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>' + EXTENSION + b'<?xpacket end="w"?>'
    contents = extended_xmp.split(packet)
    assert len(contents) == 3
    assert all(len(content) <= 65533 for content in contents)
    picture = load(jpeg(*[(0xE1, content) for content in contents]))
    assert (picture.xmp, picture.notes) == (EXTENSION, [])  # without the wrapper, which says nothing


def test_small_packets_are_not_split() -> None:
    assert extended_xmp.split(XMP) == [extended_xmp.PREFIX + XMP]
