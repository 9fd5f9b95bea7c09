#include "gen/leaves/leaf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "gen/leaves/constant.hpp"
#include "gen/leaves/leaf_sources.hpp"

namespace msq::leaves {
namespace {

bool is_leaf(std::string_view name) {
  static const std::vector<std::string_view> names = leaf_names();
  return std::binary_search(names.begin(), names.end(), name);
}

/// Values of all parameters, in the order of the header.
Values values_of(const Header& header, const Parameters& parameters, const std::string& file) {
  std::map<std::string, int> given;
  for (const auto& [name, value] : parameters) {
    if (!given.emplace(name, value.value()).second)
      fail_at(file, 1, fmt::format("parameter {} of {} is given twice", name, header.module));
  }
  Values values;
  for (const HeaderParameter& parameter : header.parameters) {
    const auto found = given.find(parameter.name);
    if (found != given.end() && parameter.local)
      fail_at(file, parameter.line, fmt::format("{} is a localparam and cannot be set", parameter.name));
    if (found == given.end() && parameter.value.empty())
      fail_at(file, parameter.line, fmt::format("parameter {} has no default and no value", parameter.name));
    values[parameter.name] = found != given.end() ? found->second : evaluate(parameter.value, values, file);
    if (found != given.end()) given.erase(found);
  }
  if (!given.empty())
    fail_at(file, 1, fmt::format("{} has no parameter {}", header.module, given.begin()->first));
  return values;
}

int width_of(const HeaderPort& port, const Values& values, const std::string& file) {
  if (port.msb.empty()) return 1;
  const std::int64_t msb = evaluate(port.msb, values, file);
  const std::int64_t lsb = evaluate(port.lsb, values, file);
  if (lsb != 0 || msb < 0)
    fail_at(file, port.line, fmt::format("port {} has bits {}:{}; allowed: N:0", port.name, msb, lsb));
  return static_cast<int>(msb) + 1;
}

}  // namespace

verilog::Interface interface_of(const Header& header, const Parameters& parameters, const std::string& file) {
  const Values values = values_of(header, parameters, file);
  verilog::Interface result{header.module, parameters, {}, header.area_block};
  for (const HeaderPort& port : header.ports) {
    const auto direction = port.input ? verilog::Direction::input : verilog::Direction::output;
    result.ports.push_back({port.name, direction, {width_of(port, values, file), port.is_signed}, port.doc});
  }
  return result;
}

const Header& leaf_header(const std::string& module) {
  static std::mutex mutex;
  static std::map<std::string, Header> headers;
  if (!is_leaf(module)) fail_at(module + ".v", 1, "no such leaf in rtl/");
  const std::scoped_lock lock(mutex);
  const auto found = headers.find(module);
  if (found != headers.end()) return found->second;
  return headers.emplace(module, parse_header(leaf_source(module), module + ".v")).first->second;
}

verilog::Interface leaf(const std::string& module, const Parameters& parameters) {
  return interface_of(leaf_header(module), parameters, module + ".v");
}

std::vector<std::string> with_inner_leaves(const std::vector<std::string>& modules) {
  std::set<std::string> known;
  std::vector<std::string> open = modules;
  while (!open.empty()) {
    const std::string module = open.back();
    open.pop_back();
    if (!known.insert(module).second) continue;
    const auto& names = leaf_header(module).body_identifiers;
    std::copy_if(names.begin(), names.end(), std::back_inserter(open), is_leaf);
  }
  return {known.begin(), known.end()};
}

}  // namespace msq::leaves
