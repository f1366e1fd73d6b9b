#include "base/jpeg/metadata.h"

#include <algorithm>
#include <cstring>

#include "base/jpeg/headers.h"

namespace veneer::jpeg {
namespace {

constexpr char kExif[] = "Exif\0";  // with the zero that ends a literal: two
constexpr char kXmp[] = "http://ns.adobe.com/xap/1.0/";
constexpr char kExtendedXmp[] = "http://ns.adobe.com/xmp/extension/";
constexpr char kIcc[] = "ICC_PROFILE";
constexpr char kJfif[] = "JFIF";
constexpr size_t kDigest = 32;  // of the extended packet, which each part has

struct Part {
  uint32_t place;
  Bytes bytes;
};

// Whether the content begins with the signature, its last zero included, which it is then left without.
template <size_t kSize>
bool take_signature(const char (&signature)[kSize], Bytes* content) {
  if (content->size < kSize || std::memcmp(content->data, signature, kSize) != 0) return false;
  *content = content->from(kSize);
  return true;
}

uint32_t four_bytes(Bytes bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

Vector<uint8_t> copy_of(Bytes bytes) { return Vector<uint8_t>(bytes.begin(), bytes.end()); }

void sort_parts(Vector<Part>* parts) {
  std::stable_sort(parts->begin(), parts->end(), [](const Part& a, const Part& b) { return a.place < b.place; });
}

class MetadataReader {
 public:
  Metadata read(Bytes text) {
    size_t at = std::min<size_t>(2, text.size);
    for (;;) {
      size_t i = find_marker(text, at);
      while (i < text.size && is_restart(text[i + 1])) i = find_marker(text, i + 2);
      if (text.size - i < 4) break;
      const uint8_t marker = text[i + 1];
      const size_t length = static_cast<size_t>(text[i + 2]) << 8 | text[i + 3];
      if (marker == kMarkerSoi || marker == kMarkerEoi || length < 2 || length > text.size - i - 2) break;
      read_segment(marker, text.part(i + 4, length - 2));
      at = i + 2 + length;
    }
    join_icc();
    join_extended();
    return std::move(found_);
  }

 private:
  void read_segment(uint8_t marker, Bytes content) {
    if (marker == 0xfe) {
      found_.comments.push_back(copy_of(content));
    } else if (marker == 0xe0 && take_signature(kJfif, &content)) {
      if (found_.has_density || content.size < 7) return;
      found_.has_density = true;
      found_.density_unit = content[2];
      found_.density_x = content[3] << 8 | content[4];
      found_.density_y = content[5] << 8 | content[6];
    } else if (marker == 0xe2 && take_signature(kIcc, &content)) {
      if (content.size >= 2) icc_.push_back({content[0], content});
    } else if (marker == 0xe1 && take_signature(kExif, &content)) {
      if (found_.exif.empty()) found_.exif = copy_of(content);
    } else if (marker == 0xe1 && take_signature(kXmp, &content)) {
      if (found_.xmp.empty()) found_.xmp = copy_of(content);
    } else if (marker == 0xe1 && take_signature(kExtendedXmp, &content)) {
      if (content.size >= kDigest + 8) extended_.push_back({four_bytes(content.from(kDigest + 4)), content});
    }
  }

  // Parts are numbered from 1 and have their count.
  void join_icc() {
    sort_parts(&icc_);
    for (size_t i = 0; i < icc_.size(); ++i) {
      const Bytes part = icc_[i].bytes;
      if (part[0] != i + 1 || part[1] != icc_.size()) return found_.icc.clear();
      found_.icc.insert(found_.icc.end(), part.data + 2, part.end());
    }
  }

  // Parts have a digest, the size of all and an offset. The digest of the first part counts.
  void join_extended() {
    if (extended_.empty()) return;
    const Bytes first = extended_[0].bytes;
    sort_parts(&extended_);
    for (const Part& part : extended_) {
      if (std::memcmp(part.bytes.data, first.data, kDigest + 4) != 0) continue;
      if (part.place != found_.extended_xmp.size()) return found_.extended_xmp.clear();
      found_.extended_xmp.insert(found_.extended_xmp.end(), part.bytes.data + kDigest + 8, part.bytes.end());
    }
    if (found_.extended_xmp.size() != four_bytes(first.from(kDigest))) found_.extended_xmp.clear();
  }

  Metadata found_;
  Vector<Part> icc_, extended_;
};

}  // namespace

Metadata metadata_of(const Script& script) {
  const Bytes text{script.text.data(), script.text.size()};
  const size_t end = script.scans.empty() ? text.size : std::min(text.size, script.scans[0].text);
  return MetadataReader().read(text.part(0, end));
}

}  // namespace veneer::jpeg
