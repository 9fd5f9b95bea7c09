#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "model/port.hpp"
#include "tb/host/weight_stream.hpp"

namespace msq::model {

/// The way of the weights from their port to the core, cycle by cycle (docs/reference/performance.md): FIFO,
/// msq_weight_split, the buffers of sections and entries, msq_tile_reader and msq_row_reader.
class WeightReader {
 public:
  /// @param rate of the port, beats per cycle.
  WeightReader(const Dimensions& d, double rate);

  /// The beats before the codes of a block are taken; its tiles follow.
  void begin(const tb::StreamBlock& block, std::span<const tb::StreamTile> tiles);
  /// The next tile is described, not before `earliest`, and its sections are read. @return when it was
  /// pushed.
  Cycle tile(const tb::StreamTile& tile, Cycle earliest);
  /// The rows of the tile's next beat of codes go on towards the core, not before `earliest`. @return when.
  Cycle rows(Cycle earliest);
  /// Taken from the port.
  [[nodiscard]] std::int64_t beats() const { return beats_; }

 private:
  Cycle take(Cycle earliest);
  Cycle word();
  /// Of a word: from behind the front one to the front, into the window, from the buffer of entries.
  struct Moves {
    bool shift = false, take = false, fill = false;
  };
  [[nodiscard]] Moves moves() const;
  void step(bool next);
  /// Step of the block, a beat of codes, whose rows hold the entry.
  [[nodiscard]] std::size_t step_of(const tb::EntrySkip& entry) const;

  const Dimensions& d_;
  tb::WeightStream stream_;
  Port port_;
  std::int64_t beats_ = 0;
  // FIFO and splitter.
  Cycle pushed_ = -kStart - 1, last_taken_ = -1;
  std::deque<Cycle> fetched_;  ///< when the words in the memory went to the head
  // Tile reader.
  Cycle state_ = 0;             ///< cycle in which its state is that of its next step
  std::deque<Cycle> sections_;  ///< words of the block that are not read: when they are there
  std::size_t described_ = 0;   ///< tiles of the block so far
  bool has_descriptions_ = false;
  Cycle complete_ = 0;  ///< the tile's last section is read
  // Row reader.
  std::vector<tb::EntrySkip> entries_;
  std::vector<Cycle> entry_beats_;  ///< when they are there
  Cycle now_ = 0;                   ///< next cycle to look at
  std::size_t used_ = 0;            ///< entries given to rows
  std::size_t front_ = 0;           ///< first entry behind the front word
  std::size_t filled_ = 0;          ///< entries taken from the beats
  bool word_ = false, behind_ = false, there_ = false;
  std::size_t step_ = 0;  ///< of the block
  int steps_left_ = 0;
};

}  // namespace msq::model
