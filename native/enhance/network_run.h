// Runs a network of a model on views of pictures, without copies.
//
// Place: layer.cpp, synthesis.cpp and texture.cpp name all possible inputs; here a network gets those that it declares.
// Source: docs/format.md, "Inputs of networks".
#pragma once
#include <cstdint>
#include <initializer_list>

#include "common/image.h"
#include "common/runner.h"
#include "enhance/base_picture.h"
#include "network/engine.h"
#include "network/model.h"

namespace veneer::network_run {

struct NamedOperand {
  const char* name;
  network::Operand operand;
};

// All channels of a picture.
template <typename T>
network::Operand channels_of(const View<const T>& view) {
  return {const_cast<T*>(view.data), sizeof(T) == 1, view.width, view.height, view.stride, view.channels};
}

// R, G and B of a picture; of a grey one its value three times.
template <typename T>
network::Operand colours_of(const View<const T>& view) {
  network::Operand operand = channels_of(view);
  operand.channel_stride = view.channels == 1 ? 0 : 1;
  return operand;
}

// The same values for all units of a picture, [width, height] of them.
template <typename T>
network::Operand everywhere(const T* values, int width, int height) {
  return {const_cast<T*>(values), sizeof(T) == 1, width, height, 0, 0};
}

using Inputs = Vector<NamedOperand>;

// Inputs of networks that depend on the base alone; `base` must outlive it.
Inputs inputs_of(const BasePicture& base);

// Runs a network that has one output on a picture of `width` x `height`. `inputs` has all that it declares, and may have
// more. Throws Failure: kNetworkTooLarge.
void run(const ModelNetwork& network, const Inputs& inputs, const network::Operand& output, int width, int height,
         Runner& runner);

// The same for an output that is a picture, of which a box is wanted: R, G and B, or G alone.
//   out: of the size of the box, with `colours`, 1 or 3, of its channels to be written; the others are left as they are.
//     int16: in 1/64 of a level; bytes: rounded to levels.
template <typename T>
void run_picture(const ModelNetwork& network, const Inputs& inputs, int width, int height, const Rect& box, int colours,
                 const View<T>& out, Runner& runner);

}  // namespace veneer::network_run
