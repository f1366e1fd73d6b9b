// The largest sizes and counts that a decoder accepts; limits.py has the reason for each (tests/native/test_common.py
// compares the two).
// Source: docs/format.md, "Limits".
#pragma once
#include <cstdint>

namespace veneer {

constexpr int kMaxSide = 65535;
constexpr int kMaxNetworkSide = kMaxSide + 1;
constexpr int64_t kDefaultMaxPixels = int64_t{1} << 28;
constexpr int kMinTileLog2 = 6, kMaxTileLog2 = 16;
constexpr int kMaxTiles = 1 << 16;
constexpr int64_t kMaxTilePixels = 1 << 24;
constexpr int kMaxChunks = 4 * kMaxTiles;
constexpr int kMaxModels = 8;
constexpr uint32_t kMaxChunkLength = 0x7fffffff;
constexpr int64_t kMaxMetadataLength = int64_t{64} << 20;
constexpr int kMaxTexts = 1024;
constexpr int kMaxKeywordLength = 79;
constexpr int kMaxResyncFactor = 4;
constexpr int kMaxProblems = 32;
constexpr int64_t kMaxTexturedPixels = 256;
constexpr int64_t kMaxWeightFile = int64_t{64} << 20;
constexpr int64_t kMaxWeights = 1 << 23;  // numbers in the arrays of a network
constexpr int kMaxNetworks = 16;
constexpr int kMaxOperations = 1024;
constexpr int kMaxChannels = 1024;
constexpr int kMaxReduction = 256;
constexpr int64_t kMaxNetworkMemory = int64_t{1} << 30;

}  // namespace veneer
