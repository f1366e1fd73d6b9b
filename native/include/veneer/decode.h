/* Veneer: decodes .vnr files. The C interface of libveneer.
 *
 * A decoder takes the bytes of a file, as they arrive or all at once, and gives its headers, metadata, preview, and the
 * picture. What is damaged or cut still gives a picture; problems say what is lost.
 *
 *     VeneerDecoder* decoder = veneer_decoder_create(NULL, NULL);
 *     veneer_decoder_feed(decoder, data, size);
 *     veneer_decoder_finish(decoder);
 *     VeneerImage picture;
 *     if (veneer_decoder_picture(decoder, &picture) == VENEER_OK) show(picture);
 *     veneer_decoder_destroy(decoder);
 *
 * Pictures with enhancement need models: veneer_decoder_info() names them once the beginning of the file is there.
 * veneer_decoder_add_model() takes a model, which is a small file that names networks; then veneer_decoder_needed_count()
 * and veneer_decoder_needed() say which networks the picture needs, each of which is a weight file of its own, and
 * veneer_decoder_add_network() takes them; all that before veneer_decoder_finish(). Without what restores it a picture is
 * its base, without the network of texture it has no texture.
 *
 * Threads: an object is used by one thread at a time; different objects may be used at the same time, and models and
 * networks by any number of decoders. Results do not depend on threads, runner, allocator, processor or the sizes of the pieces.
 * No function throws, prints, or opens a file. There is no state outside of objects.
 */
#ifndef VENEER_DECODE_H
#define VENEER_DECODE_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct VeneerDecoder VeneerDecoder;
typedef struct VeneerModel VeneerModel;
typedef struct VeneerNetwork VeneerNetwork;

typedef enum VeneerLayers {
  VENEER_FULL = 0,   /* with enhancement, where the file has it */
  VENEER_BASE = 1,   /* the base layer alone */
  VENEER_PREVIEW = 2 /* the whole at an eighth of its sides, rounded up */
} VeneerLayers;

/* What the base of a file is. */
typedef enum VeneerBaseKind {
  VENEER_BASE_TRANSFORM = 0,
  VENEER_BASE_MODULAR = 1, /* lossless samples */
  VENEER_BASE_JPEG = 2     /* a JPEG, whose bytes can be had: veneer_decoder_jpeg() */
} VeneerBaseKind;

/* What samples are. */
typedef enum VeneerSampleFormat {
  VENEER_INTEGERS = 0,
  VENEER_HALF_FLOATS = 1 /* binary16 of IEEE 754, of lossless files alone; their bit_depth is 16 */
} VeneerSampleFormat;

/* Realism that the file asks for. */
#define VENEER_REALISM_OF_FILE (-1)

/* A model that a file names. */
typedef struct VeneerModelReference {
  int id;
  uint8_t check[4]; /* first bytes of the SHA-256 of its model file */
  int role;         /* 1: restores, 2: textures, 3: both */
} VeneerModelReference;

#define VENEER_MAX_MODELS 8

/* A weight file that a picture needs. */
typedef struct VeneerWeightFile {
  int model_id;       /* of the model that names it */
  char network[64];   /* such as "restore" */
  char file_name[80]; /* that it has in folders of models: the network, "-", 8 hexadecimal digits of sha256, ".vnw" */
  uint8_t sha256[32]; /* of the file */
  uint32_t size;      /* of the file in bytes */
} VeneerWeightFile;

/* The display on which an HDR picture was made. */
typedef struct VeneerMasteringDisplay {
  uint16_t red_x, red_y, green_x, green_y, blue_x, blue_y, white_x, white_y; /* of CIE 1931, in 0.00002 */
  uint32_t max_luminance, min_luminance;                                     /* in 0.0001 cd/m2 */
} VeneerMasteringDisplay;

/* The headers of a file. */
typedef struct VeneerInfo {
  int format_version;
  int width, height; /* of the picture in pixels */
  int channels;      /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha */
  int bit_depth;     /* of a sample */
  int colour_primaries, transfer_characteristics, matrix_coefficients, full_range; /* of ITU-T H.273 */
  int tile_size, tile_count;
  VeneerBaseKind base_kind;
  int base_scale;      /* 2 where the base layer has half the sides */
  int default_realism; /* 0..255 */
  int has_preview;     /* whether one has come */
  int preview_width, preview_height;
  int model_count;
  VeneerModelReference models[VENEER_MAX_MODELS];
  int density_unit; /* -1: none; 0: densities are a ratio, 1: pixels per metre */
  uint32_t density_x, density_y;
  int text_count;
  VeneerBytes icc, exif, xmp, iptc; /* valid until the next call that takes bytes, or that destroys the decoder */
  /* Since 0.4. */
  int has_content_light;
  uint16_t max_content, max_frame_average; /* light levels in cd/m2, 0: unknown */
  int has_mastering_display;
  VeneerMasteringDisplay mastering_display;
  int has_gain_map; /* veneer_decoder_gain_map() */
  VeneerSampleFormat sample_format;
} VeneerInfo;

/* What the metadata of a gain map are. */
typedef enum VeneerGainMapMetadata {
  VENEER_GAIN_MAP_ISO_21496 = 0, /* binary, of ISO 21496-1, from minimum_version on */
  VENEER_GAIN_MAP_XMP = 1        /* an XMP packet with properties of hdrgm */
} VeneerGainMapMetadata;

/* A gain map: a picture that says how another rendition of the picture, the alternate one, follows from it. */
typedef struct VeneerGainMap {
  VeneerGainMapMetadata metadata_kind;
  VeneerBytes metadata;
  int colour_primaries, transfer_characteristics, matrix_coefficients, full_range; /* of the alternate picture */
  VeneerBytes alternate_icc;                                                       /* of size 0 where it has none */
  VeneerBytes picture; /* a whole .vnr file of 1 or 3 channels, for a decoder of its own; nothing in it is checked */
} VeneerGainMap;

/* Samples of a picture, interleaved, of 0 up to 2^bit_depth - 1: bytes where that is up to 8, else uint16_t in the byte
 * order of this machine. Half floats are their bits as uint16_t. */
typedef struct VeneerImage {
  const uint8_t* pixels; /* or const uint16_t*, aligned for that */
  int width, height, channels;
  ptrdiff_t stride;     /* bytes from row to row */
  int bytes_per_sample; /* 1 or 2 */
  int bit_depth;        /* of a sample, 1..16: that of VeneerInfo, 8 of previews */
  /* Since 0.4. */
  VeneerSampleFormat sample_format; /* of VeneerInfo, integers of previews */
} VeneerImage;

typedef enum VeneerEventKind {
  VENEER_EVENT_NONE = 0,
  VENEER_EVENT_INFO = 1,     /* veneer_decoder_info() has something to say */
  VENEER_EVENT_METADATA = 2, /* metadata has come */
  VENEER_EVENT_PREVIEW = 3,  /* there is something to show of every part of the picture */
  VENEER_EVENT_TILE = 4,     /* a tile has come */
  VENEER_EVENT_PROBLEM = 5,  /* something is damaged or missing */
  VENEER_EVENT_PICTURE = 6   /* the picture is final */
} VeneerEventKind;

typedef struct VeneerEvent {
  VeneerEventKind kind;
  VeneerRect region;     /* what has changed of the picture; empty where nothing has */
  VeneerProblem problem; /* of VENEER_EVENT_PROBLEM */
} VeneerEvent;

/* A decoder for one file.
 *   allocator: copied; NULL for malloc and free.
 *   runner: copied; NULL for the thread that calls alone, or as veneer_decoder_set_threads() says.
 * NULL where there is no memory. To be destroyed by veneer_decoder_destroy(). */
VENEER_API VeneerDecoder* veneer_decoder_create(const VeneerAllocator* allocator, const VeneerRunner* runner);

/* Gives back all that a decoder has. NULL is allowed. */
VENEER_API void veneer_decoder_destroy(VeneerDecoder* decoder);

/* Settings: before the first bytes, else VENEER_MISUSE. */

/* Threads of the library's own, 1..256, where the decoder has no runner. */
VENEER_API VeneerStatus veneer_decoder_set_threads(VeneerDecoder* decoder, int threads);
/* What to decode; VENEER_FULL unless it is set. */
VENEER_API VeneerStatus veneer_decoder_set_layers(VeneerDecoder* decoder, VeneerLayers layers);
/* How much texture enhancement may add, 0..64, or VENEER_REALISM_OF_FILE. */
VENEER_API VeneerStatus veneer_decoder_set_realism(VeneerDecoder* decoder, int realism);
/* A part of the picture: the final picture has its size, and only tiles that have an influence on it are decoded. There
 * are no pictures before the final one. */
VENEER_API VeneerStatus veneer_decoder_set_region(VeneerDecoder* decoder, VeneerRect region);
/* Whether damage of any sort, and a model or a network that is not there, make veneer_decoder_finish() fail. There are no pictures
 * before the final one then. */
VENEER_API VeneerStatus veneer_decoder_set_strict(VeneerDecoder* decoder, int strict);
/* Pictures with more pixels are refused before memory is taken for them; 2^28 unless it is set. */
VENEER_API VeneerStatus veneer_decoder_set_max_pixels(VeneerDecoder* decoder, int64_t pixels);

/* A model of the bytes of its model file, which may be released afterwards.
 *   allocator: copied; NULL for malloc and free.
 *   error: filled where the result is NULL, code 0 where memory was missing; may be NULL.
 * To be released by veneer_model_release(); decoders that have it keep it until then. */
VENEER_API VeneerModel* veneer_model_create(const VeneerAllocator* allocator, const uint8_t* data, size_t size,
                                            VeneerProblem* error);
VENEER_API void veneer_model_release(VeneerModel* model);

/* A network of the bytes of its weight file, which may be released afterwards. It is checked, and proved to compute
 * without overflow. Arguments and release as of models. */
VENEER_API VeneerNetwork* veneer_network_create(const VeneerAllocator* allocator, const uint8_t* data, size_t size,
                                                VeneerProblem* error);
VENEER_API void veneer_network_release(VeneerNetwork* network);

/* Gives a decoder a model: before veneer_decoder_finish(). */
VENEER_API VeneerStatus veneer_decoder_add_model(VeneerDecoder* decoder, const VeneerModel* model);

/* Gives a decoder a network, which may be of several models: before veneer_decoder_finish(). The first one of texture
 * also fills in what was lost of pictures whose files name no model for it. */
VENEER_API VeneerStatus veneer_decoder_add_network(VeneerDecoder* decoder, const VeneerNetwork* network);

/* The weight files that the picture needs by the settings, of the models that the decoder has been given, and which it
 * has not been given: how many there are, 0 before the headers have come, and each of them. */
VENEER_API int veneer_decoder_needed_count(const VeneerDecoder* decoder);
VENEER_API VeneerStatus veneer_decoder_needed(const VeneerDecoder* decoder, int index, VeneerWeightFile* file);

/* Takes the next bytes of the file, which are copied. Those behind the end of the file are left out.
 * VENEER_FAILED: no file that begins like this can be decoded; veneer_decoder_error() says why. */
VENEER_API VeneerStatus veneer_decoder_feed(VeneerDecoder* decoder, const uint8_t* data, size_t size);

/* Takes a whole file at once, without a copy: `data` must stay until the decoder is destroyed. In the place of
 * veneer_decoder_feed(); events come with veneer_decoder_finish(). Chunks that a region, or the preview, does not need are
 * not looked at, nor are faults in them found. */
VENEER_API VeneerStatus veneer_decoder_set_file(VeneerDecoder* decoder, const uint8_t* data, size_t size);

/* Says that nothing more will come, and makes the best picture of what has. VENEER_FAILED: there is none. */
VENEER_API VeneerStatus veneer_decoder_finish(VeneerDecoder* decoder);

/* The next thing that has happened, or VENEER_EVENT_NONE. */
VENEER_API VeneerStatus veneer_decoder_next_event(VeneerDecoder* decoder, VeneerEvent* event);

/* What is known of the headers; VENEER_MISUSE before they have come. */
VENEER_API VeneerStatus veneer_decoder_info(const VeneerDecoder* decoder, VeneerInfo* info);

/* A text of the metadata, 0..text_count - 1, in UTF-8; valid as the metadata of VeneerInfo. */
VENEER_API VeneerStatus veneer_decoder_text(const VeneerDecoder* decoder, int index, VeneerBytes* keyword,
                                            VeneerBytes* text);

/* The gain map, valid as the metadata of VeneerInfo, and `picture` until the next call of this function; VENEER_MISUSE
 * where there is none. That of a JPEG which the file keeps is in the bytes of the JPEG: veneer_decoder_jpeg(). */
VENEER_API VeneerStatus veneer_decoder_gain_map(VeneerDecoder* decoder, VeneerGainMap* gain_map);

/* The best picture so far. Where there is none yet, `pixels` is NULL. It is the decoder's, and changes with the next
 * bytes. */
VENEER_API VeneerStatus veneer_decoder_picture(VeneerDecoder* decoder, VeneerImage* picture);

/* The preview of the file, at an eighth of the sides; `pixels` is NULL where there is none. */
VENEER_API VeneerStatus veneer_decoder_preview(const VeneerDecoder* decoder, VeneerImage* preview);

/* Takes the next bytes of a JPEG. 0: no more are wanted. */
typedef int (*VeneerWrite)(void* opaque, const uint8_t* data, size_t size);

/* The JPEG that the file keeps, byte for byte, in pieces to `write`; the whole file must have been given. Nothing else of
 * the decoder changes. VENEER_FAILED: the file keeps none, or what its bytes come of is damaged, or `write` wants no
 * more; some pieces may have been written then. */
VENEER_API VeneerStatus veneer_decoder_jpeg(VeneerDecoder* decoder, VeneerWrite write, void* opaque);

/* The same of that part of the JPEG which stands before its first scan: its markers have the metadata, which are not in
 * VeneerInfo. Huffman tables that follow from the scans are 0 in it. It must have come, as it has with the first tile. */
VENEER_API VeneerStatus veneer_decoder_jpeg_front(VeneerDecoder* decoder, VeneerWrite write, void* opaque);

/* What is damaged or missing: how many there are, and each of them. Of very many the first ones, and a last one that
 * counts the others. */
VENEER_API int veneer_decoder_problem_count(const VeneerDecoder* decoder);
VENEER_API VeneerStatus veneer_decoder_problem(VeneerDecoder* decoder, int index, VeneerProblem* problem);

/* Why a function failed; VENEER_MISUSE where none has. */
VENEER_API VeneerStatus veneer_decoder_error(const VeneerDecoder* decoder, VeneerProblem* problem);

#ifdef __cplusplus
}
#endif
#endif
