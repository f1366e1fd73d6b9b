// What the markers of a JPEG say about the picture.
// Source: docs/format.md, "Metadata of a JPEG".
#pragma once
#include "base/jpeg/script.h"

namespace veneer::jpeg {

// Contents of markers before the first scan, without the signature that each begins with. What is not there is empty.
struct Metadata {
  Vector<uint8_t> exif;          // TIFF structure: of the first such marker
  Vector<uint8_t> icc;           // parts of the profile in the order of their numbers; empty if one is missing
  Vector<uint8_t> xmp;           // packet: of the first such marker
  Vector<uint8_t> extended_xmp;  // parts of the packet that belongs to it, by their offsets; empty if one is missing
  Vector<Vector<uint8_t>> comments;  // bytes of COM, of no defined encoding
  bool has_density = false;          // from JFIF
  int density_unit = 0, density_x = 0, density_y = 0;
};

Metadata metadata_of(const Script& script);

}  // namespace veneer::jpeg
