/* ICC profiles for colour that a file names by codes of ITU-T H.273, for programs that know profiles alone. */
#ifndef VENEER_GDK_PIXBUF_PROFILE_H
#define VENEER_GDK_PIXBUF_PROFILE_H

#include <glib.h>

/* A profile for RGB samples, to be unreferenced; NULL where the codes say sRGB, say nothing, or are unknown.
 *   primaries, transfer: ColourPrimaries and TransferCharacteristics.
 *   full_range: 0 where samples have video range, which the profile's curve stretches.
 * Of PQ and HLG the curve is that of a display whose white is 203 cd/m2, with highlights rolled off. */
GByteArray* veneer_profile_of_codes(int primaries, int transfer, gboolean full_range);

#endif
