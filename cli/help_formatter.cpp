#include "cli/help_formatter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>
#include <vector>

namespace msq::cli {
namespace {

constexpr std::size_t kLineWidth = 100;

/// Words of `text` in lines that begin at column `indent`; the first line is placed by the caller.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string lines;
  std::size_t column = indent;
  for (std::string word; words >> word; column += word.size()) {
    if (column > indent && column + 1 + word.size() > kLineWidth) {
      lines += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
  }
  return lines + "\n";
}

/// One entry of a list: a name, and a text beside it or, after a long name, below it.
std::string entry(const std::string& name, const std::string& text, std::size_t indent) {
  const std::string left = "  " + name;
  const std::string gap =
      left.size() < indent ? std::string(indent - left.size(), ' ') : "\n" + std::string(indent, ' ');
  return left + gap + wrapped(text, indent);
}

/// "INT:1 to 4096" or "TEXT:{a,b}" in two parts: the type, and the values it may have.
struct ValueType {
  std::string name, values;
};

ValueType type_of(const CLI::Option& option) {
  if (option.get_type_size() == 0) return {};
  const std::string text = option.get_type_name();
  const std::size_t colon = std::min(text.find(':'), text.size());
  ValueType type{text.substr(0, colon), text.substr(std::min(colon + 1, text.size()))};
  if (!type.values.starts_with('{')) return type;
  std::string names;
  for (const char c : type.values.substr(1, type.values.size() - 2))
    names += c == ',' ? ", " : std::string(1, c);
  return {type.name, names};
}

/// Names in alphabetical order: the sets of CLI11 are ordered by address.
std::string names_of(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  names.reserve(options.size());
  for (const CLI::Option* option : options) names.push_back(option->get_name());
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The description, and in brackets what CLI11 knows of the option.
std::string option_text(const CLI::Option& option) {
  std::vector<std::string> facts;
  const auto add = [&facts](std::string_view label, const std::string& fact) {
    if (!fact.empty()) facts.push_back(fmt::format("{}{}", label, fact));
  };
  add("", option.get_required() ? "required" : "");
  add("values: ", type_of(option).values);
  add("default: ", option.get_type_size() == 0 ? "" : option.get_default_str());
  add("needs ", names_of(option.get_needs()));
  add("excludes ", names_of(option.get_excludes()));
  if (facts.empty()) return option.get_description();
  return fmt::format("{} [{}]", option.get_description(), fmt::join(facts, "; "));
}

std::string options_text(const std::vector<const CLI::Option*>& options, std::string_view heading,
                         std::size_t indent) {
  if (options.empty()) return {};
  std::string text = fmt::format("\n{}:\n", heading);
  for (const CLI::Option* option : options) {
    const std::string type = option->get_positional() ? "" : type_of(*option).name;
    const std::string name = option->get_name(option->get_positional(), !option->get_positional());
    text += entry(type.empty() ? name : fmt::format("{} {}", name, type), option_text(*option), indent);
  }
  return text;
}

std::string subcommands_text(const std::vector<const CLI::App*>& commands, std::size_t indent) {
  if (commands.empty()) return {};
  std::string text = "\nSubcommands:\n";
  for (const CLI::App* command : commands)
    text += entry(command->get_name(), command->get_description(), indent);
  return text;
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const {
  const auto positionals = app->get_options([](const CLI::Option* o) { return o->get_positional(); });
  const auto options = app->get_options([](const CLI::Option* o) { return o->nonpositional(); });
  const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
  std::string usage = fmt::format("\nUsage: {} [OPTIONS]", name);
  for (const CLI::Option* positional : positionals) usage += " " + positional->get_name(true, false);
  if (!commands.empty()) usage += " SUBCOMMAND";
  return wrapped(app->get_description(), 0) + usage + "\n" +
         options_text(positionals, "Arguments", get_column_width()) +
         options_text(options, "Options", get_column_width()) +
         subcommands_text(commands, get_column_width()) + "\n" + app->get_footer() + "\n";
}

}  // namespace msq::cli
