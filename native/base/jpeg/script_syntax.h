// Constants of the script, for reading and writing.
// Source: docs/format.md, "Script".
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer::jpeg {

constexpr uint8_t kHasHash = 1, kIsStored = 2;  // of the first byte
constexpr uint8_t kNoRestarts = 4, kHasFlips = 8, kHasZeroRuns = 16,
                  kHasIntervals = 32;                                         // of a scan; 1 and 2: the rule
constexpr uint8_t kIsCut = 1, kIsLast = 2, kRestartShift = 2, kHasText = 32;  // of an interval

// What stands in the text for bytes that are not in it.
enum class Insert : uint8_t { kRun = 0, kEmbedded, kTable };

constexpr uint64_t kTextFactor = 64, kTextMore = 4096;          // the most bytes of script and text by those coded
constexpr uint64_t kMaxEmbedded = 32;                           // JPEGs within the text
constexpr int kMaxDepth = 2;                                    // of JPEGs within JPEGs
constexpr uint64_t kMostBlocksOfByte = 16, kMoreBlocks = 4096;  // of a JPEG within another, by its size

}  // namespace veneer::jpeg
