#include "synth/compare.hpp"

#include <fmt/format.h>

namespace msq::synth {

Result<Overhead> compare(const SynthesisReport& configuration, const SynthesisReport& twin,
                         const BlockTable& table) {
  if (configuration.library != twin.library || configuration.gate_area != twin.gate_area) {
    return Error(fmt::format("cannot compare an area in library {} with one in library {}",
                             configuration.library, twin.library));
  }
  if (configuration.flattened != twin.flattened) {
    return Error(std::string("cannot compare a flattened synthesis with a hierarchical one"));
  }
  if (twin.area <= 0) return Error(fmt::format("cannot compare with {}: it has no area", twin.top));
  const auto own_blocks = area_by_block(configuration, table);
  if (!own_blocks) return Error(own_blocks.error());
  const auto twin_blocks = area_by_block(twin, table);
  if (!twin_blocks) return Error(twin_blocks.error());

  const auto of_twin = [&](AreaNm2 area) {
    return static_cast<double>(area) / static_cast<double>(twin.area);
  };
  Overhead overhead{.area = configuration.area,
                    .twin_area = twin.area,
                    .extra = configuration.area - twin.area,
                    .fraction = of_twin(configuration.area - twin.area),
                    .blocks = {}};
  for (std::size_t i = 0; i < own_blocks->size(); ++i) {
    const AreaNm2 extra = (*own_blocks)[i].area - (*twin_blocks)[i].area;
    overhead.blocks.push_back(
        {.block = (*own_blocks)[i].block, .area = extra, .share_of_twin = of_twin(extra)});
  }
  return overhead;
}

}  // namespace msq::synth
