/// Random expressions, printed and simulated, against values computed here: precedence, signs, widths and
/// line breaks of the emitted text all have to be right for the numbers to agree.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "gen/verilog/verilog.hpp"
#include "tests/verilog/tools.hpp"

namespace msq::verilog {
namespace {

constexpr int kVectors = 6;
constexpr int kExpressions = 300;
using Values = std::array<std::uint64_t, kVectors>;

/// Expression and its value, bits above the width zero, for every input vector.
struct Valued {
  Expr e;
  Values v{};
};

std::uint64_t masked(std::uint64_t value, int width) { return value & ((std::uint64_t{1} << width) - 1); }

std::int64_t number(std::uint64_t bits, Type type) {
  const bool negative = type.is_signed && ((bits >> (type.width - 1)) & 1) != 0;
  return static_cast<std::int64_t>(bits) - (negative ? std::int64_t{1} << type.width : 0);
}

class Maker {
 public:
  Maker(Module& m, std::mt19937& random) : random_(random) {
    for (const int width : {1, 2, 3, 5, 8, 13}) {
      for (const bool is_signed : {false, true}) {
        const Type type{width, is_signed};
        Valued net{m.input(fmt::format("{}{}_i", is_signed ? 's' : 'u', width), type, ""), {}};
        for (std::uint64_t& value : net.v) value = corner(width);
        nets.push_back(net);
      }
    }
  }

  Valued make(Type type, int depth) {
    if (depth == 0) return leaf(type);
    switch (pick(type.width == 1 && !type.is_signed ? 14 : 11)) {
      case 0:
        return map(~operand(type, depth), [](auto a) { return ~a; });
      case 1:
        return infix(
            type, depth, [](auto& a, auto& b) { return a & b; }, [](auto a, auto b) { return a & b; });
      case 2:
        return infix(
            type, depth, [](auto& a, auto& b) { return a | b; }, [](auto a, auto b) { return a | b; });
      case 3:
        return infix(
            type, depth, [](auto& a, auto& b) { return a ^ b; }, [](auto a, auto b) { return a ^ b; });
      case 4:
        return infix(
            type, depth, [](auto& a, auto& b) { return a + b; }, [](auto a, auto b) { return a + b; });
      case 5:
        return infix(
            type, depth, [](auto& a, auto& b) { return a - b; }, [](auto a, auto b) { return a - b; });
      case 6:
        return choice(type, depth);
      case 7:
        return shift(type, depth);
      case 8:
        return variable_shift(type, depth);
      case 9:
        return grouped(type, depth);
      case 10:
        return resized(type, depth);
      case 11:
        return reduced(depth);
      default:
        return compared(depth);
    }
  }

  std::vector<Valued> nets;
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

 private:
  std::uint64_t corner(int width) {
    switch (pick(4)) {
      case 0:
        return masked(~std::uint64_t{0}, width);
      case 1:
        return std::uint64_t{1} << (width - 1);
      default:
        return masked(random_(), width);
    }
  }

  struct Operand {
    Expr e;
    Values v;
    friend Operand operator~(const Operand& a) { return {~a.e, a.v}; }
  };
  Operand operand(Type type, int depth) {
    const Valued made = make(type, pick(depth));
    return {made.e, made.v};
  }

  template <class F>
  static Valued map(const Operand& a, const F& f) {
    Valued result{a.e, {}};
    for (int i = 0; i < kVectors; ++i) result.v[i] = masked(f(a.v[i]), a.e.width());
    return result;
  }

  template <class Build, class F>
  Valued infix(Type type, int depth, const Build& build, const F& f) {
    const Valued a = make(type, depth - 1);
    const Valued b = make(type, pick(depth));
    Valued result{build(a.e, b.e), {}};
    for (int i = 0; i < kVectors; ++i) result.v[i] = masked(f(a.v[i], b.v[i]), type.width);
    return result;
  }

  Valued leaf(Type type) {
    std::vector<Valued> same;
    for (const Valued& net : nets) {
      if (net.e.type() == type) same.push_back(net);
    }
    if (!same.empty() && pick(5) != 0)
      return same[static_cast<std::size_t>(pick(static_cast<int>(same.size())))];
    const std::uint64_t bits = corner(type.width);
    Valued result{lit(type, number(bits, type)), {}};
    result.v.fill(bits);
    return result;
  }

  Valued choice(Type type, int depth) {
    const Valued sel = make(u(1), depth - 1);
    const Valued a = make(type, pick(depth));
    const Valued b = make(type, depth - 1);
    Valued result{mux(sel.e, a.e, b.e), {}};
    for (int i = 0; i < kVectors; ++i) result.v[i] = sel.v[i] != 0 ? a.v[i] : b.v[i];
    return result;
  }

  Valued shift(Type type, int depth) {
    const Valued a = make(type, depth - 1);
    const int amount = pick(type.width + 2);
    const bool left = pick(2) == 0;
    Valued result{left ? shl(a.e, amount) : shr(a.e, amount), {}};
    for (int i = 0; i < kVectors; ++i) {
      const std::int64_t value = number(a.v[i], type);
      result.v[i] =
          masked(static_cast<std::uint64_t>(left ? value * (std::int64_t{1} << amount) : value >> amount),
                 type.width);
    }
    return result;
  }

  Valued variable_shift(Type type, int depth) {
    const Valued a = make(type, depth - 1);
    const Valued amount = make(u(3), pick(depth));
    Valued result{shl_var(a.e, amount.e), {}};
    for (int i = 0; i < kVectors; ++i) result.v[i] = masked(a.v[i] << amount.v[i], type.width);
    return result;
  }

  Valued grouped(Type type, int depth) {
    const bool any = pick(2) == 0;
    std::vector<Expr> operands;
    Values v;
    v.fill(any ? 0 : masked(~std::uint64_t{0}, type.width));
    for (int n = 1 + pick(7); n > 0; --n) {
      const Valued a = make(type, pick(depth));
      operands.push_back(a.e);
      for (int i = 0; i < kVectors; ++i) v[i] = any ? v[i] | a.v[i] : v[i] & a.v[i];
    }
    return {any ? or_all(operands) : and_all(operands), v};
  }

  /// Concatenation, replication, extension, slice: cast to the sign wanted.
  Valued resized(Type type, int depth) {
    Valued result = resized_unsigned(type.width, depth);
    if (type.is_signed) result.e = as_signed(result.e);
    return result;
  }

  Valued resized_unsigned(int width, int depth) {
    const Valued& net = nets[static_cast<std::size_t>(pick(static_cast<int>(nets.size())))];
    const int net_width = net.e.width();
    Valued result;
    if (net_width >= width) {
      const int lsb = pick(net_width - width + 1);
      result.e = slice(net.e, lsb, width);
      for (int i = 0; i < kVectors; ++i) result.v[i] = masked(net.v[i] >> lsb, width);
    } else if (pick(2) == 0) {
      result.e = as_unsigned(sext(net.e, width));
      for (int i = 0; i < kVectors; ++i) {
        result.v[i] = masked(static_cast<std::uint64_t>(number(net.v[i], s(net_width))), width);
      }
    } else {
      const Valued high = make(u(width - net_width), pick(depth));
      result.e = concat({high.e, net.e});
      for (int i = 0; i < kVectors; ++i) result.v[i] = high.v[i] << net_width | net.v[i];
    }
    return result;
  }

  Valued reduced(int depth) {
    const Type type{1 + pick(13), pick(2) == 0};
    const Valued a = make(type, depth - 1);
    const int kind = pick(3);
    Valued result{kind == 0 ? reduce_or(a.e) : kind == 1 ? reduce_and(a.e) : reduce_xor(a.e), {}};
    for (int i = 0; i < kVectors; ++i) {
      const bool all = a.v[i] == masked(~std::uint64_t{0}, type.width);
      const bool odd = __builtin_parityll(a.v[i]) != 0;
      result.v[i] = (kind == 0 ? a.v[i] != 0 : kind == 1 ? all : odd) ? 1 : 0;
    }
    return result;
  }

  Valued compared(int depth) {
    const Type type{1 + pick(13), pick(2) == 0};
    const Valued a = make(type, depth - 1);
    const Valued b = make(type, pick(depth));
    using Build = Expr (*)(const Expr&, const Expr&);
    static constexpr Build kBuild[] = {eq, ne, lt, le, gt, ge};
    const int kind = pick(6);
    Valued result{kBuild[kind](a.e, b.e), {}};
    for (int i = 0; i < kVectors; ++i) {
      const std::int64_t left = number(a.v[i], type);
      const std::int64_t right = number(b.v[i], type);
      const bool truth[] = {left == right, left != right, left<right, left <= right, left> right,
                            left >= right};
      result.v[i] = truth[kind] ? 1 : 0;
    }
    return result;
  }

  std::mt19937& random_;
};

std::string bench(const std::vector<Valued>& nets, const std::vector<Valued>& outputs) {
  std::string declarations;
  std::string connections;
  std::string body;
  for (const Valued& net : nets) {
    const std::string name = fmt::format("{}{}", net.e.type().is_signed ? 's' : 'u', net.e.width());
    declarations += fmt::format("  reg [{}:0] {};\n", net.e.width() - 1, name);
    connections += fmt::format("    .{0}_i({0}),\n", name);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    declarations += fmt::format("  wire [{}:0] e{};\n", outputs[i].e.width() - 1, i);
    connections += fmt::format("    .e{0}_o(e{0}){1}\n", i, i + 1 < outputs.size() ? "," : "");
  }
  for (int vector = 0; vector < kVectors; ++vector) {
    for (const Valued& net : nets) {
      body +=
          fmt::format("    {}{} = {};\n", net.e.type().is_signed ? 's' : 'u', net.e.width(), net.v[vector]);
    }
    body += "    #1;\n";
    for (std::size_t i = 0; i < outputs.size(); ++i) body += fmt::format("    $display(\"%0d\", e{});\n", i);
  }
  return fmt::format("module tb;\n{}  random_expr dut (\n{}  );\n  initial begin\n{}  end\nendmodule\n",
                     declarations, connections, body);
}

TEST(RandomExpressions, SimulateAsComputed) {
  constexpr unsigned kSeed = 20240611;
  std::mt19937 random(kSeed);
  Module m("random_expr", "Expressions.");
  Maker maker(m, random);
  std::vector<Valued> outputs;
  for (int i = 0; i < kExpressions; ++i) {
    const Type type{1 + maker.pick(13), maker.pick(2) == 0};
    outputs.push_back(maker.make(type, 1 + i % 5));
    m.assign(m.output(fmt::format("e{}_o", i), type, ""), outputs.back().e);
  }
  const TempDir dir;
  const std::string text = print(m, {});
  dir.write("random_expr.v", text);
  dir.write("tb.v", bench(maker.nets, outputs));
  const std::vector<std::string> lines = simulate(dir, {"random_expr.v", "tb.v"});
  ASSERT_EQ(lines.size(), static_cast<std::size_t>(kVectors * kExpressions));
  int mismatches = 0;
  for (std::size_t vector = 0; vector < kVectors; ++vector) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string expected = std::to_string(outputs[i].v[vector]);
      const std::string& got = lines[vector * outputs.size() + i];
      if (got == expected || ++mismatches > 5) continue;
      const std::size_t at = text.find(fmt::format("assign e{}_o ", i));
      ADD_FAILURE() << "seed " << kSeed << ", vector " << vector << ": expected " << expected << ", got "
                    << got << "\n"
                    << text.substr(at, text.find(';', at) - at);
    }
  }
  EXPECT_EQ(mismatches, 0);
}

}  // namespace
}  // namespace msq::verilog
