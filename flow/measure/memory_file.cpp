#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "flow/measure/memories.hpp"
#include "support/files.hpp"

namespace msq::flow {
namespace {

using Json = nlohmann::ordered_json;

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

std::vector<std::string> keys() {
  std::vector<std::string> names(kSizes.begin(), kSizes.end());
  for (const Key& key : kFigures) names.emplace_back(key.name);
  return names;
}

Result<int> size_of(const Json& entry, const char* name) {
  const Json value = entry.value(name, Json());
  const bool allowed = value.is_number_integer() && value >= 1 && value <= kLargest;
  if (!allowed) return Error(fmt::format("{}: found {}; allowed: 1 to {}", name, value.dump(), kLargest));
  return value.get<int>();
}

Result<double> figure_of(const Json& entry, const Key& key) {
  const Json value = entry.value(key.name, Json());
  if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > kLargestFigure)
    return Error(fmt::format("{}: found {}; allowed: a number from 0 to {:g}", key.name, value.dump(),
                             kLargestFigure));
  return value.get<double>() * key.unit;
}

Result<GivenMemory> parse(const Json& entry) {
  const std::vector<std::string> allowed = keys();
  if (!entry.is_object()) return Error("found no object");
  for (const auto& [name, value] : entry.items()) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      return Error(fmt::format("{}: unknown key; allowed: {}", name, fmt::join(allowed, ", ")));
  }
  GivenMemory memory;
  MSQ_TRY(memory.width, size_of(entry, kSizes[0]));
  MSQ_TRY(memory.depth, size_of(entry, kSizes[1]));
  for (const Key& key : kFigures) {
    MSQ_TRY(memory.figures.*key.figure, figure_of(entry, key));
  }
  return memory;
}

}  // namespace

Result<std::vector<GivenMemory>> load_memory_file(const std::filesystem::path& file) {
  MSQ_TRY(const std::string text, read_text(file));
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array())
    return Error(fmt::format("{}: found no JSON list; allowed: [{{\"width\": .., ..}}, ..]", file.string()));
  std::vector<GivenMemory> memories;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto memory = parse(json[i]);
    if (!memory) return Error(fmt::format("{}: memory {}: {}", file.string(), i, memory.error()));
    for (const GivenMemory& other : memories) {
      if (other.width == memory->width && other.depth == memory->depth)
        return Error(fmt::format("{}: memory {}: width {} and depth {} are given twice", file.string(), i,
                                 memory->width, memory->depth));
    }
    memories.push_back(*memory);
  }
  return memories;
}

}  // namespace msq::flow
