// Runs the golden model on quantized weights and float activations and writes everything it makes of them,
// for oracle_test.py to compare.
//
// usage: golden_outputs JOBS
//
// Each line of JOBS: QUANTIZED LAYER ACTIVATIONS.npy ACT_BITS ARRAY_ROWS OUTPUT.
//
// OUTPUT holds, one after the other: the dequantized weights (f64) [k][n], x (i8) [m][k], Xsf (i8)
// [m][groups], acc (i64) [m][n], exponents (i32) [m][n], FP32 (f32) [m][n], and for MX-INT-8 and -4: values
// (i8) [m][n], Ysf (i8) [m][blocks].

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "golden/exec/accumulate.hpp"
#include "golden/exec/output.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/quantize/activations.hpp"
#include "golden/quantize/dequantize.hpp"

namespace msq::golden {
namespace {

template <class T>
T or_throw(Result<T> result) {
  if (!result) throw std::runtime_error(result.error());
  return std::move(*result);
}

template <class T>
void write(std::ostream& out, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void run(const std::string& line) {
  std::istringstream words(line);
  std::string quantized, layer, input, output;
  int bits = 0;
  int rows = 0;
  if (!(words >> quantized >> layer >> input >> bits >> rows >> output)) {
    throw std::runtime_error("a job has six words: " + line);
  }
  const QuantizedTensor weights = or_throw(load_quantized(quantized, layer)).tensor;
  const Matrix x = or_throw(read_npy(input));
  const QuantizedActivations activations =
      or_throw(quantize_activations(x.values, x.rows, x.columns, bits, weights.format.macro_block));
  const GemmResult result = or_throw(gemm(weights, activations, rows));
  std::vector<std::int32_t> exponents;
  for (std::int64_t m = 0; m < result.m; ++m) {
    for (std::int64_t n = 0; n < result.n; ++n) exponents.push_back(result.exponent(m, n));
  }
  std::ofstream out(output, std::ios::binary);
  write(out, dequantize(weights));
  write(out, activations.values);
  write(out, activations.scales);
  write(out, result.acc);
  write(out, exponents);
  write(out, to_float(result));
  for (const int mx_bits : {8, 4}) {
    const QuantizedActivations mx = or_throw(to_mx(result, mx_bits));
    write(out, mx.values);
    write(out, mx.scales);
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + output);
}

}  // namespace
}  // namespace msq::golden

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: golden_outputs JOBS\n");
    return 2;
  }
  try {
    std::ifstream jobs(argv[1]);
    if (!jobs) throw std::runtime_error(fmt::format("cannot read {}", argv[1]));
    for (std::string line; std::getline(jobs, line);) msq::golden::run(line);
  } catch (const std::exception& e) {
    fmt::print(stderr, "golden_outputs: {}\n", e.what());
    return 1;
  }
  return 0;
}
