#include "golden/io/hessian_write.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "golden/io/describe.hpp"
#include "golden/io/hessian_file.hpp"
#include "golden/io/safetensors_stream.hpp"

namespace msq::golden {
namespace {

/// Makes the sums of an input when its first tensor is written, and forgets them with the last.
class SumsWriter {
 public:
  Result<> hessian(const InputSums& input, FileSink& sink) {
    MSQ_TRY(Calibration made, input.make());
    sums_.emplace(std::move(made));
    const Eigen::MatrixXd& lower = sums_->hessian.lower();
    if (lower.size() > 0 && lower.diagonal().maxCoeff() > std::numeric_limits<float>::max()) {
      return Error(fmt::format("input {}: found sums beyond float32; allowed: up to {:g}",
                               in_quotes(input.name), std::numeric_limits<float>::max()));
    }
    std::vector<float> row(static_cast<std::size_t>(input.k));
    for (Eigen::Index i = 0; i < input.k; ++i) {
      for (Eigen::Index j = 0; j < input.k; ++j)
        row[static_cast<std::size_t>(j)] = static_cast<float>(j <= i ? lower(i, j) : lower(j, i));
      MSQ_CHECK(sink.write(std::as_bytes(std::span(row))));
    }
    return {};
  }

  Result<> largest(FileSink& sink) {
    MSQ_CHECK(sink.write(std::as_bytes(std::span(sums_->largest))));
    sums_.reset();
    return {};
  }

 private:
  std::optional<Calibration> sums_;
};

}  // namespace

Result<> write_hessians(const std::filesystem::path& path, std::span<const InputSums> inputs,
                        const std::map<std::string, std::string>& input_of) {
  SumsWriter writer;
  std::vector<StreamedTensor> tensors;
  Metadata metadata;
  tensors.reserve(2 * inputs.size());
  for (const InputSums& input : inputs) {
    const auto bytes = static_cast<std::uint64_t>(input.k) * sizeof(float);
    tensors.push_back({input.name + kSumsSuffix,
                       "F32",
                       {input.k, input.k},
                       bytes * static_cast<std::uint64_t>(input.k),
                       [&writer, &input](FileSink& sink) { return writer.hessian(input, sink); }});
    tensors.push_back({input.name + kLargestSuffix, "F32", {1, input.k}, bytes, [&writer](FileSink& sink) {
                         return writer.largest(sink);
                       }});
    metadata[input.name + kTokensSuffix] = fmt::to_string(input.tokens);
  }
  for (const auto& [layer, input] : input_of) metadata[layer + kInputSuffix] = input;
  return stream_safetensors(path, tensors, metadata);
}

}  // namespace msq::golden
