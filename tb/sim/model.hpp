#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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

/// What computes the outputs of a model.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;
  /// Ports, in an order of its own. Their data stays where it is.
  [[nodiscard]] virtual const std::vector<MsqModelPort>& ports() const = 0;
  virtual void eval() = 0;
  /// @return false if there is no tracing, or no such file can be written.
  virtual bool trace_open(const std::filesystem::path& file);
  virtual void trace_dump(std::uint64_t time);
  virtual bool write_coverage(const std::filesystem::path& file) const;
};

/// A model of one configuration. Movable.
class Model {
 public:
  /// The compiled model in a shared library that build_model made.
  /// @param seed of the random initial state in flavours `check` and `trace`.
  [[nodiscard]] static Result<Model> open(const std::filesystem::path& library, unsigned seed = 1);
  explicit Model(std::shared_ptr<Engine> engine);
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

 private:
  std::shared_ptr<Engine> engine_;
  ModelPort clock_port_;
  bool tracing_ = false;
  std::uint64_t cycles_ = 0;
};

/// Makes a model whose random initial state, if it has one, follows from a seed.
using OpenModel = std::function<Result<Model>(unsigned seed)>;
/// Model::open of this library.
[[nodiscard]] OpenModel models_of(const std::filesystem::path& library);

}  // namespace msq::tb
