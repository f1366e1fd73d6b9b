// Fuzz target: weight files.
//
// Input: a byte, whose last bit says whether it is a weight file or a model file, and the body of the file, whose header and
// checksum are put around it. Whatever it says, the file is refused; or it is a model file; or its network can be run on a
// small picture, and then whether it enhances is found out.
#include <algorithm>
#include <memory>
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

std::vector<uint8_t> file_of(uint8_t kind, const uint8_t* body, size_t size) {
  std::vector<uint8_t> file = {0x8b, 'V', 'N', kind, '\r', '\n', 0x1a, '\n', 2, 0, 0, 0};
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

void read_model_file(const std::vector<uint8_t>& file) {
  try {
    const veneer::Owned<veneer::ModelFile> model = veneer::read_model_file({file.data(), file.size()});
    for (const veneer::NetworkEntry& entry : model->networks) {
      promise(model->find(entry.name) == &entry, "networks are found by their names");
    }
  } catch (const veneer::Failure&) {  // how a file is refused
  }
}

void read_weight_file(const std::vector<uint8_t>& file) {
  veneer::Model model{7, "model", {}};
  try {
    model.networks.push_back(
        std::shared_ptr<veneer::ModelNetwork>(veneer::read_weight_file({file.data(), file.size()})));
  } catch (const veneer::Failure&) {
    return;
  }
  run(*model.networks[0]);
  for (const int scale : {1, 2}) {
    try {
      veneer::networks_of(model, scale);
    } catch (const veneer::Failure& failure) {
      promise(failure.code() == veneer::ErrorCode::kModelUnknown, "networks that do not enhance are no others");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const bool is_model = data[0] & 1;
  const std::vector<uint8_t> file = file_of(is_model ? 'M' : 'W', data + 1, size - 1);
  is_model ? read_model_file(file) : read_weight_file(file);
  return 0;
}
