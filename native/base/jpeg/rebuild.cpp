#include "base/jpeg/rebuild.h"

#include <algorithm>
#include <cstring>

#include "base/jpeg/headers.h"
#include "base/jpeg/scan_writer.h"
#include "common/sha256.h"

namespace veneer::jpeg {
namespace {

constexpr size_t kMostTables = 8;  // optimal ones of a scan

class Rebuilding {
 public:
  Rebuilding(const Image& image, const Script& script, FileOutput* file)
      : image_(image), script_(script), file_(file), padding_{&script.padding, script.rest_of_padding} {}

  bool run() {
    Bytes text{script_.text.data(), script_.text.size()};
    if (script_.scans.size() > kMaxScans) return false;
    for (const ScanNotes& notes : script_.scans) {
      if (notes.text > text.size || !write_headers(text.part(0, notes.text), notes)) return false;
      text = text.from(notes.text);
      const size_t before = text.size;
      BitOutput out(headers_, file_, &padding_);
      ScanWriter<BitOutput> writer(image_, headers_, notes, &out);
      if (!writer.write(&text)) return false;
      at_ += notes.text + (before - text.size);
    }
    file_->bytes(text);
    return next_table_ == script_.tables.size() && padding_.next == script_.padding.size() && file_->finish();
  }

 private:
  // Follows the segments of a piece, which ends with the header of a scan, and writes it.
  bool write_headers(Bytes piece, const ScanNotes& notes) {
    size_t tables = next_table_;
    while (tables < script_.tables.size() && script_.tables[tables].at < at_ + piece.size) ++tables;
    if (tables == next_table_) {
      if (!follow(piece)) return false;
      file_->bytes(piece);
      return true;
    }
    // Tables are filled in as soon as the header of the scan is known, for which their sizes are enough.
    if (tables - next_table_ > kMostTables) return false;
    Vector<uint8_t> filled(piece.begin(), piece.end());
    const auto before = make_owned<Headers>(headers_);
    if (!follow(piece)) return false;
    const auto counting = make_owned<CountingOutput>();
    Bytes nothing = Bytes{script_.text.data(), script_.text.size()}.from(at_ + piece.size);
    if (!ScanWriter<CountingOutput>(image_, headers_, notes, counting.get()).write(&nothing)) return false;
    for (; next_table_ < tables; ++next_table_) {
      const OptimalTable& table = script_.tables[next_table_];
      uint8_t bytes[kMostTableBytes];
      if (table.at < at_ + 1 || table.at - at_ + table.size > piece.size) return false;
      const uint8_t place = piece[table.at - at_ - 1];
      if ((place & 0xec) != 0) return false;
      const int size = optimal_table(counting->counts[place >> 4][place & 15], bytes);
      if (static_cast<size_t>(size) != table.size) return false;
      std::copy_n(bytes, size, filled.begin() + static_cast<ptrdiff_t>(table.at - at_));
    }
    headers_ = *before;
    progress_ = before_;
    const Bytes whole{filled.data(), filled.size()};
    if (!follow(whole)) return false;
    file_->bytes(whole);
    return true;
  }

  // Whether the piece ends with the header of a scan that may come next.
  bool follow(Bytes piece) {
    before_ = progress_;
    size_t at = at_ == 0 ? std::min<size_t>(2, piece.size) : 0;
    Headers::Found found = Headers::Found::kSegment;
    while (at < piece.size && found != Headers::Found::kEnd) found = headers_.next(piece, &at);
    if (found != Headers::Found::kScan || at != piece.size) return false;
    if (!same_geometry(headers_.frame(), image_) || !progress_.allows(headers_.scan())) return false;
    progress_.add(headers_.scan());
    return true;
  }

  const Image& image_;
  const Script& script_;
  FileOutput* const file_;
  Padding padding_;
  Headers headers_;
  Progress progress_, before_;
  size_t at_ = 0;  // within the text
  size_t next_table_ = 0;
};

}  // namespace

RebuildState rebuild(const Image& image, const Script& script, Sink sink) {
  Sha256 hash;
  const auto both = [&](Bytes bytes) {
    hash.add(bytes);
    return sink(bytes);
  };
  FileOutput file(both, script.file_size);
  const auto rebuilding = make_owned<Rebuilding>(image, script, &file);
  if (!script.whole || !rebuilding->run()) return RebuildState::kInvalid;
  uint8_t found[32];
  hash.finish(found);
  return script.has_hash && std::memcmp(script.hash, found, sizeof found) != 0 ? RebuildState::kWrongHash
                                                                               : RebuildState::kGood;
}

}  // namespace veneer::jpeg
