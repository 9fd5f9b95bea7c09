#include "model/weight_reader.hpp"

#include <algorithm>

namespace msq::model {

WeightReader::WeightReader(const Dimensions& d, double rate) : d_(d), stream_(d), port_(rate) {}

/// The splitter takes the next beat.
Cycle WeightReader::take(Cycle earliest) {
  Cycle pushed = pushed_ + 1;
  if (taken_.size() == static_cast<std::size_t>(d_.weight_fifo)) {
    pushed = std::max(pushed, taken_.front() + 1);
    taken_.pop_front();
  }
  pushed_ = port_.offer(pushed);
  last_taken_ = std::max({pushed_ + kFifo, last_taken_ + 1, earliest});
  taken_.push_back(last_taken_);
  ++beats_;
  return last_taken_;
}

/// The tile reader reads the next word of the sections.
Cycle WeightReader::word() {
  const Cycle at = std::max(state_, sections_.front());
  sections_.pop_front();
  state_ = at + 1;
  return at;
}

void WeightReader::begin(const tb::StreamBlock& block, std::span<const tb::StreamTile> tiles) {
  Cycle counted = 0;
  const int header = stream_.header_words();
  for (int b = 0; b < block.section_beats; ++b) {
    const Cycle at = take(0);
    if (b + 1 == header) counted = at;
    sections_.push_back(at + kFifo);
  }
  entry_beats_.clear();
  for (int b = 0; b < block.entry_beats; ++b) entry_beats_.push_back(take(0) + kFifo);
  for (int w = 0; w < header; ++w) word();
  has_descriptions_ = block.described;
  described_ = 0;

  if (block.entry_beats > 0)
    entries_ = stream_.entries(tiles);
  else
    entries_.clear();
  now_ = counted + 1;
  front_ = filled_ = used_ = row_ = 0;
  word_ = behind_ = false;
  there_ = !d_.outliers;
  rows_left_ = static_cast<int>(block.tiles) * d_.rows;
}

Cycle WeightReader::tile(const tb::StreamTile& tile, Cycle earliest) {
  if (has_descriptions_ && described_ % stream_.described_tiles() == 0) word();
  ++described_;
  const Cycle pushed = std::max(state_, earliest);
  state_ = pushed + 1;
  complete_ = pushed;
  for (int w = stream_.part_words(tile); w > 0; --w) complete_ = word();
  return pushed;
}

/// Cycle now_ of the row reader. @param next the core takes the row that is there.
void WeightReader::step(bool next) {
  const auto per_cycle = static_cast<std::size_t>(d_.entries_per_cycle);
  const bool run = !there_ || next;
  if (next) ++row_;
  while (run && used_ < front_ && entries_[used_].row == row_) ++used_;
  const bool used_up = used_ == front_;
  const bool more = filled_ < entries_.size();
  if (run) {
    there_ = !used_up || (behind_ && entries_[front_].row != row_) || (!more && !word_ && !behind_);
  }
  const bool shift = behind_ && used_up;
  const bool take = word_ && (!behind_ || shift);
  const bool fill =
      more && !word_ && now_ >= entry_beats_[filled_ / static_cast<std::size_t>(stream_.entries_per_beat())];
  if (shift) front_ += per_cycle;
  behind_ = take || (behind_ && !shift);
  word_ = fill || (word_ && !take);
  if (fill) filled_ += per_cycle;
  ++now_;
}

Cycle WeightReader::row(Cycle earliest) {
  while (!there_) step(false);
  // What is there stands in the registers in the cycle after.
  const Cycle at = take(std::max({earliest, d_.outliers ? now_ : 0, complete_ + 1}));
  if (--rows_left_ == 0 || !d_.outliers) return at;
  // All words are full after a few cycles.
  while (now_ < at && !(word_ && behind_) && (filled_ < entries_.size() || word_)) step(false);
  now_ = at;
  step(true);
  return at;
}

}  // namespace msq::model
