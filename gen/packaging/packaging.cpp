#include "gen/packaging/packaging.hpp"

#include <fmt/format.h>

#include "gen/config/serialize.hpp"

namespace msq {
namespace packaging {

std::string Package::title() const {
  return fmt::format("{}, configuration {}, hash {}", blocks.empty() ? "core" : "accelerator",
                     design.config.name, config_hash(design.config));
}

Package package_of(const Design& design, const ConstraintOptions& options) {
  return {design, find_interfaces(design.ports), register_blocks(design), options};
}

std::string ipxact_file(const Design& design) { return design.top + ".xml"; }
std::string systemrdl_file(const Design& design) { return design.top + ".rdl"; }
std::string core_file(const Design& design) { return design.top + ".core"; }
std::string sdc_file(const Design& design) { return design.top + ".sdc"; }
std::string xdc_file(const Design& design) { return design.top + ".xdc"; }
// Not .v: `*.v` are the files of the design.
std::string smoke_file(const Design& design) { return design.top + "_smoke.sv"; }

}  // namespace packaging

std::vector<DesignFile> packaging_files(const Design& design, const ConstraintOptions& options) {
  using namespace packaging;
  const Package package = package_of(design, options);
  std::vector<DesignFile> files = {{core_file(design), fusesoc_core(package)},
                                   {ipxact_file(design), ipxact(package)},
                                   {sdc_file(design), sdc(package)},
                                   {xdc_file(design), xdc(package)}};
  if (!package.blocks.empty()) {
    files.push_back({systemrdl_file(design), systemrdl(package)});
    files.push_back({smoke_file(design), smoke_bench(package)});
  }
  return files;
}

}  // namespace msq
