// Row operations that only move, clamp or look up values: the same code for every target.
//
// Rows are as in kernels.h; `stride` is the number of values from pixel to pixel.
// Source: docs/format.md, "Integer operations".
#pragma once
#include <cstdint>

#include "common/span.h"

namespace veneer::network {

// How a row of a caller's picture lies in memory; strides count values.
struct SourceRow {
  int width, pixel_stride, channel_stride, channels;
};

// Row of a caller's picture to pixels first..last-1 of a ring's; pixels right of the picture repeat its last one.
template <typename Source>
void load_row(const Source* source, const SourceRow& row, int low, int high, int16_t* out, int stride, int first,
              int last);

// How a row is handed to the caller: pixels, values from pixel to pixel, channels, and bits that are rounded away.
struct ResultRow {
  int width, pixel_stride, channels, shift;
};

template <typename Result>
void store_row(const int16_t* in, int stride, const ResultRow& row, Result* out);

void clip_row(const int16_t* in, int count, int low, int high, int16_t* out);
// out = table[clamp(in - first_value, 0, size - 1)]
void table_row(const int16_t* in, int count, Span<const int16_t> table, int first_value, int16_t* out);
// Copies `channels` values of each pixel.
void copy_channels(const int16_t* in, int in_stride, int channels, int first, int last, int16_t* out, int out_stride);
// rows: the `factor` input rows; channels: of the input.
void unshuffle_row(const int16_t* const* rows, int in_stride, int channels, int factor, int first, int last,
                   int16_t* out, int out_stride);
// phase: row of the result modulo factor; channels: of the result.
void shuffle_row(const int16_t* in, int in_stride, int channels, int factor, int phase, int first, int last,
                 int16_t* out, int out_stride);

}  // namespace veneer::network
