#include "golden/io/checkpoint.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/mxfp4.hpp"
#include "golden/io/natural_order.hpp"
#include "golden/io/safetensors_header.hpp"
#include "golden/io/weight_scales.hpp"

namespace msq::golden {
namespace {

/// An empty matrix with the extents of the one meant.
Matrix extents_of(const MatrixPlace& place) {
  const std::vector<std::int64_t>& shape = place.tensor->shape;
  if (!mxfp4_name(*place.tensor).empty()) return {shape[1], shape[2] * kMxfp4Block, {}};
  return {shape[shape.size() - 2], shape.back(), {}};
}

/// Nothing if the shape is that of such a matrix, else the problem.
std::string check_place(const MatrixPlace& place) {
  const std::vector<std::int64_t>& shape = place.tensor->shape;
  const bool mxfp4 = !mxfp4_name(*place.tensor).empty();
  if (place.expert && (mxfp4 || shape.size() == 3) && *place.expert >= shape[0]) {
    return fmt::format("has shape {}; allowed: experts 0 to {}", shape_text(shape), shape[0] - 1);
  }
  const std::size_t dimensions = place.expert ? (mxfp4 ? 4 : 3) : 2;
  if (shape.size() == dimensions && std::ranges::count(shape, 0) == 0) return {};
  if (!place.expert && shape.size() == 3) {
    return fmt::format("has shape {}; allowed: one of its matrices, {} to {}", shape_text(shape),
                       in_quotes(place.tensor->name + ".0"),
                       in_quotes(fmt::format("{}.{}", place.tensor->name, shape[0] - 1)));
  }
  return fmt::format("has shape {}; allowed: {} dimensions, each at least 1", shape_text(shape),
                     place.expert ? "three" : "two");
}

}  // namespace

Result<Checkpoint> Checkpoint::open(const std::filesystem::path& path) {
  Checkpoint checkpoint;
  MSQ_TRY(checkpoint.files_, find_checkpoint(path));
  if (checkpoint.files_.config) {
    MSQ_TRY(checkpoint.config_, read_model_config(*checkpoint.files_.config));
  }
  MSQ_CHECK(checkpoint.open_shards());
  return checkpoint;
}

Result<> Checkpoint::open_shards() {
  for (std::size_t shard = 0; shard < files_.shards.size(); ++shard) {
    MSQ_TRY(SafetensorsReader reader, SafetensorsReader::open(files_.shards[shard]));
    shards_.push_back(std::move(reader));
    MSQ_CHECK(add_tensors(shard));
  }
  MSQ_CHECK(check_index());
  std::ranges::sort(tensors_, natural_less, &TensorInfo::name);
  for (std::size_t i = 0; i < tensors_.size(); ++i) places_.at(tensors_[i].name).index = i;
  has_scales_ = std::ranges::any_of(tensors_, [this](const TensorInfo& tensor) {
    return is_float8(tensor.dtype) && scales_of(tensor) != nullptr;
  });
  return {};
}

Result<> Checkpoint::add_tensors(std::size_t shard) {
  for (const TensorInfo& tensor : shards_[shard].tensors()) {
    const auto [other, added] = places_.emplace(tensor.name, Place{shard, 0});
    if (!added) {
      return Error(fmt::format("{}: tensor {} is in shards {} and {}; allowed: one", name(),
                               in_quotes(tensor.name), files_.shards[other->second.shard].filename().string(),
                               files_.shards[shard].filename().string()));
    }
    tensors_.push_back(tensor);
    if (files_.index && !files_.shard_of.contains(tensor.name)) not_in_index_.push_back(tensor.name);
  }
  return {};
}

Result<> Checkpoint::check_index() const {
  for (const auto& [tensor, shard] : files_.shard_of) {
    const auto found = places_.find(tensor);
    if (found != places_.end() && found->second.shard == shard) continue;
    return Error(fmt::format("{}: tensor {} is in {}, not in shard {} as the index says",
                             files_.index->string(), in_quotes(tensor),
                             found == places_.end()
                                 ? "no shard"
                                 : in_quotes(files_.shards[found->second.shard].filename().string()),
                             in_quotes(files_.shards[shard].filename().string())));
  }
  return {};
}

const TensorInfo* Checkpoint::find(std::string_view tensor) const {
  const auto found = places_.find(tensor);
  return found == places_.end() ? nullptr : &tensors_[found->second.index];
}

const TensorInfo* Checkpoint::scales_of(const TensorInfo& tensor) const {
  if (!is_float8(tensor.dtype)) return nullptr;
  for (const std::string& scales : scale_names(tensor.name)) {
    if (const TensorInfo* found = find(scales)) return found;
  }
  return nullptr;
}

std::string Checkpoint::check_scales(const MatrixPlace& place, std::optional<Layout> layout) const {
  const TensorInfo& tensor = *place.tensor;
  if (!mxfp4_name(tensor).empty()) return check_mxfp4(tensor, find(mxfp4_scales_name(tensor)));
  if (!is_float8(tensor.dtype)) return {};
  const TensorInfo* scales = scales_of(tensor);
  if (scales == nullptr) {
    if (!has_scales_ && config_.quantization.empty()) return {};
    std::vector<std::string> names = scale_names(tensor.name);
    for (std::string& name : names) name = in_quotes(name);
    return fmt::format("{} without its scales; allowed: a tensor {}", tensor.dtype, fmt::join(names, " or "));
  }
  if (!safetensors_stored_type(scales->dtype)) {
    return fmt::format("its scales {} have dtype {}; allowed: a float type", in_quotes(scales->name),
                       in_quotes(scales->dtype));
  }
  const std::int64_t experts = place.expert ? tensor.shape.front() : 0;
  const Matrix extents = extents_of(place);
  const auto plan = plan_scales(scales->shape, extents, layout.value_or(Layout::n_by_k), config_, experts,
                                place.expert.value_or(0));
  if (plan) return {};
  const auto block = config_.scale_block.value_or(std::array<std::int64_t, 2>{128, 128});
  return fmt::format(
      "its scales {} have shape {}, the weights [{}, {}]; allowed: one scale, one per output, or "
      "one per block of {} x {}",
      in_quotes(scales->name), shape_text(scales->shape), extents.rows, extents.columns, block[0], block[1]);
}

Result<Matrix> Checkpoint::load(const MatrixPlace& place, std::optional<Layout> layout) const {
  const TensorInfo& tensor = *place.tensor;
  const bool mxfp4 = !mxfp4_name(tensor).empty();
  if (!mxfp4 && !safetensors_float_type(tensor.dtype) && !is_float8(tensor.dtype)) {
    return Error(fmt::format("{} has dtype {}; allowed: F64, F32, F16, BF16, F8_E4M3, F8_E5M2", label(tensor),
                             in_quotes(tensor.dtype)));
  }
  if (const std::string error = check_place(place); !error.empty()) {
    return Error(fmt::format("{} {}", label(tensor), error));
  }
  if (mxfp4) return load_mxfp4(place);
  Matrix stored = extents_of(place);
  const std::int64_t count = stored.rows * stored.columns;
  MSQ_TRY(stored.values, values(tensor, place.expert.value_or(0) * count, count));
  if (is_float8(tensor.dtype)) MSQ_CHECK(scale(stored, place, layout));
  return stored;
}

Result<Matrix> Checkpoint::load_mxfp4(const MatrixPlace& place) const {
  const TensorInfo& blocks = *place.tensor;
  if (const std::string error = check_scales(place, std::nullopt); !error.empty()) {
    return Error(fmt::format("{}: {}", label(blocks), error));
  }
  const TensorInfo& scales = *find(mxfp4_scales_name(blocks));
  const auto of_expert = [&](const TensorInfo& tensor) -> Result<std::vector<std::byte>> {
    const std::uint64_t length =
        (tensor.end - tensor.begin) / static_cast<std::uint64_t>(tensor.shape.front());
    std::vector<std::byte> bytes(static_cast<std::size_t>(length));
    const auto expert = static_cast<std::uint64_t>(place.expert.value_or(0));
    MSQ_CHECK(shards_[places_.at(tensor.name).shard].read_data(tensor.begin + expert * length, bytes));
    return bytes;
  };
  MSQ_TRY(const auto codes, of_expert(blocks));
  MSQ_TRY(const auto exponents, of_expert(scales));
  Matrix stored = extents_of(place);
  stored.values = decode_mxfp4(codes, exponents);
  return stored;
}

std::string Checkpoint::label(const TensorInfo& tensor) const {
  return fmt::format("{}: tensor {}", shards_[places_.at(tensor.name).shard].name(), in_quotes(tensor.name));
}

Result<std::vector<float>> Checkpoint::values(const TensorInfo& tensor, std::int64_t first,
                                              std::int64_t count) const {
  return shards_[places_.at(tensor.name).shard].load_values(tensor, first, count);
}

Result<> Checkpoint::scale(Matrix& stored, const MatrixPlace& place, std::optional<Layout> layout) const {
  const TensorInfo& tensor = *place.tensor;
  if (const std::string error = check_scales(place, layout); !error.empty()) {
    return Error(fmt::format("{}: {}", label(tensor), error));
  }
  const TensorInfo* scales = scales_of(tensor);
  if (scales == nullptr) return {};
  const Layout known = layout.value_or(Layout::n_by_k);
  const auto plan = plan_scales(scales->shape, stored, known, config_,
                                place.expert ? tensor.shape.front() : 0, place.expert.value_or(0));
  MSQ_TRY(const std::vector<float> factors, values(*scales, plan->first, plan->count));
  apply_scales(stored, known, *plan, factors);
  return {};
}

}  // namespace msq::golden
