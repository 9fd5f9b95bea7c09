#include "synth/log.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <vector>

namespace msq::synth {
namespace {

constexpr std::size_t kLines = 10;  // of one kind in a message; the log has all of them

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

bool contains(std::string_view line, std::string_view what) {
  return line.find(what) != std::string_view::npos;
}

bool starts_with(std::string_view line, std::string_view what) { return line.substr(0, what.size()) == what; }

/// "10.2. Executing ABC.": the first line of a pass.
bool is_pass_header(std::string_view line) {
  return !line.empty() && std::isdigit(static_cast<unsigned char>(line[0])) != 0 &&
         contains(line, ". Executing ");
}

std::string joined(const std::vector<std::string_view>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kLines; ++i) {
    if (!text.empty()) text += '\n';
    text += lines[i];
  }
  if (lines.size() > kLines) text += "\n... and " + std::to_string(lines.size() - kLines) + " lines more";
  return text;
}

}  // namespace

LogFooter parse_log_footer(std::string_view log) {
  LogFooter footer;
  for (const std::string_view line : lines_of(log)) {
    if (starts_with(line, "Yosys ")) footer.version = line.substr(6);
    const std::size_t memory = line.find("MEM: ");
    if (starts_with(line, "End of script") && memory != std::string_view::npos) {
      const std::string_view number = line.substr(memory + 5);
      double megabytes = 0;  // from_chars also reads "inf", "nan" and negative numbers
      std::from_chars(number.data(), number.data() + number.size(), megabytes);
      if (std::isfinite(megabytes) && megabytes >= 0) footer.peak_memory_mb = megabytes;
    }
  }
  return footer;
}

std::string log_error(std::string_view log) {
  const std::vector<std::string_view> lines = lines_of(log);
  std::vector<std::string_view> latches;
  std::vector<std::string_view> warnings;  // of the current pass, each with its indented details
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    if (contains(line, "ERROR: ")) {
      std::vector<std::string_view> error(lines.begin() + static_cast<std::ptrdiff_t>(i), lines.end());
      error.insert(error.end(), latches.begin(), latches.end());
      error.insert(error.end(), warnings.begin(), warnings.end());
      return joined(error);
    }
    if (is_pass_header(line)) warnings.clear();
    // A warning in newer versions.
    const bool latch = starts_with(line, "Latch inferred for signal") ||
                       starts_with(line, "Warning: Latch inferred for signal");
    if (latch) {
      latches.push_back(line);
    } else if (starts_with(line, "Warning: ") || (starts_with(line, "    ") && !warnings.empty())) {
      warnings.push_back(line);
    }
  }
  const std::size_t skipped = lines.size() > kLines ? lines.size() - kLines : 0;
  return joined({lines.begin() + static_cast<std::ptrdiff_t>(skipped), lines.end()});
}

}  // namespace msq::synth
