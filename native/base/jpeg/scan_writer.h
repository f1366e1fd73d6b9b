// Writes the data of a scan from the levels, as encoders do, except where notes say otherwise.
//
// Source: ITU-T T.81, F.1.2 and G.1.2; docs/format.md, "Script".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/jpeg/bit_output.h"
#include "base/jpeg/headers.h"
#include "base/jpeg/image.h"
#include "base/jpeg/scan_layout.h"
#include "base/jpeg/script.h"
#include "base/jpeg/zigzag.h"
#include "common/bits.h"

namespace veneer::jpeg {

// Bits of a magnitude.
inline int bit_size(uint32_t value) { return value ? highest_bit(value) + 1 : 0; }

template <class Out>
class ScanWriter {
 public:
  ScanWriter(const Image& image, const Headers& headers, const ScanNotes& notes, Out* out)
      : image_(image),
        scan_(headers.scan()),
        layout_(image, scan_),
        progressive_(headers.frame().progressive),
        interval_(notes.no_restarts ? 0 : static_cast<uint32_t>(headers.restart_interval())),
        notes_(notes),
        out_(out) {}

  // Writes it all. *text is what follows the scan's header; what the data hold of it is taken from its beginning.
  // false: the notes cannot be true of this scan, or the output takes no more.
  bool write(Bytes* text) {
    const uint32_t mcus = layout_.mcus(), size = interval_ ? interval_ : mcus;
    size_t next = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; at < mcus; ++i) {
      IntervalNote note;
      note.restart = i & 7;
      const bool noted = next < notes_.intervals.size() && notes_.intervals[next].interval == i;
      if (noted) note = notes_.intervals[next++];
      const uint32_t full = std::min(size, mcus - at);
      if (note.cut && note.mcus >= full) return false;
      if (!write_interval(at, note.cut ? note.mcus : full)) return false;
      note.cut ? out_->drop() : out_->pad();
      at += full;
      if (note.last || at == mcus) break;
      if (note.text > text->size) return false;
      out_->text(text->part(0, note.text));
      *text = text->from(note.text);
      out_->marker(static_cast<uint8_t>(0xd0 + note.restart));
    }
    return next == notes_.intervals.size() && next_flip_ == notes_.flips.size() &&
           next_zeros_ == notes_.zero_runs.size();
  }

 private:
  bool write_interval(uint32_t first, uint32_t count) {
    std::fill_n(predicted_, kMaxComponents, 0);
    block_ = first * static_cast<uint32_t>(layout_.blocks());
    for (uint32_t mcu = first; mcu < first + count; ++mcu) {
      const auto write = [&](int part, int row, int column) {
        good_ = good_ && write_block(part, image_.component[scan_.component[part]].block(row, column));
        ++block_;
        return good_;
      };
      if (!layout_.each_block(mcu, write) || !out_->good()) return false;
    }
    end_run();
    return good_ && out_->good();
  }

  bool write_block(int part, const int16_t* block) {
    if (!progressive_) return write_dc(part, block[0]) && write_band(part, block);
    if (scan_.first == 0) {
      if (scan_.high == 0) return write_dc(part, block[0] >> scan_.low);
      out_->bits(static_cast<uint32_t>(block[0] >> scan_.low), 1);
      return true;
    }
    return scan_.high == 0 ? write_band(part, block) : refine_band(block);
  }

  // A value whose magnitude has `size` bits; negative ones less 1.
  void write_value(int32_t value, int size) { out_->bits(static_cast<uint32_t>(value - (value < 0)), size); }

  bool write_dc(int part, int32_t value) {
    const int32_t difference = value - predicted_[part];
    predicted_[part] = value;
    const int size = bit_size(static_cast<uint32_t>(std::abs(difference)));
    if (size > 15) return false;
    out_->symbol(0, scan_.dc[part], size);
    write_value(difference, size);
    return true;
  }

  // Most blocks of the scans of many files are so.
  static bool has_dc_alone(const int16_t* block) {
    int levels = 0;
    for (int i = 1; i < kBlockSize; ++i) levels |= block[i];
    return levels == 0;
  }

  // Coefficients of a sequential block from 1 on, or the first bits of those of a band.
  bool write_band(int part, const int16_t* block) {
    const int table = scan_.ac[part], low = scan_.low;
    const int first = std::max(scan_.first, 1);
    const bool empty = has_dc_alone(block);
    int zeros = empty ? scan_.last - first + 1 : 0;
    for (int k = first; !empty && k <= scan_.last; ++k) {
      const int32_t level = block[kNaturalOrder[k]];
      const int32_t magnitude = std::abs(level) >> low;
      if (magnitude == 0) {
        ++zeros;
        continue;
      }
      end_run();
      for (; zeros > 15; zeros -= 16) out_->symbol(1, table, 0xf0);
      const int size = bit_size(static_cast<uint32_t>(magnitude));
      if (size > 15) return false;
      out_->symbol(1, table, zeros << 4 | size);
      write_value(level < 0 ? -magnitude : magnitude, size);
      zeros = 0;
    }
    for (uint32_t more = noted_zeros(); more > 0; --more, zeros -= 16) {
      if (zeros < 16) return false;
      end_run();
      out_->symbol(1, table, 0xf0);
    }
    if (zeros == 0) return true;
    if (progressive_) {
      count_block(false);
    } else {
      out_->symbol(1, table, 0);
    }
    return true;
  }

  // One more bit of the coefficients of a band.
  bool refine_band(const int16_t* block) {
    const int table = scan_.ac[0], low = scan_.low;
    const bool empty = has_dc_alone(block);
    int end = empty ? 0 : scan_.last;  // of coefficients that are new
    while (end >= scan_.first && std::abs(block[kNaturalOrder[end]]) >> low != 1) --end;
    int k = scan_.first;
    while (k <= end) {
      const int from = k;
      int zeros = 0;
      while (zeros < 16 && std::abs(block[kNaturalOrder[k]]) >> low != 1) {
        zeros += std::abs(block[kNaturalOrder[k]]) >> low == 0;
        ++k;
      }
      end_run();
      if (zeros == 16) {  // the 16th is the one before k
        out_->symbol(1, table, 0xf0);
      } else {
        out_->symbol(1, table, zeros << 4 | 1);
        out_->bits(block[kNaturalOrder[k]] > 0, 1);
        ++k;
      }
      correct(block, from, k);
    }
    for (uint32_t more = noted_zeros(); more > 0; --more) {
      if (k > scan_.last) return false;
      const int from = k;
      for (int zeros = 0; zeros < 16 && k <= scan_.last; ++k) zeros += std::abs(block[kNaturalOrder[k]]) >> low == 0;
      end_run();
      out_->symbol(1, table, 0xf0);
      correct(block, from, k);
    }
    if (k > scan_.last) return true;
    for (; !empty && k <= scan_.last; ++k) {
      const int magnitude = std::abs(block[kNaturalOrder[k]]) >> low;
      if (magnitude > 1) waiting_.push_back(magnitude & 1);
    }
    count_block(true);
    return true;
  }

  // Bits of the coefficients from `from` to before `to` that were not 0 before.
  void correct(const int16_t* block, int from, int to) {
    for (int k = from; k < to; ++k) {
      const int magnitude = std::abs(block[kNaturalOrder[k]]) >> scan_.low;
      if (magnitude > 1) out_->bits(static_cast<uint32_t>(magnitude), 1);
    }
  }

  // Codes of 16 zeros after the last coefficient of this block.
  uint32_t noted_zeros() {
    if (next_zeros_ == notes_.zero_runs.size() || notes_.zero_runs[next_zeros_].block != block_) return 0;
    return notes_.zero_runs[next_zeros_++].count;
  }

  // This block joins a run of blocks without further coefficients.
  void count_block(bool refines) {
    ++run_;
    bool ends = run_ == kLongestRun || notes_.runs == RunRule::kOne;
    ends |= refines && notes_.runs == RunRule::kBuffer && waiting_.size() > kMostWaiting;
    if (next_flip_ < notes_.flips.size() && notes_.flips[next_flip_] == block_) {
      ++next_flip_;
      ends = !ends || run_ == kLongestRun;
    }
    if (ends) end_run();
  }

  void end_run() {
    if (run_ == 0) return;
    const int size = bit_size(run_) - 1;
    out_->symbol(1, scan_.ac[0], size << 4);
    out_->bits(run_, size);
    run_ = 0;
    for (const uint8_t bit : waiting_) out_->bits(bit, 1);
    waiting_.clear();
  }

  const Image& image_;
  const ScanHeader& scan_;
  const ScanLayout layout_;
  const bool progressive_;
  const uint32_t interval_;
  const ScanNotes& notes_;
  Out* const out_;
  bool good_ = true;
  int32_t predicted_[kMaxComponents] = {};
  uint32_t block_ = 0;  // of the scan
  uint32_t run_ = 0;
  Vector<uint8_t> waiting_;  // bits of refinement of the blocks of the run
  size_t next_flip_ = 0, next_zeros_ = 0;
};

}  // namespace veneer::jpeg
