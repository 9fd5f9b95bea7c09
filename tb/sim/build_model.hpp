#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "gen/arch/design.hpp"
#include "support/result.hpp"

namespace msq::tb {

/// How Verilator compiles a model.
enum class Flavour {
  fast,   ///< undefined values are zero: for speed
  check,  ///< initial state and undefined values are random, checks in the leaves are on
  trace,  ///< as check, with FST waveforms
  dsp,    ///< as check, of the form for FPGAs with multiplier blocks (MSQ_DSP)
  quick,  ///< as fast, but quick to compile and slow to run: for large models that run few cycles
  cover   ///< with line, toggle and user coverage; undefined values are zero, which toggles nothing
};

struct ModelBuild {
  std::filesystem::path library;  ///< shared library with the interface of model_abi.h
  bool reused = false;            ///< it was there from an earlier run
  double seconds = 0;             ///< time of the Verilator run
};

/// Writes all files of a design into a directory (created if missing). Errors name the file and the reason.
[[nodiscard]] Result<> write_design(const Design& design, const std::filesystem::path& directory);

/// Version of the Verilator in PATH, such as "Verilator 5.006 2023-01-22 rev (Debian 5.006-3)"; empty if it
/// is missing. Asked once per process.
[[nodiscard]] const std::string& verilator_version();

/// The first line of `verilator --version`, completed where a build has no number in it.
/// @param config contents of its include/verilated_config.h.
[[nodiscard]] std::string complete_verilator_version(const std::string& line, std::string_view config);

/// Compiles the design with Verilator (-Wall, warnings are errors) below `cache`, or finds it there: models
/// are kept by the digest of their sources and Verilator's version. A kept one that is damaged or cannot be
/// loaded is compiled again. Neither flags in the environment nor a compiler cache that does not work matter.
/// Safe to call from several processes. Errors: Verilator missing or failing (with the lines that name
/// errors; the cache gets NAME.log with all of them, and nothing else stays).
[[nodiscard]] Result<ModelBuild> build_model(const Design& design, Flavour flavour,
                                             const std::filesystem::path& cache);

/// Default cache: $MSQ_MODEL_CACHE, else build/models below the working directory.
[[nodiscard]] std::filesystem::path default_model_cache();

/// Texts of model_abi.h, model_shim.cpp and model.mk, by name without extension.
[[nodiscard]] std::string_view shim_source(std::string_view name);

}  // namespace msq::tb
