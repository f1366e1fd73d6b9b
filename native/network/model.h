// Models: model files that have been read, and networks of weight files that have been checked and proved, ready to be
// run.
//
// Place: above the engine (network/engine.h); networks.h says which of them enhance pictures.
// Source: docs/format.md, "Model files, weight files and integer networks".
#pragma once
#include <memory>

#include "common/memory.h"
#include "common/runner.h"
#include "common/span.h"
#include "network/engine.h"

namespace veneer {

struct NetworkDescription;

// Picture rows made at a time: enough work for threads to share, little enough to stay within caches.
// Wide pictures have enough of it in fewer rows, and what a network holds grows with both.
constexpr int default_strip(int width) { return width > 2048 ? 16 : 32; }

// Callers run a network on a whole picture in parts of at most this many columns: memory grows with the width.
constexpr int kMaxColumns = 8192;

// What all pictures have in common of a tensor: channels, and sides of the picture over its sides.
struct Shape {
  int channels, reduction;
  bool operator==(const Shape& other) const { return channels == other.channels && reduction == other.reduction; }
  bool operator!=(const Shape& other) const { return !(*this == other); }
};

struct TensorInfo {
  char name[64];
  Shape shape;
  int low, high;      // inputs: values are clamped to this; outputs: no value lies outside
  int fraction_bits;  // the real number is value / 2^fraction_bits
};

// A network of a model. Threads may run it at the same time.
class ModelNetwork {
 public:
  // Takes over the arrays. `description` has been checked (check_structure()) and has all its arrays. Throws Failure,
  // without an offset: kWeightsInvalid, or kWeightsOverflow where an accumulator could leave 32 bits.
  explicit ModelNetwork(NetworkDescription&& description);

  const char* name() const { return name_; }
  Span<const TensorInfo> inputs() const { return {inputs_.data(), inputs_.size()}; }
  Span<const TensorInfo> outputs() const { return {outputs_.data(), outputs_.size()}; }
  // Both sides of a picture are extended to multiples of this.
  int alignment() const { return network_.graph().alignment(); }
  // Picture pixels on each side of a pixel beyond which nothing has an influence on it: an upper bound.
  int halo() const { return halo_; }
  // nullptr: no such name.
  const TensorInfo* find_input(const char* name) const;
  // Whether all values of an output are 0..255.
  bool output_is_bytes(size_t i) const { return outputs_[i].low >= 0 && outputs_[i].high <= 255; }
  // Bytes that the activations of one run take. Sides are 1..kMaxNetworkSide; `strip` as of run().
  size_t memory_bytes(int width, int height) const { return memory_bytes(width, height, default_strip(width)); }
  size_t memory_bytes(int width, int height, int strip) const;

  // Runs the network on a picture of 1..kMaxNetworkSide pixels a side, default_strip() rows at a time, with the kernels
  // that network::chosen_kernels() names. Operands are in the order of inputs() and outputs(), each
  // ceil(width / d) x ceil(height / d) for its reduction d; outputs are bytes only where output_is_bytes() says so,
  // or where their values are bytes when they are rounded as the operand wants it.
  // Throws Failure kNetworkTooLarge where activations would take more than kMaxNetworkMemory.
  void run(Span<const network::Operand> inputs, Span<const network::Operand> outputs, int width, int height,
           Runner& runner) const {
    run(inputs, outputs, width, height, runner, default_strip(width));
  }
  // The same, `strip` rows at a time, rounded up to the alignment; 0 for all.
  void run(Span<const network::Operand> inputs, Span<const network::Operand> outputs, int width, int height,
           Runner& runner, int strip) const;
  // Throws Failure kNetworkTooLarge where run() would, default_strip() rows at a time.
  void check_memory(int width, int height) const;

 private:
  network::Schedule checked_schedule(int width, int height, int strip) const;

  char name_[64];
  Vector<TensorInfo> inputs_, outputs_;
  int halo_ = 0;
  network::Network network_;
};

// A network that a model consists of: its name, and the weight file that has it.
struct NetworkEntry {
  char name[64];
  uint32_t file_size;  // in bytes
  uint8_t sha256[32];  // of the file
};

// The content of a model file: which networks a model consists of.
struct ModelFile {
  uint32_t id;    // which picture files name; given by hand and never reused
  char name[64];  // for people
  Vector<NetworkEntry> networks;
  // nullptr: no such name.
  const NetworkEntry* find(const char* network) const;
};

// A model with those of its networks that somebody needs.
struct Model {
  uint32_t id;
  char name[64];
  Vector<std::shared_ptr<const ModelNetwork>> networks;
  // nullptr: no such name.
  const ModelNetwork* find(const char* network) const;
};

// Reads and checks a whole model file; nothing refers to `data` afterwards. Throws Failure kNoWeights, kWeightsVersion,
// kWeightsTooLarge, kWeightsCut, kWeightsChecksum or kWeightsInvalid, with the offset where there is one.
Owned<ModelFile> read_model_file(Bytes data);

// Reads, checks and proves the network of a whole weight file; nothing refers to `data` afterwards. Throws Failure as
// read_model_file(), or kWeightsOverflow.
Owned<ModelNetwork> read_weight_file(Bytes data);

}  // namespace veneer
