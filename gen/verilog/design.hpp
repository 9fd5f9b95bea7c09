#pragma once

/// A module made ready for the checks: nets numbered, accesses resolved, generate loops to be unrolled.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gen/verilog/check.hpp"
#include "gen/verilog/node.hpp"

namespace msq::verilog::detail {

/// Index over the loop values of its scope, outermost first.
struct Position {
  std::int64_t constant = 0;
  std::vector<std::pair<int, int>> terms;  ///< loop depth, factor
  [[nodiscard]] std::int64_t at(const std::vector<int>& loop_values) const;
};

/// Bits that a statement reads or drives.
struct Access {
  int net = 0;
  Position lsb;
  int width = 0;
  bool drives = false;
  std::string by;  ///< of a driver: "assign", "instance u_pe port sum_o"
};

/// Continuous assignment.
struct CombStatement {
  Access target;
  Expr value;
};

struct ResolvedScope {
  const ScopeData* data = nullptr;
  int parent = -1;
  std::vector<std::shared_ptr<const Genvar>> loops;  ///< around the scope and its own, outermost first
  std::int64_t iterations = 1;                       ///< copies of the scope in the module
  std::vector<Access> accesses;
  std::vector<CombStatement> comb;
  std::vector<int> children;
};

struct ResolvedNet {
  std::shared_ptr<const Net> net;
  int scope = 0;
  std::int64_t base = 0;  ///< first of iterations * width bits in the numbering of all bits
};

/// Collects problems; one that is like an earlier one, of another iteration of a loop, is only counted.
class Report {
 public:
  explicit Report(std::string module) : module_(std::move(module)) {}
  void add(const std::string& key, Diagnostic diagnostic);
  /// Counts the problem if one of this key is known; saves working out what add() would only count.
  bool again(const std::string& key);
  /// All problems in the order they were found.
  [[nodiscard]] std::vector<Diagnostic> finish() const;
  [[nodiscard]] const std::string& module() const { return module_; }

 private:
  struct Entry {
    Diagnostic diagnostic;
    int count = 1;
  };
  std::string module_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_key_;
};

struct Design {
  std::vector<ResolvedScope> scopes;  ///< the module first, parents before children
  std::vector<ResolvedNet> nets;
  std::unordered_map<const Net*, int> net_ids;
  std::int64_t bits = 0;

  /// `gen_col[3].sum` of the given copy of the net's scope.
  [[nodiscard]] std::string path(int net, std::int64_t iteration) const;
  [[nodiscard]] Position position(const Index& index, const ResolvedScope& scope) const;
};

/// Resolves a module; accesses to nets or genvars that are not visible are reported and left out.
[[nodiscard]] Design resolve(const Module& module, Report& report);

/// One iteration of one scope while loops are unrolled.
struct Frame {
  int scope = 0;
  std::vector<int> loop_values;
  std::vector<std::int64_t>
      iteration;  ///< by scope: copy of it that is current, for the scope and its parents
};

/// Calls visit(frame) for every copy of every scope.
template <class Visit>
void unroll(const Design& design, Frame& frame, const Visit& visit) {
  visit(frame);
  const int scope = frame.scope;
  for (const int child : design.scopes[static_cast<std::size_t>(scope)].children) {
    const int count = design.scopes[static_cast<std::size_t>(child)].loops.back()->count.value();
    for (int i = 0; i < count; ++i) {
      frame.scope = child;
      frame.loop_values.push_back(i);
      frame.iteration[static_cast<std::size_t>(child)] =
          frame.iteration[static_cast<std::size_t>(scope)] * count + i;
      unroll(design, frame, visit);
      frame.loop_values.pop_back();
    }
  }
  frame.scope = scope;
}

template <class Visit>
void unroll(const Design& design, const Visit& visit) {
  Frame frame{0, {}, std::vector<std::int64_t>(design.scopes.size(), 0)};
  unroll(design, frame, visit);
}

/// Drivers, readers and ranges of selects.
void check_bits(const Design& design, Report& report);
/// Combinational loops.
void check_loops(const Design& design, Report& report);
/// Identifiers and clashes.
void check_names(const Module& module, Report& report);

}  // namespace msq::verilog::detail
