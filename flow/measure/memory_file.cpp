#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "flow/measure/memories.hpp"
#include "gen/config/parse_json.hpp"
#include "support/files.hpp"

namespace msq::flow {
namespace {

/// A figure of the file, and the unit that its name ends with.
struct Key {
  const char* name;
  double synth::MemoryFigures::*figure;
  double unit;
};
constexpr std::array kFigures = {Key{"area_um2", &synth::MemoryFigures::area, 1},
                                 Key{"leakage_nw", &synth::MemoryFigures::leakage, 1e-9},
                                 Key{"read_pj", &synth::MemoryFigures::read_energy, 1e-12},
                                 Key{"write_pj", &synth::MemoryFigures::write_energy, 1e-12},
                                 Key{"access_ns", &synth::MemoryFigures::access_time, 1},
                                 Key{"setup_ns", &synth::MemoryFigures::setup_time, 1}};
constexpr std::array kSizes = {"width", "depth"};
constexpr int kLargest = 1 << 24;
constexpr double kLargestFigure = 1e9;  ///< in the unit of the name: 10 cm^2, 1 s

std::vector<std::string_view> keys() {
  std::vector<std::string_view> names(kSizes.begin(), kSizes.end());
  for (const Key& key : kFigures) names.emplace_back(key.name);
  return names;
}

int size_of(const Json& entry, const char* name) {
  const Json value = entry.value(name, Json());
  const bool allowed = value.is_number_integer() && value >= 1 && value <= kLargest;
  if (!allowed) refuse(name, show(value), fmt::format("1 to {}", kLargest));
  return value.get<int>();
}

double figure_of(const Json& entry, const Key& key) {
  const Json value = entry.value(key.name, Json());
  if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > kLargestFigure)
    refuse(key.name, show(value), fmt::format("a number from 0 to {:g}", kLargestFigure));
  return value.get<double>() * key.unit;
}

GivenMemory parse(const Json& entry) {
  if (!entry.is_object()) throw Refusal{"found no object"};
  refuse_unknown_keys(entry, keys(), keys());
  GivenMemory memory;
  memory.width = size_of(entry, kSizes[0]);
  memory.depth = size_of(entry, kSizes[1]);
  for (const Key& key : kFigures) memory.figures.*key.figure = figure_of(entry, key);
  return memory;
}

/// \throws Refusal if a memory of this size is among the others.
void refuse_twice(const GivenMemory& memory, const std::vector<GivenMemory>& others) {
  for (const GivenMemory& other : others) {
    if (other.width == memory.width && other.depth == memory.depth)
      throw Refusal{fmt::format("width {} and depth {} are given twice", memory.width, memory.depth)};
  }
}

}  // namespace

Result<std::vector<GivenMemory>> load_memory_file(const std::filesystem::path& file) {
  MSQ_TRY(const std::string text, read_text(file));
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array())
    return Error(fmt::format("{}: found no JSON list; allowed: [{{\"width\": .., ..}}, ..]", file.string()));
  std::vector<GivenMemory> memories;
  for (std::size_t i = 0; i < json.size(); ++i) {
    try {
      const GivenMemory memory = parse(json[i]);
      refuse_twice(memory, memories);
      memories.push_back(memory);
    } catch (const Refusal& refusal) {
      return Error(fmt::format("{}: memory {}: {}", file.string(), i, refusal.message));
    }
  }
  return memories;
}

}  // namespace msq::flow
