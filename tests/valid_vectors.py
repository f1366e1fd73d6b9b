"""The valid files of tests/vectors: name, bytes, and what each is there for."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator, Sequence

import numpy as np
from samples import IPTC, XMP, Pixels, make_drawing, make_exif, make_picture, srgb_profile

import veneer
from veneer.bitstream.chunks import write_chunk
from veneer.conformance.generator import Inventor, random_alpha, random_file
from veneer.reference import trees
from veneer.reference.chunks import SIGNATURE, read_chunks
from veneer.reference.head import HEAD_FORMAT, HEAD_NAMES, Head
from veneer.reference.tile import Tile

# Name, bytes, what it is there for, and ways to decode it where there are others than "".
File = tuple[str, bytes, str] | tuple[str, bytes, str, tuple[str, ...]]
PREVIEW = "layers=preview"
Chunks = Sequence[tuple[bytes, bytes]]


def head_values(**changes: int) -> dict[str, int]:
    """Fields of HEAD by name: a grey picture of 8 x 8 pixels, and what is changed of it."""
    values = dict.fromkeys(HEAD_NAMES, 0)
    values |= {"format_version": 1, "width": 8, "height": 8, "channels": 1, "bit_depth": 8, "colour_primaries": 1}
    values |= {"transfer_characteristics": 13, "full_range": 1, "base_scale": 1, "tile_log2": 6, "step_index": 100}
    return values | changes


def head_of(values: dict[str, int]) -> Head:
    """The reference decoder's record of these fields."""
    return Head(**{name: values[name] for name in Head.__dataclass_fields__ if name in values})


def head_chunk(*models: tuple[int, bytes, int], **changes: int) -> tuple[bytes, bytes]:
    """A chunk HEAD, which may say what it must not; models are number, check and role."""
    table = b"".join(struct.pack("<H4sB", *model) for model in models)
    return b"HEAD", struct.pack(HEAD_FORMAT, *head_values(**changes).values()) + table


def tile_chunk(name: bytes = b"BASE", index: int = 0, data: bytes = b"") -> tuple[bytes, bytes]:
    return name, struct.pack("<H", index) + data


END = (b"TEND", b"")


def put_together(chunks: Chunks) -> bytes:
    """A file of these chunks."""
    return SIGNATURE + b"".join(write_chunk(name, payload) for name, payload in chunks)


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks that a file was put together of."""
    return [(chunk.type, chunk.payload) for chunk in read_chunks(data)]


def alpha_picture(kind: str, height: int = 40, width: int = 45) -> Pixels:
    """Grey with an alpha of some kind."""
    rng = np.random.default_rng([height, width])
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(x - 15.3, y - 20.1)
    alpha = {
        "opaque": lambda: np.full((height, width), 255),
        "clear": lambda: np.zeros((height, width)),
        "constant": lambda: np.full((height, width), 77),
        "mask": lambda: 255 * (distance > 14),
        "soft": lambda: (distance - 14) * 90 + 128,
        "slope": lambda: distance * 5 + rng.uniform(0, 2, (height, width)),
        "stripes": lambda: 60 * ((x * 3 + y) // 7 % 5),
        "few": lambda: rng.choice([0, 77, 201, 255], (height, width)),
        "noise": lambda: rng.integers(0, 256, (height, width)),
        "last_row": lambda: 255 * (y < height - 1),
    }[kind]()
    samples = np.clip(np.rint(alpha), 0, 255).astype(np.uint8)
    return np.dstack([make_picture(height, width, 1), samples])


def pictures() -> Iterator[File]:
    """Vectors that the encoder makes of pictures."""
    encode = functools.partial(veneer.encode, effort=5, layers="base")
    yield "smallest", encode(np.full((1, 1), 200, np.uint8), quality=50), "one pixel; the example of the document"
    for channels, name in enumerate(("grey", "grey_alpha", "rgb", "rgb_alpha"), 1):
        yield name, encode(make_picture(45, 70, channels), quality=70), f"{channels} channels"
    for size in ((1, 65), (65, 1), (2, 3), (64, 64), (131, 67), (1, 4), (4, 1), (5, 5), (8, 8), (63, 65), (3, 700)):
        name = "size_{}x{}".format(*size)
        yield name, encode(make_picture(*size), quality=60), "height x width at the edges of units, blocks and tiles"
    for tune in ("psnr", "visual"):
        for quality in (0, 40, 100):
            step = veneer.Settings(tune=tune).quality_step(quality)
            data = encode(make_picture(96, 80), step_index=step, tune=tune)
            yield f"{tune}_q{quality}", data, f"quality {quality}"
    for channels in (1, 3, 4):
        data = encode(make_picture(150, 170, channels), quality=60, tune="psnr", tile_size=128)
        yield f"tile_filters_{channels}", data, f"filters of tiles, {channels} channels"
    for effort in (1, 3, 7, 8, 9):
        data = encode(make_picture(100, 90), quality=75, effort=effort)
        yield f"effort_{effort}", data, f"effort {effort}" + ", dependent quantization" * (effort >= 8)
    for channels, size in ((3, (150, 140)), (4, (68, 100))):
        data = encode(make_picture(*size, channels), quality=30, tile_size=64)
        yield f"tiles_{channels}", data, "rows and columns of tiles, with tOCS"
    yield "tiles_row", encode(make_picture(20, 200), quality=30, tile_size=64), "4 x 1 tiles"
    yield "tiles_column", encode(make_picture(200, 20), quality=30, tile_size=64), "1 x 4 tiles"
    yield "tiles_128", encode(make_picture(140, 100, 1), quality=30, tile_size=128), "tiles of 128 x 128"
    noise = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    yield "noise", encode(noise, step_index=0), "the finest step"
    yield (
        "flat",
        encode(np.full((300, 200, 3), (10, 200, 90), np.uint8), quality=10),
        "large blocks without coefficients",
    )
    for step_index in (97, 98, 121, 122, 145, 146, 223):
        data = encode(make_picture(24, 24), step_index=step_index)
        yield f"step_{step_index}", data, "Step_Index at the edges of warm-start classes"
    for kind in ("opaque", "clear", "constant", "mask", "soft", "slope", "stripes", "few", "noise", "last_row"):
        yield f"alpha_{kind}", encode(alpha_picture(kind), quality=20), f"alpha: {kind}"
    yield "alpha_narrow", encode(alpha_picture("soft", 70, 1), quality=20), "alpha of one column"
    yield "alpha_flat", encode(alpha_picture("slope", 1, 70), quality=20), "alpha of one row"
    yield "alpha_large", encode(alpha_picture("slope", 75, 113), quality=20), "alpha with tables of 2^10 slots"


def drawings() -> Iterator[File]:
    """Vectors that the encoder makes of drawings: screen content."""
    encode = functools.partial(veneer.encode, layers="base")
    for channels in (1, 2, 3, 4):
        data = encode(make_drawing(70, 90, channels), quality=75)
        yield f"screen_{channels}", data, f"screen content of {channels} channels"
    for size in ((8, 8), (64, 64), (61, 67)):
        data = encode(make_drawing(*size), quality=85)
        yield "screen_{}x{}".format(*size), data, "screen content at the edges of cells and superblocks"
    mixed = make_picture(90, 130).copy()
    mixed[20:80, 30:] = make_drawing(60, 100)
    for effort in (1, 5, 8):
        data = encode(mixed, quality=70, effort=effort)
        yield f"screen_mixed_{effort}", data, "screen content in parts of superblocks" + (effort == 8) * ", both tools"
    data = encode(make_drawing(100, 140), quality=60, tile_size=64, tune="psnr")
    yield "screen_tiles", data, "screen content in tiles"


def preview_chunk(data: bytes = b"", **changes: int) -> tuple[bytes, bytes]:
    """A chunk pREV."""
    return b"pREV", head_chunk(**changes)[1][-6:] + data


def text_chunk(*texts: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A chunk tEXT of keywords and texts, which may be none."""
    parts = [struct.pack("<B", len(k)) + k + struct.pack("<I", len(text)) + text for k, text in texts]
    return b"tEXT", b"".join(parts)


def gain_map_chunk(
    picture: bytes = b"", kind: int = 0, metadata: bytes = bytes(4) + b"?", colour: tuple[int, ...] = (2, 2, 2, 0)
) -> tuple[bytes, bytes]:
    """A chunk gMAP without a profile."""
    stored = bytes((byte + 128) % 256 for byte in picture)
    return b"gMAP", struct.pack("<BI", kind, len(metadata)) + metadata + struct.pack("<4BI", *colour, 0) + stored


def light_of_hdr() -> Iterator[File]:
    """Files with the chunks that HDR pictures have."""
    light, tail = (b"cLLI", struct.pack("<2H", 65535, 0)), [tile_chunk(), END]
    display = (b"mDCV", struct.pack("<8H2I", *range(65528, 65536), 2**32 - 1, 0))
    yield "content_light", put_together([head_chunk(), light, *tail]), "the largest light, and unknown light"
    yield "mastering_display", put_together([head_chunk(), display, *tail]), "the largest numbers of a display"
    map_file = put_together([head_chunk(width=3, height=2), *tail])
    for name, chunk in {
        "gain_map": gain_map_chunk(map_file),
        "gain_map_by_xmp": gain_map_chunk(map_file, 1, b"<x/>", (9, 16, 9, 1)),
        "gain_map_without_picture": gain_map_chunk(),
    }.items():
        yield name, put_together([head_chunk(), chunk, *tail]), name.replace("_", " ")
    profile = struct.pack("<BI", 0, 1) + b"?" + struct.pack("<4BI", 12, 18, 0, 1, 3) + b"icc"
    payload = profile + gain_map_chunk(map_file)[1][-len(map_file) :]
    yield "gain_map_with_profile", put_together([head_chunk(), (b"gMAP", payload), *tail]), "a profile, too"
    chunks = [gain_map_chunk(map_file), (b"xMP_", b"?"), display, light, (b"iCCP", b"?")]
    yield "hdr_in_disorder", put_together([head_chunk(channels=3), *chunks, *tail]), "chunks of HDR in another order"


def previews() -> Iterator[File]:
    """Files with a preview, to be decoded as a whole and to the preview."""
    for channels in (1, 2, 3, 4):
        chunks = [preview_chunk(bytes(range(7, 90, 3)), step_index=90, matrix=3)]
        tiles = [tile_chunk(data=b"\x55\x21")]
        if channels % 2 == 0:
            chunks.insert(channels // 4, (b"pALP", random_alpha(np.random.default_rng(channels), 8, 7)))
            tiles.append(tile_chunk(b"ALPH"))
        head = head_chunk(width=61, height=50, channels=channels, step_group_log2=6, tools=1)
        data = put_together([head, *chunks, *tiles, END])
        yield f"preview_{channels}", data, f"a preview of {channels} channels", ("", PREVIEW)
    data = put_together([head_chunk(), preview_chunk(b"\xff" * 9), tile_chunk(), END])
    yield "preview_is_no_code", data, "a preview whose payload is no code; the picture is whole", ("", PREVIEW)
    data = put_together([head_chunk(), (b"pALP", b"?"), tile_chunk(), END])
    yield "preview_of_alpha_alone", data, "pALP where it has no meaning"


def containers() -> Iterator[File]:
    """Vectors of everything that the format allows around tiles."""
    picture = make_picture(20, 30)
    encode = functools.partial(veneer.encode, quality=20, layers="base")
    everything = {"icc": srgb_profile(), "exif": make_exif(6), "xmp": XMP}
    yield "metadata", encode(picture, **everything, cicp=(12, 13, 0, 1)), "all metadata, CICP"
    for name, data in everything.items():
        yield f"metadata_{name}", encode(picture, **{name: data}), f"metadata: {name} alone"
    texts = [("Comment", "ink on paper\n"), ("Überschrift", "Grüße, 写真"), ("a b", ""), ("Comment", "the second")]
    newer = {"iptc": IPTC, "text": texts, "density": (1, 11811, 5906)}
    yield "metadata_newer", encode(picture, **everything, **newer), "all metadata, with IPTC, texts and density"
    for name, value in newer.items():
        yield f"metadata_{name}", encode(picture, **{name: value}), f"metadata: {name} alone"
    ratio, none = (b"dENS", struct.pack("<BII", 0, 2**31 - 1, 1)), (b"tEXT", b"")
    yield (
        "density_of_a_ratio",
        put_together([head_chunk(), ratio, tile_chunk(), END]),
        "the largest ratio",
    )
    yield "no_texts", put_together([head_chunk(), none, tile_chunk(), END]), "tEXT without a text"
    most = text_chunk((b"\xc3\xbf" * 79, b""), *[(b"~", b"")] * 1023)
    yield "most_texts", put_together([head_chunk(), most, tile_chunk(), END]), "1024 texts, and the longest keyword"
    rgb = encode(picture)
    ancillary = write_chunk(b"nEW_", b"from the future")
    yield "unknown_ancillary", rgb[:-12] + ancillary + rgb[-12:], "an unknown ancillary chunk before TEND"
    yield "unknown_first", rgb[:48] + ancillary + rgb[48:], "an unknown ancillary chunk behind HEAD"
    yield "bytes_behind_the_end", rgb + b"not part of the file", "bytes behind TEND"
    most = put_together([head_chunk(*[(65535, b"none", role) for role in (1, 2, 3, 1, 2, 3, 1, 2)]), tile_chunk(), END])
    yield "models_not_used", most, "a full table of models that no chunk names", ("layers=full", "layers=base")
    yield "empty_payload", put_together([head_chunk(), tile_chunk(), END]), "a tile whose payload is empty"
    offsets = (b"tOCS", struct.pack("<I", 2))
    yield "offsets_of_one_tile", put_together([head_chunk(), offsets, tile_chunk(), END]), "tOCS in a file of one tile"
    chunks = [head_chunk(), offsets, (b"xMP_", b"late"), tile_chunk(), END]
    yield "metadata_behind_offsets", put_together(chunks), "metadata between tOCS and the tiles"
    chunks = [head_chunk(width=130), *(tile_chunk(index=index, data=bytes([90 * index])) for index in (2, 0, 1)), END]
    yield "tiles_in_disorder", put_together(chunks), "tiles in another order than raster order"
    chunks = [head_chunk(channels=2), tile_chunk(b"ALPH", data=b"\x80\x40"), tile_chunk(), END]
    yield "alpha_first", put_together(chunks), "ALPH before the BASE of its tile"
    largest = [head_chunk(tile_log2=16), tile_chunk(), END]
    yield "tile_log2_16", put_together(largest), "the largest tiles"
    yield "loudest", put_together([head_chunk(**LOUD), tile_chunk(data=loudest()), END]), "sums that leave 32 bits wrap"
    yield "wide_range", put_together([head_chunk(**LONG), tile_chunk(data=b"\x10" * 90), END]), "any bytes as a payload"


LOUD = {"width": 64, "height": 64, "step_index": 223}
LONG = {"width": 9, "height": 60, "channels": 3, "step_group_log2": 4, "tools": 1, "matrix": 15, "co_step_offset": -128}


class Loudest(Inventor):
    """One block of 64 x 64 with all coefficients at their largest."""

    def __init__(self) -> None:
        super().__init__(np.random.default_rng(0))
        self.script = [0, 0, 0, 0, 0, 0, 0]  # a leaf, of mode DC, not empty

    def invent(self) -> int:
        return self.script.pop() if self.script else 1

    def raw(self, count: int) -> int:
        self.write(0, count)  # all positive
        return 0


def loudest() -> bytes:
    """Its payload."""
    inventor = Loudest()
    trees.read_tile(Tile(inventor, 64, 64, head_of(head_values(**LOUD))))
    return inventor.payload()


def random_files() -> Iterator[File]:
    """Random choices of everything."""
    for seed in range(48):
        data = random_file(np.random.default_rng([1, seed]))
        yield f"random_{seed:02}", data, "random choices of everything that is legal"


def valid_files() -> Iterator[File]:
    """All of them."""
    yield from pictures()
    yield from drawings()
    yield from containers()
    yield from light_of_hdr()
    yield from previews()
    yield from random_files()
