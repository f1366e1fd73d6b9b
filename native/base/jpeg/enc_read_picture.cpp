#include "base/jpeg/enc_read_picture.h"

#include <algorithm>

#include "base/jpeg/enc_parse.h"
#include "base/jpeg/headers.h"
#include "base/jpeg/script.h"
#include "common/failure.h"

namespace veneer::jpeg {
namespace {

constexpr uint8_t kStart[] = {0xff, kMarkerSoi, 0xff};

[[noreturn]] void refuse(const char* text) { fail(ErrorCode::kBadJpeg, Problem::kNowhere, "%s", text); }

void check_size(int width, int height, int64_t max_pixels) {
  if (int64_t{width} * height <= max_pixels) return;
  fail(ErrorCode::kPictureTooLarge, Problem::kNowhere, "%d x %d pixels are more than the %lld allowed", width, height,
       static_cast<long long>(max_pixels));
}

// What the headers of a file say: the sides of the picture, how many scans it has, and for which components.
struct Outline {
  Frame frame;
  size_t scans = 0;
  bool has_component[kMaxComponents] = {};
};

Outline outline_of(Bytes file) {
  const auto headers = make_owned<Headers>();
  Outline outline;
  for (size_t at = 2;;) {
    const Headers::Found found = headers->next(file, &at);
    outline.frame = headers->frame();
    if (found == Headers::Found::kEnd) return outline;
    if (found != Headers::Found::kScan) continue;
    ++outline.scans;
    const ScanHeader& scan = headers->scan();
    for (int i = 0; i < scan.count && scan.first == 0; ++i) outline.has_component[scan.component[i]] = true;
  }
}

// Whether the levels are all that the file has, and no part of the picture is missing.
bool is_whole(const Outline& outline, const Script& script) {
  if (outline.scans != script.scans.size()) return false;
  const auto& has = outline.has_component;
  if (!std::all_of(has, has + outline.frame.count, [](bool each) { return each; })) return false;
  for (const ScanNotes& scan : script.scans) {
    for (const IntervalNote& interval : scan.intervals) {
      if (interval.cut || interval.last) return false;
    }
  }
  return true;
}

}  // namespace

void read_picture(Bytes file, int64_t max_pixels, Image* image) {
  if (file.size < sizeof kStart || !std::equal(kStart, kStart + sizeof kStart, file.data)) refuse("this is no JPEG");
  const Outline outline = outline_of(file);
  check_size(outline.frame.width, outline.frame.height, max_pixels);
  Script script;
  parse(file, image, &script);
  if (image->count == 0) {
    const bool damaged = outline.frame.there && outline.scans > 0;
    refuse(damaged ? "this JPEG is damaged"
                   : "this JPEG is damaged, arithmetic-coded, lossless, or of 12 bits a sample");
  }
  check_size(image->width, image->height, max_pixels);
  if (!is_whole(outline, script)) refuse("this JPEG is damaged: a part of its picture is missing");
}

}  // namespace veneer::jpeg
