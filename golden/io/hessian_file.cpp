#include "golden/io/hessian_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "golden/io/describe.hpp"

namespace msq::golden {

Result<HessianFile> HessianFile::open(const std::filesystem::path& path) {
  MSQ_TRY(auto reader, SafetensorsReader::open(path));
  return HessianFile(std::move(reader));
}

std::string HessianFile::input_of(const std::string& layer) const {
  const auto found = reader_.metadata().find(layer + kInputSuffix);
  return found == reader_.metadata().end() ? layer : found->second;
}

Result<std::int64_t> HessianFile::tokens_of(const std::string& input) const {
  const std::string key = input + kTokensSuffix;
  const auto found = reader_.metadata().find(key);
  const std::string text = found == reader_.metadata().end() ? "" : found->second;
  std::int64_t tokens = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tokens);
  if (error == std::errc() && end == text.data() + text.size() && tokens >= 0) return tokens;
  return Error(fmt::format("{}: metadata {} is {}; allowed: a number of tokens from 0 on", reader_.name(),
                           in_quotes(key), in_quotes(text)));
}

Result<> HessianFile::check_shape(const std::string& tensor, std::int64_t rows, std::int64_t columns) const {
  MSQ_TRY(const StoredMatrix found, reader_.locate_matrix(tensor));
  if (found.rows == rows && found.columns == columns) return {};
  return Error(fmt::format("{}: tensor {}: found shape [{}][{}]; allowed: [{}][{}]", reader_.name(),
                           in_quotes(tensor), found.rows, found.columns, rows, columns));
}

Result<> HessianFile::check(const std::string& layer, std::int64_t k, std::int64_t n) const {
  const std::string input = input_of(layer);
  if (input != layer && reader_.find(input + kSumsSuffix) == nullptr) {
    return Error(fmt::format("{}: metadata {} names {}; allowed: an input with a tensor {}", reader_.name(),
                             in_quotes(layer + kInputSuffix), in_quotes(input),
                             in_quotes(input + kSumsSuffix)));
  }
  if (reader_.find(input + kSumsSuffix) == nullptr) {
    return Error(fmt::format("{}: no Hessian of layer {}; allowed: a tensor {} or metadata {}",
                             reader_.name(), in_quotes(layer), in_quotes(layer + kSumsSuffix),
                             in_quotes(layer + kInputSuffix)));
  }
  MSQ_CHECK(tokens_of(input));
  MSQ_CHECK(check_shape(input + kSumsSuffix, k, k));
  if (reader_.find(input + kLargestSuffix) != nullptr) MSQ_CHECK(check_shape(input + kLargestSuffix, 1, k));
  if (reader_.find(layer + kTargetSuffix) != nullptr) MSQ_CHECK(check_shape(layer + kTargetSuffix, k, n));
  return {};
}

Result<std::vector<float>> HessianFile::load_largest(const std::string& tensor) const {
  MSQ_TRY(Matrix largest, reader_.load_matrix(tensor));
  const auto wrong =
      std::ranges::find_if_not(largest.values, [](float x) { return std::isfinite(x) && x >= 0; });
  if (wrong == largest.values.end()) return std::move(largest.values);
  return Error(fmt::format("{}: tensor {}: entry {} is {:g}; allowed: finite numbers from 0 on",
                           reader_.name(), in_quotes(tensor), wrong - largest.values.begin(), *wrong));
}

Result<Calibration> HessianFile::load(const std::string& layer, std::int64_t k, std::int64_t n) const {
  MSQ_CHECK(check(layer, k, n));
  const std::string input = input_of(layer);
  MSQ_TRY(const std::int64_t tokens, tokens_of(input));
  MSQ_TRY(const Matrix sums, reader_.load_matrix(input + kSumsSuffix));
  auto hessian = Hessian::of_sums(sums.values, k, tokens);
  if (!hessian) {
    return Error(
        fmt::format("{}: tensor {}: {}", reader_.name(), in_quotes(input + kSumsSuffix), hessian.error()));
  }
  Calibration calibration(*std::move(hessian));
  if (reader_.find(input + kLargestSuffix) != nullptr) {
    MSQ_TRY(calibration.largest, load_largest(input + kLargestSuffix));
  }
  if (reader_.find(layer + kTargetSuffix) != nullptr) {
    MSQ_TRY(Matrix target, reader_.load_matrix(layer + kTargetSuffix));
    calibration.target = std::move(target.values);
  }
  return calibration;
}

}  // namespace msq::golden
