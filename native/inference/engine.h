// Runs a network over a picture: rings of rows, kernels, threads.
//
// Source: docs/format.md, "Integer networks".
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/runner.h"
#include "inference/graph.h"
#include "inference/schedule.h"

namespace veneer::inference {

// A picture or map of the caller, bytes or int16. Strides count values; of an input they may be 0, so that one value
// stands for many.
struct Operand {
  void* data;
  bool bytes;  // uint8_t, else int16_t
  int width, height;
  ptrdiff_t row_stride;
  int pixel_stride;
  int channel_stride = 1;
};

// One whose values follow each other without gaps.
inline Operand dense_operand(void* data, bool bytes, int width, int height, int channels) {
  return {data, bytes, width, height, static_cast<ptrdiff_t>(width) * channels, channels};
}

class Network {
 public:
  explicit Network(Graph graph) : graph_(std::move(graph)) {}

  const Graph& graph() const { return graph_; }

  // Runs the network for a picture of `width` x `height`. Inputs and outputs of reduction d are
  // ceil(width / d) x ceil(height / d); outputs may be bytes only if their values fit.
  // Throws std::bad_alloc; concurrent calls are allowed.
  void run(const std::vector<Operand>& inputs, const std::vector<Operand>& outputs, int width, int height, int strip,
           Runner& runner, const Kernels& kernels) const;

 private:
  const std::vector<PackedLinear>& packed(const Kernels& kernels) const;

  Graph graph_;
  mutable std::mutex mutex_;  // guards packed_
  // By target, one for each operation; filled at the first use of a target.
  mutable std::vector<std::pair<std::string, std::unique_ptr<std::vector<PackedLinear>>>> packed_;
};

}  // namespace veneer::inference
