#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace msq::golden {

/// Message for a path whose name is of no kind that is read: the path does not exist, is a GGUF file, or has
/// an extension other than the `allowed` names.
[[nodiscard]] std::string unknown_kind(const std::filesystem::path& path, std::string_view allowed);

}  // namespace msq::golden
