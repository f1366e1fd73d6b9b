// Rectangles of pixels.
#pragma once
#include <algorithm>

namespace veneer {

struct Rect {
  int x = 0, y = 0, width = 0, height = 0;

  int right() const { return x + width; }
  int bottom() const { return y + height; }
  bool empty() const { return width <= 0 || height <= 0; }
  bool contains(const Rect& other) const {
    return other.x >= x && other.y >= y && other.right() <= right() && other.bottom() <= bottom();
  }
  // The same rectangle, measured from the corner of another.
  Rect within(const Rect& other) const { return {x - other.x, y - other.y, width, height}; }
  Rect scaled(int factor) const { return {factor * x, factor * y, factor * width, factor * height}; }
  bool operator==(const Rect& other) const {
    return x == other.x && y == other.y && width == other.width && height == other.height;
  }
};

// The intersection of two rectangles; it may be empty.
inline Rect intersection(const Rect& a, const Rect& b) {
  const int x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  return {x, y, std::max(0, std::min(a.right(), b.right()) - x), std::max(0, std::min(a.bottom(), b.bottom()) - y)};
}

// The squares of `side` pixels that a rectangle touches, counted in squares.
inline Rect squares_of(const Rect& box, int side) {
  const int x = box.x / side, y = box.y / side;
  return {x, y, (box.right() + side - 1) / side - x, (box.bottom() + side - 1) / side - y};
}

}  // namespace veneer
