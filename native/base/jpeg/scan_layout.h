// The order of blocks in a scan.
// Source: ITU-T T.81, A.2; docs/format.md, "Script".
#pragma once
#include <cstdint>

#include "base/jpeg/headers.h"
#include "base/jpeg/image.h"

namespace veneer::jpeg {

class ScanLayout {
 public:
  ScanLayout(const Image& image, const ScanHeader& scan) : count_(scan.count) {
    for (int i = 0; i < count_; ++i) {
      const Component& c = image.component[scan.component[i]];
      const bool alone = count_ == 1;
      part_[i].component = scan.component[i];
      part_[i].h = alone ? 1 : c.h;
      part_[i].v = alone ? 1 : c.v;
      columns_ = alone ? c.visible_w : image.mcu_columns;
      rows_ = alone ? c.visible_h : image.mcu_rows;
      blocks_ += part_[i].h * part_[i].v;
    }
  }

  // MCUs of the scan; at most 2^26 blocks a component, so that blocks of a scan fit 32 bits without a sign.
  uint32_t mcus() const { return static_cast<uint32_t>(columns_) * static_cast<uint32_t>(rows_); }
  int blocks() const { return blocks_; }  // of an MCU

  // Calls visit(part of the scan, row, column of the block) for each block of an MCU until it returns false.
  template <class Visit>
  bool each_block(uint32_t mcu, const Visit& visit) const {
    const int row = static_cast<int>(mcu / static_cast<uint32_t>(columns_));
    const int column = static_cast<int>(mcu % static_cast<uint32_t>(columns_));
    for (int i = 0; i < count_; ++i) {
      for (int y = 0; y < part_[i].v; ++y) {
        for (int x = 0; x < part_[i].h; ++x) {
          if (!visit(i, row * part_[i].v + y, column * part_[i].h + x)) return false;
        }
      }
    }
    return true;
  }

 private:
  struct {
    int component = 0, h = 1, v = 1;
  } part_[kMaxComponents];
  int count_, columns_ = 0, rows_ = 0, blocks_ = 0;
};

}  // namespace veneer::jpeg
