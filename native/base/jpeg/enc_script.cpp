#include "base/jpeg/enc_script.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/enc_bit_io.h"
#include "base/jpeg/bytes_model.h"
#include "base/jpeg/enc_embedded.h"
#include "base/jpeg/expected_text.h"
#include "base/jpeg/script_syntax.h"
#include "base/jpeg/varint.h"

namespace veneer::jpeg {
namespace {

constexpr size_t kShortestRun = 1024;

// Bytes of the text that are not coded with it.
struct Inserted {
  size_t at = 0, size = 0;
  Insert kind = Insert::kRun;
  uint8_t byte = 0;    // of a run
  size_t payload = 0;  // size of an embedded JPEG's
};

void add_intervals(const ScanNotes& notes, Vector<uint8_t>* out) {
  add_number(notes.intervals.size(), out);
  uint32_t before = 0;
  for (const IntervalNote& note : notes.intervals) {
    add_number(note.interval - before, out);
    before = note.interval;
    out->push_back(static_cast<uint8_t>((note.cut ? kIsCut : 0) | (note.last ? kIsLast : 0) |
                                        note.restart << kRestartShift | (note.text ? kHasText : 0)));
    if (note.cut) add_number(note.mcus, out);
    if (note.text) add_number(note.text, out);
  }
}

void add_scan(const ScanNotes& notes, Vector<uint8_t>* out) {
  add_number(notes.text, out);
  out->push_back(static_cast<uint8_t>(
      static_cast<int>(notes.runs) | (notes.no_restarts ? kNoRestarts : 0) | (notes.flips.empty() ? 0 : kHasFlips) |
      (notes.zero_runs.empty() ? 0 : kHasZeroRuns) | (notes.intervals.empty() ? 0 : kHasIntervals)));
  uint32_t before = 0;
  if (!notes.flips.empty()) add_number(notes.flips.size(), out);
  for (const uint32_t block : notes.flips) {
    add_number(block - before, out);
    before = block;
  }
  before = 0;
  if (!notes.zero_runs.empty()) add_number(notes.zero_runs.size(), out);
  for (const ZeroRuns& zeros : notes.zero_runs) {
    add_number(zeros.block - before, out);
    out->push_back(static_cast<uint8_t>(zeros.count));
    before = zeros.block;
  }
  if (!notes.intervals.empty()) add_intervals(notes, out);
}

void add_padding(const Script& script, Vector<uint8_t>* out) {
  add_number(script.padding.size() * 2 + script.rest_of_padding, out);
  for (size_t first = 0; first < script.padding.size(); first += 8) {
    unsigned byte = 0;
    for (size_t i = first; i < first + 8; ++i) byte = byte << 1 | (i < script.padding.size() ? script.padding[i] : 0u);
    out->push_back(static_cast<uint8_t>(byte));
  }
}

// Adds the runs of one byte that are between what is inserted already.
Vector<Inserted> with_runs(const Vector<uint8_t>& text, const Vector<Inserted>& inserts) {
  Vector<Inserted> all;
  size_t at = 0;
  for (size_t next = 0; next <= inserts.size(); ++next) {
    const size_t end = next < inserts.size() ? inserts[next].at : text.size();
    while (at < end) {
      const uint8_t byte = text[at];
      size_t to = at + 1;
      while (to < end && text[to] == byte) ++to;
      if (to - at >= kShortestRun) {
        Inserted run;
        run.at = at;
        run.size = to - at;
        run.byte = byte;
        all.push_back(run);
      }
      at = to;
    }
    if (next == inserts.size()) break;
    all.push_back(inserts[next]);
    at = end + inserts[next].size;
  }
  return all;
}

void add_inserts(const Vector<Inserted>& inserts, Vector<uint8_t>* out) {
  add_number(inserts.size(), out);
  size_t at = 0;
  for (const Inserted& insert : inserts) {
    add_number(insert.at - at, out);
    add_number(insert.size * 3 + static_cast<unsigned>(insert.kind), out);
    if (insert.kind == Insert::kRun) out->push_back(insert.byte);
    if (insert.kind == Insert::kEmbedded) add_number(insert.payload, out);
    at = insert.at + insert.size;
  }
}

void add_text(const Vector<uint8_t>& text, const Vector<Inserted>& inserts, Vector<uint8_t>* out) {
  size_t at = 0;
  for (const Inserted& insert : inserts) {
    out->insert(out->end(), text.begin() + static_cast<ptrdiff_t>(at),
                text.begin() + static_cast<ptrdiff_t>(insert.at));
    at = insert.at + insert.size;
  }
  out->insert(out->end(), text.begin() + static_cast<ptrdiff_t>(at), text.end());
}

// Whether long data are like those of scans that cannot be parsed: the model would take 2 us a byte for nothing.
bool looks_random(Bytes plain, const Image& geometry) {
  constexpr size_t kLongData = size_t{1} << 20, kSample = size_t{1} << 15, kSamples = 4;
  if (plain.size < kLongData) return false;
  for (size_t i = 1; i <= kSamples; ++i) {
    const Bytes sample = plain.part(plain.size / (kSamples + 1) * i, kSample);
    if (encode_bytes(sample, geometry, sample.size).size() < kSample / 100 * 97) return false;
  }
  return true;
}

}  // namespace

Vector<uint8_t> encode_bytes(Bytes plain, const Image& geometry, size_t start) {
  const ExpectedText expected = expected_text(geometry);
  const auto model = make_owned<BytesModel>(Bytes{expected.bytes.data(), expected.bytes.size()}, plain.size);
  BitWriter io;
  for (size_t i = 0; i < plain.size; ++i) {
    if (i == start) model->follow(expected.start);
    model->byte(io, plain[i]);
  }
  const std::vector<uint8_t> coded = io.finish();
  return Vector<uint8_t>(coded.begin(), coded.end());
}

Vector<uint8_t> write_script(const Image& geometry, const Script& script, int form, int depth) {
  const Vector<EmbeddedJpeg> embedded = find_embedded(script, form, depth);
  Vector<Inserted> inserts;
  for (const OptimalTable& table : script.tables) inserts.push_back({table.at, table.size, Insert::kTable, 0, 0});
  for (const EmbeddedJpeg& jpeg : embedded) {
    inserts.push_back({jpeg.at, jpeg.size, Insert::kEmbedded, 0, jpeg.payload.size()});
  }
  std::sort(inserts.begin(), inserts.end(), [](const Inserted& a, const Inserted& b) { return a.at < b.at; });

  Vector<uint8_t> plain;
  add_number(script.scans.size(), &plain);
  for (const ScanNotes& notes : script.scans) add_scan(notes, &plain);
  add_padding(script, &plain);
  inserts = with_runs(script.text, inserts);
  add_inserts(inserts, &plain);
  const size_t notes_size = plain.size();
  add_text(script.text, inserts, &plain);

  const Bytes all{plain.data(), plain.size()};
  Vector<uint8_t> coded;
  if (looks_random(all, geometry)) {
    coded.resize(plain.size());
  } else {
    coded = encode_bytes(all, geometry, notes_size);
  }
  const size_t least = plain.size() > kTextMore ? (plain.size() - kTextMore + kTextFactor - 1) / kTextFactor : 0;
  if (coded.size() < least) coded.resize(least);
  const bool stored = coded.size() >= plain.size();

  Vector<uint8_t> out;
  out.push_back((script.has_hash ? kHasHash : 0) | (stored ? kIsStored : 0));
  if (script.has_hash) out.insert(out.end(), script.hash, script.hash + sizeof script.hash);
  add_number(script.file_size, &out);
  add_number(plain.size(), &out);
  add_number(notes_size, &out);
  if (!stored) add_number(coded.size(), &out);
  const Vector<uint8_t>& written = stored ? plain : coded;
  out.insert(out.end(), written.begin(), written.end());
  for (const EmbeddedJpeg& jpeg : embedded) out.insert(out.end(), jpeg.payload.begin(), jpeg.payload.end());
  return out;
}

Vector<uint8_t> encode_script(const Image& geometry, const Script& script, int form) {
  return write_script(geometry, script, form, 0);
}

}  // namespace veneer::jpeg
