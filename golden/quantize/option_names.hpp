#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "golden/encoding/encoding.hpp"
#include "golden/quantize/rules.hpp"
#include "golden/tensor.hpp"

namespace msq::golden {

/// Values of an option and their names in command lines, files and reports.
template <class E>
inline constexpr std::array<std::pair<std::string_view, E>, 0> kOptionNames{};

template <>
inline constexpr std::array kOptionNames<Axis>{std::pair{std::string_view("reduction"), Axis::reduction},
                                               std::pair{std::string_view("output"), Axis::output}};
template <>
inline constexpr auto kOptionNames<Encoding> = [] {
  std::array<std::pair<std::string_view, Encoding>, kEncodings.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = {encoding_name(kEncodings[i]), kEncodings[i]};
  return names;
}();
template <>
inline constexpr std::array kOptionNames<InlierRule>{std::pair{std::string_view("mse"), InlierRule::mse},
                                                     std::pair{std::string_view("ocp"), InlierRule::ocp}};
template <>
inline constexpr std::array kOptionNames<ShiftRule>{std::pair{std::string_view("mse"), ShiftRule::mse},
                                                    std::pair{std::string_view("max"), ShiftRule::max}};
template <>
inline constexpr std::array kOptionNames<OutlierRule>{
    std::pair{std::string_view("sigma"), OutlierRule::sigma},
    std::pair{std::string_view("demote"), OutlierRule::demote},
    std::pair{std::string_view("error"), OutlierRule::error}};
template <>
inline constexpr std::array kOptionNames<PruneRule>{
    std::pair{std::string_view("saliency"), PruneRule::saliency},
    std::pair{std::string_view("error"), PruneRule::error}};

/// Name of a value.
template <class E>
[[nodiscard]] constexpr std::string_view option_name(E value) {
  for (const auto& [name, named] : kOptionNames<E>) {
    if (named == value) return name;
  }
  return {};
}

/// Value of a name; nothing for an unknown one.
template <class E>
[[nodiscard]] constexpr std::optional<E> option_value(std::string_view name) {
  for (const auto& [known, value] : kOptionNames<E>) {
    if (known == name) return value;
  }
  return std::nullopt;
}

/// All names, for messages: "mse, ocp".
template <class E>
[[nodiscard]] std::string option_list() {
  std::string list;
  for (const auto& [name, value] : kOptionNames<E>) list.append(list.empty() ? "" : ", ").append(name);
  return list;
}

}  // namespace msq::golden
