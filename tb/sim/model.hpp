#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"
#include "tb/sim/model_abi.h"

namespace msq::tb {

/// Port of a loaded model, any width. Narrow ports (up to 64 bits) have get/set, all have words.
class ModelPort {
 public:
  ModelPort() = default;
  explicit ModelPort(const MsqModelPort& port) : data_(port.data), width_(port.width) {}
  [[nodiscard]] bool exists() const { return data_ != nullptr; }
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] std::uint64_t get() const;
  void set(std::uint64_t value);
  /// Copies from / to 32-bit words, least significant first; the span holds (width + 31) / 32 words.
  void get_words(std::span<std::uint32_t> words) const;
  void set_words(std::span<const std::uint32_t> words);
  [[nodiscard]] std::size_t word_count() const { return (static_cast<std::size_t>(width_) + 31) / 32; }

 private:
  void* data_ = nullptr;
  int width_ = 0;
};

/// A compiled model of one configuration, loaded from the shared library that build_model made. Movable.
class Model {
 public:
  /// @param seed of the random initial state in flavours `check` and `trace`.
  [[nodiscard]] static Result<Model> open(const std::filesystem::path& library, unsigned seed = 1);
  /// Whether a library can be loaded and has the functions of model_abi.h.
  [[nodiscard]] static bool is_model(const std::filesystem::path& library);

  /// Port by name; one that does not exist() if the configuration has none of that name.
  [[nodiscard]] ModelPort port(std::string_view name) const;
  [[nodiscard]] const std::vector<MsqModelPort>& ports() const;
  /// Settles combinational logic.
  void eval();
  /// Rising and falling edge of clk_i; inputs must be set and settled (eval) before.
  void clock();
  /// Starts an FST file. False if the model has no tracing or the file cannot be written.
  [[nodiscard]] bool trace(const std::filesystem::path& file);
  /// Writes the coverage so far, for verilator_coverage. False if the model has no coverage.
  [[nodiscard]] bool write_coverage(const std::filesystem::path& file) const;
  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }

  struct Library;  ///< the loaded shared object and its instance of the model

 private:
  std::shared_ptr<Library> library_;
  ModelPort clock_port_;
  std::uint64_t cycles_ = 0;
};

}  // namespace msq::tb
