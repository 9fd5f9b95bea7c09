#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "gen/arch/design.hpp"
#include "tb/model.hpp"

namespace msq::tests {

using Words = std::vector<std::uint32_t>;

/// One tile: words of the load port, row 0 first, and tokens.
struct BaselineTile {
  std::vector<Words> loads;
  std::vector<std::vector<std::int8_t>> tokens;  ///< [token][row]
};

/// A baseline's design and compiled model. Aborts the test with the tool's message if it cannot be built.
class BaselineArray {
 public:
  explicit BaselineArray(const BaselineSpec& spec, unsigned seed = 1);
  ~BaselineArray();
  BaselineArray(const BaselineArray&) = delete;
  BaselineArray& operator=(const BaselineArray&) = delete;

  /// Streams tiles back to back, each stream idle in a cycle with probability `stall`. @return psum_o of
  /// every token. Errors: a hang; sums not `latency` cycles after their launch; `last` where it does not
  /// belong; a protocol error.
  [[nodiscard]] tl::expected<std::vector<Words>, std::string> run(const std::vector<BaselineTile>& tiles,
                                                                  double stall);
  /// Sets an input that stays.
  void set(const char* port, const Words& words) { model_.port(port).set_words(words); }
  [[nodiscard]] const Dimensions& dimensions() const { return design_.dimensions; }
  [[nodiscard]] std::mt19937& random() { return random_; }

 private:
  Design design_;
  tb::Model model_;
  std::mt19937 random_;
};

}  // namespace msq::tests
