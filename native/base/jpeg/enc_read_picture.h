// Reads the picture of a JPEG for its pixels alone, and refuses what is damaged.
//
// Place: over the parser; `restore_jpeg` and training read JPEGs with it.
#pragma once
#include <cstdint>

#include "base/jpeg/image.h"
#include "common/span.h"

namespace veneer::jpeg {

// Throws Failure, without an offset: kBadJpeg where the bytes are no JPEG, one of a kind that is not parsed, or one of
// which a part is missing or damaged; kPictureTooLarge where it has more than max_pixels.
void read_picture(Bytes file, int64_t max_pixels, Image* image);

}  // namespace veneer::jpeg
