// Python access to the range coder and the adaptive models.
//
// Place: part of veneer._native_dev. The coder trusts its arguments, so they are checked here.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "entropy/adaptive.h"
#include "entropy/cdf_coder.h"
#include "entropy/enc_range_coder.h"

namespace py = pybind11;

namespace veneer {
namespace {

template <typename T>
using Array = py::array_t<T, py::array::c_style>;

void require(bool condition, const char* message) {
  if (!condition) throw py::value_error(message);
}

// What bytes that no encoder wrote lead to.
void require_stream(bool condition) { require(condition, "the words are no stream"); }

template <typename T>
void require_vector(const Array<T>& array, const char* message) {
  require(array.ndim() == 1, message);
}

py::array_t<uint32_t> to_array(const std::vector<uint32_t>& words) {
  return py::array_t<uint32_t>(static_cast<py::ssize_t>(words.size()), words.data());
}

std::vector<uint32_t> to_vector(const Array<uint32_t>& words) {
  require_vector(words, "words must be a vector");
  return {words.data(), words.data() + words.size()};
}

// Of numbers that outlive it.
CdfTable to_table(const Array<uint32_t>& cdf, int precision) {
  require_vector(cdf, "cdf must be a vector");
  require(CdfTable::is_cdf(cdf.data(), static_cast<size_t>(cdf.size()), precision),
          "cdf must rise strictly from 0 to 2^precision, precision 1..24");
  return CdfTable(cdf.data(), static_cast<size_t>(cdf.size()), precision);
}

void check_precision(int precision) {
  require(precision >= 1 && precision <= kMaxPrecision, "precision must be 1..24");
}

void check_interval(uint32_t left, uint32_t prob, int precision) {
  check_precision(precision);
  require(prob > 0 && uint64_t{left} + prob <= uint64_t{1} << precision,
          "an interval must have 0 < prob and left + prob <= 2^precision");
}

void check_bits(const Array<uint8_t>& bits) {
  require_vector(bits, "bits must be a vector");
  require(std::all_of(bits.data(), bits.data() + bits.size(), [](uint8_t bit) { return bit <= 1; }),
          "bits must be 0 or 1");
}

void check_probabilities(const Array<uint16_t>& p1) {
  require_vector(p1, "p1 must be a vector");
  require(std::all_of(p1.data(), p1.data() + p1.size(), [](uint16_t p) { return p > 0; }), "p1 must be 1..65535");
}

void encode(RangeEncoder& coder, uint32_t left, uint32_t prob, int precision) {
  check_interval(left, prob, precision);
  coder.encode(left, prob, precision);
}

void encode_symbols(RangeEncoder& coder, const Array<int32_t>& symbols, const Array<uint32_t>& cdf, int precision) {
  require_vector(symbols, "symbols must be a vector");
  const CdfTable table = to_table(cdf, precision);
  const int32_t* data = symbols.data();
  require(std::all_of(data, data + symbols.size(),
                      [&](int32_t s) { return s >= 0 && static_cast<uint32_t>(s) < table.size(); }),
          "a symbol is not in the table");
  for (py::ssize_t i = 0; i < symbols.size(); ++i) table.encode(coder, static_cast<uint32_t>(data[i]));
}

void encode_bits(RangeEncoder& coder, const Array<uint8_t>& bits, const Array<uint16_t>& p1) {
  check_bits(bits);
  check_probabilities(p1);
  require(bits.size() == p1.size(), "bits and p1 must be of the same length");
  for (py::ssize_t i = 0; i < bits.size(); ++i) coder.bit(bits.data()[i], p1.data()[i]);
}

void encode_raw(RangeEncoder& coder, uint32_t value, int count) {
  require(count >= 0 && count <= 32 && uint64_t{value} >> count == 0, "raw: count 0..32, value < 2^count");
  coder.raw(value, count);
}

// The encoder itself goes on where it stood.
py::array_t<uint32_t> finish(RangeEncoder coder) { return to_array(coder.finish()); }

py::bytes bytes_of(const Array<uint32_t>& words) {
  const std::vector<uint8_t> bytes = words_to_bytes(to_vector(words));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A decoder and the bytes it reads.
class BoundDecoder {
 public:
  explicit BoundDecoder(const Array<uint32_t>& words)
      : bytes_(words_to_bytes(to_vector(words))), coder_(bytes_.data(), bytes_.size()) {}
  BoundDecoder(const BoundDecoder&) = delete;
  BoundDecoder& operator=(const BoundDecoder&) = delete;

  uint32_t quantile(int precision) const {
    check_precision(precision);
    const uint32_t quantile = coder_.quantile(precision);
    require_stream(quantile >> precision == 0);
    return quantile;
  }

  void consume(uint32_t left, uint32_t prob, int precision) {
    check_interval(left, prob, precision);
    const uint32_t found = quantile(precision);
    require(found >= left && found - left < prob, "the next symbol is not in this interval");
    coder_.consume(left, prob, precision);
  }

  py::array_t<int32_t> symbols(py::ssize_t count, const Array<uint32_t>& cdf, int precision) {
    require(count >= 0, "count must not be negative");
    const CdfTable table = to_table(cdf, precision);
    py::array_t<int32_t> result(count);
    int32_t* out = result.mutable_data();
    for (py::ssize_t i = 0; i < count; ++i) {
      out[i] = table.decode(coder_);
      require_stream(out[i] >= 0);
    }
    return result;
  }

  py::array_t<uint8_t> bits(const Array<uint16_t>& p1) {
    check_probabilities(p1);
    py::array_t<uint8_t> result(p1.size());
    uint8_t* out = result.mutable_data();
    for (py::ssize_t i = 0; i < p1.size(); ++i) out[i] = static_cast<uint8_t>(coder_.bit(p1.data()[i]));
    return result;
  }

  uint32_t raw(int count) {
    require(count >= 0 && count <= 32, "raw: count 0..32");
    return coder_.raw(count);
  }

  bool valid() const { return coder_.valid(); }
  bool certain() const { return coder_.certain(); }
  RangeDecoder& coder() { return coder_; }

 private:
  std::vector<uint8_t> bytes_;
  RangeDecoder coder_;
};

// Models by number; `contexts` names for each decision the one ([N]) or two ([N, 2]) that it is coded with.
class Models {
 public:
  Models(const Array<int32_t>& contexts, const Array<uint32_t>& states) : contexts_(contexts) {
    require(contexts.ndim() == 1 || (contexts.ndim() == 2 && contexts.shape(1) == 2), "contexts: [N] or [N, 2]");
    require_vector(states, "states must be a vector");
    require(std::all_of(contexts.data(), contexts.data() + contexts.size(),
                        [&](int32_t c) { return c >= 0 && c < states.size(); }),
            "a context has no state");
    for (py::ssize_t i = 0; i < states.size(); ++i) {
      require((states.data()[i] & 1023) <= kCountLimit, "a state counts more decisions than the limit");
      models_.push_back({states.data()[i]});
    }
  }

  py::ssize_t decisions() const { return contexts_.shape(0); }

  // The probability of 1 of decision i.
  uint32_t p1(py::ssize_t i) const {
    return pairs() ? mean_p1(models_[context(2 * i)], models_[context(2 * i + 1)]) : models_[context(i)].p1();
  }

  void update(py::ssize_t i, int bit) {
    models_[context(pairs() ? 2 * i : i)].update(bit);
    if (pairs()) models_[context(2 * i + 1)].update(bit);
  }

  py::array_t<uint32_t> states() const {
    py::array_t<uint32_t> result(static_cast<py::ssize_t>(models_.size()));
    std::transform(models_.begin(), models_.end(), result.mutable_data(), [](BitModel m) { return m.state; });
    return result;
  }

 private:
  bool pairs() const { return contexts_.ndim() == 2; }
  size_t context(py::ssize_t i) const { return static_cast<size_t>(contexts_.data()[i]); }

  Array<int32_t> contexts_;
  std::vector<BitModel> models_;
};

py::tuple adaptive_encode(const Array<uint8_t>& bits, const Array<int32_t>& contexts,
                          const Array<uint32_t>& initial_states) {
  check_bits(bits);
  Models models(contexts, initial_states);
  require(bits.size() == models.decisions(), "bits and contexts must be of the same length");
  RangeEncoder coder;
  for (py::ssize_t i = 0; i < bits.size(); ++i) {
    const int bit = bits.data()[i];
    coder.bit(bit, models.p1(i));
    models.update(i, bit);
  }
  return py::make_tuple(to_array(coder.finish()), models.states());
}

py::tuple adaptive_decode(const Array<uint32_t>& words, const Array<int32_t>& contexts,
                          const Array<uint32_t>& initial_states) {
  BoundDecoder decoder(words);
  Models models(contexts, initial_states);
  py::array_t<uint8_t> bits(models.decisions());
  for (py::ssize_t i = 0; i < bits.size(); ++i) {
    const int bit = decoder.coder().bit(models.p1(i));
    models.update(i, bit);
    bits.mutable_data()[i] = static_cast<uint8_t>(bit);
  }
  return py::make_tuple(bits, models.states());
}

}  // namespace

void bind_range_coder(py::module_& m) {
  using py::arg;
  py::class_<RangeEncoder>(m, "RangeEncoder")
      .def(py::init<>())
      .def("encode", &encode, arg("left"), arg("prob"), arg("precision"))
      .def("encode_symbols", &encode_symbols, arg("symbols"), arg("cdf"), arg("precision"))
      .def("encode_bits", &encode_bits, arg("bits"), arg("p1"))
      .def("raw", &encode_raw, arg("value"), arg("count"))
      .def("finish", &finish);
  py::class_<BoundDecoder>(m, "RangeDecoder")
      .def(py::init<const Array<uint32_t>&>(), arg("words"))
      .def("quantile", &BoundDecoder::quantile, arg("precision"))
      .def("consume", &BoundDecoder::consume, arg("left"), arg("prob"), arg("precision"))
      .def("decode_symbols", &BoundDecoder::symbols, arg("count"), arg("cdf"), arg("precision"))
      .def("decode_bits", &BoundDecoder::bits, arg("p1"))
      .def("raw", &BoundDecoder::raw, arg("count"))
      .def("valid", &BoundDecoder::valid)
      .def("certain", &BoundDecoder::certain);
  m.def("words_to_bytes", &bytes_of, arg("words"), "Words as a payload: little-endian, without trailing zero bytes.");
  m.def("adaptive_encode", &adaptive_encode, arg("bits"), arg("contexts"), arg("initial_states"),
        "Words and final states of decisions under adaptive models.");
  m.def("adaptive_decode", &adaptive_decode, arg("words"), arg("contexts"), arg("initial_states"),
        "Decisions and final states.");
}

}  // namespace veneer
