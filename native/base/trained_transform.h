// The trained transform of luma blocks of 4x4: an orthogonal matrix over the 16 coefficients of the cosine transform,
// one for each class of modes. Modes of the left family are mirrored ones of the upper family.
// Source: docs/format.md, "Inverse transform".
#pragma once
#include <cstdint>

#include "prediction.h"

namespace veneer {

constexpr int kTrainedClasses = 14;
constexpr int kFirstMirrored = 14;  // the mode whose mirror image is 3

inline bool mirrored(int mode) { return mode >= kFirstMirrored; }
inline int trained_class(int mode) { return mirrored(mode) ? mode - (kFirstMirrored - kVertical) : mode; }

// The place of a coefficient with both directions exchanged.
inline int transposed_4x4(int i) { return (i & 3) << 2 | i >> 2; }

// 2^7 of the matrices, [class][coded coefficient][coefficient of the cosine transform], both v * 4 + u.
const int8_t* trained_matrices();

// Normative. coded [4][4] to coefficients of the cosine transform in both directions, [4][4].
void trained_inverse(int mode, const int16_t* coded, int16_t* coef);

}  // namespace veneer
