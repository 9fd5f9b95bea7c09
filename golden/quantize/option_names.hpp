#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "golden/quantize/quantizer.hpp"

namespace msq::golden {

/// Values of an option and what command lines, JSON and reports call them.
template <class E>
inline constexpr std::array<std::pair<std::string_view, E>, 0> kOptionNames{};

template <>
inline constexpr std::array kOptionNames<Axis>{std::pair{std::string_view("reduction"), Axis::reduction},
                                               std::pair{std::string_view("output"), Axis::output}};
template <>
inline constexpr std::array kOptionNames<Encoding>{
    std::pair{std::string_view("paper"), Encoding::paper},
    std::pair{std::string_view("full_range"), Encoding::full_range}};
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

/// The name of a value.
template <class E>
[[nodiscard]] constexpr std::string_view option_name(E value) {
  for (const auto& [name, named] : kOptionNames<E>) {
    if (named == value) return name;
  }
  return {};
}

/// The value of that name.
template <class E>
[[nodiscard]] constexpr std::optional<E> option_value(std::string_view name) {
  for (const auto& [known, value] : kOptionNames<E>) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace msq::golden
