// Runs a network over a picture: rings of rows, kernels, threads.
//
// Source: docs/format.md, "Integer networks".
#pragma once
#include "common/lock.h"
#include "common/runner.h"
#include "common/span.h"
#include "network/graph.h"
#include "network/schedule.h"

namespace veneer::network {

// What of an output its caller wants: a part of the picture and of the channels, and values rounded to fewer bits.
struct Wanted {
  int left = 0, top = 0;  // its pixel that is the first of the operand, whose size is that of the part
  int channel = 0;        // the first one
  int channels = 0;       // how many, which the operand's pixel stride has room for; 0: all
  int shift = 0;          // values v become (v + 2^(shift - 1)) >> shift; 0: as they are
};

// A picture or map of the caller, bytes or int16. Strides count values; those of an input may be 0 to repeat
// one value.
struct Operand {
  void* data;
  bool bytes;  // uint8_t, else int16_t
  int width, height;
  ptrdiff_t row_stride;
  int pixel_stride;
  int channel_stride = 1;
  Wanted wanted = {};  // of an output
};

// One whose values follow each other without gaps.
inline Operand dense_operand(void* data, bool bytes, int width, int height, int channels) {
  return {data, bytes, width, height, static_cast<ptrdiff_t>(width) * channels, channels};
}

class Network {
 public:
  explicit Network(Graph graph) : graph_(std::move(graph)), memory_(current_memory()) {}

  const Graph& graph() const { return graph_; }

  // Runs the network for a picture of `width` x `height`. Inputs and outputs of reduction d are
  // ceil(width / d) x ceil(height / d); outputs may be bytes only if their values fit, rounded as
  // they want them. Of an output that wants a part of the picture the operand has the size of the part.
  // Throws std::bad_alloc; concurrent calls are allowed.
  void run(Span<const Operand> inputs, Span<const Operand> outputs, int width, int height, int strip, Runner& runner,
           const Kernels& kernels) const;
  // The same, with a schedule of this network's graph.
  void run(Span<const Operand> inputs, Span<const Operand> outputs, const Schedule& schedule, Runner& runner,
           const Kernels& kernels) const;

 private:
  // The layers of all operations as a target reads them.
  struct Packed {
    const Kernels* kernels;
    Vector<PackedLinear> layers;
  };

  const Vector<PackedLinear>& packed(const Kernels& kernels) const;

  Graph graph_;
  const Memory& memory_;                  // all that the network keeps is taken from here, whichever thread runs it
  mutable Mutex mutex_;                   // guards packed_
  mutable Vector<Owned<Packed>> packed_;  // one for each target that has been used
};

}  // namespace veneer::network
