#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gen/arch/design.hpp"
#include "gen/arch/shell.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"
#include "tb/host/descriptor.hpp"
#include "tb/host/job.hpp"
#include "tb/sim/axi_lite.hpp"
#include "tb/sim/axi_memory.hpp"
#include "tb/sim/model.hpp"

namespace msq::tests {

constexpr std::uint8_t kUntouched = 0xa5;  ///< byte of an output's memory that nothing has written
constexpr int kRegionBits = 26;            ///< bits of an address below those drawn at random

/// Fields of the shell's status register.
struct ShellStatus {
  explicit ShellStatus(std::uint32_t word)
      : busy((word & 1U) != 0),
        done((word >> 1 & 1U) != 0),
        error((word >> 2 & 1U) != 0),
        interrupt((word >> 3 & 1U) != 0),
        code(word >> 8 & 0xffU) {}
  bool busy, done, error, interrupt;
  unsigned code;
};

/// A descriptor in memory, and what its outputs must be.
struct ListedJob {
  tb::Descriptor descriptor;
  std::uint64_t address = 0;          ///< of the descriptor
  std::vector<std::uint8_t> outputs;  ///< at its output address
  std::vector<bool> written;          ///< bytes of them that the shell writes; empty: all
};

/// Model of an accelerator with its shell, and memory on its ports.
class ShellBench {
 public:
  explicit ShellBench(const Config& config, unsigned seed = 1);
  ~ShellBench();
  ShellBench(const ShellBench&) = delete;
  ShellBench& operator=(const ShellBench&) = delete;

  void reset();
  void step();
  void write(std::uint64_t address, std::uint32_t value, unsigned strobe = 0xf);
  [[nodiscard]] std::uint32_t read(std::uint64_t address);
  /// Register of the shell by its name.
  [[nodiscard]] std::uint64_t shell_register(std::string_view name) const;
  [[nodiscard]] ShellStatus status();
  void set_traffic(const tb::MemoryTraffic& traffic);

  /// Memory of its own, at a multiple of `alignment`, anywhere in the address space.
  [[nodiscard]] std::uint64_t allocate(std::size_t bytes, std::uint64_t alignment);
  /// Puts the packets of a pass in memory; the descriptor has everything except flags and `next`. Outputs
  /// have room for exactly their bytes.
  [[nodiscard]] ListedJob place(const tb::AcceleratorJob& job, std::int64_t pass, const tb::Packet& outputs);
  /// Other memory for the outputs of a job, exactly as much as they take. @return its address.
  [[nodiscard]] std::uint64_t place_outputs(const ListedJob& job);
  /// Links the descriptors and puts them in memory. The last one is the end of the list.
  void link(std::vector<ListedJob>& list);
  /// Starts a list and waits for its end. Error: a rule of AXI4 was broken, or nothing moved for a long time.
  [[nodiscard]] Result<ShellStatus> run(const std::vector<ListedJob>& list);
  void start(std::uint64_t head);
  [[nodiscard]] Result<ShellStatus> wait();
  [[nodiscard]] tb::Completion completion(const ListedJob& job) const;
  /// Difference from the outputs of a job; empty if none.
  [[nodiscard]] std::string difference(const ListedJob& job) const;
  [[nodiscard]] std::string problem() const;

  Config config;
  Design design;
  tb::Model model;
  tb::MemoryBytes bytes;
  tb::AxiMemory weights, data;
  std::mt19937 random;

 private:
  [[nodiscard]] tb::ModelPort port(std::string_view name) const;
  tb::AxiLiteHost host_;
  std::uint64_t free_ = 0x10000;  ///< of the lower bits of an address, which nothing else shares
  std::mt19937_64 regions_;       ///< the upper ones
};

}  // namespace msq::tests
