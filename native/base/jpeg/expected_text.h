// Bytes that come before those of a script for the model that codes them.
// Source: docs/format.md, "Bytes model".
#pragma once
#include "base/jpeg/image.h"

namespace veneer::jpeg {

struct ExpectedText {
  Vector<uint8_t> bytes;
  size_t start = 0;  // where a file is expected to go on from, of its first byte
};

// The dictionary and, before its last part, segments with the tables and the frame of the image, if there are any.
ExpectedText expected_text(const Image& geometry);

}  // namespace veneer::jpeg
