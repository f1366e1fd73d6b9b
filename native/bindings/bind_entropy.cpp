// Python access to symbols that are coded with tables of frequencies, as latents are.
//
// Place: part of veneer._native. The coder trusts its arguments, so they are checked here.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "entropy/cdf_coder.h"
#include "entropy/enc_range_coder.h"
#include "network/distributions.h"

namespace py = pybind11;

namespace veneer {
namespace {

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

void require(bool condition, const char* message) {
  if (!condition) throw py::value_error(message);
}

// Tables of the rows of `cdfs`, [tables, n + 1], which outlive them.
std::vector<CdfTable> to_tables(const Array<uint32_t>& cdfs, int precision) {
  require(cdfs.ndim() == 2, "cdfs: [tables, n + 1]");
  std::vector<CdfTable> tables;
  for (py::ssize_t i = 0; i < cdfs.shape(0); ++i) {
    const uint32_t* row = cdfs.data(i, 0);
    require(CdfTable::is_cdf(row, static_cast<size_t>(cdfs.shape(1)), precision),
            "every cdf must rise strictly from 0 to 2^precision, precision 1..24");
    tables.emplace_back(row, static_cast<size_t>(cdfs.shape(1)), precision);
  }
  return tables;
}

void check_choices(const Array<uint8_t>& choices, size_t tables) {
  require(choices.ndim() == 1, "choices must be a vector");
  require(std::all_of(choices.data(), choices.data() + choices.size(), [&](uint8_t i) { return i < tables; }),
          "a choice is no table");
}

// A payload of symbols, each coded with the table that `choices` names.
py::bytes encode_with_tables(const Array<uint8_t>& symbols, const Array<uint8_t>& choices, const Array<uint32_t>& cdfs,
                             int precision) {
  const std::vector<CdfTable> tables = to_tables(cdfs, precision);
  check_choices(choices, tables.size());
  require(symbols.ndim() == 1 && symbols.size() == choices.size(), "symbols and choices must be of the same length");
  const uint8_t *data = symbols.data(), *table = choices.data();
  RangeEncoder coder;
  for (py::ssize_t i = 0; i < symbols.size(); ++i) {
    require(data[i] < tables[table[i]].size(), "a symbol is not in its table");
    tables[table[i]].encode(coder, data[i]);
  }
  const std::vector<uint8_t> bytes = words_to_bytes(coder.finish());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The inverse; None where the payload is no stream.
py::object decode_with_tables(const std::string& payload, const Array<uint8_t>& choices, const Array<uint32_t>& cdfs,
                              int precision) {
  const std::vector<CdfTable> tables = to_tables(cdfs, precision);
  require(cdfs.shape(1) <= 257, "tables have at most 256 symbols");
  check_choices(choices, tables.size());
  py::array_t<uint8_t> result(choices.size());
  uint8_t* out = result.mutable_data();
  RangeDecoder coder(reinterpret_cast<const uint8_t*>(payload.data()), payload.size());
  for (py::ssize_t i = 0; i < choices.size(); ++i) {
    const int32_t symbol = tables[choices.data()[i]].decode(coder);
    if (symbol < 0) return py::none();
    out[i] = static_cast<uint8_t>(symbol);
  }
  if (!coder.valid()) return py::none();
  return std::move(result);
}

py::array_t<uint32_t> all_frequencies() {
  py::array_t<uint32_t> result({kLatentDistributions, kLatentSymbols + 1});
  for (int i = 0; i < kLatentDistributions; ++i) {
    std::copy_n(latent_frequencies(i), kLatentSymbols + 1, result.mutable_data(i, 0));
  }
  return result;
}

}  // namespace

void bind_entropy(py::module_& m) {
  using py::arg;
  m.def("encode_with_tables", &encode_with_tables, arg("symbols"), arg("choices"), arg("cdfs"), arg("precision"),
        "The payload of symbols, each coded with the table that is chosen for it.");
  m.def("decode_with_tables", &decode_with_tables, arg("payload"), arg("choices"), arg("cdfs"), arg("precision"),
        "The symbols of a payload, or None where it is no stream.");
  m.def("latent_frequencies", &all_frequencies, "Cumulative frequencies of the distributions of latents, [64, 256].");
}

}  // namespace veneer
