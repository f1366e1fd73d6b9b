#include "network/weight_frame.h"

#include <algorithm>
#include <cstring>

#include "common/crc32c.h"
#include "common/limits.h"

namespace veneer {
namespace {

constexpr size_t kSignatureSize = 8;
constexpr int kWeightsVersion = 2;
constexpr size_t kVersionAt = kSignatureSize, kReservedAt = kVersionAt + 1, kBodySizeAt = kReservedAt + 3;
constexpr size_t kHeaderSize = kBodySizeAt + 4, kChecksumSize = 4;

struct Kind {
  uint8_t signature[kSignatureSize];
  const char* name;
};

constexpr Kind kKinds[] = {{{0x8b, 'V', 'N', 'W', '\r', '\n', 0x1a, '\n'}, "weight file"},
                           {{0x8b, 'V', 'N', 'M', '\r', '\n', 0x1a, '\n'}, "model file"}};

uint32_t u32_at(Bytes data, size_t place) { return WeightReader(data, place, place + 4).u32(); }

void check_signature(Bytes data, const Kind& kind) {
  const size_t size = std::min(data.size, kSignatureSize);
  const bool begins = size == 0 || std::memcmp(data.data, kind.signature, size) == 0;
  if (begins && data.size >= kSignatureSize) return;
  if (begins && data.size > 0) {
    fail(ErrorCode::kWeightsCut, static_cast<int64_t>(data.size), "the %s ends within its signature", kind.name);
  }
  fail(ErrorCode::kNoWeights, 0, "no %s of Veneer", kind.name);
}

void check_version(int version, const Kind& kind) {
  if (version > kWeightsVersion) {
    fail(ErrorCode::kWeightsVersion, kVersionAt, "version %d of a %s; this decoder reads version %d", version,
         kind.name, kWeightsVersion);
  }
  if (version < kWeightsVersion) {
    fail(ErrorCode::kWeightsInvalid, kVersionAt, "version %d of a %s, which was withdrawn", version, kind.name);
  }
}

}  // namespace

WeightReader checked_body(Bytes data, FrameKind frame) {
  const Kind& kind = kKinds[static_cast<int>(frame)];
  check_signature(data, kind);
  const auto bytes = static_cast<int64_t>(data.size);
  if (data.size < kHeaderSize) fail(ErrorCode::kWeightsCut, bytes, "the %s ends within its header", kind.name);
  check_version(data[kVersionAt], kind);
  const int64_t size = int64_t{kHeaderSize} + u32_at(data, kBodySizeAt) + int64_t{kChecksumSize};
  const auto length = static_cast<long long>(size);
  if (size > kMaxWeightFile) fail(ErrorCode::kWeightsTooLarge, kVersionAt, "a %s of %lld bytes", kind.name, length);
  if (bytes < size) {
    fail(ErrorCode::kWeightsCut, bytes, "the %s has %zu of %lld bytes", kind.name, data.size, length);
  }
  if (bytes > size) fail(ErrorCode::kWeightsInvalid, size, "bytes follow the %s", kind.name);
  const size_t end = data.size - kChecksumSize;
  if (crc32c(data.data, end) != u32_at(data, end)) {
    fail(ErrorCode::kWeightsChecksum, static_cast<int64_t>(end), "the checksum of the %s is wrong", kind.name);
  }
  if (!std::all_of(data.data + kReservedAt, data.data + kBodySizeAt, [](int b) { return !b; })) {
    fail(ErrorCode::kWeightsInvalid, kReservedAt, "the header of the %s is not allowed", kind.name);
  }
  return {data, kHeaderSize, end};
}

}  // namespace veneer
