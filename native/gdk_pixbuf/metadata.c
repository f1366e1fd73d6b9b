/* Sources: Exif 2.32, 4.6.2; TIFF 6.0, section 2; ICC.1:2022, annex B.4 (profiles in JPEG); ITU-T T.81, annex B. */
#include "metadata.h"

#include <string.h>

#include "pixels.h"
#include "profile.h"

enum {
  kOrientationTag = 0x0112,
  kShort = 3,
  kEntrySize = 12,
  kStartOfScan = 0xda,
  kApp1 = 0xe1,
  kApp2 = 0xe2,
  kMostProfileParts = 255,
};

static const double kMetresPerInch = 0.0254;
static const gchar kExifPrefix[] = "Exif\0"; /* with the zero at its end: six bytes */
static const gchar kIccPrefix[] = "ICC_PROFILE";

static guint number_16(const guint8* at, gboolean is_big) {
  return is_big ? (guint)at[0] << 8 | at[1] : (guint)at[1] << 8 | at[0];
}

static guint32 number_32(const guint8* at, gboolean is_big) {
  const guint first = number_16(at, is_big), second = number_16(at + 2, is_big);
  return is_big ? (guint32)first << 16 | second : (guint32)second << 16 | first;
}

int veneer_exif_orientation(const guint8* exif, gsize size) {
  if (size < 8 || (memcmp(exif, "II*\0", 4) != 0 && memcmp(exif, "MM\0*", 4) != 0)) return 1;
  const gboolean is_big = exif[0] == 'M';
  const gsize directory = number_32(exif + 4, is_big);
  if (directory > size - 2) return 1;
  const guint count = number_16(exif + directory, is_big);
  for (guint i = 0; i < count; ++i) {
    const gsize place = directory + 2 + (gsize)i * kEntrySize;
    if (place + kEntrySize > size) return 1;
    const guint8* entry = exif + place;
    if (number_16(entry, is_big) != kOrientationTag || number_16(entry + 2, is_big) != kShort) continue;
    const guint value = number_16(entry + 8, is_big);
    return value >= 1 && value <= 8 ? (int)value : 1;
  }
  return 1;
}

static int append(void* array, const uint8_t* data, size_t size) {
  g_byte_array_append(array, data, (guint)size);
  return 1;
}

/* A segment of a JPEG: its marker and what follows its length. Moves `*at` behind it; FALSE where there are no more. */
static gboolean next_segment(const GByteArray* jpeg, gsize* at, guint8* marker, const guint8** data, gsize* size) {
  while (*at + 1 < jpeg->len && jpeg->data[*at] == 0xff && jpeg->data[*at + 1] == 0xff) *at += 1; /* fill bytes */
  if (*at + 4 > jpeg->len || jpeg->data[*at] != 0xff) return FALSE;
  *marker = jpeg->data[*at + 1];
  const gsize length = number_16(jpeg->data + *at + 2, TRUE);
  if (*marker == kStartOfScan || length < 2 || *at + 2 + length > jpeg->len) return FALSE;
  *data = jpeg->data + *at + 4;
  *size = length - 2;
  *at += 2 + length;
  return TRUE;
}

static gboolean begins(const guint8* data, gsize size, const gchar* prefix, gsize length) {
  return size >= length && memcmp(data, prefix, length) == 0;
}

/* Orientation and ICC profile of a JPEG that the file keeps, which are in the JPEG's own markers. The profile is to be
 * freed, and NULL where there is none, or a part of it is missing. */
static void read_jpeg(const GByteArray* jpeg, int* orientation, GByteArray** profile) {
  const guint8* parts[kMostProfileParts + 1] = {NULL};
  gsize sizes[kMostProfileParts + 1] = {0};
  guint part_count = 0;
  guint8 marker;
  const guint8* data;
  gsize size;
  gboolean has_exif = FALSE;
  for (gsize at = 2; next_segment(jpeg, &at, &marker, &data, &size);) { /* behind SOI */
    if (marker == kApp1 && !has_exif && begins(data, size, kExifPrefix, sizeof kExifPrefix)) {
      has_exif = TRUE;
      *orientation = veneer_exif_orientation(data + sizeof kExifPrefix, size - sizeof kExifPrefix);
    }
    const gsize header = sizeof kIccPrefix + 2; /* number of the part, from 1 on, and of parts */
    if (marker == kApp2 && size > header && begins(data, size, kIccPrefix, sizeof kIccPrefix)) {
      const guint number = data[header - 2];
      part_count = data[header - 1];
      parts[number] = data + header;
      sizes[number] = size - header;
    }
  }
  GByteArray* whole = g_byte_array_new();
  for (guint i = 1; i <= part_count && whole != NULL; ++i) {
    if (parts[i] != NULL) {
      g_byte_array_append(whole, parts[i], (guint)sizes[i]);
    } else {
      g_byte_array_unref(whole);
      whole = NULL;
    }
  }
  *profile = whole;
}

static void set_profile(GdkPixbuf* pixbuf, const guint8* profile, gsize size) {
  if (size == 0) return;
  gchar* text = g_base64_encode(profile, size);
  gdk_pixbuf_set_option(pixbuf, "icc-profile", text);
  g_free(text);
}

/* The same of colour that the file names by codes. */
static void set_profile_of_codes(GdkPixbuf* pixbuf, const VeneerInfo* info) {
  GByteArray* profile = veneer_profile_of_codes(info->colour_primaries, veneer_shown_transfer(info), info->full_range);
  if (profile == NULL) return;
  set_profile(pixbuf, profile->data, profile->len);
  g_byte_array_unref(profile);
}

static void set_number(GdkPixbuf* pixbuf, const gchar* key, int value) {
  gchar text[16];
  g_snprintf(text, sizeof text, "%d", value);
  gdk_pixbuf_set_option(pixbuf, key, text);
}

void veneer_set_options(VeneerDecoder* decoder, GdkPixbuf* pixbuf) {
  VeneerInfo info;
  if (veneer_decoder_info(decoder, &info) != VENEER_OK) return;
  int orientation = info.exif.data != NULL ? veneer_exif_orientation(info.exif.data, info.exif.size) : 1;
  if (info.icc.data != NULL) set_profile(pixbuf, info.icc.data, info.icc.size);
  if (info.base_kind == VENEER_BASE_JPEG) {
    GByteArray* front = g_byte_array_new();
    if (veneer_decoder_jpeg_front(decoder, append, front) == VENEER_OK) {
      GByteArray* profile = NULL;
      read_jpeg(front, &orientation, &profile);
      if (profile != NULL) {
        set_profile(pixbuf, profile->data, profile->len);
        g_byte_array_unref(profile);
      }
    }
    g_byte_array_unref(front);
  }
  if (gdk_pixbuf_get_option(pixbuf, "icc-profile") == NULL) set_profile_of_codes(pixbuf, &info);
  if (orientation != 1) set_number(pixbuf, "orientation", orientation);
  if (info.density_unit == 1) { /* pixels per metre */
    set_number(pixbuf, "x-dpi", (int)(info.density_x * kMetresPerInch + 0.5));
    set_number(pixbuf, "y-dpi", (int)(info.density_y * kMetresPerInch + 0.5));
  }
}
