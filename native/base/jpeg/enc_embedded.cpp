#include "base/jpeg/enc_embedded.h"

#include <algorithm>

#include "base/jpeg/enc_parse.h"
#include "base/jpeg/enc_payload.h"
#include "base/jpeg/payload.h"
#include "base/jpeg/script_syntax.h"

namespace veneer::jpeg {
namespace {

constexpr int kTrials = 64;               // beginnings that are looked at
constexpr size_t kSmallest = 200;         // bytes of a JPEG that is worth a payload
constexpr double kBytesModelWins = 0.95;  // the share of such bytes that the bytes model gives at best

// Whether the bytes of the script's text hold any of an optimal table.
bool has_tables(const Script& script, size_t at, size_t size) {
  return std::any_of(script.tables.begin(), script.tables.end(),
                     [&](const OptimalTable& table) { return table.at < at + size && at < table.at + table.size; });
}

bool gives_back(const Vector<uint8_t>& payload, Bytes jpeg, int depth) {
  Vector<uint8_t> back;
  return decode_payload({payload.data(), payload.size()}, depth, jpeg.size, &back) && back.size() == jpeg.size &&
         std::equal(back.begin(), back.end(), jpeg.begin());
}

}  // namespace

Vector<EmbeddedJpeg> find_embedded(const Script& script, int form, int depth) {
  static constexpr uint8_t kBeginning[3] = {0xff, 0xd8, 0xff};
  Vector<EmbeddedJpeg> found;
  if (depth >= kMaxDepth) return found;
  const Bytes text{script.text.data(), script.text.size()};
  size_t at = 1;
  for (int trials = 0; trials < kTrials && found.size() < kMaxEmbedded && at < text.size; ++trials) {
    const uint8_t* const begin = std::search(text.data + at, text.end(), kBeginning, kBeginning + 3);
    at = static_cast<size_t>(begin - text.data);
    if (at == text.size) break;
    const auto image = make_owned<Image>();
    Script own;
    const size_t size = parse_front(text.from(at), image.get(), &own);
    const bool small = size < kSmallest || has_tables(script, at, size) ||
                       static_cast<uint64_t>(block_count(*image)) > size * kMostBlocksOfByte + kMoreBlocks;
    if (small) {
      ++at;
      continue;
    }
    EmbeddedJpeg jpeg;
    jpeg.at = at;
    jpeg.size = size;
    jpeg.payload = encode_payload(*image, own, form, depth + 1);
    if (static_cast<double>(jpeg.payload.size()) < kBytesModelWins * static_cast<double>(size) &&
        gives_back(jpeg.payload, text.part(at, size), depth + 1)) {
      found.push_back(std::move(jpeg));
    }
    at += size;
  }
  return found;
}

}  // namespace veneer::jpeg
