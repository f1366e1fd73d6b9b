// Errors of a file: a stable number, an offset, and one line of text.
//
// A Failure is thrown within the library and caught at its interface. A Problem is the same as a value: tolerated
// damage is kept in lists of them. Neither allocates memory.
// Source: docs/format.md, "Errors".
#pragma once
#include <cstdarg>
#include <cstdint>
#include <exception>

namespace veneer {

// errors.py has the same (tests/test_native_errors.py).
enum class ErrorCode : int {
  kBadPixels = 101,
  kBadSetting = 102,
  kBadRegion = 103,
  kBadMetadata = 104,
  kTargetTooSmall = 105,
  kBadTensor = 106,
  kBadJpeg = 107,
  kNoJpeg = 108,

  kNoSignature = 201,
  kNoWeights = 202,

  kHeadCut = 301,
  kChunkCut = 302,
  kNoEnd = 303,
  kWeightsCut = 304,

  kChecksum = 401,
  kFramingLost = 402,
  kTileMissing = 403,
  kTileDamaged = 404,
  kNoTile = 405,
  kWeightsChecksum = 406,
  kLatentsDamaged = 407,
  kMoreProblems = 408,
  kJpegHeader = 409,
  kJpegScript = 410,

  kFieldValue = 501,
  kChunkOrder = 502,
  kChunkRepeated = 503,
  kChunkSize = 504,
  kTileIndex = 505,
  kOffsetsWrong = 506,
  kWeightsInvalid = 507,
  kWeightsOverflow = 508,
  kModelsDiffer = 509,
  kSlotUnknown = 510,

  kVersion = 601,
  kCriticalChunk = 602,
  kFeature = 603,
  kWeightsVersion = 604,
  kModelUnknown = 605,
  kNoPixels = 606,

  kPictureTooLarge = 701,
  kMetadataTooLarge = 702,
  kTooManyChunks = 703,
  kTooManyTiles = 704,
  kWeightsTooLarge = 705,
  kNetworkTooLarge = 706,
  kTooManyBytes = 707,
  kTileTooLarge = 708,
};

#if defined(__GNUC__)
#define VENEER_FORMAT(text, values) __attribute__((format(printf, text, values)))
#else
#define VENEER_FORMAT(text, values)
#endif

struct Problem {
  static constexpr int64_t kNowhere = -1;

  ErrorCode code;
  int64_t offset;     // of the byte concerned in the file, or kNowhere
  char message[240];  // UTF-8, without the offset; longer ones are cut
};

// `format` and what follows are as of printf.
Problem make_problem(ErrorCode code, int64_t offset, const char* format, ...) VENEER_FORMAT(3, 4);

// The same for functions that take such arguments themselves.
Problem make_problem_of(ErrorCode code, int64_t offset, const char* format, va_list values);

class Failure final : public std::exception {
 public:
  explicit Failure(const Problem& problem) : problem_(problem) {}
  const Problem& problem() const { return problem_; }
  ErrorCode code() const { return problem_.code; }
  const char* what() const noexcept override { return problem_.message; }

 private:
  Problem problem_;
};

[[noreturn]] void fail(ErrorCode code, int64_t offset, const char* format, ...) VENEER_FORMAT(3, 4);

}  // namespace veneer
