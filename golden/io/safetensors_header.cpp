#include "golden/io/safetensors_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "golden/io/describe.hpp"

namespace msq::golden {
namespace {

constexpr std::size_t kMaxSafetensorsDimensions = 16;

/// Builds the header from parser events. A document tree would cost some hundred bytes for every two of a
/// hostile header, accept any depth, and silently keep the last of two tensors with one name.
class HeaderEvents {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] SafetensorsHeader take() { return std::move(header_); }

  bool null() { return unexpected("null"); }
  bool boolean(bool value) { return unexpected(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) { return unexpected(fmt::to_string(value)); }
  bool number_float(number_float_t /*value*/, const string_t& text) { return unexpected(text); }
  bool binary(binary_t& /*value*/) { return unexpected("binary data"); }

  bool number_unsigned(number_unsigned_t value) {
    if (state_ == State::shape &&
        value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      if (tensor().shape.size() == kMaxSafetensorsDimensions) {
        return fail(fmt::format("{} has more than {} dimensions", where(), kMaxSafetensorsDimensions));
      }
      tensor().shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (state_ == State::offsets && offsets_ < 2) {
      (offsets_ == 0 ? tensor().begin : tensor().end) = value;
      ++offsets_;
      return true;
    }
    return unexpected(fmt::to_string(value));
  }

  bool string(string_t& value) {
    if (state_ == State::metadata) {
      return header_.metadata.try_emplace(key_, value).second ||
             fail(fmt::format("__metadata__ holds key {} twice", in_quotes(key_)));
    }
    if (state_ == State::tensor && key_ == "dtype") {
      tensor().dtype = value;
      return true;
    }
    return unexpected(in_quotes(value));
  }

  bool start_object(std::size_t /*size*/) {
    if (state_ == State::start) {
      state_ = State::top;
      return true;
    }
    if (state_ != State::top) {
      return unexpected("an object");
    }
    if (key_ != "__metadata__") {
      state_ = State::tensor;
      header_.tensors.push_back({key_, {}, {}, 0, 0});
      seen_dtype_ = seen_shape_ = seen_offsets_ = false;
      return true;
    }
    state_ = State::metadata;
    return !std::exchange(seen_metadata_, true) || fail("__metadata__ appears twice");
  }

  bool key(string_t& value) {
    key_ = value;
    if (state_ != State::tensor) {
      return true;
    }
    bool* seen = value == "dtype"          ? &seen_dtype_
                 : value == "shape"        ? &seen_shape_
                 : value == "data_offsets" ? &seen_offsets_
                                           : nullptr;
    if (seen == nullptr) {
      return fail(fmt::format("tensor {}: unknown field {}; allowed: dtype, shape, data_offsets",
                              in_quotes(tensor().name), in_quotes(value)));
    }
    return !std::exchange(*seen, true) ||
           fail(fmt::format("tensor {}: field {} appears twice", in_quotes(tensor().name), value));
  }

  bool end_object() {
    if (state_ == State::tensor && !(seen_dtype_ && seen_shape_ && seen_offsets_)) {
      return fail(fmt::format("tensor {}: field {} is missing", in_quotes(tensor().name),
                              !seen_dtype_ ? "dtype" : (!seen_shape_ ? "shape" : "data_offsets")));
    }
    state_ = State::top;
    return true;
  }

  bool start_array(std::size_t /*size*/) {
    if (state_ != State::tensor || key_ == "dtype") {
      return unexpected("an array");
    }
    state_ = key_ == "shape" ? State::shape : State::offsets;
    offsets_ = 0;
    return true;
  }

  bool end_array() {
    if (state_ == State::offsets && offsets_ != 2) {
      return fail(fmt::format("{} holds {} values; allowed: [begin, end]", where(), offsets_));
    }
    state_ = State::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception& /*error*/) {
    return fail(fmt::format("malformed JSON at byte {} of it, near {}", position, in_quotes(token, 40)));
  }

 private:
  enum class State { start, top, metadata, tensor, shape, offsets };

  TensorInfo& tensor() { return header_.tensors.back(); }

  bool fail(std::string message) {
    error_ = std::move(message);
    return false;
  }

  [[nodiscard]] std::string where() {
    switch (state_) {
      case State::start:
        return "the header";
      case State::top:
        return fmt::format("entry {}", in_quotes(key_));
      case State::metadata:
        return fmt::format("__metadata__ key {}", in_quotes(key_));
      case State::tensor:
      case State::shape:
      case State::offsets:
        break;
    }
    return fmt::format("tensor {}: {}", in_quotes(tensor().name), key_);
  }

  bool unexpected(std::string_view found) {
    const char* allowed = state_ == State::start || state_ == State::top ? "an object"
                          : state_ == State::metadata                    ? "text"
                          : state_ == State::shape                       ? "integers 0 to 2^63 - 1"
                          : state_ == State::offsets                     ? "two integers, begin and end"
                          : key_ == "dtype"                              ? "text such as \"F32\""
                                                                         : "an array";
    return fail(fmt::format("{} holds {}; allowed: {}", where(), found.substr(0, 100), allowed));
  }

  State state_ = State::start;
  std::string key_;
  int offsets_ = 0;
  bool seen_dtype_ = false;
  bool seen_shape_ = false;
  bool seen_offsets_ = false;
  bool seen_metadata_ = false;
  SafetensorsHeader header_;
  std::string error_;
};

std::string offsets_text(const TensorInfo& tensor) {
  return fmt::format("tensor {}: data_offsets [{}, {}]", in_quotes(tensor.name), tensor.begin, tensor.end);
}

/// Dtype, shape and offsets of one tensor agree and are in the data section. Returns the problem, or
/// nothing.
std::string check_tensor(const TensorInfo& tensor, std::uint64_t data_bytes) {
  if (tensor.begin > tensor.end) {
    return fmt::format("{} run backwards", offsets_text(tensor));
  }
  if (tensor.end > data_bytes) {
    return fmt::format("{} run past the end of the file, which holds {} bytes of data (is it truncated?)",
                       offsets_text(tensor), data_bytes);
  }
  const auto width = dtype_bytes(tensor.dtype);
  if (!width) {
    return {};  // a newer type: it can be listed, not loaded
  }
  std::int64_t expected = 0;
  const std::string shape = shape_text(tensor.shape);
  if (!byte_count(tensor.shape, *width, expected)) {
    return fmt::format("tensor {}: shape {} has more elements than any file can hold", in_quotes(tensor.name),
                       shape);
  }
  if (static_cast<std::uint64_t>(expected) != tensor.end - tensor.begin) {
    return fmt::format("{} span {} bytes; shape {} of {} needs {}", offsets_text(tensor),
                       tensor.end - tensor.begin, shape, tensor.dtype, expected);
  }
  return {};
}

/// Tensors, sorted by offsets, cover the data section without gap or overlap. Returns the problem, or
/// nothing.
std::string check_layout(const std::vector<TensorInfo>& tensors, std::uint64_t data_bytes) {
  std::uint64_t covered = 0;
  const TensorInfo* previous = nullptr;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.begin < covered) {
      return fmt::format("{} overlap those of tensor {}", offsets_text(tensor), in_quotes(previous->name));
    }
    if (tensor.begin > covered) {
      return fmt::format("{} leave a gap: bytes {} to {} belong to no tensor", offsets_text(tensor), covered,
                         tensor.begin);
    }
    covered = tensor.end;
    previous = &tensor;
  }
  if (covered != data_bytes) {
    return fmt::format("the tensors cover {} bytes of data, the file holds {}", covered, data_bytes);
  }
  return {};
}

std::string check_names(const std::vector<TensorInfo>& tensors) {
  std::vector<std::string_view> names;
  names.reserve(tensors.size());
  for (const TensorInfo& tensor : tensors) {
    names.emplace_back(tensor.name);
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  return twice == names.end() ? std::string() : fmt::format("tensor {} appears twice", in_quotes(*twice));
}

std::string check_header(SafetensorsHeader& header, std::uint64_t data_bytes) {
  std::string error = check_names(header.tensors);
  for (const TensorInfo& tensor : header.tensors) {
    if (!error.empty()) {
      return error;
    }
    error = check_tensor(tensor, data_bytes);
  }
  std::ranges::sort(header.tensors, [](const TensorInfo& a, const TensorInfo& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  return error.empty() ? check_layout(header.tensors, data_bytes) : error;
}

}  // namespace

std::optional<std::int64_t> dtype_bytes(std::string_view dtype) {
  static constexpr std::pair<std::string_view, std::int64_t> kTypes[] = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"F8_E8M0", 1},
      {"U16", 2},  {"I16", 2}, {"F16", 2}, {"BF16", 2},    {"U32", 4},     {"I32", 4},
      {"F32", 4},  {"U64", 8}, {"I64", 8}, {"F64", 8}};
  const auto* found = std::ranges::find(kTypes, dtype, &std::pair<std::string_view, std::int64_t>::first);
  return found == std::end(kTypes) ? std::nullopt : std::optional(found->second);
}

Result<SafetensorsHeader> parse_safetensors_header(std::string_view text, std::uint64_t data_bytes) {
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    // The JSON parser would take it for the end and ignore what follows.
    return Error(fmt::format("header: malformed JSON: zero byte at byte {} of it", zero + 1));
  }
  HeaderEvents events;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &events)) {
    return Error(fmt::format("header: {}", events.error()));
  }
  SafetensorsHeader header = events.take();
  if (std::string error = check_header(header, data_bytes); !error.empty()) {
    return Error(std::move(error));
  }
  return header;
}

}  // namespace msq::golden
