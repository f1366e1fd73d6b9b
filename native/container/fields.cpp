#include "container/fields.h"

#include <cstdio>

namespace veneer {
namespace {

// Throws Failure unless the field may have this value, which stands at `offset` of the file.
void check_value(const Field& field, int64_t value, int64_t offset) {
  if (field.valid.empty()) return;
  if (field.later.contains(value)) {
    fail(field.later_code, offset, "%s %lld needs a newer decoder; this one knows %s", field.name,
         static_cast<long long>(value), describe(field.valid).text);
  }
  if (!field.valid.contains(value)) {
    fail(ErrorCode::kFieldValue, offset, "%s is %lld, but must be %s", field.name, static_cast<long long>(value),
         describe(field.valid).text);
  }
}

bool is_number(Kind kind) { return kind <= Kind::kI8; }

// Bytes of one number or record of a field that is many of them; 1 of others.
size_t item_size(const Field& field) {
  if (field.kind == Kind::kNumbers) return sizeof(uint32_t);
  return field.kind == Kind::kRecords ? fixed_size(*field.records) : 1;
}

int64_t signed_byte(uint32_t number) { return number < 128 ? number : static_cast<int64_t>(number) - 256; }

}  // namespace

size_t fixed_size(Kind kind) {
  switch (kind) {
    case Kind::kU8:
    case Kind::kI8:
      return 1;
    case Kind::kU16:
      return 2;
    case Kind::kU32:
    case Kind::kBytes4:
      return 4;
    default:
      return 0;
  }
}

size_t fixed_size(const Structure& structure) {
  size_t size = 0;
  for (int i = 0; i < structure.count; ++i) size += fixed_size(structure.fields[i].kind);
  return size;
}

size_t FieldReader::size_of(const Field& field, const FieldValue& before) const {
  if (field.kind == Kind::kCounted) return static_cast<size_t>(before.number);
  const size_t fixed = fixed_size(field.kind);
  return fixed > 0 ? fixed : place_.size - position_;
}

void FieldReader::read(const Structure& structure, FieldValue* values) {
  for (int i = 0; i < structure.count; ++i) {
    const Field& field = structure.fields[i];
    const size_t size = size_of(field, values[i > 0 ? i - 1 : 0]);
    const Extent place = {place_.offset + static_cast<int64_t>(position_), size};
    if (size > place_.size - position_ || size % item_size(field) != 0) {
      fail(ErrorCode::kChunkSize, place.offset, "the chunk ends within %s", field.name);
    }
    position_ += size;
    values[i].bytes = place;
    if (field.kind == Kind::kNumbers) check_numbers(field, place);
    if (field.kind == Kind::kRecords) check_records(field, place);
    if (!is_number(field.kind)) continue;
    const uint32_t number = read_number(place.in(file_).data, size);
    values[i].number = field.kind == Kind::kI8 ? signed_byte(number) : number;
    check_value(field, values[i].number, place.offset);
  }
}

void FieldReader::check_numbers(const Field& field, const Extent& place) const {
  const size_t count = place.size / item_size(field);
  if (count > static_cast<size_t>(field.most)) {
    fail(ErrorCode::kChunkSize, place.offset, "%zu numbers in %s are more than the %lld allowed", count, field.name,
         static_cast<long long>(field.most));
  }
  const Bytes bytes = place.in(file_);
  for (size_t i = 0; i < count; ++i) {
    check_value(field, read_number(bytes.data + i * item_size(field), item_size(field)), place.offset);
  }
}

void FieldReader::check_records(const Field& field, const Extent& place) const {
  const size_t count = place.size / item_size(field);
  if (count > static_cast<size_t>(field.most)) {
    fail(ErrorCode::kFieldValue, place.offset, "%zu %s, but at most %lld are allowed", count, field.name,
         static_cast<long long>(field.most));
  }
  FieldValue values[kMaxFields];
  FieldReader reader(file_, place);
  while (!reader.is_at_end()) reader.read(*field.records, values);
}

void FieldReader::finish(const Structure& structure) const {
  if (!is_at_end()) {
    fail(ErrorCode::kChunkSize, place_.offset + static_cast<int64_t>(position_), "%lld surplus bytes after %s",
         static_cast<long long>(left()), structure.name);
  }
}

void read_structure(const Structure& structure, Bytes file, const Extent& place, FieldValue* values) {
  FieldReader reader(file, place);
  reader.read(structure, values);
  reader.finish(structure);
}

DescribedValues describe(const Values& values) {
  DescribedValues described{};
  const auto first = static_cast<long long>(values.first), last = static_cast<long long>(values.last);
  if (!values.is_list) {
    std::snprintf(described.text, sizeof described.text, first == last ? "%lld" : "%lld..%lld", first, last);
    return described;
  }
  size_t used = 0;
  for (int64_t value = values.first; used < sizeof described.text; ++value) {
    if (value > values.last && value < values.second_first) value = values.second_first;
    if (!values.contains(value)) break;
    used += std::snprintf(described.text + used, sizeof described.text - used, used ? ", %lld" : "%lld",
                          static_cast<long long>(value));
  }
  return described;
}

}  // namespace veneer
