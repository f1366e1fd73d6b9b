// The smallest block, in which the base layer says how it was coded.
// Source: docs/format.md, "Tiles and superblocks".
#pragma once

namespace veneer {

constexpr int kUnit = 4;  // samples of a side

}  // namespace veneer
