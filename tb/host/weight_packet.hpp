#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/alignment.hpp"
#include "golden/exec/plan.hpp"
#include "golden/tensor.hpp"
#include "tb/host/packet.hpp"
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

/// Writes the weight packets of a job, tile by tile, in the order in which they run.
class WeightPacker {
 public:
  /// @param alignments of the tensors, cut into the tiles of the plan.
  WeightPacker(const Dimensions& d, const golden::ArraySizes& array,
               std::span<const golden::QuantizedTensor> parts,
               std::vector<golden::WeightAlignment> alignments);

  /// Appends a tile. @return the tile as the timing depends on it.
  StreamTile add(PacketWriter& out, const JobTile& tile);

 private:
  using Values = std::vector<std::uint32_t>;  ///< one per column, or one per row
  template <class Value>
  [[nodiscard]] Values section(const JobTile& tile, const Value& value) const;
  [[nodiscard]] Values references(const JobTile& tile) const;
  [[nodiscard]] Values scales(const JobTile& tile) const;
  [[nodiscard]] Values factors(const JobTile& tile) const;
  [[nodiscard]] Values shifts(const JobTile& tile) const;
  [[nodiscard]] std::vector<int> places_of(const JobTile& tile) const;
  void put_rows(PacketWriter& out, const JobTile& tile) const;
  void put_identifiers(PacketWriter& out, const golden::Tile& tile, int first_row) const;

  const Dimensions& d_;
  golden::ArraySizes array_;
  std::span<const golden::QuantizedTensor> parts_;
  std::vector<golden::WeightAlignment> alignments_;
  WeightStream stream_;
  Values scales_, factors_;  ///< of the tile before
};

}  // namespace msq::tb
