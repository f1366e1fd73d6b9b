// The names of errors.
// Source: docs/format.md, "Errors".
#pragma once
#include "common/failure.h"

namespace veneer {

// As documents have it: `CHUNK_CUT`. Empty where no error has that number.
const char* error_name(ErrorCode code);

}  // namespace veneer
