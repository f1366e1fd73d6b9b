/* Samples of libveneer as those of a pixbuf: RGB or RGBA of 8 bits. */
#ifndef VENEER_GDK_PIXBUF_PIXELS_H
#define VENEER_GDK_PIXBUF_PIXELS_H

#include <gdk-pixbuf/gdk-pixbuf.h>

#include "veneer/decode.h"

/* How samples become bytes; made once for a file.
 *
 * Integers of other depths than 8 are brought to 0..255 by scale, rounded to the nearest value. Half floats are light of
 * 0 (dark) to 1 (white), with sRGB's curve where the file says that they are linear; more light than 1 is white. */
typedef struct VeneerConversion {
  gboolean is_linear; /* of half floats */
  guint8* table;      /* of 65536 bytes by sample; NULL for integers of 8 bits */
} VeneerConversion;

/* TransferCharacteristics of ITU-T H.273 of the pixels in a pixbuf: those of the file, but for linear half floats. */
int veneer_shown_transfer(const VeneerInfo* info);

/* For pictures like `image`, of a file with these headers; to be cleared. */
void veneer_conversion_init(VeneerConversion* conversion, const VeneerImage* image, const VeneerInfo* info);
void veneer_conversion_clear(VeneerConversion* conversion);

/* Copies a region, which lies within both, to the same place of a pixbuf of the same size, with alpha where the image
 * has it. */
void veneer_copy_region(const VeneerConversion* conversion, const VeneerImage* image, VeneerRect region,
                        GdkPixbuf* pixbuf);

#endif
