// Fuzz target: range coder, adaptive models and tables of distributions.
//
// Input: a number of instructions, the instructions, a stream. The decoder follows the instructions through the stream,
// which nobody wrote. What it reads from a stream it thinks valid is then encoded, and has to come back.
#include <array>

#include "base/enc_bit_io.h"
#include "entropy/cdf_coder.h"
#include "fuzz/fuzz_input.h"

namespace {

using veneer::fuzz::Input;
using veneer::fuzz::promise;

constexpr size_t kMostInstructions = 512;

// One thing to code: a decision, raw bits, a decision under models, a symbol of a table.
struct Instruction {
  uint8_t kind;
  uint32_t parameter;
  uint32_t value = 0;  // what was decoded
};

std::vector<uint32_t> cumulative_of(uint32_t parameter, int precision) {
  const uint32_t total = uint32_t{1} << precision;
  std::vector<uint32_t> cdf = {0};
  uint32_t state = parameter | 1;
  while (cdf.back() < total && cdf.size() < 40) {
    state = state * 1664525u + 1013904223u;
    cdf.push_back(cdf.back() + 1 + state % (total - cdf.back()));
  }
  cdf.back() = total;
  promise(veneer::CdfTable::is_cdf(cdf.data(), cdf.size(), precision), "the table is one");
  return cdf;
}

// A table and its numbers.
struct Distribution {
  explicit Distribution(uint32_t parameter)
      : precision(1 + static_cast<int>(parameter % veneer::kMaxPrecision)),
        cdf(cumulative_of(parameter, precision)),
        table(cdf.data(), cdf.size(), precision) {}

  int precision;
  std::vector<uint32_t> cdf;
  veneer::CdfTable table;
};

std::vector<Instruction> read_instructions(Input& input) {
  std::vector<Instruction> all(input.two_bytes() % kMostInstructions);
  for (Instruction& one : all) {
    one.kind = input.byte() % 5;
    one.parameter = input.two_bytes();
  }
  return all;
}

// Follows the instructions with a decoder or an encoder of the adaptive layer; symbols are in the other function.
template <class Io>
void code(Io& io, std::array<veneer::BitModel, 4>& models, Instruction& one) {
  const int value = static_cast<int>(one.value);
  veneer::BitModel &a = models[one.parameter % 4], &b = models[(one.parameter % 4 + 1) % 4];
  switch (one.kind) {
    case 0:
      one.value = static_cast<uint32_t>(io.bit_at(one.parameter | 1, value));
      break;
    case 1:
      one.value = io.raw(static_cast<int>(one.parameter % 33), one.value);
      break;
    case 2:
      one.value = static_cast<uint32_t>(io.bit(a, value));
      break;
    default:
      one.value = static_cast<uint32_t>(io.bit(a, b, value));
  }
}

std::array<veneer::BitModel, 4> fresh_models() {
  std::array<veneer::BitModel, 4> models;
  models.fill(veneer::BitModel{0x80000000u});
  return models;
}

void adaptive(std::vector<Instruction> all, const std::vector<uint8_t>& stream) {
  veneer::BitReader reader(stream.data(), stream.size());
  auto models = fresh_models();
  for (Instruction& one : all) code(reader, models, one);
  if (!reader.valid()) return;
  const auto expected = models;
  veneer::BitWriter writer;
  models = fresh_models();
  for (Instruction& one : all) code(writer, models, one);
  const std::vector<uint8_t> written = writer.finish();
  veneer::BitReader again(written.data(), written.size());
  models = fresh_models();
  for (Instruction one : all) {
    const uint32_t value = one.value;
    code(again, models, one);
    promise(one.value == value, "a decision comes back");
  }
  promise(again.valid(), "a written stream is valid");
  promise(std::memcmp(&models, &expected, sizeof models) == 0, "models adapt alike");
}

void symbols(std::vector<Instruction> all, const std::vector<uint8_t>& stream) {
  veneer::RangeDecoder decoder(stream.data(), stream.size());
  veneer::RangeEncoder encoder;
  size_t count = 0;
  for (Instruction& one : all) {
    const Distribution distribution(one.parameter);
    const veneer::CdfTable& table = distribution.table;
    const int32_t symbol = table.decode(decoder);
    if (symbol < 0) break;
    promise(static_cast<uint32_t>(symbol) < table.size(), "a symbol is one of its table");
    one.value = static_cast<uint32_t>(symbol);
    table.encode(encoder, one.value);
    ++count;
  }
  const std::vector<uint8_t> written = veneer::words_to_bytes(encoder.finish());
  veneer::RangeDecoder again(written.data(), written.size());
  for (size_t i = 0; i < count; ++i) {
    const int32_t symbol = Distribution(all[i].parameter).table.decode(again);
    promise(symbol == static_cast<int32_t>(all[i].value), "a symbol comes back");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const bool with_tables = input.byte() % 2 == 1;
  std::vector<Instruction> all = read_instructions(input);
  const std::vector<uint8_t> stream = input.take(input.left());
  with_tables ? symbols(std::move(all), stream) : adaptive(std::move(all), stream);
  return 0;
}
