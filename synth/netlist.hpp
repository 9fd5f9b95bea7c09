#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/result.hpp"
#include "synth/liberty.hpp"

namespace msq::synth {

/// A net of a flat netlist. The first two are the constants.
using Net = int;
inline constexpr Net kZero = 0;
inline constexpr Net kOne = 1;

struct NetlistPort {
  std::string name;
  bool input = false;
  std::vector<Net> nets{};  ///< least significant bit first
};

/// A standard cell that the netlist uses.
struct CellType {
  struct Pin {
    std::string name;
    bool output = false;
  };
  std::string name;
  std::vector<Pin> pins{};
  bool flip_flop = false;
};

struct NetlistCell {
  int type = 0;              ///< index of Netlist::types
  int scope = 0;             ///< index of Netlist::scopes: its place in the hierarchy
  std::vector<Net> nets{};   ///< one for each pin of the type
  std::string register_bit;  ///< a flip-flop's name in the source, as "sum_q[3]"; empty if it has none
};

/// A module instance of the hierarchy that the netlist was flattened from.
struct Scope {
  std::string path;    ///< "u_array/gen_row[3].u_row"; the top's is empty
  std::string module;  ///< as in the Verilog source
};

/// An instance of a module without contents.
struct NetlistMemory {
  std::string module;
  int scope = 0;
  std::map<std::string, long> parameters{};
  std::vector<NetlistPort> ports{};
};

/// A mapped design in one level: the same cells as in the hierarchy, each with its place there.
struct Netlist {
  std::string top;
  std::vector<NetlistPort> ports;
  std::vector<CellType> types;
  std::vector<Scope> scopes;
  std::vector<NetlistCell> cells;
  std::vector<NetlistMemory> memories;
  int nets = 2;

  /// Net of a one-bit input port; kZero if there is none of that name.
  [[nodiscard]] Net input(const std::string& name) const;
};

/// A mapped hierarchy as Yosys writes it with `write_json`.
class MappedDesign {
 public:
  /// Errors: unreadable file, a cell without port directions.
  static Result<MappedDesign> load(const std::filesystem::path& json, const Liberty& liberty);
  MappedDesign(MappedDesign&&) noexcept;
  MappedDesign& operator=(MappedDesign&&) noexcept;
  ~MappedDesign();

  /// Every module with contents by its name to Yosys, with its name in the source.
  [[nodiscard]] std::map<std::string, std::string> modules() const;
  /// Whether a module instantiates others with contents. @param module its name to Yosys.
  [[nodiscard]] bool has_modules(const std::string& module) const;
  /// @param module its name to Yosys.
  [[nodiscard]] Netlist flatten(const std::string& module) const;

 private:
  struct Impl;
  explicit MappedDesign(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace msq::synth
