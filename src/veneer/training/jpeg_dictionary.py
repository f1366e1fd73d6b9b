"""Makes the dictionary of the bytes model: what headers and metadata of JPEG files often hold.

Everything is built here, from the standards' structures, fields and formulas: a colour profile of sRGB, Exif
directories in both orders of bytes, XMP templates, resources of Photoshop, headers of scans and, last, the Huffman
tables of the JPEG standard's annex K.3.

Place: offline; its result is ``docs/tables/jpeg_dictionary.bin``, normative (docs/format.md, "Bytes model"), which the
core is built with. A test compares the two:

    python -m veneer.training.jpeg_dictionary
"""

from __future__ import annotations

import struct
from pathlib import Path

OUTPUT = Path("docs/tables/jpeg_dictionary.bin")


def make_dictionary() -> bytes:
    """The dictionary: a few thousand bytes. The last 446 are what follows a frame header in a plain file."""
    parts = [_names(), _scans(), _photoshop(), _xmp(), _exif(">"), _exif("<"), _profile(), _jfif(), _tables_and_scan()]
    return b"".join(parts)


def _names() -> bytes:
    makers = "NIKON CORPORATION|NIKON D|SONY|OLYMPUS CORPORATION|Panasonic|FUJIFILM|samsung|SAMSUNG|Apple|iPhone"
    makers += (
        "|Google|Pixel|EASTMAN KODAK COMPANY|PENTAX|CASIO COMPUTER CO.,LTD|HUAWEI|Xiaomi|HTC|LGE|motorola|DJI|GoPro"
    )
    programs = "Adobe Photoshop CS6 (Windows)|Adobe Photoshop CC 2019 (Macintosh)|Adobe Photoshop Lightroom|GIMP 2.10"
    programs += "|File written by Adobe Photoshop\xa8 4.0|CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90\n"
    programs += "|LEAD Technologies Inc. V1.01|Created with GIMP|Intel(R) JPEG Library"
    return b"\0".join(name.encode("latin-1") for name in f"{makers}|{programs}".split("|")) + b"\0"


def _scans() -> bytes:
    """Headers of the scans of progressive files, as libjpeg's script has them, and of grey and four-part ones."""
    headers = bytearray()
    for components, band in (
        ((1, 2, 3), (0, 0, 0x01)),
        ((1,), (1, 5, 0x02)),
        ((3,), (1, 63, 0x01)),
        ((2,), (1, 63, 0x01)),
        ((1,), (6, 63, 0x02)),
        ((1,), (1, 63, 0x21)),
        ((1, 2, 3), (0, 0, 0x10)),
        ((3,), (1, 63, 0x10)),
        ((2,), (1, 63, 0x10)),
        ((1,), (1, 63, 0x10)),
    ):
        ac = components[0] > 1
        headers += b"\xff\xc4\0\x1c" + bytes([(0x10 if band[1] else 0) | ac, 0])
        headers += b"\xff\xda" + struct.pack(">HB", 6 + 2 * len(components), len(components))
        for component in components:
            tables = (0x10 if component > 1 else 0) if band[1] == 0 else ac
            headers += bytes([component, tables])
        headers += bytes(band)
    headers += b"\xff\xda\0\x08\x01\x01\0\0\x3f\0"
    headers += b"\xff\xda\0\x0e\x04\x01\0\x02\x11\x03\x11\x04\0\0\x3f\0"
    return bytes(headers)


def _photoshop() -> bytes:
    def resource(number: int, content: bytes) -> bytes:
        return b"8BIM" + struct.pack(">HHI", number, 0, len(content)) + content + b"\0" * (len(content) % 2)

    resolution = struct.pack(">IHHIHH", 72 << 16, 1, 1, 72 << 16, 1, 1)
    parts = [
        resource(0x0404, b"\x1c\x02\0\0\x02\0\0\x1c\x02\x37\0\x0820080731\x1c\x02\x05\0\x05"),
        resource(0x03ED, resolution),
        resource(0x0426, bytes(12) + struct.pack(">f", 1.0)),
        resource(0x040D, b"\0\0\0\x78"),
        resource(0x0419, b"\0\0\0\x1e"),
        resource(0x03F3, bytes(8) + b"\x01"),
        resource(0x2710, b"\0\x01" + bytes(7) + b"\x02"),
        resource(0x0425, b"\xd4\x1d\x8c\xd9\x8f\0\xb2\x04\xe9\x80\t\x98\xec\xf8\x42\x7e"),
        resource(0x040C, b"\0\0\0\x01\0\0\0\xa0\0\0\0\x78"),
    ]
    content = b"Photoshop 3.0\0" + b"".join(parts)
    adobe = b"\xff\xee\0\x0eAdobe\0\x64"
    return (
        b"\xff\xed"
        + struct.pack(">H", 2 + len(content))
        + content
        + adobe
        + b"\0\0\0\0\x01"
        + adobe
        + b"\x80\0\0\0\x02"
    )


def _xmp() -> bytes:
    spaces = {
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
        "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
        "stRef": "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "tiff": "http://ns.adobe.com/tiff/1.0/",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "aux": "http://ns.adobe.com/exif/1.0/aux/",
        "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
        "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
        "GCamera": "http://ns.google.com/photos/1.0/camera/",
        "Container": "http://ns.google.com/photos/1.0/container/",
        "Item": "http://ns.google.com/photos/1.0/container/item/",
    }
    names = "\n    ".join(f'xmlns:{name}="{space}"' for name, space in spaces.items())
    values = {
        "tiff:Make": "Canon",
        "tiff:Orientation": "1",
        "tiff:XResolution": "720000/10000",
        "tiff:YResolution": "720000/10000",
        "tiff:ResolutionUnit": "2",
        "exif:ExifVersion": "0221",
        "exif:ExposureTime": "1/125",
        "exif:FNumber": "56/10",
        "exif:ColorSpace": "1",
        "exif:PixelXDimension": "1024",
        "exif:PixelYDimension": "768",
        "exif:DateTimeOriginal": "2010-10-10T10:10:10+02:00",
        "xmp:CreatorTool": "Adobe Photoshop CS5 Windows",
        "xmp:CreateDate": "2010-10-10T10:10:10+02:00",
        "xmp:ModifyDate": "2010-10-10T10:10:10+02:00",
        "xmp:MetadataDate": "2010-10-10T10:10:10+02:00",
        "xmp:Rating": "0",
        "dc:format": "image/jpeg",
        "photoshop:ColorMode": "3",
        "photoshop:ICCProfile": "sRGB IEC61966-2.1",
        "xmpMM:InstanceID": "xmp.iid:",
        "xmpMM:DocumentID": "xmp.did:",
        "xmpMM:OriginalDocumentID": "xmp.did:",
        "hdrgm:Version": "1.0",
    }
    attributes = "\n   ".join(f'{name}="{value}"' for name, value in values.items())
    elements = "\n   ".join(f"<{name}>{value}</{name}>" for name, value in list(values.items())[12:17])
    return (
        "\xff\xe1\x05\0http://ns.adobe.com/xap/1.0/\0"
        "<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?>\n<x:xmpmeta xmlns:x='adobe:ns:meta/'>\n"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n <rdf:Description rdf:about=''\n  "
        '<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?> <x:xmpmeta xmlns:x="adobe:ns:meta/" '
        'x:xmptk="Adobe XMP Core 5.0-c060 61.134777, 2010/02/12-17:32:00        "> '
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"> <rdf:Description rdf:about="" '
        f"{names}\n   {attributes}>\n   {elements}\n"
        "   <dc:creator> <rdf:Seq> <rdf:li/> </rdf:Seq> </dc:creator>\n   <dc:title>\n    <rdf:Alt>\n     <rdf:li "
        'xml:lang="x-default"></rdf:li>\n    </rdf:Alt>\n   </dc:title>\n   <dc:subject>\n    <rdf:Bag>\n'
        "     <rdf:li></rdf:li>\n    </rdf:Bag>\n   </dc:subject>\n"
        '   <xmpMM:History> <rdf:Seq> <rdf:li stEvt:action="saved" stEvt:instanceID="xmp.iid:" stEvt:when="2010" '
        'stEvt:softwareAgent="Adobe Photoshop CS5 Windows" stEvt:changed="/"/> </rdf:Seq> </xmpMM:History>\n'
        "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n" + " " * 100 + "\n" + " " * 100 + '\n<?xpacket end="w"?>'
    ).encode("latin-1")


def _exif(order: str) -> bytes:
    """A directory of a camera, its Exif directory and that of its thumbnail. Offsets are as they may be."""

    def directory(*entries: tuple[int, int, int, int | bytes]) -> bytes:
        made = struct.pack(f"{order}H", len(entries))
        for tag, kind, count, value in entries:
            made += struct.pack(f"{order}HHI", tag, kind, count)
            if isinstance(value, bytes):
                made += value
            elif kind == 3:
                made += struct.pack(f"{order}HH", value, 0)
            else:
                made += struct.pack(f"{order}I", value)
        return made

    rational = struct.pack(f"{order}II", 72, 1) * 2
    first = directory(
        (0x010E, 2, 32, 0x9E),
        (0x010F, 2, 6, 0x9E),
        (0x0110, 2, 20, 0xA4),
        (0x0112, 3, 1, 1),
        (0x011A, 5, 1, 0xB8),
        (0x011B, 5, 1, 0xC0),
        (0x0128, 3, 1, 2),
        (0x0131, 2, 28, 0xC8),
        (0x0132, 2, 20, 0xD0),
        (0x0213, 3, 1, 2),
        (0x8298, 2, 1, 0),
        (0x8769, 4, 1, 0xE4),
        (0x8825, 4, 1, 0x300),
    )
    texts = bytes(4) + b"Canon\0Canon PowerShot G2\0" + rational + b"2005:01:01 00:00:00\0"
    second = directory(
        (0x829A, 5, 1, 0x24E),
        (0x829D, 5, 1, 0x256),
        (0x8822, 3, 1, 2),
        (0x8827, 3, 1, 100),
        (0x9000, 7, 4, b"0220"),
        (0x9003, 2, 20, 0x25E),
        (0x9004, 2, 20, 0x272),
        (0x9101, 7, 4, b"\1\2\3\0"),
        (0x9102, 5, 1, 0x286),
        (0x9201, 10, 1, 0x28E),
        (0x9202, 5, 1, 0x296),
        (0x9203, 10, 1, 0x29E),
        (0x9204, 10, 1, 0x2A6),
        (0x9205, 5, 1, 0x2AE),
        (0x9206, 5, 1, 0x2B6),
        (0x9207, 3, 1, 5),
        (0x9208, 3, 1, 0),
        (0x9209, 3, 1, 16),
        (0x920A, 5, 1, 0x2BE),
        (0x927C, 7, 0x300, 0x2C6),
        (0x9286, 7, 0x108, 0x5C6),
        (0x9290, 2, 3, b"00\0\0"),
        (0x9291, 2, 3, b"00\0\0"),
        (0x9292, 2, 3, b"00\0\0"),
        (0xA000, 7, 4, b"0100"),
        (0xA001, 3, 1, 1),
        (0xA002, 4, 1, 1024),
        (0xA003, 4, 1, 768),
        (0xA005, 4, 1, 0x6CE),
        (0xA20E, 5, 1, 0x6EC),
        (0xA20F, 5, 1, 0x6F4),
        (0xA210, 3, 1, 2),
        (0xA217, 3, 1, 2),
        (0xA300, 7, 1, b"\3\0\0\0"),
        (0xA301, 7, 1, b"\1\0\0\0"),
        (0xA401, 3, 1, 0),
        (0xA402, 3, 1, 0),
        (0xA403, 3, 1, 0),
        (0xA404, 5, 1, 0x6FC),
        (0xA405, 3, 1, 35),
        (0xA406, 3, 1, 0),
        (0xA407, 3, 1, 0),
        (0xA408, 3, 1, 0),
        (0xA409, 3, 1, 0),
        (0xA40A, 3, 1, 0),
        (0xA40C, 3, 1, 0),
    )
    text = bytes(4) + b"2005:01:01 00:00:00\0" * 2 + b"ASCII\0\0\0" + bytes(64)
    interoperability = directory((1, 2, 4, b"R98\0"), (2, 7, 4, b"0100")) + bytes(4)
    thumbnail = directory(
        (0x0103, 3, 1, 6),
        (0x0112, 3, 1, 1),
        (0x011A, 5, 1, 0x760),
        (0x011B, 5, 1, 0x768),
        (0x0128, 3, 1, 2),
        (0x0201, 4, 1, 0x7F4),
        (0x0202, 4, 1, 0x1400),
        (0x0213, 3, 1, 2),
    )
    mark = b"II" if order == "<" else b"MM"
    head = b"\xff\xe1\x10\0Exif\0\0" + mark + struct.pack(f"{order}HI", 42, 8)
    return head + first + texts + second + text + interoperability + thumbnail + bytes(4) + rational


def _profile() -> bytes:
    """A profile of sRGB (IEC 61966-2-1) with a curve of 1024 points."""

    def described(text: bytes) -> bytes:
        field = struct.pack(">I", len(text) + 1) + text + b"\0"
        return b"desc\0\0\0\0" + field + bytes(10) + bytes([len(text) + 1]) + text + bytes(67 - len(text))

    def xyz(*values: int) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3I", *values)

    def curve(share: float) -> float:
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    points = [round(65535 * curve(i / 1023)) for i in range(1024)]
    profile = b"\0\0\x0c\x48Lino\x02\x10\0\0mntrRGB XYZ " + struct.pack(">6H", 1998, 2, 9, 6, 49, 0)
    profile += b"acspMSFT" + bytes(4) + b"IEC sRGB" + bytes(11) + b"\1"
    profile += struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D) + b"HP  " + bytes(44)
    contents = {
        b"cprt": b"text\0\0\0\0Copyright (c) 1998 Hewlett-Packard Company\0\0",
        b"desc": described(b"sRGB IEC61966-2.1"),
        b"wtpt": xyz(0xF351, 0x10000, 0x116CC),
        b"bkpt": xyz(0, 0, 0),
        b"rXYZ": xyz(0x6FA2, 0x38F5, 0x0390),
        b"gXYZ": xyz(0x6299, 0xB785, 0x18DA),
        b"bXYZ": xyz(0x24A0, 0x0F84, 0xB6CF),
        b"dmnd": described(b"IEC http://www.iec.ch"),
        b"dmdd": described(b"IEC 61966-2.1 Default RGB colour space - sRGB"),
        b"vued": described(b"Reference Viewing Condition in IEC61966-2.1"),
        b"view": b"view\0\0\0\0" + struct.pack(">7I", 1287422, 1335086, 1101588, 257484, 267019, 220318, 1),
        b"lumi": xyz(0x4C0956, 0x500000, 0x571FE7),
        b"meas": b"meas\0\0\0\0" + struct.pack(">7I", 1, 0, 0, 0, 0, 0x28F, 2),
        b"tech": b"sig \0\0\0\0CRT ",
        b"rTRC": b"curv\0\0\0\0" + struct.pack(">I1024H", 1024, *points),
    }
    at = 132 + 12 * (len(contents) + 2)
    names, data = b"", b""
    for name, content in contents.items():
        size = len(content) - (name == b"cprt")  # its last zero fills up
        for same in (b"rTRC", b"gTRC", b"bTRC") if name == b"rTRC" else (name,):
            names += same + struct.pack(">II", at, size)
        content += bytes(-len(content) % 4)
        data += content
        at += len(content)
    profile += struct.pack(">I", len(contents) + 2) + names + data
    return b"\xff\xe2\x0c\x58ICC_PROFILE\0\1\1" + profile


def _jfif() -> bytes:
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\1\0\x48\0\x48\0\0\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"


def _tables_and_scan() -> bytes:
    """The four Huffman tables of annex K.3 and the header of a scan of three components."""
    dc = bytes(range(12))
    made = b"\xff\xc4\0\x1f\0" + bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]) + dc
    made += b"\xff\xc4\0\xb5\x10" + bytes([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D]) + bytes.fromhex(LUMA)
    made += b"\xff\xc4\0\x1f\x01" + bytes([0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]) + dc
    made += b"\xff\xc4\0\xb5\x11" + bytes([0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77]) + bytes.fromhex(CHROMA)
    return made + b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0"


LUMA = (
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a"
    "434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9"
    "aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
CHROMA = (
    "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738"
    "393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5"
    "a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)


if __name__ == "__main__":
    OUTPUT.write_bytes(make_dictionary())
