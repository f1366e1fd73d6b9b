#include "enhance/network_run.h"

#include <cstring>

#include "common/failure.h"
#include "enhance/unrounded.h"

namespace veneer::network_run {
namespace {

constexpr int kGreyChannel = 1;  // G

const network::Operand& named(const Inputs& inputs, const ModelNetwork& network, const char* name) {
  for (const NamedOperand& input : inputs) {
    if (std::strcmp(input.name, name) == 0) return input.operand;
  }
  fail(ErrorCode::kBadTensor, Problem::kNowhere, "%s takes %s, which there is not", network.name(), name);
}

}  // namespace

Inputs inputs_of(const BasePicture& base) {
  const View<const uint8_t>& steps = base.steps;
  return {{"picture", colours_of(base.quarters)},
          {"interpolated", colours_of(base.shown())},
          {"maps", channels_of(base.maps)},
          {"step", channels_of(steps)},
          {"settings", everywhere(base.settings, steps.width, steps.height)}};
}

void run(const ModelNetwork& network, const Inputs& inputs, const network::Operand& output, int width, int height,
         Runner& runner) {
  Vector<network::Operand> operands;
  for (const TensorInfo& tensor : network.inputs()) operands.push_back(named(inputs, network, tensor.name));
  network.run({operands.data(), operands.size()}, {&output, 1}, width, height, runner);
}

template <typename T>
void run_picture(const ModelNetwork& network, const Inputs& inputs, int width, int height, const Rect& box, int colours,
                 const View<T>& out, Runner& runner) {
  network::Operand operand = channels_of(View<const T>(out));
  operand.wanted.left = box.x;
  operand.wanted.top = box.y;
  operand.wanted.channel = colours == 1 ? kGreyChannel : 0;
  operand.wanted.channels = colours;
  operand.wanted.shift = operand.bytes ? kFractionBits : 0;
  run(network, inputs, operand, width, height, runner);
}
template void run_picture(const ModelNetwork&, const Inputs&, int, int, const Rect&, int, const View<int16_t>&,
                          Runner&);
template void run_picture(const ModelNetwork&, const Inputs&, int, int, const Rect&, int, const View<uint8_t>&,
                          Runner&);

}  // namespace veneer::network_run
