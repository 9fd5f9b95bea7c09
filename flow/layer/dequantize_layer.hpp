#pragma once

#include <string>

#include "golden/io/atomic_file.hpp"
#include "golden/io/float_data.hpp"
#include "golden/io/matrix.hpp"
#include "golden/io/quantized_file.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Passes the weights of a layer, row k over its input scale if there are any, to the sink: in `layout`, as
/// elements of `type` (f16, bf16, f32, f64), each rounded once from the exact value. Memory: the matrix in
/// this type. Error: a weight beyond the range of the type (layer, place and value), and that of the sink.
[[nodiscard]] Result<> write_dequantized(const golden::QuantizedLayer& layer, golden::Layout layout,
                                         golden::FloatType type, golden::FileSink& sink);

/// Cosine between the weights of a layer, row k over its input scale if there are any, and those of a matrix
/// [K][N] of its size: near 1 for the matrix that was quantized, near 0 for another one, 1 if either is zero.
[[nodiscard]] double cosine_to(const golden::QuantizedLayer& layer, const golden::Matrix& original);

/// Passes a matrix to the sink as it is, rounded to `type`. Error: a finite value beyond the range of the
/// type (named after `name`), and that of the sink.
[[nodiscard]] Result<> write_rounded(const golden::Matrix& matrix, const std::string& name,
                                     golden::FloatType type, golden::FileSink& sink);

}  // namespace msq::flow
