#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/alignment.hpp"
#include "golden/exec/plan.hpp"
#include "golden/tensor.hpp"
#include "tb/host/packet.hpp"
#include "tb/host/stream_format.hpp"
#include "tb/host/weight_stream.hpp"

namespace msq::tb {

/// A tile of a job: a place in one of the job's tensors, and its plan.
struct JobTile {
  std::size_t part = 0;  ///< tensor
  golden::TilePlace place;
  golden::PlannedTile plan;
  bool pairs = false;  ///< its rows hold the places of two tiles along K, but perhaps the last one's

  /// First tile along K: references and scales come with it.
  [[nodiscard]] bool first_k() const { return place.range == 0 && plan.first; }
};

/// Writes the weight packets of a job.
class WeightPacker {
 public:
  /// @param alignments of the tensors, cut into the tiles of the plan.
  /// @param hash short_config_hash of the array.
  WeightPacker(const Dimensions& d, const golden::ArraySizes& array,
               std::span<const golden::QuantizedTensor> parts,
               std::vector<golden::WeightAlignment> alignments, std::uint32_t hash);

  /// Packet of the tiles of a pass, in the order in which they run; appends them to `tiles` as the timing
  /// depends on them.
  [[nodiscard]] Packet pass(std::span<const JobTile> pass, std::vector<StreamTile>& tiles) const;

 private:
  using Values = std::vector<std::uint32_t>;  ///< one per column, or one per row
  /// Values of a tile in the sections.
  struct Sections {
    Values scales, factors, shifts;
  };
  template <class Value>
  [[nodiscard]] Values section(const JobTile& tile, const Value& value) const;
  [[nodiscard]] Values references(const JobTile& tile) const;
  [[nodiscard]] Values scales(const JobTile& tile, const Values& before) const;
  [[nodiscard]] Values factors(const JobTile& tile) const;
  [[nodiscard]] Values shifts(const JobTile& tile) const;
  [[nodiscard]] bool has_scales(const JobTile& tile, const Sections& own, const Sections& before) const;
  [[nodiscard]] std::vector<int> places_of(const JobTile& tile) const;
  [[nodiscard]] golden::Tile weights_of(const JobTile& tile) const;
  void put_header(PacketWriter& out, const StreamBlock& block, const StreamTile& first, bool last) const;
  void put_tile(PacketWriter& out, const JobTile& tile, const StreamTile& stream,
                const Sections& sections) const;
  template <class Values_>
  void put_part(PacketWriter& out, const TilePartFormat& format, const Values_& values) const;

  const Dimensions& d_;
  golden::ArraySizes array_;
  std::span<const golden::QuantizedTensor> parts_;
  std::vector<golden::WeightAlignment> alignments_;
  std::uint32_t hash_;
  WeightStream stream_;
};

}  // namespace msq::tb
