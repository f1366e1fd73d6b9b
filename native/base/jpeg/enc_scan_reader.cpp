#include "base/jpeg/enc_scan_reader.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/jpeg/enc_bit_input.h"
#include "base/jpeg/scan_layout.h"
#include "base/jpeg/zigzag.h"

namespace veneer::jpeg {
namespace {

constexpr size_t kMostFlips = size_t{1} << 24;

// Of runs of blocks: where the file does not do what each of the rules says.
class RunNotes {
 public:
  explicit RunNotes(bool refines) : refines_(refines) {}

  // A run begins with this block, as the first code of it or not.
  void begin(uint32_t block, bool first_code) {
    if (first_code && ended_ && last_ + 1 == block) {  // the block before could have had it in its run
      for (int rule = 0; rule < kRunRules; ++rule) {
        if (!ends_by(rule)) add(rule, last_);
      }
    }
    length_ = 0;
    waiting_ = 0;
  }
  void bit() { ++waiting_; }
  // The block is in the run. `more`: the next one is as well.
  void count(uint32_t block, bool more) {
    ++length_;
    last_ = block;
    ended_ = !more;
    if (!more) return;
    for (int rule = 0; rule < kRunRules; ++rule) {
      if (ends_by(rule)) add(rule, block);
    }
  }
  void restart() { ended_ = false; }

  // Blocks from this one on are not coded after all.
  void forget(uint32_t from) {
    for (auto& flips : flips_) {
      while (!flips.empty() && flips.back() >= from) flips.pop_back();
    }
  }

  void choose(ScanNotes* notes) {
    int best = 0;
    for (int rule = 1; rule < kRunRules; ++rule) {
      if (flips_[rule].size() < flips_[best].size()) best = rule;
    }
    notes->runs = static_cast<RunRule>(best);
    notes->flips = flips_[best];
  }

 private:
  bool ends_by(int rule) const {
    if (length_ == kLongestRun) return true;
    const auto name = static_cast<RunRule>(rule);
    return name == RunRule::kOne || (name == RunRule::kBuffer && refines_ && waiting_ > kMostWaiting);
  }
  void add(int rule, uint32_t block) {
    if (flips_[rule].size() < kMostFlips) flips_[rule].push_back(block);
  }

  const bool refines_;
  uint32_t length_ = 0, waiting_ = 0, last_ = 0;
  bool ended_ = false;
  Vector<uint32_t> flips_[kRunRules];
};

class Reader {
 public:
  Reader(Bytes file, const Headers& headers, Image* image)
      : file_(file),
        scan_(headers.scan()),
        progressive_(headers.frame().progressive),
        image_(*image),
        layout_(*image, scan_),
        runs_(scan_.high != 0) {
    for (int i = 0; i < scan_.count; ++i) {
      if (scan_.first == 0 && scan_.high == 0) open(headers.table(0, scan_.dc[i]), &dc_[i]);
      if (scan_.last > 0) open(headers.table(1, scan_.ac[i]), &ac_[i]);
    }
  }

  // interval: MCUs between restarts; 0: none.
  ReadScan read(size_t at, uint32_t interval) {
    if (!tables_good_) return {};
    const uint32_t mcus = layout_.mcus(), size = interval ? interval : mcus;
    for (uint32_t i = 0, first = 0; first < mcus; ++i, first += size) {
      IntervalNote note;
      note.interval = i;
      const uint32_t full = std::min(size, mcus - first);
      note.mcus = read_interval(&at, first, full);
      note.cut = note.mcus < full;
      found_.mcus += note.mcus;
      if (first + full == mcus) {
        if (note.cut) found_.notes.intervals.push_back(note);
        break;
      }
      const size_t marker = find_marker(file_, at);
      note.last = marker == file_.size || !is_restart(file_[marker + 1]);
      if (!note.last) {
        note.restart = file_[marker + 1] & 7;
        note.text = static_cast<uint32_t>(marker - at);
        found_.text.insert(found_.text.end(), file_.data + at, file_.data + marker);
        at = marker + 2;
      }
      if (note.cut || note.last || note.text || note.restart != (i & 7)) found_.notes.intervals.push_back(note);
      if (note.last) break;
    }
    found_.good = found_.mcus > 0;
    found_.end = at;
    runs_.choose(&found_.notes);
    return std::move(found_);
  }

 private:
  void open(const HuffmanTable& table, std::optional<CodeReader>* reader) {
    tables_good_ = tables_good_ && table.valid;
    if (tables_good_) reader->emplace(table);
  }

  // MCUs that could be read, of `count`. Moves *at behind them.
  uint32_t read_interval(size_t* at, uint32_t first, uint32_t count) {
    BitInput in(file_, *at);
    in_ = &in;
    std::fill_n(predicted_, kMaxComponents, 0);
    run_ = 0;
    runs_.restart();
    BitInput before = in;  // at the last MCU that is not within a run of blocks
    uint32_t whole = 0;
    for (uint32_t mcu = 0; mcu < count; ++mcu) {
      if (run_ == 0) {
        before = in;
        whole = mcu;
      }
      block_ = (first + mcu) * static_cast<uint32_t>(layout_.blocks());
      left_ = count - mcu;
      const auto read = [&](int part, int row, int column) {
        const bool good = read_block(part, image_.component[scan_.component[part]].block(row, column));
        ++block_;
        return good;
      };
      if (layout_.each_block(first + mcu, read) && !in.past_end()) continue;
      forget((first + whole) * static_cast<uint32_t>(layout_.blocks()));
      *at = before.position();
      return whole;
    }
    for (int left = in.bits_of_byte(); left > 0; --left) found_.padding.push_back(static_cast<uint8_t>(in.bits(1)));
    *at = in.position();
    return count;
  }

  void forget(uint32_t from) {
    auto& zeros = found_.notes.zero_runs;
    while (!zeros.empty() && zeros.back().block >= from) zeros.pop_back();
    runs_.forget(from);
  }

  bool read_block(int part, int16_t* block) {
    if (!progressive_) return read_dc(part, block) && read_band(part, block);
    if (scan_.first == 0) {
      if (scan_.high == 0) return read_dc(part, block);
      if (in_->bits(1)) block[0] = static_cast<int16_t>(block[0] | 1 << scan_.low);
      return true;
    }
    return scan_.high == 0 ? read_band(part, block) : refine_band(block);
  }

  bool read_symbol(const CodeReader& reader, int* symbol) {
    const CodeReader::Code code = reader.find(in_->peek());
    in_->skip(code.length);
    *symbol = code.symbol;
    return code.length > 0;
  }
  int32_t read_value(int size) {
    if (size == 0) return 0;
    const auto bits = static_cast<int32_t>(in_->bits(size));
    return bits >> (size - 1) ? bits : bits - (1 << size) + 1;
  }

  bool read_dc(int part, int16_t* block) {
    int size = 0;
    if (!read_symbol(*dc_[part], &size) || size > 15) return false;
    predicted_[part] += read_value(size);
    const int64_t level = int64_t{predicted_[part]} * (1 << scan_.low);
    if (level < -32768 || level > 32767) return false;
    block[0] = static_cast<int16_t>(level);
    return true;
  }

  bool read_band(int part, int16_t* block) {
    if (run_ > 0) return run_goes_on();
    uint32_t zeros = 0;  // codes of 16 zeros since the last coefficient
    int symbol = 0;
    int k = std::max(scan_.first, 1);
    while (k <= scan_.last) {
      if (!read_symbol(*ac_[part], &symbol)) return false;
      const int size = symbol & 15, skipped = symbol >> 4;
      if (size == 0 && skipped < 15) {
        if (!progressive_) {
          note_zeros(zeros);
          return skipped == 0;
        }
        return begin_run(skipped, k == scan_.first, zeros);
      }
      k += skipped;
      if (k > scan_.last) return false;
      if (size == 0) {
        ++zeros;
      } else {
        const int32_t level = read_value(size) * (1 << scan_.low);
        if (level < -32767 || level > 32767) return false;
        block[kNaturalOrder[k]] = static_cast<int16_t>(level);
        zeros = 0;
      }
      ++k;
    }
    note_zeros(zeros);
    return true;
  }

  bool refine_band(int16_t* block) {
    int k = scan_.first;
    uint32_t zeros = 0;
    bool in_run = run_ > 0;
    while (!in_run && k <= scan_.last) {
      int symbol = 0;
      if (!read_symbol(*ac_[0], &symbol)) return false;
      const int size = symbol & 15;
      int skipped = symbol >> 4;
      if (size == 0 && skipped < 15) {
        if (!begin_run(skipped, k == scan_.first, zeros)) return false;
        ++run_;  // this block is counted below
        in_run = true;
        break;
      }
      if (size > 1) return false;
      const int sign = size && !in_->bits(1) ? -1 : 1;
      // Up to the place of the new coefficient, or up to the 16th zero.
      for (; k <= scan_.last; ++k) {
        int16_t& level = block[kNaturalOrder[k]];
        if (level == 0) {
          if (--skipped < 0) break;
        } else {
          refine(&level);
        }
      }
      if (size == 0) {
        ++zeros;
      } else {
        if (k > scan_.last) return false;
        block[kNaturalOrder[k]] = static_cast<int16_t>(sign * (1 << scan_.low));
        zeros = 0;
      }
      ++k;
    }
    if (!in_run) {
      note_zeros(zeros);
      return true;
    }
    for (; k <= scan_.last; ++k) {
      int16_t& level = block[kNaturalOrder[k]];
      if (level == 0) continue;
      refine(&level);
      runs_.bit();
    }
    return run_goes_on();
  }

  void refine(int16_t* level) {
    if (in_->bits(1)) *level = static_cast<int16_t>(*level + (*level < 0 ? -1 : 1) * (1 << scan_.low));
  }

  // A code of a run that begins with this block; afterwards run_ is the number of blocks after it.
  bool begin_run(int size, bool first_code, uint32_t zeros) {
    note_zeros(zeros);
    const uint32_t length = (1u << size) + in_->bits(size);
    if (length > left_) return false;
    runs_.begin(block_, first_code);
    run_ = length - 1;
    if (scan_.high == 0) runs_.count(block_, run_ > 0);
    return true;
  }
  bool run_goes_on() {
    --run_;
    runs_.count(block_, run_ > 0);
    return true;
  }

  void note_zeros(uint32_t count) {
    if (count) found_.notes.zero_runs.push_back({block_, count});
  }

  Bytes file_;
  const ScanHeader& scan_;
  const bool progressive_;
  Image& image_;
  const ScanLayout layout_;
  RunNotes runs_;
  std::optional<CodeReader> dc_[kMaxComponents], ac_[kMaxComponents];
  bool tables_good_ = true;
  ReadScan found_;
  BitInput* in_ = nullptr;
  int32_t predicted_[kMaxComponents] = {};
  uint32_t run_ = 0, block_ = 0, left_ = 0;  // left_: MCUs of the interval from this one on
};

}  // namespace

ReadScan parse_scan(Bytes file, size_t at, const Headers& headers, bool heeds_restarts, Image* image) {
  const auto interval = static_cast<uint32_t>(headers.restart_interval());
  ReadScan found = make_owned<Reader>(file, headers, image)->read(at, heeds_restarts ? interval : 0);
  found.notes.no_restarts = interval > 0 && !heeds_restarts;
  // An encoder that announces restarts and writes none. What the first interval brought comes once more.
  const bool first_alone = found.notes.intervals.size() == 1 && found.notes.intervals[0].last &&
                           !found.notes.intervals[0].cut && found.mcus == interval;
  if (heeds_restarts && first_alone && headers.scan().high == 0) {
    ReadScan other = make_owned<Reader>(file, headers, image)->read(at, 0);
    other.notes.no_restarts = true;
    if (other.mcus > found.mcus) return other;
  }
  return found;
}

}  // namespace veneer::jpeg
