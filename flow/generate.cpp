#include "flow/generate.hpp"

#include <utility>

#include "flow/output_directory.hpp"
#include "gen/arch/manifest.hpp"
#include "gen/arch/registers.hpp"
#include "gen/arch/shell.hpp"

namespace msq::flow {

std::vector<DesignFile> design_files(const Design& design) {
  std::vector<DesignFile> files = {design.assertions};
  files.insert(files.end(), design.leaves.begin(), design.leaves.end());
  files.insert(files.end(), design.generated.begin(), design.generated.end());
  files.push_back(design.control);
  files.push_back({kManifestFile, manifest_json(design)});
  files.push_back({ports_file(design), ports_header(design)});
  if (has_top(design)) {
    const auto map = design_registers(design);
    files.push_back({registers_file(design), register_header(map, design.prefix)});
    files.push_back({kRegisterPage, register_page(map)});
  }
  if (has_shell(design)) {
    const auto map = shell_register_map(design.config.shell);
    files.push_back({shell_registers_file(design),
                     register_header(map, design.prefix + "_shell", design.top, shell_error_codes())});
    files.push_back({kShellRegisterPage, register_page(map, shell_error_codes())});
  }
  files.insert(files.end(), design.packaging.begin(), design.packaging.end());
  return files;
}

Result<GeneratedDesign> generate(Design design, const std::string& directory) {
  const std::vector<DesignFile> files = design_files(design);
  MSQ_CHECK(replace_directory(directory, files));
  GeneratedDesign generated{directory, std::move(design), {}};
  for (const DesignFile& file : files) generated.files.push_back(file.name);
  return generated;
}

}  // namespace msq::flow
