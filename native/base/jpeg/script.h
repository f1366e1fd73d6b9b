// The script of a JPEG: all that is needed besides levels to give its very bytes back.
//
// A file is a row of pieces of text, which the script has as they stand, and the data of scans between them, which
// rebuild() writes from the levels by the tables that it reads in the text. Where an encoder did not do what the rules
// say, the script has notes.
// Source: docs/format.md, "Script".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/jpeg/image.h"
#include "common/memory.h"
#include "common/span.h"

namespace veneer::jpeg {

// When the writer of a progressive scan ends a run of blocks without further coefficients before it has to.
enum class RunRule : uint8_t {
  kBuffer = 0,  // when more than 937 bits of refinement are waiting
  kLongest,     // never
  kOne,         // after each block
};
constexpr int kRunRules = 3;
constexpr int kMostWaiting = 937;
constexpr int kLongestRun = 0x7fff;

struct ZeroRuns {
  uint32_t block = 0;  // of the scan, in its order
  uint32_t count = 0;  // codes of 16 zeros after the last coefficient of the block
};

// An interval between restarts that is not as it should be.
struct IntervalNote {
  uint32_t interval = 0;
  uint32_t mcus = 0;    // that it has; only if `cut`
  bool cut = false;     // it ends in the middle of its data: what is left is text, from the byte that was begun on
  bool last = false;    // no restart follows, and the scan ends here
  uint8_t restart = 0;  // number of the restart marker after it
  uint32_t text = 0;    // bytes of text before this marker
};

struct ScanNotes {
  size_t text = 0;  // bytes before the scan's data; the last of them is the last of its header
  RunRule runs = RunRule::kBuffer;
  bool no_restarts = false;        // the interval of restarts is not heeded
  Vector<uint32_t> flips;          // blocks after which a run of blocks ends against the rule, or does not end
  Vector<ZeroRuns> zero_runs;      // ascending
  Vector<IntervalNote> intervals;  // ascending
};

// A Huffman table within the text that is not coded: it is the best for the scan that follows.
struct OptimalTable {
  size_t at = 0, size = 0;  // of its counts and symbols
};

struct Script {
  uint64_t file_size = 0;
  bool has_hash = false;  // scripts within payloads have none
  uint8_t hash[32] = {};  // SHA-256 of the file
  Vector<uint8_t> text;   // all pieces; 0 in place of optimal tables
  Vector<ScanNotes> scans;
  Vector<OptimalTable> tables;  // ascending
  Vector<uint8_t> padding;      // bits that fill the last byte of an interval, one in each
  uint8_t rest_of_padding = 1;  // what follows these
  bool whole = true;            // false: decoded for its metadata alone, and text may be missing
};

enum class ScriptPart { kAll, kMetadata };
enum class ScriptState { kGood, kInvalid, kTooLarge };

// Reads a script. Embedded JPEGs come back within the text. kMetadata: only those before the first scan, and the rest of
// the text is missing from the first other on.
//
// limit: the largest size of a file that is accepted. CPU time is bounded by 1 µs for a byte of the text, whose size
// is at most 64 times that of `data`, and 4 KiB; and by embedded pictures, of which there are at most kMaxEmbedded.
ScriptState decode_script(Bytes data, const Image& geometry, uint64_t limit, ScriptPart part, Script* script);

}  // namespace veneer::jpeg
