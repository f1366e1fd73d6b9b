// The header of a transform base: six bytes of HEAD, or of the preview.
// Source: docs/format.md, "HEAD".
#pragma once
#include <cstdint>

namespace veneer {

// The header of a transform base. Order and sizes as in HEAD.
struct BaseParams {
  uint8_t step_index = 0;           // 0..223
  int8_t plane_offset[2] = {0, 0};  // of Co and Cg, sixteenths of an octave
  uint8_t matrix = 0;               // slope of the step over frequency, 0..15 (flat: 0)
  uint8_t step_group_log2 = 0;      // 0: none, else 4..6
  uint8_t tools = 0;                // bit 0: dependent quantization, bit 1: screen content
  uint8_t depth = 8;                // bits of a sample of the picture, 8..16; the rest of HEAD says so
};
constexpr int kMaxMatrix = 15;
constexpr uint8_t kToolDependent = 1, kToolScreen = 2, kToolFilters = 4;
constexpr int kBaseParamsSize = 6;
constexpr int kMaxStepIndex = 223;

// False if a field is out of range. Leaves the depth as it is.
bool parse_base_params(const uint8_t* bytes, BaseParams* out);

}  // namespace veneer
