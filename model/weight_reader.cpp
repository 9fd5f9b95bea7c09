#include "model/weight_reader.hpp"

#include <algorithm>

namespace msq::model {

WeightReader::WeightReader(const Dimensions& d, double rate) : d_(d), stream_(d), port_(rate) {}

/// The splitter takes the next beat.
Cycle WeightReader::take(Cycle earliest) {
  Cycle pushed = pushed_ + 1;
  if (fetched_.size() == static_cast<std::size_t>(d_.weight_fifo)) {
    pushed = std::max(pushed, fetched_.front() + 1);
    fetched_.pop_front();
  }
  pushed_ = port_.offer(pushed);
  fetched_.push_back(std::max(pushed_ + kFetch, last_taken_));
  last_taken_ = std::max(fetched_.back() + 1, earliest);
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
  const int beat_words = stream_.beat_bits() / stream_.word_bits();
  sections_.clear();
  for (int b = 0; b < block.section_beats; ++b) {
    const Cycle at = take(0);
    if (b * stream_.beat_bits() < 64) counted = at;
    sections_.insert(sections_.end(), static_cast<std::size_t>(beat_words), at + kFifo);
  }
  entry_beats_.clear();
  for (int b = 0; b < block.entry_beats; ++b) entry_beats_.push_back(take(0) + kFetch);
  for (int w = 0; w < header; ++w) word();
  has_descriptions_ = block.described;
  described_ = 0;

  if (block.entry_beats > 0)
    entries_ = stream_.entries(tiles);
  else
    entries_.clear();
  now_ = counted + 1;
  front_ = filled_ = used_ = step_ = 0;
  word_ = behind_ = false;
  there_ = !d_.outliers;
  steps_left_ = static_cast<int>(block.tiles) * d_.load_steps;
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

std::size_t WeightReader::step_of(const tb::EntrySkip& entry) const {
  return entry.row / static_cast<std::size_t>(d_.load_rows);
}

/// Moves of the words of entries in cycle now_, once the entries up to used_ are given to rows.
WeightReader::Moves WeightReader::moves() const {
  Moves m;
  m.shift = behind_ && used_ >= front_;
  m.take = word_ && (!behind_ || m.shift);
  m.fill = filled_ < entries_.size() && (!word_ || m.take);
  return m;
}

/// Cycle now_ of the row reader. @param next the core takes the rows that are there.
void WeightReader::step(bool next) {
  const auto words = static_cast<std::size_t>(d_.word_entries);
  const bool run = !there_ || next;
  if (next) ++step_;
  const std::size_t seen = front_ + (behind_ ? words : 0);
  while (run && used_ < seen && step_of(entries_[used_]) == step_) ++used_;
  if (run) there_ = used_ < seen || (filled_ == entries_.size() && !word_);
  Moves m = moves();
  if (m.fill) m.fill = now_ >= entry_beats_[filled_ / static_cast<std::size_t>(stream_.entries_per_beat())];
  if (m.shift) front_ += words;
  behind_ = m.take || (behind_ && !m.shift);
  word_ = m.fill || (word_ && !m.take);
  if (m.fill) filled_ += words;
  ++now_;
}

Cycle WeightReader::rows(Cycle earliest) {
  while (!there_) step(false);
  // Rows found in one cycle are in the registers in the next.
  const Cycle at = take(std::max({earliest, d_.outliers ? now_ : 0, complete_ + 1}));
  if (--steps_left_ == 0 || !d_.outliers) return at;
  // All words are full after a few cycles.
  for (Moves m = moves(); now_ < at && (m.shift || m.take || m.fill); m = moves()) step(false);
  now_ = at;
  step(true);
  return at;
}

}  // namespace msq::model
