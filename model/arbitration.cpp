#include "model/arbitration.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <vector>

namespace msq::model {
namespace {

/// A token on its way to a row, or waiting there.
struct Visit {
  std::size_t tile;
  int token;
  std::int64_t arrival;
};

class Pipeline {
 public:
  Pipeline(std::span<const golden::TileRun> tiles, const ArbitrationSetup& setup)
      : tiles_(tiles), setup_(setup), queues_(tiles.empty() ? 0 : tiles.front().flagged.size()) {
    if (setup.units <= 0 || setup.spacing <= 0 || queues_.size() % static_cast<std::size_t>(setup.units) != 0)
      throw std::logic_error("arbitration: the units divide the rows, tokens are a cycle apart or more");
    taken_.resize(static_cast<std::size_t>(setup.units));
  }

  ArbitrationRun run() {
    for (; tile_ < tiles_.size() || inside_ > 0; ++now_) {
      enter();
      std::fill(taken_.begin(), taken_.end(), false);
      for (std::size_t row = queues_.size(); row-- > 0;) serve(row);
    }
    run_.cycles = now_;
    return run_;
  }

 private:
  void enter() {
    if (tile_ == tiles_.size() || now_ < next_entry_) return;
    if (token_ == 0) {
      if (tile_ > 0 && now_ < opened_) return;
      opened_ = kNever;
    }
    queues_.front().push_back({tile_, token_, now_});
    ++inside_;
    if (++token_ < tiles_[tile_].tokens) {
      next_entry_ = now_ + setup_.spacing;
    } else {
      next_entry_ = now_ + 1;
      token_ = 0;
      ++tile_;
    }
  }

  void serve(std::size_t row) {
    auto& queue = queues_[row];
    if (queue.empty() || queue.front().arrival > now_) return;
    const Visit visit = queue.front();
    const bool flagged = tiles_[visit.tile].flagged[row];
    if (flagged && !grant(row, visit)) return;
    queue.pop_front();
    if (row + 1 == queues_.size()) {
      leave(visit);
      return;
    }
    auto& next = queues_[row + 1];
    std::int64_t arrival = now_ + 1 + (flagged ? setup_.latency : 0);
    if (!next.empty()) arrival = std::max(arrival, next.back().arrival + 1);  // tokens stay in order
    next.push_back({visit.tile, visit.token, arrival});
  }

  bool grant(std::size_t row, const Visit& visit) {
    auto taken = taken_.begin() + static_cast<std::ptrdiff_t>(row * taken_.size() / queues_.size());
    if (*taken) return false;
    *taken = true;
    ++run_.accesses;
    run_.busy += now_ > visit.arrival ? 1 : 0;
    run_.wait_cycles += now_ - visit.arrival;
    return true;
  }

  void leave(const Visit& visit) {
    --inside_;
    // Weights have one shadow: the next tile's are complete when this one's have all become active.
    if (visit.token == 0) opened_ = now_ + setup_.turnaround;
  }

  static constexpr std::int64_t kNever = INT64_MAX;
  std::span<const golden::TileRun> tiles_;
  ArbitrationSetup setup_;
  std::vector<std::deque<Visit>> queues_;  ///< [rows]
  std::vector<bool> taken_;                ///< [units], in this cycle
  std::size_t tile_ = 0;                   ///< of the next token to enter
  int token_ = 0;
  std::int64_t inside_ = 0;
  std::int64_t next_entry_ = 0;  ///< earliest entry of the next token
  std::int64_t opened_ = 0;      ///< earliest entry of the next tile, once it is known
  std::int64_t now_ = 0;
  ArbitrationRun run_;
};

}  // namespace

ArbitrationRun simulate_arbitration(std::span<const golden::TileRun> tiles, const ArbitrationSetup& setup) {
  return tiles.empty() ? ArbitrationRun() : Pipeline(tiles, setup).run();
}

}  // namespace msq::model
