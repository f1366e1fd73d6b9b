"""XMP above 64 kB in JPEG: a main packet in one segment, and an extension in pieces, which belong together.

Source: XMP Specification Part 3, 1.1.3.1. The extension is put into the main packet, so that one packet has all.
"""

from __future__ import annotations

import hashlib
import re
import struct
from xml.dom import minidom

PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
EXTENSION_PREFIX = b"http://ns.adobe.com/xmp/extension/\0"

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_NOTE = "http://ns.adobe.com/xmp/note/"
_PIECE_HEADER = struct.Struct(">32sII")  # GUID, length of the whole extension, offset of this piece
_SEGMENT = 65533  # bytes of a segment
_PIECE = 65000  # bytes of an extension in one
_MOST_MARKS = 200_000  # of elements in both packets: each takes a kilobyte or two while they are put together


def join(main: bytes | None, segments: list[bytes], notes: list[str]) -> bytes | None:
    """The packet that a main packet and the pieces of its extension make.

    Args:
        main: the main packet, or None.
        segments: contents of the segments of extensions, after their prefix.
        notes: to which is added what cannot be put together.

    Returns:
        The whole packet; the main packet alone where the extension is not whole, or belongs to another.
    """
    if not segments:
        return main
    try:
        guid = _guid(main or b"")
        extension = _assemble(segments, guid)
        return _merge(main or b"", extension)
    except Exception as error:  # XML parsers raise whatever they stumble over
        reason = " ".join(str(error).split())[:100]
        notes.append(f"of its XMP only the first part is kept; the extension is left out: {reason}")
        return main


def split(packet: bytes) -> list[bytes]:
    """Contents of the segments APP1 that carry a packet: one, or a main packet and its extension."""
    if len(PREFIX) + len(packet) <= _SEGMENT:
        return [PREFIX + packet]
    extension = _without_wrapper(packet)
    guid = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()
    main = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        f'xmlns:rdf="{_RDF}"><rdf:Description rdf:about="" xmlns:xmpNote="{_NOTE}" '
        f'xmpNote:HasExtendedXMP="{guid}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    pieces = [
        EXTENSION_PREFIX + _PIECE_HEADER.pack(guid.encode(), len(extension), start) + extension[start : start + _PIECE]
        for start in range(0, len(extension), _PIECE)
    ]
    return [PREFIX + main.encode(), *pieces]


def _without_wrapper(packet: bytes) -> bytes:
    """A packet without the instructions that stand around it, which an extension does not have."""
    packet = packet.strip()
    if packet.startswith(b"<?xpacket begin"):
        packet = packet[packet.find(b"?>") + 2 :]
    end = packet.rfind(b"<?xpacket end")
    return packet[:end] if end >= 0 and packet.endswith(b"?>") else packet


def _guid(main: bytes) -> bytes:
    """The name of the extension that a main packet says it has."""
    found = re.search(rb"HasExtendedXMP\s*(?:=\s*[\"']|>\s*)([0-9A-Fa-f]{32})", main)
    if found is None:
        raise ValueError("the main packet does not name it")
    return found[1].upper()


def _assemble(segments: list[bytes], guid: bytes) -> bytes:
    """The pieces of that name in order, which must be whole."""
    pieces = {}
    for segment in segments:
        name, length, start = _PIECE_HEADER.unpack_from(segment)
        if name.upper() == guid:
            pieces[start] = (length, segment[_PIECE_HEADER.size :])
    extension = bytearray()
    for start, (_, piece) in sorted(pieces.items()):
        if start != len(extension):
            raise ValueError(f"{abs(start - len(extension))} bytes are missing")
        extension += piece
    if not extension or any(length != len(extension) for length, _ in pieces.values()):
        raise ValueError("it is not whole")
    return bytes(extension)


def _merge(main: bytes, extension: bytes) -> bytes:
    """One packet with the descriptions of both."""
    if main.count(b"<") + extension.count(b"<") > _MOST_MARKS:
        raise ValueError("it has too many elements")
    document, other = _parse(main), _parse(extension)
    target, source = _rdf(document), _rdf(other)
    for description in list(target.getElementsByTagNameNS(_RDF, "Description")):
        _remove_name(description)
    if not any(_says_something(node) for node in target.childNodes):
        return extension  # the main packet is there for the others alone, as `split` writes it
    for node in list(source.childNodes):
        if isinstance(node, minidom.Element):
            _keep_namespaces(node)
            target.appendChild(document.importNode(node, True))
    return b"".join(
        node.toxml().encode() for node in document.childNodes
    )  # without the declaration that the whole document would begin with


def _parse(packet: bytes) -> minidom.Document:
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        raise ValueError("it has a document type, which XMP has not")
    return minidom.parseString(packet.strip(b"\0 \r\n\t"))  # noqa: S318 - expat bounds what entities grow to


def _rdf(document: minidom.Document) -> minidom.Element:
    return document.getElementsByTagNameNS(_RDF, "RDF")[0]


def _remove_name(description: minidom.Element) -> None:
    """Takes out what names the extension, as attribute or element."""
    if description.hasAttributeNS(_NOTE, "HasExtendedXMP"):
        description.removeAttributeNS(_NOTE, "HasExtendedXMP")
    for child in list(description.getElementsByTagNameNS(_NOTE, "HasExtendedXMP")):
        description.removeChild(child)


def _says_something(node: minidom.Node) -> bool:
    """Whether a node in RDF has more than its subject and namespaces."""
    if not isinstance(node, minidom.Element):
        return False
    attributes = [name for name, _ in node.attributes.items() if not name.startswith("xmlns") and name != "rdf:about"]
    return bool(attributes) or any(isinstance(child, minidom.Element) for child in node.childNodes)


def _keep_namespaces(description: minidom.Element) -> None:
    """Gives a description the names of namespaces that stand around it."""
    node: minidom.Node | None = description.parentNode
    while isinstance(node, minidom.Element):
        for name, value in node.attributes.items():
            if name.startswith("xmlns") and not description.hasAttribute(name):
                description.setAttribute(name, value)
        node = node.parentNode
