// What is wrong with a file, in a list that a file of very many faults cannot make long.
// Source: docs/format.md, "Damaged and cut files".
#pragma once
#include <cstdint>

#include "common/failure.h"
#include "common/memory.h"
#include "common/span.h"

namespace veneer {

// Keeps the first problems of each code, and counts the others.
class ProblemLog {
 public:
  // Takes a problem; says whether it is kept.
  bool add(const Problem& problem);
  void extend(Span<const Problem> problems);

  // Those that are kept, in the order in which they came.
  Span<const Problem> kept() const { return {kept_.data(), kept_.size()}; }
  // The same and, where there were more, a last one that counts those.
  Vector<Problem> entries() const;
  // How many were taken.
  int64_t count() const;

 private:
  struct Count {
    ErrorCode code;
    int64_t count;
  };
  Vector<Problem> kept_;
  Vector<Count> counts_;  // in the order in which the codes came
};

}  // namespace veneer
