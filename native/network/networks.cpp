#include "network/networks.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <numeric>

#include "common/failure.h"
#include "network/distributions.h"

namespace veneer {
namespace {

constexpr int kColours = 3;
constexpr int kBaseBits = 2;    // fraction bits of the base, which is in quarters of a level
constexpr int kFinerBits = 6;   // of what networks make of it
constexpr int kAnyBits = -129;  // no file has these
constexpr int kMaxFiner = 255 << kFinerBits;
constexpr int kLatentReductions[] = {2, 4, 8, 16, 32, 64};  // those that divide the side of every tile

// The inputs that a network may have.
class AllowedInputs {
 public:
  void add(const char* name, const Shape& shape) { inputs_[count_++] = {name, shape}; }
  // nullptr if this input is not allowed.
  const Shape* find(const char* name) const {
    for (size_t i = 0; i < count_; ++i) {
      if (std::strcmp(inputs_[i].name, name) == 0) return &inputs_[i].shape;
    }
    return nullptr;
  }

 private:
  struct Input {
    const char* name;
    Shape shape;
  };
  Input inputs_[12];
  size_t count_ = 0;
};

// The one output that a network must have, and its values.
struct RequiredOutput {
  const char* name;
  Shape shape;
  int low, high;
  int fraction_bits;  // or kAnyBits
};

// Throws Failure kModelUnknown unless `condition`; the rest is as of printf.
void require(bool condition, const ModelNetwork& network, const char* format, ...) VENEER_FORMAT(3, 4);

void require(bool condition, const ModelNetwork& network, const char* format, ...) {
  if (condition) return;
  va_list values;
  va_start(values, format);
  const Problem what = make_problem_of(ErrorCode::kModelUnknown, Problem::kNowhere, format, values);
  va_end(values);
  fail(ErrorCode::kModelUnknown, Problem::kNowhere, "this decoder cannot use %s: %s", network.name(), what.message);
}

void check_inputs(const ModelNetwork& network, const AllowedInputs& allowed) {
  for (const TensorInfo& input : network.inputs()) {
    const Shape* wanted = allowed.find(input.name);
    require(wanted != nullptr, network, "input '%s' is unknown", input.name);
    require(input.shape == *wanted, network, "%s is %d channels at 1/%d, not Shape(channels=%d, reduction=%d)",
            input.name, input.shape.channels, input.shape.reduction, wanted->channels, wanted->reduction);
  }
}

void check_bits(const ModelNetwork& network, const TensorInfo& tensor, int wanted) {
  require(tensor.fraction_bits == wanted, network, "%s has %d fraction bits, not %d", tensor.name, tensor.fraction_bits,
          wanted);
}

// Inputs and output of a network; `picture_bits` are the fraction bits of pictures that go in.
void check_network(const ModelNetwork& network, const AllowedInputs& allowed, const RequiredOutput& wanted,
                   int picture_bits) {
  check_inputs(network, allowed);
  const TensorInfo& output = network.outputs()[0];
  require(network.outputs().size == 1 && std::strcmp(output.name, wanted.name) == 0, network, "the output is not '%s'",
          wanted.name);
  require(output.shape == wanted.shape, network,
          "%s is Shape(channels=%d, reduction=%d), not Shape(channels=%d, reduction=%d)", output.name,
          output.shape.channels, output.shape.reduction, wanted.shape.channels, wanted.shape.reduction);
  for (const char* name : {"picture", "interpolated"}) {
    if (const TensorInfo* input = network.find_input(name)) check_bits(network, *input, picture_bits);
  }
  if (wanted.fraction_bits != kAnyBits) check_bits(network, output, wanted.fraction_bits);
  require(wanted.low <= output.low && output.high <= wanted.high, network, "%s can be %d..%d, not %d..%d", output.name,
          output.low, output.high, wanted.low, wanted.high);
}

// What all networks may know of the base. `unit` is the reduction of what is the same in units.
AllowedInputs side_inputs(int reduction, int unit, int maps = kMapChannels) {
  AllowedInputs inputs;
  inputs.add("picture", {kColours, reduction});
  inputs.add("maps", {maps, unit});
  inputs.add("step", {1, unit});
  inputs.add("settings", {kSettingChannels, unit});
  return inputs;
}

void check_texture(const ModelNetwork& network, int maps = kMapChannels) {
  AllowedInputs inputs = side_inputs(1, kUnit, maps);
  inputs.add("realism", {1, kUnit});
  inputs.add("missing", {1, kUnit});
  inputs.add("noise", {kNoiseChannels, kUnit});
  check_network(network, inputs, {"textured", {kColours, 1}, 0, kMaxFiner, kFinerBits}, kFinerBits);
}

void check_restore(const ModelNetwork& network, int scale, const TensorInfo* latents) {
  AllowedInputs inputs = side_inputs(scale, kUnit * scale);
  inputs.add("strength", {1, kUnit * scale});
  inputs.add("realism", {1, kUnit * scale});
  if (scale > 1) inputs.add("interpolated", {kColours, 1});
  if (latents != nullptr) inputs.add("y", latents->shape);
  check_network(network, inputs, {"enhanced", {kColours, 1}, 0, kMaxFiner, kFinerBits}, kBaseBits);
}

// The networks that go with the latents of `restore`: the entropy model, which is returned, and the analysis.
const ModelNetwork* check_latents(const Model& model, const ModelNetwork& restore, const Shape& latents, int scale) {
  bool divides = false;
  for (const int reduction : kLatentReductions) divides |= reduction == latents.reduction;
  require(divides, restore, "latents of reduction %d", latents.reduction);
  const ModelNetwork* prior = model.find(scale == 1 ? "latent_prior" : "latent_prior_half");
  if (prior == nullptr) {
    fail(ErrorCode::kModelUnknown, Problem::kNowhere, "model %u takes latents, but has no network latent_prior%s",
         model.id, scale == 1 ? "" : "_half");
  }
  AllowedInputs inputs = side_inputs(scale, kUnit * scale);
  check_network(*prior, inputs, {"index", latents, 0, kLatentDistributions - 1, kAnyBits}, kBaseBits);
  inputs.add("original", {kColours, 1});
  if (const ModelNetwork* analysis = model.find(scale == 1 ? "latent_analysis" : "latent_analysis_half")) {
    check_network(*analysis, inputs, {"y", latents, -kMaxLatent, kMaxLatent, kAnyBits}, kBaseBits);
  }
  return prior;
}

const ModelNetwork& checked_texture(const Model& model, int maps) {
  const ModelNetwork* texture = model.find("texture");
  if (texture == nullptr) {
    fail(ErrorCode::kModelUnknown, Problem::kNowhere, "model %u has no network texture", model.id);
  }
  check_texture(*texture, maps);
  return *texture;
}

}  // namespace

std::optional<Networks> networks_of(const Model& model, int scale) {
  Networks networks;
  networks.scale = scale;
  networks.restore = model.find(scale == 1 ? "restore" : "restore_half");
  networks.texture = model.find("texture");
  if (networks.restore == nullptr) return std::nullopt;
  const TensorInfo* latents = networks.restore->find_input("y");
  if (latents != nullptr) {
    networks.latents = latents->shape;
    networks.latent_prior = check_latents(model, *networks.restore, latents->shape, scale);
  }
  check_restore(*networks.restore, scale, latents);
  if (networks.texture != nullptr) check_texture(*networks.texture);
  networks.alignment = std::lcm(std::lcm(networks.restore->alignment(), kUnit * scale), networks.latents.reduction);
  return networks;
}

const ModelNetwork& texture_network_of(const Model& model) { return checked_texture(model, kMapChannels); }

const ModelNetwork& jpeg_texture_network_of(const Model& model) { return checked_texture(model, kJpegMapChannels); }

std::optional<JpegNetworks> jpeg_networks_of(const Model& model) {
  JpegNetworks networks;
  networks.restore = model.find("jpeg_restore");
  networks.texture = model.find("texture");
  if (networks.restore == nullptr) return std::nullopt;
  check_network(*networks.restore, side_inputs(1, kUnit, kJpegMapChannels),
                {"enhanced", {kColours, 1}, 0, kMaxFiner, kFinerBits}, 0);
  if (networks.texture != nullptr) check_texture(*networks.texture, kJpegMapChannels);
  return networks;
}

}  // namespace veneer
