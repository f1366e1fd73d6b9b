// Encoder only: what each effort does. Measured in docs/decisions.md.
#include <algorithm>

#include "enc_search.h"

namespace veneer {

SearchSettings search_settings(int effort) {
  SearchSettings s;
  s.rdo.passes = effort >= 7 ? 2 : 1;
  if (effort <= 5) {
    s.estimate = true;
    s.estimate_margin = 24;
    s.mode_margin = 320;
  }
  s.pruning = pruning_of(effort);
  if (effort < 8) s.alternatives = Alternatives::kOne;
  switch (effort) {
    case 1:
      s.full_modes = 1;
      s.chroma_modes = 1;
      s.directions = Directions::kNone;
      s.rectangles = false;
      s.alternatives = Alternatives::kNone;
      s.min_log2 = 3;
      s.max_log2 = 5;
      s.empty_stop = 5;
      break;
    case 2:
      s.full_modes = 1;
      s.chroma_modes = 1;
      s.directions = Directions::kNone;
      s.rectangles = false;
      s.alternatives = Alternatives::kNone;
      s.empty_stop = 5;
      break;
    case 3:
      s.full_modes = 1;
      s.chroma_modes = 1;
      s.directions = Directions::kCoarse;
      s.rectangles = false;
      s.empty_stop = 5;
      break;
    case 4:
      s.full_modes = 2;
      s.chroma_modes = 1;
      s.directions = Directions::kCoarse;
      s.rectangles = false;
      s.empty_stop = 5;
      break;
    case 5:
      s.full_modes = 2;
      s.chroma_modes = 1;
      s.directions = Directions::kCoarse;
      s.empty_stop = 5;
      s.quad_floor = 238;
      s.quad_margin = 260;
      break;
    case 6:
      s.full_modes = 2;
      s.chroma_modes = 2;
      s.directions = Directions::kCoarse;
      s.empty_stop = 5;
      break;
    case 7:
      s.full_modes = 3;
      s.chroma_modes = 2;
      s.empty_stop = 5;
      break;
    case 8:
      s.full_modes = 2;
      s.chroma_modes = 2;
      s.directions = Directions::kCoarse;
      s.empty_stop = 5;
      s.trellis_search = 2;
      break;
    default:
      s.full_modes = 4;
      s.chroma_modes = 3;
      s.trellis_search = 2;
      break;
  }
  return s;
}

void disable_tools(int tools, SearchSettings* settings) {
  if (tools & kNoRectangles) settings->rectangles = false;
  if (tools & kNoBlocks4) {
    settings->min_log2 = std::max(settings->min_log2, 3);
    settings->rectangles = false;
  }
  if (tools & kNoBlocks64) settings->max_log2 = std::min(settings->max_log2, 5);
  if (tools & kNoBlocks32) settings->max_log2 = std::min(settings->max_log2, 4);
  if (tools & kNoChromaFromLuma) settings->chroma_from_luma = settings->derived_chroma = false;
  if (tools & kNoDerived) settings->derived_chroma = false;
  if (tools & kOneAlternative) settings->alternatives = std::min(settings->alternatives, Alternatives::kOne);
  if (tools & kNoSine) settings->alternatives = Alternatives::kNone;
  if (tools & kNoDirections) settings->directions = Directions::kNone;
}

}  // namespace veneer
