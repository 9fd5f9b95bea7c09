#include "synth/tool_library.hpp"

#include <fmt/format.h>

#include <utility>

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

std::string edited(std::string_view text, const std::vector<LibertyEdit>& edits) {
  std::string result;
  std::size_t at = 0;
  for (const LibertyEdit& edit : edits) {
    result += text.substr(at, edit.offset - at);
    result += edit.text;
    at = edit.offset + edit.length;
  }
  result += text.substr(at);
  return result;
}

Result<> write_copy(const fs::path& original, const std::vector<LibertyEdit>& edits, const fs::path& copy) {
  const auto text = read_text(original);
  if (!text) return Error(fmt::format("{}: cannot read the Liberty file", original.string()));
  return write_text(copy, edited(*text, edits));
}

}  // namespace

ToolLibrary::ToolLibrary(fs::path path, Liberty liberty, std::optional<PlainDirectory> directory)
    : path_(std::move(path)), liberty_(std::move(liberty)), directory_(std::move(directory)) {}

Result<ToolLibrary> ToolLibrary::of(const fs::path& path) {
  MSQ_TRY(Liberty liberty, read_liberty(path));
  const fs::path original = fs::absolute(path);
  if (liberty.edits.empty() && is_plain_path(original))
    return ToolLibrary(original, std::move(liberty), std::nullopt);
  MSQ_TRY(auto directory, PlainDirectory::create());
  const fs::path file = directory.path() / "cells.lib";
  // No link: builds of Yosys for WebAssembly follow none out of the directory.
  MSQ_CHECK(write_copy(original, liberty.edits, file));
  return ToolLibrary(file, std::move(liberty), std::move(directory));
}

}  // namespace msq::synth
