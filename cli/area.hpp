#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/outcome.hpp"
#include "gen/arch/design.hpp"
#include "gen/config/config.hpp"
#include "support/result.hpp"
#include "synth/blocks.hpp"
#include "synth/compare.hpp"
#include "synth/report.hpp"

namespace msq::cli {

struct AreaRequest {
  std::filesystem::path liberty;
  std::filesystem::path work;  ///< directory for Verilog, scripts and logs; one directory a design below it
  bool flatten = false;
  bool top = false;      ///< the whole accelerator, not the core
  bool netlist = false;  ///< also write the netlist of the configuration (synth::SynthesisRequest::netlist)
  bool twins = true;     ///< also the plain arrays to compare with
};

/// Area of one configuration.
struct DesignArea {
  Config config;
  synth::SynthesisReport report;
  std::vector<synth::BlockArea> blocks;  ///< empty if flattened
  long memory_bits = 0;                  ///< in memories, not part of the area
  int sum_bits = 0;                      ///< of a partial sum, as ports count them
};

/// A plain array (path none), and what the configuration costs more.
struct TwinArea {
  DesignArea area;
  synth::Overhead overhead;
};

/// Area of a configuration and of its plain twins: with sums of the same width (what outliers cost, the
/// headline), with sums only as wide as inliers need (what an array without outliers would cost), and, if the
/// configuration adds in trees, the systolic array without them. None on path none or if they were not asked
/// for.
struct AreaComparison {
  DesignArea configuration;
  std::optional<TwinArea> same_sum_width, own_sum_width, systolic;
};

/// Whether the tools and the library for measure_area are there; call before longer work.
[[nodiscard]] Result<> check_synthesis_tools(const std::filesystem::path& liberty);

/// Area of one design. Tools and library are there.
[[nodiscard]] Result<DesignArea> measure_design(const Design& design, const AreaRequest& request);

[[nodiscard]] Result<AreaComparison> measure_area(const Config& config, const AreaRequest& request);

[[nodiscard]] Json to_json(const AreaComparison& comparison);
[[nodiscard]] std::string to_text(const AreaComparison& comparison);
[[nodiscard]] Json to_json(const DesignArea& area);
[[nodiscard]] std::string to_text(const DesignArea& area);

}  // namespace msq::cli
