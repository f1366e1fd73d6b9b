// Fuzz target: weight files.
//
// Input: the body of a weight file, whose header and checksum are put around it. Whatever it says, the file is refused
// or its networks can be run on a small picture; then whether they enhance is found out.
#include <algorithm>
#include <vector>

#include "common/crc32c.h"
#include "common/failure.h"
#include "fuzz/fuzz_input.h"
#include "network/networks.h"

namespace {

using veneer::fuzz::promise;
using veneer::network::Operand;

constexpr int kWidth = 5, kHeight = 3;
constexpr size_t kMostMemory = size_t{1} << 24;

std::vector<uint8_t> file_of(const uint8_t* body, size_t size) {
  std::vector<uint8_t> file = {0x8b, 'V', 'N', 'W', '\r', '\n', 0x1a, '\n', 1, 0, 0, 0, 7, 0, 0, 0};
  const auto add = [&](uint32_t number) {
    for (int i = 0; i < 4; ++i) file.push_back(static_cast<uint8_t>(number >> 8 * i));
  };
  add(static_cast<uint32_t>(size));
  file.insert(file.end(), body, body + size);
  add(veneer::crc32c(file.data(), file.size()));
  return file;
}

void run(const veneer::ModelNetwork& network) {
  if (network.memory_bytes(kWidth, kHeight) > kMostMemory) return;
  std::vector<std::vector<int16_t>> arrays;
  const auto operands = [&](veneer::Span<const veneer::TensorInfo> tensors) {
    std::vector<Operand> all;
    for (const veneer::TensorInfo& tensor : tensors) {
      const int columns = (kWidth + tensor.shape.reduction - 1) / tensor.shape.reduction;
      const int rows = (kHeight + tensor.shape.reduction - 1) / tensor.shape.reduction;
      arrays.emplace_back(static_cast<size_t>(columns) * rows * tensor.shape.channels, static_cast<int16_t>(-1234));
      all.push_back(veneer::network::dense_operand(arrays.back().data(), false, columns, rows, tensor.shape.channels));
    }
    return all;
  };
  const std::vector<Operand> inputs = operands(network.inputs());
  const size_t first = arrays.size();
  const std::vector<Operand> outputs = operands(network.outputs());
  veneer::SameThread runner;
  network.run({inputs.data(), inputs.size()}, {outputs.data(), outputs.size()}, kWidth, kHeight, runner);
  for (size_t i = first; i < arrays.size(); ++i) {
    const veneer::TensorInfo& tensor = network.outputs()[i - first];
    for (const int16_t value : arrays[i]) {
      promise(tensor.low <= value && value <= tensor.high, "values lie in the range that was proved");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> file = file_of(data, size);
  veneer::Owned<veneer::Model> model;
  try {
    model = veneer::read_model({file.data(), file.size()});
  } catch (const veneer::Failure&) {
    return 0;  // how a file is refused
  }
  for (const veneer::Owned<veneer::ModelNetwork>& network : model->networks) run(*network);
  for (const int scale : {1, 2}) {
    try {
      veneer::networks_of(*model, scale);
    } catch (const veneer::Failure& failure) {
      promise(failure.code() == veneer::ErrorCode::kModelUnknown, "networks that do not enhance are no others");
    }
  }
  return 0;
}
