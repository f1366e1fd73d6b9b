#include "base/jpeg/headers.h"

#include <algorithm>
#include <cstring>

#include "base/jpeg/zigzag.h"

namespace veneer::jpeg {
namespace {

int two_bytes(Bytes bytes, size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

}  // namespace

size_t find_marker(Bytes bytes, size_t at) {
  while (at + 1 < bytes.size) {
    const void* found = std::memchr(bytes.data + at, 0xff, bytes.size - 1 - at);
    if (!found) break;
    at = static_cast<size_t>(static_cast<const uint8_t*>(found) - bytes.data);
    if (bytes[at + 1] >= 0xc0 && bytes[at + 1] != 0xff) return at;
    ++at;
  }
  return bytes.size;
}

Headers::Found Headers::next(Bytes bytes, size_t* at) {
  size_t i = find_marker(bytes, *at);
  while (i < bytes.size && is_restart(bytes[i + 1])) i = find_marker(bytes, i + 2);
  if (i == bytes.size) return Found::kEnd;
  const uint8_t marker = bytes[i + 1];
  if (marker == kMarkerEoi) {
    *at = i + 2;
    return Found::kEnd;
  }
  if (marker == kMarkerSoi || bytes.size - i < 4) return Found::kEnd;
  const auto length = static_cast<size_t>(two_bytes(bytes, i + 2));
  if (length < 2 || length > bytes.size - i - 2) return Found::kEnd;
  const Found found = read(marker, bytes.part(i + 4, length - 2), i + 4);
  if (found != Found::kEnd) *at = i + 2 + length;
  return found;
}

Headers::Found Headers::read(uint8_t marker, Bytes content, size_t place) {
  switch (marker) {
    case kMarkerDht:
      read_huffman(content, place);
      return Found::kSegment;
    case kMarkerDqt:
      read_quantization(content);
      return Found::kSegment;
    case kMarkerDri:
      if (content.size >= 2) restart_interval_ = two_bytes(content, 0);
      return Found::kSegment;
    case kMarkerSos:
      return read_scan(content) ? Found::kScan : Found::kSegment;
    case 0xe0:
      jfif_ = jfif_ || (content.size >= 14 && std::memcmp(content.data, "JFIF", 5) == 0);
      return Found::kSegment;
    case 0xee:
      if (content.size >= 12 && std::memcmp(content.data, "Adobe", 5) == 0) adobe_transform_ = content[11];
      return Found::kSegment;
    case 0xc8:  // JPG and DAC begin no frame
    case 0xcc:
      return Found::kSegment;
    default:
      break;
  }
  if (marker > 0xcf) return Found::kSegment;
  return read_frame(marker, content) ? Found::kSegment : Found::kEnd;
}

// Only frames of 8 bits, baseline, extended or progressive, with Huffman coding.
bool Headers::read_frame(uint8_t marker, Bytes content) {
  if (frame_.there || marker > 0xc2 || content.size < 6 || content[0] != 8) return false;
  Frame frame;
  frame.there = true;
  frame.progressive = marker == 0xc2;
  frame.height = two_bytes(content, 1);
  frame.width = two_bytes(content, 3);
  frame.count = content[5];
  if (frame.width == 0 || frame.count < 1 || frame.count > kMaxComponents) return false;
  if (content.size < 6 + 3 * static_cast<size_t>(frame.count)) return false;
  for (int i = 0; i < frame.count; ++i) {
    auto& c = frame.component[i];
    const uint8_t* const bytes = content.data + 6 + 3 * i;
    c.id = bytes[0];
    c.h = bytes[1] >> 4;
    c.v = bytes[1] & 15;
    c.table = bytes[2];
    if (c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.table > 3) return false;
  }
  frame_ = frame;
  return true;
}

bool Headers::read_scan(Bytes content) {
  ScanHeader scan;
  if (!frame_.there || content.empty()) return false;
  scan.count = content[0];
  if (scan.count < 1 || scan.count > frame_.count) return false;
  const size_t parameters = 1 + 2 * static_cast<size_t>(scan.count);
  if (content.size < parameters + 3) return false;
  bool used[kMaxComponents] = {};
  for (int i = 0; i < scan.count; ++i) {
    const int id = content[1 + 2 * static_cast<size_t>(i)], tables = content[2 + 2 * static_cast<size_t>(i)];
    int c = 0;
    while (c < frame_.count && (used[c] || frame_.component[c].id != id)) ++c;
    if (c == frame_.count) return false;
    used[c] = true;
    scan.component[i] = c;
    scan.dc[i] = tables >> 4;
    scan.ac[i] = tables & 15;
    if (scan.dc[i] > 3 || scan.ac[i] > 3) return false;
  }
  scan.last = kBlockSize - 1;
  if (frame_.progressive) {
    scan.first = content[parameters];
    scan.last = content[parameters + 1];
    scan.high = content[parameters + 2] >> 4;
    scan.low = content[parameters + 2] & 15;
    const bool band = scan.first == 0 ? scan.last == 0 : scan.count == 1 && scan.first <= scan.last && scan.last < 64;
    if (!band || scan.low > kMostShift || (scan.high != 0 && scan.high != scan.low + 1)) return false;
  }
  scan_ = scan;
  return true;
}

void Headers::read_huffman(Bytes content, size_t place) {
  while (content.size > 0) {
    const int ac = content[0] >> 4, id = content[0] & 15;
    if (ac > 1 || id > 3) return;
    const size_t taken = read_table(content.from(1), &tables_[ac][id]);
    if (taken == 0) return;
    places_[ac][id] = place + 1;
    place += 1 + taken;
    content = content.from(1 + taken);
  }
}

void Headers::read_quantization(Bytes content) {
  while (content.size > 0) {
    const int wide = content[0] >> 4, id = content[0] & 15;
    const size_t size = wide ? 2 * kBlockSize : kBlockSize;
    if (wide > 1 || id > 3 || content.size < 1 + size) return;
    for (size_t k = 0; k < kBlockSize; ++k) {
      const int value = wide ? two_bytes(content, 1 + 2 * k) : content[1 + k];
      quantization_[id][kNaturalOrder[k]] = static_cast<uint16_t>(value);
    }
    defined_[id] = true;
    content = content.from(1 + size);
  }
}

Colour Headers::colour() const {
  if (frame_.count < 3) return Colour::kGrey;
  if (frame_.count == 4) return adobe_transform_ <= 0 ? Colour::kCmyk : Colour::kYcck;
  const auto& c = frame_.component;
  const bool named = c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B';
  return !jfif_ && (adobe_transform_ == 0 || (adobe_transform_ < 0 && named)) ? Colour::kRgb : Colour::kYcc;
}

bool Progress::allows(const ScanHeader& scan) const {
  const int needed = scan.high != 0 ? scan.high + 1 : 0;
  for (int i = 0; i < scan.count; ++i) {
    for (int k = scan.first; k <= scan.last; ++k) {
      if (known_[scan.component[i]][k] != needed) return false;
    }
  }
  return true;
}

void Progress::add(const ScanHeader& scan) {
  for (int i = 0; i < scan.count; ++i) {
    for (int k = scan.first; k <= scan.last; ++k) {
      known_[scan.component[i]][k] = static_cast<uint8_t>(scan.low + 1);
    }
  }
}

void Progress::block(const ScanHeader& scan) {
  for (int i = 0; i < scan.count; ++i) {
    std::fill(known_[scan.component[i]] + scan.first, known_[scan.component[i]] + scan.last + 1, kBlocked);
  }
}

bool same_geometry(const Frame& frame, const Image& image) {
  bool same =
      frame.count == image.count && frame.width == image.width && (frame.height == image.height || frame.height == 0);
  for (int i = 0; same && i < frame.count; ++i) {
    const auto& c = frame.component[i];
    same = c.id == image.component[i].id && c.h == image.component[i].h && c.v == image.component[i].v;
  }
  return same;
}

}  // namespace veneer::jpeg
