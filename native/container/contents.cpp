#include "container/contents.h"

namespace veneer {

const ModelSlot* Contents::model() const {
  for (const std::optional<EnhancementChunk>& chunk : enhancement) {
    if (chunk) return &head.models[chunk->slot];
  }
  return nullptr;
}

const ModelSlot* texture_slot(const Head& head) {
  for (const ModelSlot& slot : head.model_table()) {
    if (slot.role & kTextures) return &slot;
  }
  return nullptr;
}

bool has_alpha(const Head& head) { return head.channels == 2 || head.channels == 4; }

TileGrid tile_grid(const Head& head) {
  const int scale = head.base_scale;
  return {(head.width + scale - 1) / scale, (head.height + scale - 1) / scale, head.tile_log2};
}

}  // namespace veneer
