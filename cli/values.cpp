#include "cli/values.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>

namespace msq::cli {
namespace {

constexpr const char* kAnyValue = "a value that is not empty";

std::string refusal(std::string_view found, std::string_view allowed) {
  return fmt::format("found \"{}\"; allowed: {}", found, allowed);
}

/// Reads all of the text as one number. @return std::errc() if it is one.
template <class T>
std::errc read_number(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop != end ? std::errc::invalid_argument : error;
}

/// Writes integers anew, since CLI11 would read 010 as eight.
template <class T>
std::string check_integer(std::string& text) {
  using Limits = std::numeric_limits<T>;
  T value{};
  const std::errc error = read_number(text, value);
  if (error == std::errc::result_out_of_range)
    return refusal(text, fmt::format("{} to {}", Limits::min(), Limits::max()));
  if (error != std::errc()) return refusal(text, "a whole number in decimal digits");
  text = std::to_string(value);
  return {};
}

std::string check_real(std::string& text) {
  double value = 0;
  const bool finite = read_number(text, value) == std::errc() && std::isfinite(value);
  return finite ? std::string() : refusal(text, "a finite number");
}

std::string check_text(std::string& text) { return text.empty() ? refusal(text, kAnyValue) : std::string(); }

/// By the name that CLI11 gives to the type of an option's variable.
std::string (*check_of(const CLI::Option& option))(std::string&) {
  const std::string type = option.get_type_name();
  const std::string name = type.substr(0, type.find(':'));
  if (name == "INT") return check_integer<std::int64_t>;
  if (name == "UINT") return check_integer<std::uint64_t>;
  return name == "FLOAT" ? check_real : check_text;
}

}  // namespace

CLI::Validator at_least(double low) {
  const std::string range = fmt::format("at least {}", low);
  return {[low, range](const std::string& text) {
            double value = 0;
            if (CLI::detail::lexical_cast(text, value) && value >= low) return std::string();
            return fmt::format("found {}; allowed: {}", text, range);
          },
          range};
}

CLI::Validator positive() {
  return {[](std::string& text) {
            double value = 0;
            if (CLI::detail::lexical_cast(text, value) && value > 0) return std::string();
            return fmt::format("found {}; allowed: a number above 0", text);
          },
          "above 0"};
}

void check_values(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_items_expected_max() > 0) option->transform(CLI::Validator(check_of(*option), ""));
    }
  }
}

void check_arguments(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") return;
    if (!argument.starts_with("--") || argument.find('=') != argument.size() - 1) continue;
    throw CLI::ValidationError(std::string(argument.substr(0, argument.size() - 1)), refusal("", kAnyValue));
  }
}

}  // namespace msq::cli
