#include "base/jpeg/payload.h"

#include "base/jpeg/geometry.h"
#include "base/jpeg/levels.h"
#include "base/jpeg/rebuild.h"
#include "base/jpeg/script_reading.h"
#include "base/jpeg/script_syntax.h"
#include "base/jpeg/varint.h"

namespace veneer::jpeg {

bool decode_payload(Bytes data, int depth, uint64_t size, Vector<uint8_t>* out) {
  if (depth > kMaxDepth) return false;
  NumberReader in(data);
  const Bytes geometry = in.bytes(in.number());
  const Bytes coded_script = in.bytes(in.number());
  const auto image = make_owned<Image>();
  if (!in.good() || !decode_geometry(geometry, image.get()) || image->count == 0) return false;
  if (static_cast<uint64_t>(block_count(*image)) > size * kMostBlocksOfByte + kMoreBlocks) return false;
  Script script;
  const ScriptState state = read_script(coded_script, *image, size, ScriptPart::kAll, depth, &script);
  if (state != ScriptState::kGood || script.file_size != size) return false;
  allocate_levels(image.get());
  if (!decode_levels(in.rest(), {0, 0, image->mcu_columns, image->mcu_rows}, image.get())) return false;
  const auto add = [&](Bytes bytes) {
    out->insert(out->end(), bytes.begin(), bytes.end());
    return true;
  };
  return rebuild(*image, script, add) == RebuildState::kGood;
}

}  // namespace veneer::jpeg
