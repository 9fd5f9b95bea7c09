#include "golden/io/unknown_kind.hpp"

#include <fmt/format.h>

#include <system_error>

#include "golden/io/describe.hpp"

namespace msq::golden {

std::string unknown_kind(const std::filesystem::path& path, std::string_view allowed) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return fmt::format("{}: does not exist; allowed: {}", path.string(), allowed);
  }
  const std::string extension = path.extension().string();
  if (extension == ".gguf") {
    return fmt::format("{}: a GGUF file; allowed: what eval/gguf_to_safetensors.py makes of it: {}",
                       path.string(), allowed);
  }
  return fmt::format("{}: file name extension {}; allowed: {}", path.string(), in_quotes(extension), allowed);
}

}  // namespace msq::golden
