// Encoder: which forms are worth trying for a tile.
#pragma once
#include <cstddef>

#include "base/modular/forms.h"
#include "base/modular/tile.h"

namespace veneer::modular {

struct Candidate {
  Form form;
  bool with_maps;  // else planes keep all values of the depth, unless they are constant or copies
};

class Candidates {
 public:
  void add(const Candidate& candidate) { all_[count_++] = candidate; }
  const Candidate* begin() const { return all_; }
  const Candidate* end() const { return all_ + count_; }

 private:
  Candidate all_[2 * kForms];
  int count_ = 0;
};

// Those of a higher effort are those of a lower one and others, so that more effort never makes a tile larger.
Candidates candidates_for(const TilePlanes& tile, int effort);

// Whether a form is to be taken instead of another, which was tried before: it is smaller, and at low efforts by so much
// that it may decode more slowly.
bool is_preferred(Form form, size_t bytes, Form other, size_t bytes_of_other, int effort);

}  // namespace veneer::modular
