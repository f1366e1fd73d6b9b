"""Signature, chunks and what they say: "Container" of docs/format.md. Strict throughout."""

import struct
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

SIGNATURE = bytes.fromhex("8b564e520d0a1a0a")
TILE_CHUNKS = (b"BASE", b"ALPH")
METADATA_CHUNKS = (b"iCCP", b"eXIF", b"xMP_", b"iPTC", b"tEXT", b"dENS", b"cLLI", b"mDCV", b"gMAP")
EARLY_CHUNKS = (*METADATA_CHUNKS, b"pREV", b"pALP", b"tOCS")
KNOWN_CHUNKS = (b"HEAD", *EARLY_CHUNKS, *TILE_CHUNKS, b"eNHA", b"TEND")
CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_LENGTH, MAX_METADATA, MAX_CHUNKS, MAX_TILES, MAX_PIXELS = 2**31 - 1, 2**26, 2**18, 2**16, 2**28
MAX_TILE_PIXELS = 2**24

HEAD_FIELDS = (
    ("Format_Version", "B", range(1, 2)),
    ("Width", "I", range(1, 65536)),
    ("Height", "I", range(1, 65536)),
    ("Channels", "B", range(1, 5)),
    ("Bit_Depth", "B", range(8, 17)),
    ("Colour_Primaries", "B", range(256)),
    ("Transfer_Characteristics", "B", range(256)),
    ("Matrix_Coefficients", "B", range(1)),
    ("Full_Range", "B", range(2)),
    ("Base_Kind", "B", range(1)),
    ("Base_Scale", "B", range(1, 3)),
    ("Tile_Log2", "B", range(6, 17)),
    ("Tune", "B", range(2)),
    ("Default_Realism", "B", range(256)),
    ("Noise_Seed", "H", range(65536)),
)
BASE_PARAMETERS = (
    ("Step_Index", "B", range(224)),
    ("Co_Step_Offset", "b", range(-128, 128)),
    ("Cg_Step_Offset", "b", range(-128, 128)),
    ("Matrix", "B", range(16)),
    ("Step_Group_Log2", "B", (0, 4, 5, 6)),
    ("Tools", "B", range(8)),
)
ENHANCEMENT_FIELDS = (
    ("Tile_Index", "H", range(65536)),
    ("Slot", "B", range(8)),
    ("Flags", "B", range(2)),
    ("Strength", "B", range(129)),
)

DENSITY_FIELDS = (
    ("Unit", "B", range(2)),
    ("Density_X", "I", range(1, 2**31)),
    ("Density_Y", "I", range(1, 2**31)),
)
LIGHT_SIZES = {b"cLLI": 4, b"mDCV": 24}
GAIN_MAP_KIND = (("Metadata_Kind", "B", range(2)), ("Metadata_Length", "I", range(1, 2**31)))
GAIN_MAP_COLOUR = (
    *((name, "B", range(256)) for name in ("Colour_Primaries", "Transfer_Characteristics", "Matrix_Coefficients")),
    ("Full_Range", "B", range(2)),
    ("Alternate_Icc_Length", "I", range(2**32)),
)
MAX_TEXTS, MAX_KEYWORD = 1024, 79


class RefusedError(Exception):
    """The file breaks a rule of the document, or is above a limit."""


def require(condition: bool, rule: str) -> None:
    """Refuse the file unless the condition holds."""
    if not condition:
        raise RefusedError(rule)


def fields_of(payload: bytes, table: tuple[tuple[str, str, Any], ...]) -> tuple[SimpleNamespace, bytes]:
    """The fields of a payload that begins with those of the table, checked, and the bytes after them."""
    layout = struct.Struct("<" + "".join(kind for _, kind, _ in table))
    require(len(payload) >= layout.size, "a payload is too short")
    values = layout.unpack_from(payload)
    fields = SimpleNamespace()
    for (name, _, allowed), value in zip(table, values, strict=True):
        require(value in allowed, f"{name} is {value}")
        setattr(fields, name, value)
    return fields, payload[layout.size :]


def crc32c(data: bytes) -> int:
    """The checksum of chunks."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)  # 0x1EDC6F41, reflected
    return crc ^ 0xFFFFFFFF


def chunks_of(file: bytes) -> list[tuple[bytes, bytes]]:
    """Type and payload of all chunks up to TEND."""
    require(file[:8] == SIGNATURE, "the signature")
    chunks: list[tuple[bytes, bytes]] = []
    at = 8
    while not chunks or chunks[-1][0] != b"TEND":
        require(len(file) >= at + 12 and len(chunks) < MAX_CHUNKS, "the file is cut, or has too many chunks")
        length, kind = struct.unpack_from("<I4s", file, at)
        require(length <= MAX_LENGTH and len(file) >= at + 12 + length, "a chunk is cut")
        require(kind[:1].isalpha() and all(c in CAPITALS + b"0123456789_" for c in kind[1:]), "a type")
        require(kind in KNOWN_CHUNKS or kind[:1].islower(), "a critical chunk that is unknown")
        payload = file[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from("<I", file, at + 8 + length)
        require(crc32c(kind + payload) == checksum, "a checksum")
        chunks.append((kind, payload))
        at += 12 + length
    return chunks


def check_order(kinds: list[bytes]) -> None:
    """Refuse chunks where they must not stand."""
    require(kinds[0] == b"HEAD" and kinds.count(b"HEAD") == 1, "HEAD")
    stages = [1 if k in EARLY_CHUNKS else 2 if k in TILE_CHUNKS else 3 for k in kinds[1:] if k in KNOWN_CHUNKS]
    require(stages == sorted(stages), "the order of chunks")
    require(all(kinds.count(kind) <= 1 for kind in EARLY_CHUNKS), "a chunk that occurs once occurs again")


def check_texts(payload: bytes) -> None:
    """Refuse a payload of tEXT that is not what the document says."""
    number = 0
    while payload:
        pieces = []
        for kind in "BI":
            fields, payload = fields_of(payload, (("Length", kind, range(2**32)),))
            require(fields.Length <= len(payload), "tEXT ends within a text")
            try:
                pieces.append(payload[: fields.Length].decode())
            except UnicodeDecodeError:
                require(False, "a text is no UTF-8")
            payload = payload[fields.Length :]
        keyword, text = pieces
        require(1 <= len(keyword) <= MAX_KEYWORD, "the length of a keyword")
        require(all(c in range(32, 127) or c in range(161, 256) for c in map(ord, keyword)), "a letter of a keyword")
        require(keyword == " ".join(keyword.split()), "spaces of a keyword")
        require("\0" not in text, "NUL in a text")
        number += 1
    require(number <= MAX_TEXTS, "too many texts")


def check_gain_map(payload: bytes) -> None:
    """Refuse a payload of gMAP whose fields are not what the document says."""
    fields, payload = fields_of(payload, GAIN_MAP_KIND)
    require(fields.Metadata_Length <= len(payload), "gMAP ends within its metadata")
    fields, payload = fields_of(payload[fields.Metadata_Length :], GAIN_MAP_COLOUR)
    require(fields.Alternate_Icc_Length <= len(payload), "gMAP ends within its profile")


@dataclass
class File:
    """Contents of the chunks of a file."""

    head: SimpleNamespace
    tiles: dict[bytes, dict[int, bytes]]  # by type and Tile_Index
    base_width: int
    base_height: int
    columns: int
    preview: tuple[SimpleNamespace, bytes] | None = None
    preview_alpha: bytes | None = None


def read_file(file: bytes) -> File:
    """All chunks of a file, checked."""
    chunks = chunks_of(file)
    check_order([kind for kind, _ in chunks])
    head, table = fields_of(chunks[0][1], HEAD_FIELDS + BASE_PARAMETERS)
    require(len(table) % 7 == 0 and len(table) <= 56, "the table of models")
    roles = table[6::7]
    require(all(1 <= role <= 3 for role in roles), "a role")
    has_alpha = head.Channels in (2, 4)
    require(head.Width * head.Height <= MAX_PIXELS, "more pixels than the limit")
    require(not (head.Base_Scale == 2 and has_alpha), "Base_Scale 2 with alpha")
    if head.Bit_Depth > 8:
        require(head.Base_Scale == 1 and not head.Tools & 2, "Base_Scale 2 or screen content above 8 bits")
        require(not has_alpha, "alpha above 8 bits is that of the modular base")
    width, height = (-(-side // head.Base_Scale) for side in (head.Width, head.Height))
    columns, rows = -((-width) >> head.Tile_Log2), -((-height) >> head.Tile_Log2)
    require(columns * rows <= MAX_TILES, "more tiles than the limit")
    side = 1 << head.Tile_Log2
    require(min(side, width) * min(side, height) <= MAX_TILE_PIXELS, "more pixels of a tile than the limit")

    read = File(head, {kind: {} for kind in (*TILE_CHUNKS, b"eNHA")}, width, height, columns)
    lengths, models = [], set()
    for kind, payload in chunks:
        if kind in (*TILE_CHUNKS, b"eNHA"):
            fields, data = fields_of(payload, ENHANCEMENT_FIELDS if kind == b"eNHA" else ENHANCEMENT_FIELDS[:1])
            require(fields.Tile_Index < columns * rows, "there is no such tile")
            require(fields.Tile_Index not in read.tiles[kind], "a second chunk of a tile")
            require(kind != b"ALPH" or has_alpha, "alpha in a picture without")
            read.tiles[kind][fields.Tile_Index] = data
            if kind == b"eNHA":
                require(fields.Slot < len(roles) and roles[fields.Slot] & 1 == 1, "a slot")
                models.add(fields.Slot)
            else:
                lengths.append(len(payload))
        elif kind in METADATA_CHUNKS:
            require(len(payload) <= MAX_METADATA, "metadata above the limit")
            if kind == b"dENS":
                require(fields_of(payload, DENSITY_FIELDS)[1] == b"", "dENS is too long")
            elif kind == b"tEXT":
                check_texts(payload)
            elif kind == b"gMAP":
                check_gain_map(payload)
            require(len(payload) == LIGHT_SIZES.get(kind, len(payload)), "the size of cLLI or mDCV")
        elif kind == b"pREV":
            read.preview = fields_of(payload, BASE_PARAMETERS)
        elif kind == b"pALP":
            read.preview_alpha = payload
    require(len(models) <= 1, "two models in one file")
    for kind, payload in chunks:
        require(kind != b"TEND" or payload == b"", "TEND has a payload")
        require(kind != b"tOCS" or payload == struct.pack(f"<{len(lengths)}I", *lengths), "tOCS")
    require(len(read.tiles[b"BASE"]) == columns * rows, "a tile without BASE")
    require(len(read.tiles[b"ALPH"]) == columns * rows * has_alpha, "a tile without ALPH")
    return read
