#pragma once

#include <string>
#include <string_view>

namespace msq::synth {

/// Figures of the run in the last lines of a Yosys log.
struct LogFooter {
  std::string version;        ///< "0.23 (git sha1 7ce5011c24b)"; empty if the log has none
  double peak_memory_mb = 0;  ///< of Yosys itself, without abc; 0 if the log has none
};

LogFooter parse_log_footer(std::string_view log);

/// Why a run failed, in Yosys's own words: its ERROR with what belongs to it (the warnings of the pass that
/// failed, the latches it inferred), a few lines long. Without an ERROR in the log, its last lines.
std::string log_error(std::string_view log);

}  // namespace msq::synth
