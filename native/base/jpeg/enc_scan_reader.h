// Reads the data of a scan into levels, and notes what rebuilding could not guess.
#pragma once
#include "base/jpeg/headers.h"
#include "base/jpeg/image.h"
#include "base/jpeg/script.h"
#include "common/span.h"

namespace veneer::jpeg {

struct ReadScan {
  bool good = false;        // false: no MCU could be read
  ScanNotes notes;          // without `text`
  size_t end = 0;           // of the scan's data in the file
  Vector<uint8_t> padding;  // bits
  Vector<uint8_t> text;     // that stands within the data
  uint64_t mcus = 0;
};

// `at` is where the scan's data begin. heeds_restarts: whether the interval of restarts holds for the scan. The levels that the scan brings are as before it or 0; on return they hold what
// could be read, and that of MCUs that were begun on.
ReadScan parse_scan(Bytes file, size_t at, const Headers& headers, bool heeds_restarts, Image* image);

}  // namespace veneer::jpeg
