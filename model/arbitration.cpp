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
      : tiles_(tiles), setup_(setup), queues_(tiles.front().flagged.size()) {
    if (setup.units <= 0 || setup.spacing <= 0 || queues_.size() % static_cast<std::size_t>(setup.units) != 0)
      throw std::logic_error("arbitration: the units divide the rows, tokens are a cycle apart or more");
    const auto units = static_cast<std::size_t>(setup.units);
    band_ = queues_.size() / units;
    last_served_.assign(units, band_ - 1);
    loaded_.assign(queues_.size(), 0);
    active_.assign(queues_.size(), 0);
  }

  ArbitrationRun run() {
    for (; tile_ < tiles_.size() || inside_ > 0; ++now_) {
      enter();
      // Downwards last: what a row passes on arrives in a later cycle, so the order of bands is free.
      for (std::size_t unit = 0; unit < last_served_.size(); ++unit) serve_band(unit);
      load();
    }
    run_.cycles = now_;
    return run_;
  }

 private:
  /// One weight row a cycle, into a shadow that the tile before has taken over.
  void load() {
    if (load_tile_ == tiles_.size() || active_[load_row_] < load_tile_) return;
    loaded_[load_row_] = load_tile_ + 1;
    if (++load_row_ < queues_.size()) return;
    load_row_ = 0;
    ++load_tile_;
  }

  void enter() {
    if (tile_ == tiles_.size() || now_ < next_entry_ || loaded_.front() <= tile_) return;
    queues_.front().push_back({tile_, token_, now_});
    ++inside_;
    const bool last = ++token_ == tiles_[tile_].tokens;
    next_entry_ = now_ + (last ? 1 : setup_.spacing);
    if (!last) return;
    token_ = 0;
    ++tile_;
  }

  void serve_band(std::size_t unit) {
    const std::size_t first = unit * band_;
    const std::size_t start = setup_.arbiter == Arbiter::oldest ? band_ - 1 : last_served_[unit];
    bool taken = false;
    for (std::size_t i = 1; i <= band_; ++i) {
      // Oldest: from the last row of the band up. Round robin: down from the one after the last served.
      const std::size_t row = first + (setup_.arbiter == Arbiter::oldest ? band_ - i : (start + i) % band_);
      if (!ready(row)) continue;
      const Visit visit = queues_[row].front();
      if (tiles_[visit.tile].flagged[row]) {
        if (taken) continue;
        taken = true;
        last_served_[unit] = row - first;
        count(visit);
      }
      pass(row, visit);
    }
  }

  /// Whether a token is at the row, and the weights of its tile.
  bool ready(std::size_t row) {
    auto& queue = queues_[row];
    if (queue.empty() || queue.front().arrival > now_) return false;
    if (loaded_[row] > queue.front().tile) return true;
    queue.front().arrival = now_ + 1;  // it has not asked for a unit yet
    return false;
  }

  void count(const Visit& visit) {
    ++run_.accesses;
    run_.busy += now_ > visit.arrival ? 1 : 0;
    run_.wait_cycles += now_ - visit.arrival;
  }

  void pass(std::size_t row, const Visit& visit) {
    queues_[row].pop_front();
    active_[row] = visit.tile + 1;
    if (row + 1 == queues_.size()) {
      --inside_;
      return;
    }
    auto& next = queues_[row + 1];
    std::int64_t arrival = now_ + 1 + (tiles_[visit.tile].flagged[row] ? setup_.latency : 0);
    if (!next.empty()) arrival = std::max(arrival, next.back().arrival + 1);  // tokens stay in order
    next.push_back({visit.tile, visit.token, arrival});
  }

  std::span<const golden::TileRun> tiles_;
  ArbitrationSetup setup_;
  std::vector<std::deque<Visit>> queues_;  ///< [rows]
  std::size_t band_ = 1;                   ///< rows of a unit
  std::vector<std::size_t> last_served_;   ///< [units], row of its band
  std::vector<std::size_t> loaded_;        ///< [rows] tiles that were loaded
  std::vector<std::size_t> active_;        ///< [rows] tiles that have begun
  std::size_t load_tile_ = 0;
  std::size_t load_row_ = 0;
  std::size_t tile_ = 0;  ///< of the next token to enter
  int token_ = 0;
  std::int64_t inside_ = 0;
  std::int64_t next_entry_ = 0;  ///< earliest entry of the next token
  std::int64_t now_ = 0;
  ArbitrationRun run_;
};

}  // namespace

ArbitrationRun simulate_arbitration(std::span<const golden::TileRun> tiles, const ArbitrationSetup& setup) {
  return tiles.empty() ? ArbitrationRun() : Pipeline(tiles, setup).run();
}

}  // namespace msq::model
