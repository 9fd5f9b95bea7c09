#pragma once

#include <verilated.h>
#if VM_COVERAGE
#include <unistd.h>
#include <verilated_cov.h>
#endif

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

namespace msq::rtl_test {

#if VM_COVERAGE
constexpr bool kCoverage = true;
#else
constexpr bool kCoverage = false;
#endif

/// A Verilated bench top: inputs are set while clk_i is low, settle() makes outputs follow, edge() is the
/// rising edge. Registers start with random values (the model is built with --x-initial unique), the same in
/// every run with the same seed; where coverage is counted they start with zeros, for a random start toggles
/// what nothing else does.
template <class Model>
class Bench {
 public:
  explicit Bench(int seed = 20) : context_(std::make_unique<VerilatedContext>()) {
    context_->randReset(kCoverage ? 0 : 2);
    context_->randSeed(seed);
    model_ = std::make_unique<Model>(context_.get());
    // Inputs start at random too; a clock that starts high would swallow the first edge.
    if constexpr (requires { model_->clk_i; }) model_->clk_i = 0;
  }
  ~Bench() {
    model_->final();
#if VM_COVERAGE
    static int count = 0;
    if (const char* directory = std::getenv("MSQ_COVERAGE"))
      context_->coveragep()->write((std::string(directory) + "/" + model_->modelName() + "-" +
                                    std::to_string(::getpid()) + "-" + std::to_string(count++) + ".dat")
                                       .c_str());
#endif
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Model* operator->() { return model_.get(); }
  void settle() { model_->eval(); }
  void edge() requires requires(Model& m) { m.clk_i; }
  {
    model_->clk_i = 1;
    model_->eval();
    model_->clk_i = 0;
  }

 private:
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
};

/// 64-bit word `index` of a port wider than 64 bits.
template <class Wide>
std::uint64_t word(const Wide& port, std::size_t index) {
  return (std::uint64_t{port[2 * index + 1]} << 32) | port[2 * index];
}
template <class Wide>
void set_word(Wide& port, std::size_t index, std::uint64_t value) {
  port[2 * index] = static_cast<std::uint32_t>(value);
  port[2 * index + 1] = static_cast<std::uint32_t>(value >> 32);
}

/// The low `bits` (1..64) of a value.
constexpr std::uint64_t low(std::uint64_t value, int bits) {
  return bits == 64 ? value : value & ((std::uint64_t{1} << bits) - 1);
}
/// The low `bits` of a value as two's complement.
constexpr std::int64_t as_signed(std::uint64_t value, int bits) {
  return static_cast<std::int64_t>(value << (64 - bits)) >> (64 - bits);
}

/// Random numbers of one test; its seed belongs into every failure message.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  /// Uniform in low..high.
  int range(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  /// True once in n.
  bool one_in(int n) { return range(1, n) == 1; }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

/// How many times longer random tests run: 1, or 20 with MSQ_FULL set.
inline int effort() { return std::getenv("MSQ_FULL") != nullptr ? 20 : 1; }

}  // namespace msq::rtl_test
