// Fuzz target: JPEG files. Any bytes have to come back; a script and levels that do not belong together must do no harm,
// and give at most as many bytes as the script says.
//
// Input: which of the two. Then a file; or the length of a geometry, the geometry, a byte that fills levels, and a
// script.
#include <algorithm>

#include "base/jpeg/enc_geometry.h"
#include "base/jpeg/enc_parse.h"
#include "base/jpeg/enc_script.h"
#include "base/jpeg/geometry.h"
#include "base/jpeg/metadata.h"
#include "base/jpeg/rebuild.h"
#include "common/failure.h"
#include "fuzz/fuzz_input.h"

namespace {

using veneer::Bytes;
using veneer::Vector;
using veneer::fuzz::Input;
using veneer::fuzz::promise;
namespace jpeg = veneer::jpeg;

constexpr uint64_t kLimit = 1 << 20;
constexpr int64_t kMostBlocks = 4096;

Bytes span(const Vector<uint8_t>& bytes) { return {bytes.data(), bytes.size()}; }

void round_trip(const std::vector<uint8_t>& file) {
  const auto image = veneer::make_owned<jpeg::Image>(), back = veneer::make_owned<jpeg::Image>();
  jpeg::Script script, again;
  jpeg::parse({file.data(), file.size()}, image.get(), &script);
  promise(jpeg::decode_geometry(span(jpeg::encode_geometry(*image)), back.get()), "a geometry is valid");
  const Vector<uint8_t> coded = jpeg::encode_script(*image, script, 0);
  promise(coded.size() < file.size() + 64, "a script is hardly longer than the file");
  promise(
      jpeg::decode_script(span(coded), *back, file.size(), jpeg::ScriptPart::kAll, &again) == jpeg::ScriptState::kGood,
      "a script is valid");
  for (int i = 0; i < image->count; ++i) back->component[i].levels = std::move(image->component[i].levels);
  size_t at = 0;
  const auto compare = [&](Bytes bytes) {
    promise(bytes.size <= file.size() - at, "no more bytes come back");
    promise(std::equal(bytes.begin(), bytes.end(), file.data() + at), "the bytes come back");
    at += bytes.size;
    return true;
  };
  promise(jpeg::rebuild(*back, again, compare) == jpeg::RebuildState::kGood, "a file can be rebuilt");
  promise(at == file.size(), "all bytes come back");
}

void rebuild_hostile(Input& input) {
  const std::vector<uint8_t> geometry = input.take(input.byte());
  const uint8_t filling = input.byte();
  const std::vector<uint8_t> coded = input.take(input.left());
  const auto image = veneer::make_owned<jpeg::Image>();
  if (!jpeg::decode_geometry({geometry.data(), geometry.size()}, image.get())) return;
  jpeg::Script script;
  const Bytes data{coded.data(), coded.size()};
  if (jpeg::decode_script(data, *image, kLimit, jpeg::ScriptPart::kMetadata, &script) == jpeg::ScriptState::kGood) {
    jpeg::metadata_of(script);
  }
  if (jpeg::decode_script(data, *image, kLimit, jpeg::ScriptPart::kAll, &script) != jpeg::ScriptState::kGood) return;
  promise(script.text.size() <= script.file_size, "text is within the file");
  if (jpeg::block_count(*image) > kMostBlocks) return;
  jpeg::allocate_levels(image.get());
  uint32_t state = filling;
  for (int i = 0; filling && i < image->count; ++i) {
    for (int16_t& level : image->component[i].levels) {
      state = state * 1664525u + 1013904223u;
      if (state >> 29 == 0) level = static_cast<int16_t>(state >> 8) >> (filling & 15);
    }
  }
  uint64_t size = 0;
  jpeg::rebuild(*image, script, [&](Bytes bytes) {
    size += bytes.size;
    return true;
  });
  promise(size <= script.file_size, "no more bytes than the script says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  if (input.byte() % 2 == 0) {
    round_trip(input.take(input.left()));
  } else {
    rebuild_hostile(input);
  }
  return 0;
}
