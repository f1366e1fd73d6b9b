// A view of consecutive values; it owns nothing.
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer {

template <typename T>
struct Span {
  T* data = nullptr;
  size_t size = 0;

  T* begin() const { return data; }
  T* end() const { return data + size; }
  T& operator[](size_t i) const { return data[i]; }
  bool empty() const { return size == 0; }
  // Values from `first` on, `count` of them: both within the span.
  Span part(size_t first, size_t count) const { return {data + first, count}; }
  Span from(size_t first) const { return {data + first, size - first}; }
};

using Bytes = Span<const uint8_t>;

}  // namespace veneer
