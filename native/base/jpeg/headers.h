// Walks through the segments of a JPEG and keeps what its scans need. Parser and rebuilding walk in the same way.
//
// Source: ITU-T T.81, annex B; docs/format.md, "Script".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/jpeg/huffman.h"
#include "base/jpeg/image.h"
#include "common/span.h"

namespace veneer::jpeg {

constexpr int kMaxScans = 256;  // that are coded; later ones are bytes
constexpr int kMostShift = 13;  // the greatest Al
constexpr uint8_t kMarkerSos = 0xda, kMarkerEoi = 0xd9, kMarkerSoi = 0xd8, kMarkerDht = 0xc4, kMarkerDqt = 0xdb,
                  kMarkerDri = 0xdd, kMarkerDnl = 0xdc;

inline bool is_restart(uint8_t marker) { return marker >= 0xd0 && marker <= 0xd7; }

// Where the next marker from 0xc0 on begins, of its own 0xff, from `at` on; the size of `bytes` if there is none.
size_t find_marker(Bytes bytes, size_t at);

struct Frame {
  bool there = false, progressive = false;
  int width = 0, height = 0;  // height 0: a later segment or nothing says it
  int count = 0;
  struct {
    int id = 0, h = 1, v = 1, table = 0;
  } component[kMaxComponents];
};

struct ScanHeader {
  int count = 0;
  int component[kMaxComponents] = {};  // indices of the frame's components
  int dc[kMaxComponents] = {}, ac[kMaxComponents] = {};
  int first = 0, last = 0, high = 0, low = 0;  // Ss, Se, Ah, Al; 0, 63, 0, 0 if the frame is not progressive
};

class Headers {
 public:
  enum class Found { kSegment, kScan, kEnd };

  // Reads the next segment from *at on, which follows what stands between, and moves *at behind it. kEnd: there is
  // none, it is not whole, or nothing after it belongs to the picture; *at is then behind EOI or not moved.
  Found next(Bytes bytes, size_t* at);

  const Frame& frame() const { return frame_; }
  const ScanHeader& scan() const { return scan_; }  // the last one found
  int restart_interval() const { return restart_interval_; }
  const HuffmanTable& table(int ac, int id) const { return tables_[ac][id]; }
  // What the components of the frame mean, by the markers so far.
  Colour colour() const;
  // Where the counts and symbols of a table begin in the bytes last given to next() that defined it.
  size_t table_place(int ac, int id) const { return places_[ac][id]; }
  // Natural order; nullptr if it has not been defined.
  const uint16_t* quantization(int id) const { return defined_[id] ? quantization_[id] : nullptr; }

 private:
  Found read(uint8_t marker, Bytes content, size_t place);
  bool read_frame(uint8_t marker, Bytes content);
  bool read_scan(Bytes content);
  void read_huffman(Bytes content, size_t place);
  void read_quantization(Bytes content);

  Frame frame_;
  ScanHeader scan_;
  int restart_interval_ = 0;
  HuffmanTable tables_[2][4];
  size_t places_[2][4] = {};
  uint16_t quantization_[4][kBlockSize] = {};
  bool defined_[4] = {};
  bool jfif_ = false;
  int adobe_transform_ = -1;  // -1: no such marker
};

// Which bits of which coefficients scans have brought so far. A scan that brings some again, or leaves some out, is no
// scan that can be coded: levels would not tell what it held.
class Progress {
 public:
  // Whether the scan may come next.
  bool allows(const ScanHeader& scan) const;
  void add(const ScanHeader& scan);
  // No scan may bring what this one does.
  void block(const ScanHeader& scan);

 private:
  static constexpr uint8_t kBlocked = 255;
  // Lowest bit that is known, plus 1; 0: nothing.
  uint8_t known_[kMaxComponents][kBlockSize] = {};
};

// Whether `image` has the geometry of the frame.
bool same_geometry(const Frame& frame, const Image& image);

}  // namespace veneer::jpeg
