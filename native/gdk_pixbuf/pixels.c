#include "pixels.h"

#include <math.h>
#include <string.h>

enum {
  kSamples = 1 << 16,
  kLinear = 8, /* TransferCharacteristics of ITU-T H.273 */
  kSrgb = 13,
};

/* The value of the bits of binary16 of IEEE 754. */
static float half_to_float(guint16 bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float sign = bits >> 15 ? -1.0f : 1.0f;
  if (exponent == 31) return fraction ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * ldexpf((float)fraction, -24);
  return sign * ldexpf((float)(1024 + fraction), exponent - 25);
}

/* Light as a byte; what is no number is dark. */
static guint8 byte_of_light(float light, gboolean is_linear) {
  if (!(light > 0)) return 0;
  if (light >= 1) return 255;
  if (is_linear) light = light <= 0.0031308f ? 12.92f * light : 1.055f * powf(light, 1 / 2.4f) - 0.055f;
  return (guint8)(light * 255 + 0.5f);
}

int veneer_shown_transfer(const VeneerInfo* info) {
  const gboolean gets_curve = info->sample_format == VENEER_HALF_FLOATS && info->transfer_characteristics == kLinear;
  return gets_curve ? kSrgb : info->transfer_characteristics;
}

void veneer_conversion_init(VeneerConversion* conversion, const VeneerImage* image, const VeneerInfo* info) {
  conversion->is_linear = info->transfer_characteristics == kLinear;
  conversion->table = NULL;
  const gboolean is_half = image->sample_format == VENEER_HALF_FLOATS;
  if (image->bit_depth == 8) return;
  conversion->table = g_malloc(kSamples);
  const guint most = (1u << image->bit_depth) - 1;
  for (guint i = 0; i < kSamples; ++i) {
    conversion->table[i] = is_half ? byte_of_light(half_to_float((guint16)i), conversion->is_linear)
                                   : (guint8)((MIN(i, most) * 255 + most / 2) / most);
  }
}

void veneer_conversion_clear(VeneerConversion* conversion) {
  g_free(conversion->table);
  conversion->table = NULL;
}

/* A row of bytes of `channels` samples each, to RGB or RGBA. */
static void spread_row(const guint8* samples, int channels, int width, guint8* row) {
  if (channels >= 3) {
    memcpy(row, samples, (gsize)width * (gsize)channels);
    return;
  }
  for (int x = 0; x < width; ++x, samples += channels) {
    *row++ = samples[0];
    *row++ = samples[0];
    *row++ = samples[0];
    if (channels == 2) *row++ = samples[1];
  }
}

/* Half floats with alpha are premultiplied, which pixbufs are not. */
static void convert_premultiplied(const VeneerConversion* conversion, const guint16* samples, int channels, int width,
                                  guint8* bytes) {
  for (int x = 0; x < width; ++x, samples += channels, bytes += channels) {
    const float alpha = half_to_float(samples[channels - 1]);
    const gboolean is_opaque = !(alpha > 0 && alpha < 1); /* or clear, whose colour is light of its own */
    for (int c = 0; c < channels - 1; ++c) {
      bytes[c] = is_opaque ? conversion->table[samples[c]]
                           : byte_of_light(half_to_float(samples[c]) / alpha, conversion->is_linear);
    }
    bytes[channels - 1] = byte_of_light(alpha, FALSE);
  }
}

/* A row of any samples as bytes. */
static void convert_row(const VeneerConversion* conversion, const VeneerImage* image, const guint8* row, int width,
                        guint8* bytes) {
  const int count = width * image->channels;
  const guint16* wide = (const guint16*)(const void*)row;
  if (image->sample_format == VENEER_HALF_FLOATS && image->channels % 2 == 0) {
    convert_premultiplied(conversion, wide, image->channels, width, bytes);
  } else if (image->bytes_per_sample == 2) {
    for (int i = 0; i < count; ++i) bytes[i] = conversion->table[wide[i]];
  } else {
    for (int i = 0; i < count; ++i) bytes[i] = conversion->table[row[i]];
  }
}

void veneer_copy_region(const VeneerConversion* conversion, const VeneerImage* image, VeneerRect region,
                        GdkPixbuf* pixbuf) {
  const gsize stride = (gsize)gdk_pixbuf_get_rowstride(pixbuf);
  const gsize pixel_bytes = (gsize)gdk_pixbuf_get_n_channels(pixbuf);
  guint8* pixels = gdk_pixbuf_get_pixels(pixbuf);
  guint8* bytes = conversion->table != NULL ? g_malloc((gsize)region.width * (gsize)image->channels) : NULL;
  for (int y = region.y; y < region.y + region.height; ++y) {
    const guint8* samples =
        image->pixels + y * image->stride + (ptrdiff_t)region.x * image->channels * image->bytes_per_sample;
    if (bytes != NULL) {
      convert_row(conversion, image, samples, region.width, bytes);
      samples = bytes;
    }
    spread_row(samples, image->channels, region.width, pixels + (gsize)y * stride + (gsize)region.x * pixel_bytes);
  }
  g_free(bytes);
}
