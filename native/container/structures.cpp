#include "container/structures.h"

#include <cstring>

#include "container/syntax.h"

namespace veneer {
namespace {

// Bytes of four, a place that has them.
void copy_four(Bytes file, const Extent& place, uint8_t* out) { std::memcpy(out, place.in(file).data, 4); }

void read_models(Bytes file, const Extent& place, Head* head) {
  FieldReader reader(file, place);
  while (!reader.is_at_end()) {
    FieldValue values[kMaxFields];
    reader.read(kModelSyntax, values);
    ModelSlot& slot = head->models[head->model_count++];
    slot.model_id = static_cast<int>(values[0].number);
    copy_four(file, values[1].bytes, slot.check);
    slot.role = static_cast<int>(values[2].number);
  }
}

// Fields of the header of a base.
int parameters_of(int base_kind) {
  return base_kind == kTransform ? kTransformParameters : base_kind == kModular ? kModularParameters : kJpegParameters;
}

}  // namespace

Head read_head_fields(Bytes file, const Extent& payload) {
  FieldValue values[kMaxFields];
  read_structure(head_syntax(payload.in(file)), file, payload, values);
  Head head;
  int* const numbers[] = {
      &head.format_version,
      &head.width,
      &head.height,
      &head.channels,
      &head.bit_depth,
      &head.colour_primaries,
      &head.transfer_characteristics,
      &head.matrix_coefficients,
      &head.full_range,
      &head.base_kind,
      &head.base_scale,
      &head.tile_log2,
      &head.tune,
      &head.default_realism,
      &head.noise_seed,
  };
  const FieldValue* value = values;
  for (int* const number : numbers) *number = static_cast<int>((value++)->number);
  // The six bytes are consecutive.
  std::memcpy(head.base, value->bytes.in(file).data, kBaseParamsSize);
  // The values have been checked.
  if (head.base_kind == kModular) {
    head.max_error = head.base[0];
    head.sample_format = head.base[2];
  }
  if (head.base_kind == kTransform) {
    parse_base_params(head.base, &head.base_params);
    head.base_params.depth = static_cast<uint8_t>(head.bit_depth);
  }
  value += parameters_of(head.base_kind);
  read_models(file, value->bytes, &head);
  return head;
}

EnhancementChunk read_enhancement_fields(Bytes file, const Extent& payload) {
  FieldValue values[kMaxFields];
  read_structure(kEnhancementSyntax, file, payload, values);
  EnhancementChunk chunk;
  int* const numbers[] = {&chunk.tile, &chunk.slot, &chunk.flags, &chunk.strength};
  const FieldValue* value = values;
  for (int* const number : numbers) *number = static_cast<int>((value++)->number);
  chunk.data = value->bytes;
  return chunk;
}

}  // namespace veneer
