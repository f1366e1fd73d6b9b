#include "base/jpeg/sample_rows.h"

#include <algorithm>

namespace veneer::jpeg {
namespace {

constexpr int kMargin = 16;  // bytes before the first sample of a row, of which one is a sample

int ceil_div(int a, int b) { return (a + b - 1) / b; }

}  // namespace

Sampling::Sampling(const Image& image, int component) : h_most(image.h_most), v_most(image.v_most) {
  const Component& c = image.component[component];
  h = image.count > 1 ? c.h : 1;
  v = image.count > 1 ? c.v : 1;
  width = ceil_div(image.width * h, h_most);
  height = ceil_div(image.height * v, v_most);
  const bool twice_across = 2 * h == h_most, twice_down = 2 * v == v_most, interpolates_across = width > 2;
  if (h == h_most && v == v_most) {
    enlarging = Enlarging::kNone;
  } else if (h == h_most && twice_down) {
    enlarging = Enlarging::kDown;
  } else if (twice_across && v == v_most && interpolates_across) {
    enlarging = Enlarging::kAcross;
  } else if (twice_across && twice_down && interpolates_across) {
    enlarging = Enlarging::kBoth;
  } else {
    enlarging = Enlarging::kRepeat;
  }
}

SampleRows::SampleRows(const Image& image, int component, int left, int right)
    : kernels_(pixel_kernels()),
      component_(image.component[component]),
      sampling_(image, component),
      left_(left),
      right_(right),
      first_(sampling_.column_of(left)),
      last_(sampling_.column_of(right - 1)) {
  const int around = sampling_.reads_columns_around() ? 1 : 0;
  first_block_ = std::max(0, first_ - around) / kBlockSide;
  blocks_ = std::min(sampling_.width - 1, last_ + around) / kBlockSide + 1 - first_block_;
  stride_ = ptrdiff_t{kBlockSide} * blocks_ + 2 * kMargin;
  samples_.resize(static_cast<size_t>(2 * kBlockSide * stride_));
  if (sampling_.enlarging != Enlarging::kNone) enlarged_.resize(2 * static_cast<size_t>(right - left) + 4);
  if (sampling_.enlarging == Enlarging::kBoth) sums_.resize(static_cast<size_t>(last_ - first_ + 3));
  const uint16_t* const steps = image.quantization[component_.table];
  for (int i = 0; i < kBlockSize; ++i) steps_[i] = static_cast<int16_t>(std::min<int>(steps[i], INT16_MAX));
}

void SampleRows::make_blocks(int block_row, uint8_t* samples) {
  kernels_.inverse(component_.block(block_row, first_block_), steps_, blocks_, samples, stride_);
  const int begin = kBlockSide * first_block_, end = begin + kBlockSide * blocks_;
  for (int y = 0; y < kBlockSide; ++y) {
    uint8_t* const line = samples + y * stride_;
    // The samples of the edges go on beyond them.
    if (begin == 0) line[-1] = line[0];
    if (end >= sampling_.width) line[sampling_.width - begin] = line[sampling_.width - 1 - begin];
  }
}

const uint8_t* SampleRows::row(int r) {
  const int block_row = r / kBlockSide, slot = block_row & 1;
  uint8_t* const samples = samples_.data() + slot * kBlockSide * stride_ + kMargin;
  if (held_[slot] != block_row) {
    make_blocks(block_row, samples);
    held_[slot] = block_row;
  }
  return samples + (r % kBlockSide) * stride_ + (first_ - kBlockSide * first_block_);
}

const uint8_t* SampleRows::enlarged(int y) {
  const int r = sampling_.row_of(y), count = last_ - first_ + 1;
  const uint8_t* const near = row(r);
  if (sampling_.enlarging == Enlarging::kNone) return near;
  uint8_t* const out = enlarged_.data();
  if (sampling_.enlarging == Enlarging::kRepeat) {
    for (int x = left_; x < right_; ++x) out[x - left_] = near[sampling_.column_of(x) - first_];
    return out;
  }
  const int shift = left_ - sampling_.h_most / sampling_.h * first_;  // columns before those that are wanted
  if (sampling_.enlarging == Enlarging::kAcross) {
    kernels_.across(near, count, out);
    return out + shift;
  }
  const bool above = y % 2 == 0;
  const uint8_t* const far = row(above ? std::max(0, r - 1) : std::min(sampling_.height - 1, r + 1));
  if (sampling_.enlarging == Enlarging::kDown) {
    kernels_.down(near, far, above ? 1 : 2, count, out);
    return out;
  }
  kernels_.both(near, far, count, sums_.data(), out);
  return out + shift;
}

}  // namespace veneer::jpeg
