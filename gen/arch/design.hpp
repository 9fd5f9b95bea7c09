#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/arch/registers.hpp"
#include "gen/config/config.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq {

/// One emitted file: its name (no directory) and its bytes.
struct DesignFile {
  std::string name;
  std::string text;
};

/// Parts of a generated design. Same Config and command, same bytes.
struct Design {
  Config config;
  Dimensions dimensions;
  std::string top;                    ///< name of the top module
  std::vector<verilog::Port> ports;   ///< of the top module, in order
  std::vector<DesignFile> generated;  ///< Verilog made for this configuration, leaves of the hierarchy first
  std::vector<DesignFile> leaves;     ///< hand-written modules it instantiates
  std::vector<std::string> memory_modules;  ///< leaves that are memories: synthesis takes them as black boxes
  std::map<std::string, std::string> blocks;  ///< area block of every module: stated by the module itself
  DesignFile control;                         ///< Verilator control file, to be read before the Verilog
  DesignFile assertions;       ///< macros of the checks in the leaves, to be read before them with MSQ_ASSERT
  std::string prefix = "msq";  ///< of modules, files and macros: `with_prefix`
  std::vector<DesignFile> packaging = {};  ///< descriptions for other tools, if wanted: gen/packaging

  /// Names of all files with modules, in an order in which every module comes before its users.
  [[nodiscard]] std::vector<std::string> verilog_files() const;
};

/// An array to compare with. All other properties are those of a configuration with path `none`.
struct BaselineSpec {
  Baseline kind = Baseline::int8;
  int rows = 8, cols = 8;  ///< as in Config
  int tree_rows = 1;       ///< as in Config; 1 for gobo
  int skew_columns = 8;    ///< as in Config
};
/// As on the command line: "int4", "int8", "olive", "gobo".
[[nodiscard]] std::string_view baseline_name(Baseline kind);
/// Configuration of the plain array whose control and skew a baseline has; kind int4 is that array. Its name
/// is that of the baseline.
[[nodiscard]] Config baseline_config(const BaselineSpec& spec);

/// Registers of a design made by build_accelerator.
[[nodiscard]] std::vector<Register> design_registers(const Design& design);
/// All registers behind the register port of the top module; none without a top.
[[nodiscard]] std::vector<RegisterBlock> register_blocks(const Design& design);

/// Whether the design has the shell around the top.
[[nodiscard]] bool has_shell(const Design& design);
/// Whether the design has the top around the core.
[[nodiscard]] bool has_top(const Design& design);

/// Version of the generator, printed in every header.
[[nodiscard]] std::string generator_version();

/// Builds and checks the core of a valid configuration. The command line is printed in the header of every
/// generated file, if there is one. \throws std::logic_error on a bug of the generator: the checks of
/// gen/verilog found an undriven net or the like.
[[nodiscard]] Design build_design(const Config& config, const std::string& command = "");

/// Builds and checks an array to compare with; spec's configuration is valid. \throws as build_design.
[[nodiscard]] Design build_baseline(const BaselineSpec& spec, const std::string& command = "");

/// Builds and checks the accelerator: the core and the top around it. \throws as build_design.
[[nodiscard]] Design build_accelerator(const Config& config, const std::string& command = "");

/// Builds and checks the accelerator with the shell around it, whose memory ports are AXI4. \throws as
/// build_design.
[[nodiscard]] Design build_shell(const Config& config, const std::string& command = "");

/// Whether `with_prefix` takes a prefix: lower-case letters, digits and `_`, up to 32, a letter first and no
/// `_` last.
[[nodiscard]] bool is_prefix(std::string_view prefix);

/// The design under other names, so that several fit in one program or chip: `PREFIX_top` for `msq_top`, in
/// the names of modules, files and macros of headers. \throws std::logic_error unless is_prefix.
[[nodiscard]] Design with_prefix(Design design, const std::string& prefix);

/// Block that a module's own area is reported under: "PEs", "outlier units", "column buses and arbitration",
/// "ReCoN routing", "merge", "decoder", "feeder and skew", "control" .. Covers every module of the design.
/// \throws std::out_of_range on an unknown module.
[[nodiscard]] const std::string& area_block(const Design& design, const std::string& module);
/// Blocks of a design, except memories, in the order of reports.
[[nodiscard]] std::vector<std::string> area_blocks(const Design& design);

}  // namespace msq
