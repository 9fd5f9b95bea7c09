#include "golden/io/quantized_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include "golden/encoding/encoding.hpp"
#include "golden/io/atomic_file.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/natural_order.hpp"
#include "golden/quantize/option_names.hpp"
#include "golden/quantize/packing.hpp"

namespace msq::golden {
namespace {

constexpr std::string_view kContractKey = "microscopiq.contract";
constexpr std::string_view kCodes = ".codes";

std::string join(std::string_view layer, std::string_view field) {
  return fmt::format("{}.{}", layer, field);
}

void append_tensors(std::vector<NamedTensor>& tensors, const QuantizedLayer& layer,
                    const PackedTensor& packed) {
  const QuantizedTensor& tensor = layer.tensor;
  const auto add = [&](std::string_view field, std::vector<std::int64_t> shape, const auto& values) {
    tensors.push_back(named_tensor(join(layer.name, field), std::move(shape), std::span(values)));
  };
  const auto stream = [&](std::string_view field, const std::vector<std::uint8_t>& bytes) {
    add(field, {static_cast<std::int64_t>(bytes.size())}, bytes);
  };
  add("codes", {tensor.k, static_cast<std::int64_t>(packed.codes.size()) / tensor.k}, packed.codes);
  stream("identifiers", packed.identifiers);
  if (tensor.format.identifier_group > 1) stream("identifier_masks", packed.identifier_masks);
  stream("mx_scales", packed.shifts);
  if (has_byte_lists(tensor.format)) {
    add("lists", {static_cast<std::int64_t>(packed.shifts.size()), list_bits(tensor.format) / 8},
        packed.lists);
  } else {
    stream("lists", packed.lists);
  }
  add("scales",
      tensor.axis == Axis::reduction ? std::vector{tensor.groups(), tensor.n}
                                     : std::vector{tensor.k, tensor.groups()},
      packed.scales);
  if (factor_bits(tensor.format) > 0) stream("scale_mantissas", packed.scale_mantissas);
  if (!layer.input_scales.empty()) add("input_scales", {tensor.k}, layer.input_scales);
}

void append_metadata(Metadata& metadata, const QuantizedLayer& layer) {
  const QuantizedTensor& tensor = layer.tensor;
  const auto add = [&](std::string_view field, std::string value) {
    metadata[join(layer.name, field)] = std::move(value);
  };
  add("encoding", std::string(option_name(tensor.format.encoding)));
  add("bits", fmt::to_string(tensor.format.bits));
  add("micro_block", fmt::to_string(tensor.format.micro_block));
  add("macro_block", fmt::to_string(tensor.format.macro_block));
  if (tensor.format.identifier_group > 1)
    add("identifier_group", fmt::to_string(tensor.format.identifier_group));
  for (const FormatField& field : encoding_fields(tensor.format.encoding))
    add(field.name, fmt::to_string(tensor.format.*field.member));
  add("outlier_shift_max", fmt::to_string(tensor.outlier_shift_max));
  add("axis", std::string(option_name(tensor.axis)));
  add("k", fmt::to_string(tensor.k));
  add("n", fmt::to_string(tensor.n));
}

/// Reads the fields of one layer. The first error sticks; later calls return nothing of use.
class LayerFields {
 public:
  LayerFields(const SafetensorsReader& reader, std::string_view layer) : reader_(reader), layer_(layer) {}

  [[nodiscard]] const std::string& error() const { return error_; }

  std::string text(std::string_view field) {
    const auto found = reader_.metadata().find(join(layer_, field));
    if (found == reader_.metadata().end()) {
      fail(fmt::format("metadata {} is missing", in_quotes(join(layer_, field))));
      return {};
    }
    return found->second;
  }

  template <class T>
  void integer(std::string_view field, T& value) {
    const std::string found = text(field);
    const auto [end, status] = std::from_chars(found.data(), found.data() + found.size(), value);
    if (status != std::errc() || end != found.data() + found.size()) {
      fail(fmt::format("metadata {} is {}; allowed: an integer up to {}", in_quotes(join(layer_, field)),
                       in_quotes(found), std::numeric_limits<T>::max()));
    }
  }

  /// Value of an option by its name; the first one after an error.
  template <class E>
  E choice(std::string_view field) {
    const std::string found = text(field);
    if (const auto value = option_value<E>(found)) return *value;
    fail(fmt::format("metadata {} is {}; allowed: {}", in_quotes(join(layer_, field)), in_quotes(found),
                     option_list<E>()));
    return kOptionNames<E>.front().second;
  }

  bool has(std::string_view field) const { return reader_.metadata().contains(join(layer_, field)); }

  template <class T>
  void values(std::string_view field, std::string_view dtype, std::vector<T>& out) {
    static_assert(sizeof(T) == 1);
    if (!error_.empty()) {
      return;  // load nothing for a layer that is refused anyway
    }
    const auto bytes = reader_.load_bytes(join(layer_, field), dtype);
    if (!bytes) {
      error_ = bytes.error();
      return;
    }
    out.resize(bytes->size());
    std::ranges::transform(*bytes, out.begin(), [](std::byte byte) { return static_cast<T>(byte); });
  }

 private:
  void fail(const std::string& message) {
    if (error_.empty()) {
      error_ = fmt::format("{}: {}", reader_.name(), message);
    }
  }

  const SafetensorsReader& reader_;
  std::string_view layer_;
  std::string error_;
};

bool are_input_scales(std::span<const float> scales, std::int64_t k) {
  return static_cast<std::int64_t>(scales.size()) == k &&
         std::ranges::all_of(scales, [](float s) { return std::isfinite(s) && s > 0; });
}

/// Empty if the file has none.
Result<std::vector<float>> load_input_scales(const SafetensorsReader& reader, std::string_view layer,
                                             std::int64_t k) {
  const std::string name = join(layer, "input_scales");
  std::vector<float> scales;
  if (reader.find(name) == nullptr) return scales;
  MSQ_TRY(const auto bytes, reader.load_bytes(name, "F32"));
  scales.resize(bytes.size() / sizeof(float));
  std::memcpy(scales.data(), bytes.data(), scales.size() * sizeof(float));
  if (!are_input_scales(scales, k)) {
    return Error(fmt::format("{}: tensor {} holds {} values; allowed: {} finite ones above 0", reader.name(),
                             in_quotes(name), scales.size(), k));
  }
  return scales;
}

Result<PackedTensor> load_packed(const SafetensorsReader& reader, std::string_view layer) {
  LayerFields fields(reader, layer);
  PackedTensor packed;
  packed.format.encoding = fields.choice<Encoding>("encoding");
  fields.integer("bits", packed.format.bits);
  fields.integer("micro_block", packed.format.micro_block);
  fields.integer("macro_block", packed.format.macro_block);
  if (fields.has("identifier_group")) fields.integer("identifier_group", packed.format.identifier_group);
  for (const FormatField& field : encoding_fields(packed.format.encoding))
    fields.integer(field.name, packed.format.*field.member);
  fields.integer("outlier_shift_max", packed.outlier_shift_max);
  packed.axis = fields.choice<Axis>("axis");
  fields.integer("k", packed.k);
  fields.integer("n", packed.n);
  fields.values("codes", "U8", packed.codes);
  fields.values("identifiers", "U8", packed.identifiers);
  if (packed.format.identifier_group > 1) fields.values("identifier_masks", "U8", packed.identifier_masks);
  fields.values("mx_scales", "U8", packed.shifts);
  fields.values("lists", "U8", packed.lists);
  fields.values("scales", "I8", packed.scales);
  if (factor_bits(packed.format) > 0) fields.values("scale_mantissas", "U8", packed.scale_mantissas);
  if (!fields.error().empty()) {
    return Error(fields.error());
  }
  return packed;
}

/// The file follows this contract and has the layer. Returns the problem, or nothing.
std::string check_file(const SafetensorsReader& reader, std::string_view layer) {
  const auto contract = reader.metadata().find(std::string(kContractKey));
  if (contract == reader.metadata().end() || contract->second != kContractVersion) {
    return fmt::format("metadata '{}' is {}; allowed: '{}'", kContractKey,
                       contract == reader.metadata().end() ? "missing (not a file of quantized weights?)"
                                                           : in_quotes(contract->second),
                       kContractVersion);
  }
  if (reader.find(join(layer, "codes")) != nullptr) {
    return {};
  }
  constexpr std::size_t kListed = 5;
  const std::vector<std::string> names = quantized_layers(reader);
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kListed); ++i) {
    list += (i == 0 ? "" : ", ") + in_quotes(names[i]);
  }
  return fmt::format("no layer {}; layers in the file: {}{}", in_quotes(layer), list.empty() ? "none" : list,
                     names.size() > kListed ? fmt::format(" and {} more", names.size() - kListed) : "");
}

}  // namespace

EffectiveBits effective_bits(const QuantizedLayer& layer) {
  EffectiveBits bits = effective_bits(layer.tensor);
  const auto weights = static_cast<double>(layer.tensor.k) * static_cast<double>(layer.tensor.n);
  bits.stored += 32.0 * static_cast<double>(layer.input_scales.size()) / weights;
  return bits;
}

Result<std::string> quantized_bytes(std::span<const QuantizedLayer> layers) {
  Metadata metadata{{std::string(kContractKey), std::string(kContractVersion)}};
  std::vector<NamedTensor> tensors;
  for (const QuantizedLayer& layer : layers) {
    if (layer.name.empty()) {
      return Error(std::string("a layer has no name"));
    }
    if (!layer.input_scales.empty() && !are_input_scales(layer.input_scales, layer.tensor.k))
      throw std::logic_error("quantized_bytes: input scales are [k], finite and above 0");
    append_tensors(tensors, layer, pack(layer.tensor));
    append_metadata(metadata, layer);
  }
  return safetensors_bytes(tensors, metadata);
}

Result<> save_quantized(const std::filesystem::path& path, std::span<const QuantizedLayer> layers) {
  const auto bytes = quantized_bytes(layers);
  if (!bytes) {
    return Error(fmt::format("{}: {}", path.string(), bytes.error()));
  }
  return write_file_atomically(path, *bytes);
}

std::vector<std::string> quantized_layers(const SafetensorsReader& reader) {
  std::vector<std::string> names;
  for (const TensorInfo& tensor : reader.tensors()) {
    if (tensor.name.ends_with(kCodes)) {
      names.push_back(tensor.name.substr(0, tensor.name.size() - kCodes.size()));
    }
  }
  std::ranges::sort(names, natural_less);
  return names;
}

Result<QuantizedLayer> load_quantized(const SafetensorsReader& reader, std::string_view layer) {
  if (const std::string error = check_file(reader, layer); !error.empty()) {
    return Error(fmt::format("{}: {}", reader.name(), error));
  }
  MSQ_TRY(const auto packed, load_packed(reader, layer));
  auto tensor = unpack(packed);
  if (!tensor) {
    return Error(fmt::format("{}: layer {}: {}", reader.name(), in_quotes(layer), tensor.error()));
  }
  MSQ_TRY(auto input_scales, load_input_scales(reader, layer, tensor->k));
  return QuantizedLayer{std::string(layer), std::move(*tensor), std::move(input_scales)};
}

Result<QuantizedLayer> load_quantized(const std::filesystem::path& path, std::string_view layer) {
  MSQ_TRY(const auto reader, SafetensorsReader::open(path));
  return load_quantized(reader, layer);
}

}  // namespace msq::golden
