#include "base/jpeg/script.h"

#include <algorithm>

#include "base/bit_io.h"
#include "base/jpeg/bytes_model.h"
#include "base/jpeg/expected_text.h"
#include "base/jpeg/headers.h"
#include "base/jpeg/payload.h"
#include "base/jpeg/script_reading.h"
#include "base/jpeg/script_syntax.h"
#include "base/jpeg/varint.h"

namespace veneer::jpeg {
namespace {

class ScriptReader {
 public:
  ScriptReader(Bytes plain, Bytes payloads, ScriptPart part, int depth, Script* script)
      : in_(plain), payloads_(payloads), part_(part), depth_(depth), script_(*script) {}

  bool read() {
    read_scans();
    read_padding();
    struct Inserted {
      uint64_t before, size;
      Insert kind;
      uint64_t argument;
    };
    Vector<Inserted> inserts;
    uint64_t embedded = 0;
    for (uint64_t left = in_.number(in_.rest().size); left > 0 && in_.good(); --left) {
      Inserted insert{};
      insert.before = in_.number();
      const uint64_t value = in_.number();
      insert.size = value / 3;
      insert.kind = static_cast<Insert>(value % 3);
      if (insert.kind == Insert::kRun) insert.argument = in_.byte();
      if (insert.kind == Insert::kEmbedded) insert.argument = in_.number();
      embedded += insert.kind == Insert::kEmbedded;
      inserts.push_back(insert);
    }
    if (!in_.good() || embedded > kMaxEmbedded) return false;
    NumberReader payloads(payloads_);
    for (const Inserted& insert : inserts) {
      if (!add_text(in_.bytes(insert.before)) || insert.size > room()) return false;
      if (insert.kind == Insert::kRun) {
        script_.text.insert(script_.text.end(), static_cast<size_t>(insert.size),
                            static_cast<uint8_t>(insert.argument));
      } else if (insert.kind == Insert::kTable) {
        script_.tables.push_back({script_.text.size(), static_cast<size_t>(insert.size)});
        script_.text.insert(script_.text.end(), static_cast<size_t>(insert.size), uint8_t{0});
      } else if (wants_no_more()) {
        script_.whole = false;
        return in_.good();
      } else if (!decode_payload(payloads.bytes(insert.argument), depth_ + 1, insert.size, &script_.text)) {
        return false;
      }
      if (!payloads.good()) return false;
    }
    const Bytes rest = in_.rest();
    return in_.good() && payloads.rest().empty() && add_text(rest);
  }

 private:
  void read_scans() {
    for (uint64_t left = in_.number(kMaxScans); left > 0 && in_.good(); --left) {
      ScanNotes notes;
      notes.text = static_cast<size_t>(in_.number());
      const uint8_t flags = in_.byte();
      if ((flags & 3) == kRunRules || flags >= 2 * kHasIntervals) return fail();
      notes.runs = static_cast<RunRule>(flags & 3);
      notes.no_restarts = flags & kNoRestarts;
      if (flags & kHasFlips) {
        uint64_t block = 0;
        for (uint64_t i = in_.number(in_.rest().size); i > 0 && in_.good(); --i) {
          block += in_.number();
          notes.flips.push_back(static_cast<uint32_t>(block));
        }
      }
      if (flags & kHasZeroRuns) {
        uint64_t block = 0;
        for (uint64_t i = in_.number(in_.rest().size); i > 0 && in_.good(); --i) {
          block += in_.number();
          notes.zero_runs.push_back({static_cast<uint32_t>(block), static_cast<uint32_t>(in_.byte())});
        }
      }
      if (flags & kHasIntervals) read_intervals(&notes);
      script_.scans.push_back(std::move(notes));
    }
  }

  void read_intervals(ScanNotes* notes) {
    uint64_t interval = 0;
    for (uint64_t i = in_.number(in_.rest().size); i > 0 && in_.good(); --i) {
      IntervalNote note;
      interval += in_.number();
      note.interval = static_cast<uint32_t>(interval);
      const uint8_t flags = in_.byte();
      if (flags >= 2 * kHasText) return fail();
      note.cut = flags & kIsCut;
      note.last = flags & kIsLast;
      note.restart = flags >> kRestartShift & 7;
      if (note.cut) note.mcus = static_cast<uint32_t>(in_.number());
      if (flags & kHasText) note.text = static_cast<uint32_t>(in_.number(0xffffffff));
      notes->intervals.push_back(note);
    }
  }

  void read_padding() {
    const uint64_t value = in_.number();
    script_.rest_of_padding = value & 1;
    const Bytes bits = in_.bytes((value / 2 + 7) / 8);
    script_.padding.reserve(bits.size * 8);
    for (size_t i = 0; i < value / 2 && in_.good(); ++i) {
      script_.padding.push_back(bits[i / 8] >> (7 - i % 8) & 1);
    }
  }

  uint64_t room() const { return script_.file_size - std::min<uint64_t>(script_.file_size, script_.text.size()); }
  bool add_text(Bytes text) {
    if (text.size > room()) return false;
    script_.text.insert(script_.text.end(), text.begin(), text.end());
    return true;
  }
  // Whether metadata are all that is wanted, and come before.
  bool wants_no_more() const {
    return part_ == ScriptPart::kMetadata && (script_.scans.empty() || script_.text.size() >= script_.scans[0].text);
  }
  void fail() { in_.bytes(~uint64_t{0}); }

  NumberReader in_;
  Bytes payloads_;
  const ScriptPart part_;
  const int depth_;
  Script& script_;
};

}  // namespace

ScriptState read_script(Bytes data, const Image& geometry, uint64_t limit, ScriptPart part, int depth, Script* script) {
  *script = Script();
  NumberReader in(data);
  const uint8_t flags = in.byte();
  if (flags > (kHasHash | kIsStored)) return ScriptState::kInvalid;
  if (flags & kHasHash) {
    const Bytes hash = in.bytes(sizeof script->hash);
    std::copy(hash.begin(), hash.end(), script->hash);
    script->has_hash = true;
  }
  script->file_size = in.number();
  const uint64_t size = in.number();
  const uint64_t notes_size = in.number(size);
  const Bytes coded = in.bytes(flags & kIsStored ? size : in.number());
  if (!in.good()) return ScriptState::kInvalid;
  if (script->file_size > limit) return ScriptState::kTooLarge;
  if (flags & kIsStored) {
    return ScriptReader(coded, in.rest(), part, depth, script).read() ? ScriptState::kGood : ScriptState::kInvalid;
  }
  if (size > coded.size * kTextFactor + kTextMore) return ScriptState::kInvalid;
  const Vector<uint8_t> plain =
      decode_bytes(coded, geometry, static_cast<size_t>(notes_size), static_cast<size_t>(size));
  if (plain.size() != size) return ScriptState::kInvalid;
  const bool good = ScriptReader({plain.data(), plain.size()}, in.rest(), part, depth, script).read();
  return good ? ScriptState::kGood : ScriptState::kInvalid;
}

ScriptState decode_script(Bytes data, const Image& geometry, uint64_t limit, ScriptPart part, Script* script) {
  return read_script(data, geometry, limit, part, 0, script);
}

Vector<uint8_t> decode_bytes(Bytes coded, const Image& geometry, size_t start, size_t size) {
  const ExpectedText expected = expected_text(geometry);
  const auto model = make_owned<BytesModel>(Bytes{expected.bytes.data(), expected.bytes.size()}, size);
  BitReader io(coded.data, coded.size);
  for (size_t i = 0; i < size && io.valid(); ++i) {
    if (i == start) model->follow(expected.start);
    model->byte(io, 0);
  }
  if (!io.valid()) return {};
  const Vector<uint8_t>& all = model->history();
  return Vector<uint8_t>(all.begin() + static_cast<ptrdiff_t>(expected.bytes.size()), all.end());
}

}  // namespace veneer::jpeg
