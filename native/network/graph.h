// A network for the engine: tensors and operations, checked, and fused where two can run as one.
//
// Tensors are numbered: inputs first, then the result of each operation. A tensor of reduction d has
// ceil-to-alignment(H) / d rows for a picture of H rows.
// Source: docs/format.md, "Integer networks".
#pragma once
#include "common/limits.h"
#include "common/memory.h"
#include "network/kernels.h"
#include "network/packing.h"

namespace veneer::network {

// Numbers as in the weight file.
enum class OpKind : uint8_t {
  kConvolution = 0,
  kDepthwise = 1,
  kScale = 2,
  kAdd = 3,
  kMultiply = 4,
  kClip = 5,
  kTable = 6,
  kPixelUnshuffle = 7,
  kPixelShuffle = 8,
  kConcat = 9,
  kSlice = 10,
};

struct InputSpec {
  int channels, reduction;
  int low, high;  // values are clamped to this on entry
};

struct OpSpec {
  OpKind kind;
  Vector<int> inputs;  // tensors
  int low = -32768, high = 32767;
  int kernel = 1;           // convolution, depthwise
  int channels = 0;         // convolution, slice: of the result
  int factor = 1;           // pixel (un)shuffle
  int first = 0;            // slice: first channel; table: the value its first entry stands for
  Mix mix{};                // add; its limits are `low` and `high`
  int shift = 0;            // multiply
  LinearWeights weights{};  // convolution, depthwise, scale
  Vector<int16_t> table;    // table
};

struct Tensor {
  int channels, reduction;
};

// An operation as the engine runs it: the specified one, or a convolution with the addition that follows it.
struct Op {
  OpSpec spec;
  int output;         // tensor
  int residual = -1;  // tensor added to the result by `spec.mix`, else -1
};

class Graph {
 public:
  // Throws Failure kWeightsInvalid where tensors, shapes or parameters are wrong.
  Graph(Vector<InputSpec> inputs, Vector<OpSpec> ops, Vector<int> outputs);

  const Vector<InputSpec>& inputs() const { return inputs_; }
  const Vector<Op>& ops() const { return ops_; }
  const Vector<int>& outputs() const { return outputs_; }
  const Vector<Tensor>& tensors() const { return tensors_; }
  int alignment() const { return alignment_; }  // least common multiple of the reductions

 private:
  void fuse_additions();

  Vector<InputSpec> inputs_;
  Vector<Op> ops_;
  Vector<int> outputs_;
  Vector<Tensor> tensors_;
  int alignment_ = 1;
};

struct RowRange {
  int first, last;  // [first, last)
};

// Rows of an input that rows [range.first, range.last) of the result are made from; not yet limited to the picture.
// `operand` counts the op's inputs; the residual is the one after them.
RowRange needed_rows(const Op& op, size_t operand, RowRange range);

}  // namespace veneer::network
