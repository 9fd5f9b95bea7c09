#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/leaves/leaf.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq::arch {

using leaves::leaf;

using Connections = std::vector<std::pair<std::string, verilog::Expr>>;
/// Nets that only the path knows, by name.
using Nets = std::map<std::string, verilog::Expr>;
/// Interfaces of the path's generated modules, by any name.
using Parts = std::map<std::string, verilog::Interface>;
/// Adds a finished module to the design.
using AddModule = std::function<verilog::Interface(const verilog::Module&)>;

/// Port that a path adds to rows (bands); the array passes it to its own border.
struct RowPort {
  /// Owner of a slice of the array's port: each row, the rows of each unit together, or all rows the whole.
  enum class Share { row, unit, all };
  std::string name;
  verilog::Direction direction = verilog::Direction::input;
  verilog::Constant width = 0;  ///< at the row
  Share share = Share::row;
  std::string row_doc, array_doc;
};

/// Nets of a row. `path` has the path's ports and additional nets by name.
struct RowNets {
  verilog::Expr clk, rst_n, load, weights, commit, mode4, sums_in, sums_out;
  verilog::Expr x_q;      ///< word g: what column group g multiplies
  verilog::Expr x1_q;     ///< the same for digit 1 of the PEs; empty with one place
  verilog::Expr mode4_q;  ///< bit g: mode of column group g; empty with one mode
  /// x_q, x1_q and mode4_q as they are in the next cycle; those of column groups alone.
  verilog::Expr next_x, next_x1, next_mode4;
  verilog::Expr load_mode4;  ///< mode of weights; empty with one mode, and where PEs do not take it
  verilog::Expr commits;     ///< bit g: column group g takes its new weights
  Nets path;
};

/// Nets of the core, in the order of the data flow. `path` has what only the path knows.
struct CoreNets {
  verilog::Expr clk, rst_n, clear;
  verilog::Expr load_valid, load_ready, load_mode4, load_interval, load_gap, load_follow, weights, has, scale,
      list;
  verilog::Constant early = 0;  ///< rows that may follow a tile's first token
  verilog::Expr act_valid, act_ready, act_last, token;
  verilog::Expr psum_valid, psum_last, psum_soon_valid, psum_soon_last, psum;
  verilog::Expr cycles, tokens, tiles, errors, sticky, accesses, waits;
  verilog::Expr next_row, load_row, load_parity, committed, launch, first, launch_mode4, launch_parity,
      launch_waited;
  verilog::Expr commit, mode4, out_valid, out_last, sums, header_error, centroids;
  verilog::Expr codes;  ///< what the array's weight registers take
  Nets path;
};

/// Additions of an outlier path to the array, the core and the top: one object per path, without state.
/// Common code calls its hooks and never asks which path it is. Hooks are called in the order of this list
/// while a module is built, and print in that order. A hook names sizes by the structs of sizes.hpp, made of
/// its module.
class Path {
 public:
  Path() = default;
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;
  virtual ~Path() = default;

  /// Sizes that only this path has, and `lead`, `permuter` and `repeats`; called when those of array,
  /// metadata and products are set, before latency and top.
  virtual void set_sizes(Dimensions& d, const Config& config) const = 0;
  /// For the header of msq_core: "1 ReCoN unit(s)".
  [[nodiscard]] virtual std::string summary(const Dimensions& d) const = 0;
  /// For reports: "recon: 1 unit, span block, shift up to 7".
  [[nodiscard]] virtual std::string describe(const Config& config) const = 0;
  /// Outlier units as reports count them; none if the path has none.
  [[nodiscard]] virtual std::optional<int> units(const Config&) const { return std::nullopt; }
  /// Most outliers of a micro-block that cost no tiles of their own, for the quantizer
  /// (docs/results/area.md); at most the entries of a list.
  [[nodiscard]] virtual int most_outliers(const Config& config) const { return config.list_entries(); }
  /// Memories of the core.
  [[nodiscard]] virtual std::vector<Memory> memories(const Dimensions&) const { return {}; }

  // msq_row and, for row_ports, msq_array.
  [[nodiscard]] virtual std::vector<RowPort> row_ports(verilog::Module&, const Dimensions&) const {
    return {};
  }
  /// Rows that share a unit; none if rows are not grouped by units.
  [[nodiscard]] virtual std::optional<int> unit_rows(const Dimensions&) const { return std::nullopt; }
  /// Words of the activation pipeline.
  [[nodiscard]] virtual int activation_words(const Dimensions& d) const { return d.skew_groups; }
  /// Whether something takes its settings a cycle after the last column group takes its weights.
  [[nodiscard]] virtual bool commits_late(const Dimensions&) const { return false; }
  /// Registers beside the activation pipeline.
  virtual void add_registers(verilog::Module&, const Dimensions&, RowNets&,
                             std::vector<verilog::FlipFlop>&) const {}
  virtual void before_pes(verilog::Module&, const Dimensions&, RowNets&) const {}
  /// PEs of one column in a row or band.
  [[nodiscard]] virtual verilog::Interface pe(verilog::Module& m, const Dimensions& d) const = 0;
  /// Ports of PE number `pe`, in column group `group`, that only this path's PEs have.
  [[nodiscard]] virtual Connections pe_connections(verilog::Module&, const Dimensions&, const RowNets&,
                                                   const verilog::Index& /*group*/,
                                                   const verilog::Index& /*pe*/) const {
    return {};
  }
  virtual void after_pes(verilog::Module&, const Dimensions&, RowNets&) const {}

  // msq_core.
  /// Adds the path's generated modules, leaves of the hierarchy first.
  virtual Parts add_modules(const Dimensions&, const AddModule&) const { return {}; }
  /// Whether the tokens' schedule depends on the tile: parity and waiting of launches are used.
  [[nodiscard]] virtual bool uses_schedule() const { return false; }
  /// Whether the decoder needs to know the row that the next load writes.
  [[nodiscard]] virtual bool uses_next_row(const Dimensions&) const { return false; }
  /// Control that travels with the tokens.
  [[nodiscard]] virtual verilog::Interface wavefront(verilog::Module& m, const Dimensions& d) const;
  /// Ports of the wavefront beyond those of msq_wavefront.
  virtual Connections wavefront_connections(verilog::Module&, const Dimensions&, CoreNets&) const {
    return {};
  }
  virtual void before_array(verilog::Module&, const Dimensions&, CoreNets&, const Parts&) const {}
  /// Rows whose token arrives `lead` cycles before its launch; none.
  [[nodiscard]] virtual verilog::Expr early(verilog::Module& m, const Dimensions& d, const CoreNets&) const;
  /// The row_ports of the array.
  virtual Connections array_connections(verilog::Module&, const Dimensions&, CoreNets&) const { return {}; }
  virtual void after_array(verilog::Module&, const Dimensions&, CoreNets&, const Parts&) const {}
  /// Error bits above that of the tile header, most significant first: launch gap, slot clash, list.
  [[nodiscard]] virtual std::vector<verilog::Expr> errors(const CoreNets&) const { return {}; }
  /// Whether uses of a network are counted: n.accesses and n.waits are not always 0.
  [[nodiscard]] virtual bool counts_accesses() const { return false; }
  /// Drives n.accesses and n.waits.
  virtual void count_accesses(verilog::Module&, const Dimensions&, const CoreNets&) const;
};

/// The strategy of a path.
[[nodiscard]] const Path& path_of(OutlierPath path);

/// Sizes of metadata and routing groups, for set_sizes of paths with outliers.
[[nodiscard]] MetadataDimensions metadata_dimensions(const Dimensions& d, const Config& config);
/// "1 unit", "2 units".
[[nodiscard]] std::string counted(int count, const char* what);
/// ", trees over 4 rows", or nothing without trees.
[[nodiscard]] std::string tree_text(const Config& config);
/// PEs of a column in a band that add their products and an outlier value of the given width, 0 without.
[[nodiscard]] verilog::Interface band_pe(verilog::Module& m, const Dimensions& d,
                                         const verilog::Constant& value_bits);
/// Ports of such PEs, number `pe` in column group `group`, but for the value's.
[[nodiscard]] Connections band_pe_connections(verilog::Module& m, const Dimensions& d, const RowNets& n,
                                              const verilog::Index& group);

}  // namespace msq::arch
