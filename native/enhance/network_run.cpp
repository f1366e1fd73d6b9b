#include "enhance/network_run.h"

#include <cstring>

#include "common/failure.h"

namespace veneer::network_run {
namespace {

constexpr int kColours = 3;
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

Image<int16_t> run_colours(const ModelNetwork& network, const Inputs& inputs, int width, int height, Runner& runner) {
  Image<int16_t> made(width, height, kColours);
  run_picture(network, inputs, made.view(), runner);
  return made;
}

void copy_colours(const View<const int16_t>& colours, const View<int16_t>& out) {
  if (out.channels == kColours) return copy_rows(colours, out);
  for (int y = 0; y < out.height; ++y) {
    const int16_t* in = colours.row(y) + kGreyChannel;
    int16_t* grey = out.row(y);
    for (int x = 0; x < out.width; ++x) grey[x] = in[kColours * x];
  }
}

void run_picture(const ModelNetwork& network, const Inputs& inputs, const View<int16_t>& out, Runner& runner) {
  if (out.channels == kColours) {
    return run(network, inputs, channels_of(View<const int16_t>(out)), out.width, out.height, runner);
  }
  const Image<int16_t> made = run_colours(network, inputs, out.width, out.height, runner);
  copy_colours(made.view(), out);
}

}  // namespace veneer::network_run
