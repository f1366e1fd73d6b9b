// Fields, structures made of them, and the reader that takes them from bytes.
//
// A structure is declared once, in syntax.cpp, as a table of fields. fields.py is its twin, with the same errors.
// Source: docs/format.md, "Conventions".
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/failure.h"
#include "common/span.h"
#include "container/extent.h"

namespace veneer {

// How the bytes of a field are read. All are whole bytes, little-endian.
enum class Kind : uint8_t {
  kU8,
  kU16,
  kU32,
  kI8,
  kBytes4,   // four bytes as they are
  kBytes,    // all that is left
  kCounted,  // as many bytes as the number in the field just before says
  kNumbers,  // numbers of 32 bits, as many as fill what is left
  kRecords,  // records of one structure of fixed size, as many as fill what is left
};

// Numbers, as at most two ranges. `is_list`: messages name each of them.
struct Values {
  int64_t first = 0, last = -1;
  int64_t second_first = 0, second_last = -1;
  bool is_list = false;

  constexpr bool empty() const { return first > last; }
  constexpr bool contains(int64_t value) const {
    return (value >= first && value <= last) || (value >= second_first && value <= second_last);
  }
};

struct Structure;

struct Field {
  const char* name = "";  // as in the specification
  Kind kind = Kind::kU8;
  Values valid;  // numbers that this version allows; empty: any. Of kNumbers, each of them
  Values later;  // numbers that a later version gives a meaning; they are refused as unsupported, not as invalid
  ErrorCode later_code = ErrorCode::kFeature;
  int64_t most = 0;                    // numbers of kNumbers, records of kRecords
  const Structure* records = nullptr;  // of kRecords
};

struct Structure {
  const char* name;  // the title of its section in the specification
  const Field* fields;
  int count;
  bool is_repeated;  // as many consecutive records as fill the data
};

// What a field says: a number, or the place of its bytes.
struct FieldValue {
  int64_t number = 0;
  Extent bytes;
};

constexpr int kMaxFields = 24;  // of a structure

// Bytes of a field of fixed size, 0 of others.
size_t fixed_size(Kind kind);
size_t fixed_size(const Structure& structure);

// A number of `size` bytes, 1 to 4, the least significant one first.
inline uint32_t read_number(const uint8_t* bytes, size_t size) {
  uint32_t number = 0;
  for (size_t i = size; i-- > 0;) number = number << 8 | bytes[i];
  return number;
}

// Takes fields from a place in a file, one record after another.
class FieldReader {
 public:
  FieldReader(Bytes file, const Extent& place) : file_(file), place_(place) {}

  // Whether nothing is left to read.
  bool is_at_end() const { return position_ == place_.size; }

  // Reads one record; values[i] is what field i says, for all fields of the structure.
  // Throws Failure of kChunkSize, kFieldValue, or what a field says of values of later versions.
  void read(const Structure& structure, FieldValue* values);

  // Throws Failure of kChunkSize if bytes follow the last field.
  void finish(const Structure& structure) const;

 private:
  size_t size_of(const Field& field, const FieldValue& before) const;
  void check_records(const Field& field, const Extent& place) const;
  void check_numbers(const Field& field, const Extent& place) const;
  int64_t left() const { return static_cast<int64_t>(place_.size - position_); }

  Bytes file_;
  Extent place_;
  size_t position_ = 0;
};

// Reads a whole structure. Throws as of FieldReader.
void read_structure(const Structure& structure, Bytes file, const Extent& place, FieldValue* values);

// `7`, `1..9` or `0, 4, 5`, for messages.
struct DescribedValues {
  char text[64];
};
DescribedValues describe(const Values& values);

}  // namespace veneer
