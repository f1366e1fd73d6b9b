/* What gdk-pixbuf keeps beside pixels, as options of a pixbuf: ICC profile, orientation, density. */
#ifndef VENEER_GDK_PIXBUF_METADATA_H
#define VENEER_GDK_PIXBUF_METADATA_H

#include <gdk-pixbuf/gdk-pixbuf.h>

#include "veneer/decode.h"

/* Orientation of a TIFF structure, as Exif has it: 1..8, and 1 where nothing valid is said. */
int veneer_exif_orientation(const guint8* exif, gsize size);

/* Gives a pixbuf the options `icc-profile` (base64), `orientation`, `x-dpi` and `y-dpi`, as far as the file has them.
 * Those that the pixbuf has already stay. */
void veneer_set_options(VeneerDecoder* decoder, GdkPixbuf* pixbuf);

#endif
