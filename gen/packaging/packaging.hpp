#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "gen/arch/interfaces.hpp"

namespace msq {

/// Clock and delays of the constraints.
struct ConstraintOptions {
  double period_ns = 10;  ///< of the clock, positive
  double io_share = 0.3;  ///< of the period: before inputs and behind outputs, in the world outside
  std::optional<double> input_delay_ns{}, output_delay_ns{};  ///< instead of the share
};

/// Descriptions of a design for the tools of others, named after its top module: IP-XACT, FuseSoC core and
/// constraints; with a register port SystemRDL and a smoke test, too. They name the files of the design,
/// which are in the same directory. For Design::packaging.
[[nodiscard]] std::vector<DesignFile> packaging_files(const Design& design,
                                                      const ConstraintOptions& options = {});

namespace packaging {

/// A design as the descriptions need it.
struct Package {
  const Design& design;
  Interfaces interfaces;
  std::vector<RegisterBlock> blocks;  ///< none without a register port
  ConstraintOptions options;

  /// "accelerator, configuration 8x8, hash 36b613c32fdcf22e".
  [[nodiscard]] std::string title() const;
};
[[nodiscard]] Package package_of(const Design& design, const ConstraintOptions& options);

/// Unit of the numbers in constraints: that of the cells' library.
enum class TimeUnit { ns, ps };

/// Component by IEEE 1685-2014.
[[nodiscard]] std::string ipxact(const Package& package);
/// Registers by SystemRDL 2.0.
[[nodiscard]] std::string systemrdl(const Package& package);
/// Core description by CAPI2, with targets lint, synth and, with a register port, sim.
[[nodiscard]] std::string fusesoc_core(const Package& package);
/// Clock, input and output delays as Synopsys design constraints, or as the constraints of a Xilinx block
/// synthesized out of context.
[[nodiscard]] std::string sdc(const Package& package, TimeUnit unit = TimeUnit::ns);
[[nodiscard]] std::string xdc(const Package& package);
/// Bench that reads every register after reset and compares it with the table: module `<top>_smoke`.
[[nodiscard]] std::string smoke_bench(const Package& package);

/// Names of the files.
[[nodiscard]] std::string ipxact_file(const Design& design);
[[nodiscard]] std::string systemrdl_file(const Design& design);
[[nodiscard]] std::string core_file(const Design& design);
[[nodiscard]] std::string sdc_file(const Design& design);
[[nodiscard]] std::string xdc_file(const Design& design);
[[nodiscard]] std::string smoke_file(const Design& design);

}  // namespace packaging

}  // namespace msq
