#include "base/jpeg/enc_parse.h"

#include <algorithm>
#include <cstring>

#include "base/jpeg/enc_scan_reader.h"
#include "base/jpeg/headers.h"
#include "base/jpeg/rebuild.h"
#include "base/jpeg/scan_writer.h"
#include "common/sha256.h"

namespace veneer::jpeg {
namespace {

constexpr size_t kMostFileSize = size_t{1} << 31;
constexpr int kTries = 4;

// The height of a frame that has none: that of the first DNL segment after it.
int later_height(Bytes file, size_t at) {
  for (at = find_marker(file, at); at < file.size; at = find_marker(file, at + 2)) {
    const uint8_t* const segment = file.data + at;
    if (segment[1] == kMarkerDnl && file.size - at >= 6 && segment[2] == 0 && segment[3] == 4) {
      return segment[4] << 8 | segment[5];
    }
  }
  return 0;
}

class Parser {
 public:
  Parser(Bytes file, Image* image, Script* script) : file_(file), image_(*image), script_(*script) {}

  // Parses up to max_scans scans. Returns the end of the picture: of EOI, or of the last scan.
  size_t run(size_t max_scans) {
    size_t at = 2, end = 0;
    while (script_.scans.size() < max_scans) {
      const Headers::Found found = headers_.next(file_, &at);
      if (found == Headers::Found::kEnd) break;
      if (found == Headers::Found::kSegment) continue;
      if (!started_ && !start(at)) break;
      take_quantization();
      const ScanHeader& scan = headers_.scan();
      if (!progress_.allows(scan)) continue;
      ReadScan read = parse_scan(file_, at, headers_, heeds_restarts_, &image_);
      if (!read.good) {
        progress_.block(scan);
        continue;
      }
      progress_.add(scan);
      add_scan(at, &read);
      at = end = text_from_;
    }
    if (at >= 2 && at > end && file_[at - 2] == 0xff && file_[at - 1] == kMarkerEoi) end = at;
    return end;
  }

  // Adds what follows the last scan to the text.
  void add_rest(size_t end) {
    script_.text.insert(script_.text.end(), file_.data + text_from_, file_.data + end);
    script_.file_size = end;
    script_.rest_of_padding = script_.padding.empty() ? 1 : script_.padding.back();
    while (!script_.padding.empty() && script_.padding.back() == script_.rest_of_padding) script_.padding.pop_back();
    for (int i = 0; i < image_.count; ++i) {
      if (!has_table_[i]) give_table(i, nullptr);
    }
  }

  // Number of the scan whose data or headers have the byte at `place`.
  size_t scan_at(size_t place) const {
    size_t i = 0;
    while (i < ends_.size() && ends_[i] <= place) ++i;
    return i;
  }

 private:
  bool start(size_t at) {
    const Frame& frame = headers_.frame();
    image_.width = frame.width;
    image_.height = frame.height ? frame.height : later_height(file_, at);
    image_.count = frame.count;
    image_.colour = headers_.colour();
    if (image_.height == 0 || int64_t{image_.width} * image_.height > kMostPixels) return false;
    for (int i = 0; i < frame.count; ++i) {
      image_.component[i].id = frame.component[i].id;
      image_.component[i].h = frame.component[i].h;
      image_.component[i].v = frame.component[i].v;
    }
    set_geometry(&image_);
    if (block_count(image_) / 16 > static_cast<int64_t>(file_.size) + 256) return false;
    allocate_levels(&image_);
    return started_ = true;
  }

  // A component has the table that is in force where its first scan begins.
  void take_quantization() {
    const ScanHeader& scan = headers_.scan();
    for (int i = 0; i < scan.count; ++i) {
      const int c = scan.component[i];
      if (!has_table_[c]) give_table(c, headers_.quantization(headers_.frame().component[c].table));
    }
  }

  // Steps that are missing or 0 count as 1.
  void give_table(int c, const uint16_t* steps) {
    uint16_t table[kBlockSize];
    for (int k = 0; k < kBlockSize; ++k) table[k] = steps && steps[k] ? steps[k] : uint16_t{1};
    int slot = 0;
    while (slot < tables_ && std::memcmp(image_.quantization[slot], table, sizeof table) != 0) ++slot;
    if (slot == tables_) std::memcpy(image_.quantization[tables_++], table, sizeof table);
    image_.component[c].table = slot;
    has_table_[c] = true;
  }

  void add_scan(size_t data_at, ReadScan* read) {
    const size_t text_at = script_.text.size();
    script_.text.insert(script_.text.end(), file_.data + text_from_, file_.data + data_at);
    read->notes.text = data_at - text_from_;
    heeds_restarts_ = heeds_restarts_ && !read->notes.no_restarts;
    leave_out_tables(read->notes, text_at, read->text);
    script_.text.insert(script_.text.end(), read->text.begin(), read->text.end());
    script_.padding.insert(script_.padding.end(), read->padding.begin(), read->padding.end());
    script_.scans.push_back(std::move(read->notes));
    text_from_ = read->end;
    ends_.push_back(read->end);
  }

  // Tables before this scan that are the best for it need not be in the text.
  void leave_out_tables(const ScanNotes& notes, size_t text_at, const Vector<uint8_t>& text) {
    struct Place {
      size_t at;
      int ac, id;
    };
    Vector<Place> places;
    for (int ac = 0; ac < 2; ++ac) {
      for (int id = 0; id < 4; ++id) {
        const size_t at = headers_.table_place(ac, id);
        if (at >= text_from_ && at > 0) places.push_back({at, ac, id});
      }
    }
    if (places.empty()) return;
    std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.at < b.at; });
    const auto counting = make_owned<CountingOutput>();
    Bytes rest{text.data(), text.size()};
    if (!ScanWriter<CountingOutput>(image_, headers_, notes, counting.get()).write(&rest)) return;
    for (const Place& place : places) {
      uint8_t best[kMostTableBytes];
      const auto size = static_cast<size_t>(optimal_table(counting->counts[place.ac][place.id], best));
      if (size > file_.size - place.at || std::memcmp(best, file_.data + place.at, size) != 0) continue;
      const size_t at = text_at + (place.at - text_from_);
      std::fill_n(script_.text.begin() + static_cast<ptrdiff_t>(at), size, uint8_t{0});
      script_.tables.push_back({at, size});
    }
  }

  Bytes file_;
  Image& image_;
  Script& script_;
  Headers headers_;
  Progress progress_;
  bool started_ = false, heeds_restarts_ = true;
  bool has_table_[kMaxComponents] = {};
  int tables_ = 0;
  size_t text_from_ = 0;
  Vector<size_t> ends_;  // of the data of scans in the file
};

// How many bytes at the beginning are the same.
size_t same_bytes(const Image& image, const Script& script, Bytes file) {
  size_t at = 0;
  const auto compare = [&](Bytes bytes) {
    const size_t count = std::min(bytes.size, file.size - at);
    const size_t same =
        static_cast<size_t>(std::mismatch(bytes.begin(), bytes.begin() + count, file.data + at).first - bytes.begin());
    at += same;
    return same == bytes.size;
  };
  const bool whole = rebuild(image, script, compare) == RebuildState::kGood;
  return whole || at < file.size ? at : at - 1;
}

// The end of what was parsed; 0 if nothing could be.
size_t parse_picture(Bytes file, bool front, Image* image, Script* script) {
  if (file.size < 4 || file.size > kMostFileSize || file[0] != 0xff || file[1] != kMarkerSoi) return 0;
  size_t most = kMaxScans;
  for (int tries = 0; tries < kTries && most > 0; ++tries) {
    *image = Image();
    *script = Script();
    const auto parser = make_owned<Parser>(file, image, script);
    const size_t found = parser->run(most);
    if (script->scans.empty()) return 0;
    const size_t end = front ? found : file.size;
    parser->add_rest(end);
    const size_t same = same_bytes(*image, *script, file.part(0, end));
    if (same == end) return end;
    most = parser->scan_at(same);
  }
  return 0;
}

}  // namespace

void parse(Bytes file, Image* image, Script* script) {
  if (parse_picture(file, false, image, script) == 0) {
    *image = Image();
    *script = Script();
    script->file_size = file.size;
    script->text.assign(file.begin(), file.end());
  }
  script->has_hash = true;
  sha256(file, script->hash);
}

size_t parse_front(Bytes bytes, Image* image, Script* script) { return parse_picture(bytes, true, image, script); }

}  // namespace veneer::jpeg
