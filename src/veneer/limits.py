"""The largest sizes and counts that a decoder accepts, each with its reason.

A decoder checks them before it allocates anything. The encoder keeps to them too.
Source: docs/format.md, "Limits".
"""

# Coordinates and sizes then fit 16 bits, products of two fit 32; TIFF- and JPEG-sized pictures all fit.
MAX_SIDE = 65535

# Networks see a base of half the sides, rounded up, at twice its size.
MAX_NETWORK_SIDE = MAX_SIDE + 1

# 2^28 pixels: 16384 x 16384, above every camera sold. A file of a hundred bytes may declare 65535 x 65535,
# which would make a decoder allocate 12 GiB; whoever wants that passes max_pixels.
DEFAULT_MAX_PIXELS = 1 << 28

# Smaller tiles would cost more than they bring: each one starts with fresh models, and has 16 bytes of framing.
MIN_TILE_LOG2 = 6
MAX_TILE_LOG2 = 16  # covers the longest side

# A decoder keeps about 200 bytes for each tile; 2^16 tiles are 13 MB. 65535 x 65535 in tiles of 256 just fits.
MAX_TILES = 1 << 16

# 4096 x 4096 pixels. A decoder holds the samples of a tile whole, 6 bytes of each pixel of colour, even where it is
# asked for one pixel of it. The encoder makes no tile of more than 1.5 million pixels unless it is told to.
MAX_TILE_PIXELS = 1 << 24

# A colour, an alpha and an enhancement chunk for each tile, and room for others. Bounds the time that a file of
# many empty chunks takes to read.
MAX_CHUNKS = 4 * MAX_TILES

# A picture needs one that restores and one that textures; a few more may share its tiles. Bounds the table in HEAD.
MAX_MODELS = 8

# As in PNG: lengths and the sums made with them stay clear of the sign bit in any language.
MAX_CHUNK_LENGTH = (1 << 31) - 1

# ICC profiles of scanners reach a few MB, EXIF is bounded by 64 KiB in JPEG, XMP with history reaches tens of MB.
# Metadata is held in memory whole.
MAX_METADATA_LENGTH = 64 << 20

# Each takes some 200 bytes in a decoder, whatever its length: a chunk of 64 MB could have ten million of six bytes.
# Pictures in use have a few dozen.
MAX_TEXTS = 1024

# Characters of a keyword; that of PNG, which most texts come from and go to.
MAX_KEYWORD_LENGTH = 79

# Searching for the next intact chunk after damage checks the sum of each candidate, and headers may claim bytes that
# turn out not to be theirs. Crafted ones could make that quadratic; this bounds it to a few times the size of the file.
MAX_RESYNC_FACTOR = 4

# A file may have a fault for each of its chunks. Whoever reads of them wants the first ones, of each sort, and how many
# there are; of each code so many are kept.
MAX_PROBLEMS = 32

# Texture in what is lost takes as long as all other decoding together, a microsecond for each pixel. For each byte of
# the tiles that are there so many pixels that are lost get some: a photograph at its coarsest has a byte for 100. Else
# a hundred bytes could have it made for any number of pixels.
MAX_TEXTURED_PIXELS = 256

# Weight files of a few megabytes serve; reading, checking and unpacking one takes a few times its size.
MAX_WEIGHT_FILE = 64 << 20

# Numbers in the arrays of a network, some 16 MB, though their code may be a few bytes.
MAX_WEIGHTS = 1 << 23

# Networks of one model: analysis, synthesis and entropy model need three.
MAX_NETWORKS = 16

# Operations of a network: a file of a few kilobytes could else declare a million of them.
MAX_OPERATIONS = 1024

# Bounds a row of any tensor: 65535 pixels of 1024 channels are 134 MB.
MAX_CHANNELS = 1024

# Sides of a picture are extended to multiples of the alignment, which none of the networks in use has above 64.
MAX_REDUCTION = 256

# Memory for the activations of one run. The standard network needs some 100 MB for a picture of 22 megapixels.
MAX_NETWORK_MEMORY = 1 << 30
