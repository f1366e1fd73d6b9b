// Takes a JPEG apart into levels and a script that give back its very bytes.
#pragma once
#include "base/jpeg/image.h"
#include "base/jpeg/script.h"
#include "common/span.h"

namespace veneer::jpeg {

// Any bytes are accepted. What is no JPEG that can be parsed has no components in *image and all of its bytes in the
// script's text; damaged files are parsed as far as they can be. Rebuilding has been tried, and gives the very bytes.
//
// Not parsed: arithmetic coding, more than 8 bits, lossless and hierarchical JPEGs, more than kMostPixels, and more than
// 16 blocks for each byte.
// Memory: 128 bytes for a block, besides the script.
void parse(Bytes file, Image* image, Script* script);

// The same for a JPEG that bytes begin with: up to its end, which is returned. 0: there is none that can be parsed.
// The script has no hash.
size_t parse_front(Bytes bytes, Image* image, Script* script);

constexpr int64_t kMostPixels = int64_t{1} << 28;

}  // namespace veneer::jpeg
