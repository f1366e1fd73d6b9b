// UTF-8, one character after another.
// Source: RFC 3629.
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/span.h"

namespace veneer {

// The character that begins at byte *position, which is moved past it: as RFC 3629 has it, without surrogates and
// longer forms. -1: invalid; *position < text.size.
int32_t next_character(Bytes text, size_t* position);

// Number of characters; -1 if the bytes are not UTF-8.
int64_t count_characters(Bytes text);

}  // namespace veneer
