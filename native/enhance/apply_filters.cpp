// A band of rows of the picture at a time, from top to bottom: filters see a copy of the band and of the rows around it,
// as restore() made them, and write to the picture.
#include "enhance/apply_filters.h"

#include <algorithm>
#include <cstdint>

namespace veneer {
namespace {

constexpr int kMaxBandRows = 16 * kFilterRows;

// Filters as the kernel takes them.
PlaneFilters kernel_filters(const CodedPlaneFilters& coded) {
  PlaneFilters filters = {};
  for (int k = 0; k < kMaxFilterClasses - 1; ++k) {
    filters.thresholds[k] = k + 1 < coded.count ? filter_threshold(coded.thresholds[k]) : INT32_MAX;  // never reached
  }
  for (int k = 0; k < coded.count; ++k) {
    for (int i = 0; i < kFilterTaps; ++i) filters.coefficients[i][k] = coded.coefficients[k][i];
  }
  return filters;
}

void filter_piece(const FilterInput& input, const Rect& box, const TileFilters& tile, const View<int16_t>& out) {
  PlaneFilters filters[3] = {};
  for (int p = 0; p < tile.planes; ++p) filters[p] = kernel_filters(tile.plane[p]);
  filter_box(input, box, filters, filter_threshold(tile.clip), out);
}

struct Piece {
  Rect box;  // of at most kFilterRows rows
  const TileFilters* filters;
};

// The parts of tiles with filters that lie in a band of the picture.
Vector<Piece> pieces_in(const Rect& band, Span<const PlacedFilters> tiles) {
  Vector<Piece> pieces;
  for (const PlacedFilters& tile : tiles) {
    const Rect box = intersection(tile.box, band);
    if (box.empty() || !tile.filters.any()) continue;
    for (int y = box.y; y < box.bottom(); y += kFilterRows) {
      pieces.push_back({{box.x, y, box.width, std::min(kFilterRows, box.bottom() - y)}, &tile.filters});
    }
  }
  return pieces;
}

// A copy of the rows of one band after another, with kFiltersMargin rows around it, as they were before they were filtered.
class BandCopy {
 public:
  BandCopy(const View<const int16_t>& picture, int rows)
      : picture_(picture),
        copy_(picture.width, std::min(rows + 2 * kFiltersMargin, picture.height), picture.channels) {}

  // Moves on to a band whose rows have not been filtered. Those above may have been, if they are in the copy.
  void move_to(const Rect& band) {
    const int top = std::max(0, band.y - kFiltersMargin);
    const int bottom = std::min(picture_.height, band.bottom() + kFiltersMargin);
    const int kept = std::max(top, std::min(rows_.bottom(), bottom));  // rows before this are in the copy
    const View<int16_t> out = copy_.view();
    for (int y = top; y < bottom; ++y) {
      const int16_t* row = y < kept ? copy_.view().row(y - rows_.y) : picture_.row(y);
      std::copy_n(row, static_cast<size_t>(out.stride), out.row(y - top));
    }
    rows_ = {0, top, picture_.width, bottom - top};
  }

  // The rows that the copy holds: their place in the picture, and the copy itself.
  const Rect& rows() const { return rows_; }
  View<const int16_t> view() const { return copy_.view().part({0, 0, rows_.width, rows_.height}); }

 private:
  View<const int16_t> picture_;
  Image<int16_t> copy_;
  Rect rows_;
};

}  // namespace

void apply_filters(Image<int16_t>* enhanced, const View<const int16_t>& base, Span<const PlacedFilters> tiles,
                   Runner& runner) {
  if (pieces_in(base.size(), tiles).empty()) return;
  const int rows = std::min(kFilterRows * runner.threads(), kMaxBandRows);
  BandCopy copy(enhanced->view(), rows);
  for (int top = 0; top < base.height; top += rows) {
    const Rect band = {0, top, base.width, std::min(rows, base.height - top)};
    const Vector<Piece> pieces = pieces_in(band, tiles);
    if (pieces.empty()) continue;
    copy.move_to(band);
    const FilterInput input = {copy.view(), base.part(copy.rows())};
    const View<int16_t> out = enhanced->view().part(copy.rows());
    run_parallel(runner, static_cast<int>(pieces.size()), [&](int i) {
      const Piece& piece = pieces[static_cast<size_t>(i)];
      filter_piece(input, piece.box.within(copy.rows()), *piece.filters, out);
    });
  }
}

}  // namespace veneer
