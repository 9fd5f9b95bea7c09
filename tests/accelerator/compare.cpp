#include "tests/accelerator/compare.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace msq::tests {

std::string difference(const std::vector<tb::Packet>& got, const std::vector<tb::Packet>& expected) {
  if (got.size() != expected.size())
    return fmt::format("{} output packets, expected {}", got.size(), expected.size());
  for (std::size_t p = 0; p < got.size(); ++p) {
    if (got[p].beats() != expected[p].beats())
      return fmt::format("packet {}: {} beats, expected {}", p, got[p].beats(), expected[p].beats());
    for (std::size_t w = 0; w < got[p].words.size(); ++w) {
      if (got[p].words[w] == expected[p].words[w]) continue;
      return fmt::format("packet {} of {}, beat {} of {}, word {}: {:#010x}, expected {:#010x}", p,
                         got.size(), w / got[p].words_per_beat(), got[p].beats(), w % got[p].words_per_beat(),
                         got[p].words[w], expected[p].words[w]);
    }
  }
  return {};
}

std::string counter_problem(const tb::AcceleratorResult& result, const tb::AcceleratorJob& job) {
  const auto count = [&](const char* name) { return static_cast<std::int64_t>(result.counters.at(name)); };
  std::int64_t accesses = 0;
  std::int64_t tokens = 0;
  const auto per_pass = static_cast<std::int64_t>(job.tiles.size()) / job.passes();
  for (std::size_t i = 0; i < job.tiles.size(); ++i) {
    const int in_pass = job.tokens(static_cast<std::int64_t>(i) / per_pass);
    tokens += in_pass;
    accesses += in_pass * job.tiles[i].flagged_rows();
  }
  const auto tiles = static_cast<std::int64_t>(job.tiles.size());
  if (count("tiles") != tiles || count("tokens") != tokens || count("recon_accesses") != accesses)
    return fmt::format("counters: tiles {}, tokens {}, accesses {}; expected {}, {}, {}", count("tiles"),
                       count("tokens"), count("recon_accesses"), tiles, tokens, accesses);
  if (count("recon_waits") > accesses)
    return fmt::format("counters: {} of {} accesses waited", count("recon_waits"), accesses);
  // Every cycle is used for one thing; the rest is the last tile's way through the array and out.
  const std::int64_t used = tokens + count("wait_output") + count("wait_activation") + count("wait_weight") +
                            count("wait_schedule");
  if (used > count("cycles"))
    return fmt::format("counters: {} cycles accounted for, of {}", used, count("cycles"));
  return {};
}

}  // namespace msq::tests
