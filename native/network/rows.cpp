// Row operations that only move, clamp or look up values.
#include "network/rows.h"

#include <algorithm>
#include <cstddef>

namespace veneer::network {

template <typename Source>
void load_row(const Source* source, const SourceRow& row, int low, int high, int16_t* out, int stride, int first,
              int last) {
  for (int x = first; x < last; ++x) {
    const Source* pixel = source + static_cast<ptrdiff_t>(std::min(x, row.width - 1)) * row.pixel_stride;
    int16_t* result = out + static_cast<ptrdiff_t>(x) * stride;
    for (int c = 0; c < row.channels; ++c) {
      result[c] = static_cast<int16_t>(std::clamp<int>(pixel[c * row.channel_stride], low, high));
    }
  }
}
template void load_row(const uint8_t*, const SourceRow&, int, int, int16_t*, int, int, int);
template void load_row(const int16_t*, const SourceRow&, int, int, int16_t*, int, int, int);

template <typename Result>
void store_row(const int16_t* in, int stride, const ResultRow& row, Result* out) {
  const int half = 1 << row.shift >> 1;
  for (int x = 0; x < row.width; ++x) {
    const int16_t* pixel = in + static_cast<ptrdiff_t>(x) * stride;
    Result* result = out + static_cast<ptrdiff_t>(x) * row.pixel_stride;
    for (int c = 0; c < row.channels; ++c) result[c] = static_cast<Result>((pixel[c] + half) >> row.shift);
  }
}
template void store_row(const int16_t*, int, const ResultRow&, uint8_t*);
template void store_row(const int16_t*, int, const ResultRow&, int16_t*);

void clip_row(const int16_t* in, int count, int low, int high, int16_t* out) {
  const int16_t least = static_cast<int16_t>(low), most = static_cast<int16_t>(high);
  for (int i = 0; i < count; ++i) out[i] = std::min(std::max(in[i], least), most);
}

void table_row(const int16_t* in, int count, Span<const int16_t> table, int first_value, int16_t* out) {
  const int last = static_cast<int>(table.size) - 1;
  for (int i = 0; i < count; ++i) out[i] = table[std::clamp(in[i] - first_value, 0, last)];
}

void copy_channels(const int16_t* in, int in_stride, int channels, int first, int last, int16_t* out, int out_stride) {
  for (int x = first; x < last; ++x) {
    std::copy_n(in + static_cast<ptrdiff_t>(x) * in_stride, channels, out + static_cast<ptrdiff_t>(x) * out_stride);
  }
}

void unshuffle_row(const int16_t* const* rows, int in_stride, int channels, int factor, int first, int last,
                   int16_t* out, int out_stride) {
  const int area = factor * factor;
  for (int x = first; x < last; ++x) {
    int16_t* result = out + static_cast<ptrdiff_t>(x) * out_stride;
    for (int dy = 0; dy < factor; ++dy) {
      const int16_t* in = rows[dy] + static_cast<ptrdiff_t>(x) * factor * in_stride;
      for (int dx = 0; dx < factor; ++dx) {
        for (int c = 0; c < channels; ++c) result[c * area + dy * factor + dx] = in[dx * in_stride + c];
      }
    }
  }
}

void shuffle_row(const int16_t* in, int in_stride, int channels, int factor, int phase, int first, int last,
                 int16_t* out, int out_stride) {
  const int area = factor * factor;
  const int16_t* pixel = in + static_cast<ptrdiff_t>(first / factor) * in_stride + phase * factor;
  int dx = first % factor;
  for (int x = first; x < last; ++x) {
    int16_t* result = out + static_cast<ptrdiff_t>(x) * out_stride;
    for (int c = 0; c < channels; ++c) result[c] = pixel[c * area + dx];
    if (++dx == factor) {
      dx = 0;
      pixel += in_stride;
    }
  }
}

}  // namespace veneer::network
