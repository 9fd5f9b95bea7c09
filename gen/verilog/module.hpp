#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gen/verilog/constant.hpp"
#include "gen/verilog/expr.hpp"
#include "gen/verilog/index.hpp"
#include "gen/verilog/type.hpp"

namespace msq::verilog {

namespace detail {
struct ScopeData;
struct ModuleData;
}  // namespace detail

enum class Direction { input, output };

/// Port of a module. Widths are concrete, whatever parameters the module has.
struct Port {
  std::string name;
  Direction direction = Direction::input;
  Type type;
  std::string doc;
};

/// Module as its instances see it: the parameter overrides to print, `#(.WIDTH(8), .DEPTH(4))`, and the port
/// widths that follow from them. Module::interface() makes that of a generated module.
struct Interface {
  std::string module;
  std::vector<std::pair<std::string, Constant>> parameters;
  std::vector<Port> ports;
  std::string block = {};  ///< of area reports that the module counts under; not printed

  /// \throws std::logic_error if there is no such port.
  [[nodiscard]] const Port& port(const std::string& name) const;
};

/// One flip-flop of Scope::flip_flops.
struct FlipFlop {
  Expr target;            ///< a reg, or a slice or bit of one
  Expr next;              ///< same type as target
  Expr enable = {};       ///< u(1); empty: loads every cycle
  Expr reset_value = {};  ///< constant of target's type; empty: not reset
};

/// Body of a module or of a generate loop. Items print in the order they were made.
/// Names are checked by check(), except that regs must end in `_q`.
class Scope {
 public:
  using FlipFlop = verilog::FlipFlop;

  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  Scope(Scope&&) noexcept = default;
  Scope& operator=(Scope&&) noexcept = default;
  ~Scope() = default;

  /// `wire signed [7:0] name;  // doc`
  Expr wire(const std::string& name, Type type, const std::string& doc = "");
  /// `wire signed [7:0] name = value;  // doc`
  Expr wire(const std::string& name, const Expr& value, const std::string& doc = "");
  /// The same with a type of its own, equal to the value's, for a width that is to be printed with names.
  Expr wire(const std::string& name, Type type, const Expr& value, const std::string& doc = "");
  /// `reg [7:0] name_q;  // doc`. \throws std::logic_error unless the name ends in `_q`.
  Expr reg(const std::string& name, Type type, const std::string& doc = "");

  /// `assign target = value;` Target is a wire or an output, or a slice or bit of one; types must be equal
  /// (slices are unsigned: a signed value needs as_unsigned).
  void assign(const Expr& target, const Expr& value);

  /// Flip-flops with reset_value share one block, those without follow in another that does not see the
  /// reset. Neighbours with the same enable share one `if`. rst_n may be empty if no flip-flop has a
  /// reset_value.
  ///
  ///   always @(posedge clk_i) begin
  ///     if (!rst_ni) begin
  ///       count_q <= 8'd0;
  ///     end else begin
  ///       if (en_i) count_q <= count_d;
  ///     end
  ///   end
  void flip_flops(const Expr& clk, const Expr& rst_n, const std::vector<FlipFlop>& flops);

  /// Instance with every port of the interface connected once, in the order of the interface:
  ///
  ///   msq_multiplier #(.ACT_BITS(8)) u_multiplier (
  ///     .clk_i(clk_i),
  ///     .product_o(product)
  ///   );
  ///
  /// Outputs drive a wire or an output of this module, or a slice or bit of one. Widths must match; signs
  /// need not. \throws std::logic_error naming module, instance and port.
  void instance(const Interface& interface, const std::string& name,
                const std::vector<std::pair<std::string, Expr>>& connections);

  /// Generate loop; may be nested, count >= 1. Neighbouring loops of a scope may use the same genvar, which
  /// is declared once. Nets made through the inner scope print, and can be used, inside the block only. A
  /// single iteration makes no loop: body runs on this scope with the index 0.
  ///
  ///   genvar i;
  ///   generate
  ///     for (i = 0; i < 8; i = i + 1) begin : gen_lane
  ///       ..
  ///     end
  ///   endgenerate
  void generate_for(const std::string& label, const std::string& genvar, const Constant& count,
                    const std::function<void(Scope&, Index)>& body);

  /// Three comment lines with a rule above and below.
  void section(const std::string& banner);
  /// `// text`, wrapped at 100 columns.
  void comment(const std::string& text);
  /// `wire unused_name = &{1'b0, a, b};` below the reason as a comment: reads bits that nothing else needs.
  void unused(const std::string& name, const std::vector<Expr>& bits, const std::string& reason);

  /// Items, for the checks and the printer.
  [[nodiscard]] const detail::ScopeData& data() const { return *data_; }

 protected:
  explicit Scope(std::shared_ptr<detail::ScopeData> data);
  std::shared_ptr<detail::ScopeData> data_;
};

/// Verilog module with ANSI ports, one per line. Movable, not copyable.
class Module : public Scope {
 public:
  /// doc is printed as a comment above `module name (`.
  Module(const std::string& name, const std::string& doc);

  /// `input wire signed [7:0] name_i,  // doc`. \throws std::logic_error unless the name ends in `_i` or
  /// `_ni`.
  Expr input(const std::string& name, Type type, const std::string& doc);
  /// `output wire [7:0] name_o,  // doc`. \throws std::logic_error unless the name ends in `_o`.
  Expr output(const std::string& name, Type type, const std::string& doc);

  /// Port with a name that a bus standard gives, which has no suffix.
  Expr standard_port(Direction direction, const std::string& name, Type type, const std::string& doc);
  /// `(* text *)` above the port that was made last, for tools that infer interfaces. \throws
  /// std::logic_error without a port.
  void attribute(const std::string& text);

  /// Heading for the ports that follow: `// Weight rows`, with a blank line above.
  void group(const std::string& heading);

  /// `localparam COLS = 8;  // PE columns` at the top of the body, if anything uses it: sizes with names for
  /// widths, selects, loops and parameters. Ports print numbers, since they come first. A repeated call
  /// returns the existing localparam.
  Constant localparam(const std::string& name, const Constant& value, const std::string& doc);
  /// `localparam [7:0] NAME = 8'h0c;  // doc` at the top of the body, if anything uses it. \throws
  /// std::logic_error unless the value is a constant.
  Expr constant(const std::string& name, const Expr& value, const std::string& doc);

  /// Makes Verilator compile the module once for all its instances and move nothing of an instance's
  /// surroundings inside. The lines are those of verilator_control(); no other tool sees a difference.
  void keep_boundary();
  /// Lines of a Verilator control file (.vlt): of keep_boundary, `no_inline` for the module and
  /// `public_flat_rd` for every input except clock and reset (clk_i, rst_ni). Empty without.
  [[nodiscard]] std::vector<std::string> verilator_control() const;

  /// Block of area reports that the module counts under; not printed.
  void block(const std::string& name);

  [[nodiscard]] Interface interface() const;
  /// Interfaces of all instances, those in generate loops included, in the order they were made.
  [[nodiscard]] std::vector<const Interface*> instances() const;
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] const detail::ModuleData& module_data() const { return *module_; }

 private:
  std::shared_ptr<detail::ModuleData> module_;
};

}  // namespace msq::verilog
