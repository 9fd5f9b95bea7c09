// Writes the Verilog of lanes_bench: the generated msq_decoder, msq_network and msq_recon_lanes of every
// case, renamed so that they can be side by side, a wrapper with ports of one size around each, and the
// bench itself. usage: emit_recon_lanes DIRECTORY

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "gen/arch/design.hpp"
#include "tests/rtl/lanes_cases.hpp"

namespace msq::rtl_test {
namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

/// The ports of a wrapper and of the bench. Logical block k is columns k * B_mu .. of the mode.
constexpr const char* kInputs = R"(    input  wire           clk_i,
    input  wire           rst_ni,
    input  wire           mode4_i,
    input  wire [7:0]     has_outliers_i,  // logical block k
    input  wire [63:0]    mx_scale_i,      // 8 bits each
    input  wire [511:0]   list_i,          // 64 bits each
    input  wire [7:0]     x_i,
    input  wire [1023:0]  products_i,      // {p, s} of lane l of PE c at [64*c + 32*l +: 32], sign-extended
)";

/// Decoder and lanes of one configuration as the core connects them, without the settings memory.
std::string wrapper(const LanesCase& c, const Dimensions& d) {
  std::string body;
  const auto add = [&]<class... Args>(fmt::format_string<Args...> format, Args&&... args) {
    body += fmt::format(format, std::forward<Args>(args)...);
  };
  const bool dual = d.mode2 && d.mode4;
  add("`default_nettype none\nmodule lanes_{} (\n{}", c.suffix, kInputs);
  add("    output wire [1023:0]  addends_o,       // of lane l of PE c at [64*c + 32*l +: 32], "
      "sign-extended\n");
  add("    output wire [63:0]    status_o         // {{flagged, error}}\n);\n");
  add("  wire [{}:0] has;\n  wire [{}:0] scale;\n  wire [{}:0] list;\n", d.outliers->fields - 1,
      8 * d.outliers->fields - 1, d.outliers->list_bits * d.outliers->fields - 1);
  for (int f = 0; f < d.outliers->fields; ++f) {
    // In mode 4 hardware with both modes uses the first of each group's two fields.
    const std::string block = dual ? fmt::format("(mode4_i ? {} : {})", f / 2, f) : std::to_string(f);
    const std::string used = dual && f % 2 == 1 ? " & !mode4_i" : "";
    add("  assign has[{}] = has_outliers_i[{}]{};\n", f, block, used);
    add("  assign scale[{}+:8] = mx_scale_i[8*{}+:8];\n", 8 * f, block);
    add("  assign list[{}+:{}] = list_i[64*{}+:{}];\n", d.outliers->list_bits * f, d.outliers->list_bits,
        block, d.outliers->list_bits);
  }
  add("  wire [{}:0] settings;\n  wire [{}:0] write;\n  wire [{}:0] address;\n  wire flagged;\n  wire "
      "error;\n",
      d.recon->settings_bits - 1, d.recon->units - 1, d.recon->ram_address_bits - 1);
  add("  msq_decoder_{} u_decoder (.clk_i(clk_i), .rst_ni(rst_ni), .load_row_i({}'d1), "
      ".load_parity_i(1'b0),\n"
      "      .load_mode4_i(mode4_i), .has_outliers_i(has), .mx_scale_i(scale), .list_i(list), "
      ".flagged_o(flagged),\n"
      "      .error_o(error), .write_o(write), .address_o(address), .settings_o(settings));\n",
      c.suffix, d.rows);
  add("  assign status_o = {{62'd0, flagged, error}};\n");
  add("  wire [{}:0] products;\n  wire [{}:0] addends;\n", d.cols * d.product_bits - 1,
      d.cols * d.recon->addend_bits - 1);
  for (int pe = 0; pe < 16; ++pe) {
    for (int lane = 0; lane < 2; ++lane) {
      const int at = 64 * pe + 32 * lane;
      if (pe >= d.cols || lane >= d.lanes_per_pe) {
        add("  assign addends_o[{}+:32] = 32'd0;\n", at);
        continue;
      }
      const int p_bits = (lane == 0 ? d.p0_bits : d.p1_bits) + 1;
      add("  assign products[{}+:{}] = products_i[{}+:{}];\n", pe * d.product_bits + lane * (d.p0_bits + 1),
          p_bits, at, p_bits);
      const int bits = lane == 0 ? d.recon->addend0_bits : d.recon->addend1_bits;
      const int from = pe * d.recon->addend_bits + lane * d.recon->addend0_bits;
      add("  assign addends_o[{}+:32] = {{{{{}{{addends[{}]}}}}, addends[{}+:{}]}};\n", at, 32 - bits,
          from + bits - 1, from, bits);
    }
  }
  for (int n = 0; n < d.recon->domains; ++n) {
    const int products = d.recon->domain_columns * d.product_bits;
    const int addends = d.recon->domain_columns * d.recon->addend_bits;
    add("  msq_recon_lanes_{} u_lanes{} ({}.settings_i(settings[{}+:{}]), .x_i(x_i[{}:0]),\n"
        "      .products_i(products[{}+:{}]), .addends_o(addends[{}+:{}]));\n",
        c.suffix, n, dual ? ".mode4_i(mode4_i), " : "", n * d.recon->domain_settings_bits,
        d.recon->domain_settings_bits, d.act_bits - 1, n * products, products, n * addends, addends);
  }
  add("  wire unused = &{{1'b0, write, address, mode4_i, has_outliers_i, mx_scale_i, list_i, x_i, "
      "products_i}};\n");
  add("endmodule\n`default_nettype wire\n");
  return body;
}

std::string bench(const std::vector<LanesCase>& cases) {
  std::string text = fmt::format("`default_nettype none\nmodule lanes_bench (\n{}", kInputs);
  text += fmt::format("    output wire [{}:0] addends_o,\n    output wire [{}:0] status_o\n);\n",
                      1024 * cases.size() - 1, 64 * cases.size() - 1);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    text += fmt::format(
        "  lanes_{} u_{} (.clk_i(clk_i), .rst_ni(rst_ni), .mode4_i(mode4_i), "
        ".has_outliers_i(has_outliers_i),\n"
        "      .mx_scale_i(mx_scale_i), .list_i(list_i), .x_i(x_i), .products_i(products_i),\n"
        "      .addends_o(addends_o[{}+:1024]), .status_o(status_o[{}+:64]));\n",
        cases[i].suffix, cases[i].suffix, 1024 * i, 64 * i);
  }
  return text + "endmodule\n`default_nettype wire\n";
}

void emit(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  const std::vector<LanesCase> cases = lanes_cases();
  const std::regex renamed(R"(\b(msq_decoder|msq_network|msq_recon_lanes)\b)");
  for (const LanesCase& c : cases) {
    const Design design = build_design(c.config);
    int found = 0;
    for (const DesignFile& file : design.generated) {
      const std::string module = std::filesystem::path(file.name).stem();
      if (!std::regex_match(module, renamed)) continue;
      ++found;
      write(directory / fmt::format("{}_{}.v", module, c.suffix),
            std::regex_replace(file.text, renamed, "$1_" + c.suffix));
    }
    if (found != 3) throw std::runtime_error("the design has not the modules under test");
    write(directory / fmt::format("lanes_{}.v", c.suffix), wrapper(c, design.dimensions));
  }
  write(directory / "lanes_bench.v", bench(cases));
}

}  // namespace
}  // namespace msq::rtl_test

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: emit_recon_lanes DIRECTORY\n");
    return 2;
  }
  try {
    msq::rtl_test::emit(argv[1]);
  } catch (const std::exception& e) {
    fmt::print(stderr, "emit_recon_lanes: {}\n", e.what());
    return 1;
  }
  return 0;
}
