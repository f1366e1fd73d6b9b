// Reads model files.
// Source: docs/format.md, "Layout of weight files and model files".
#include <algorithm>
#include <cstring>

#include "common/limits.h"
#include "network/model.h"
#include "network/weight_frame.h"

namespace veneer {
namespace {

NetworkEntry read_entry(WeightReader* reader) {
  NetworkEntry entry{};
  reader->name(entry.name);
  reader->need(sizeof entry.file_size + sizeof entry.sha256);
  entry.file_size = reader->u32();
  reader->require(entry.file_size <= kMaxWeightFile, "%s: a weight file of %u bytes", entry.name, entry.file_size);
  const Bytes hash = reader->take(sizeof entry.sha256);
  std::copy(hash.begin(), hash.end(), entry.sha256);
  return entry;
}

}  // namespace

Owned<ModelFile> read_model_file(Bytes data) {
  WeightReader reader = checked_body(data, FrameKind::kModel);
  Owned<ModelFile> model = make_owned<ModelFile>();
  model->id = reader.u32();
  reader.name(model->name);
  const int count = reader.u8();
  reader.require(count >= 1 && count <= kMaxNetworks, "%d networks", count);
  for (int i = 0; i < count; ++i) {
    const NetworkEntry entry = read_entry(&reader);
    reader.require(model->find(entry.name) == nullptr, "network %s occurs twice", entry.name);
    model->networks.push_back(entry);
  }
  reader.require(reader.left() == 0, "bytes are left over");
  return model;
}

}  // namespace veneer
