#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gen/packaging/packaging.hpp"

namespace msq::packaging {
namespace {

using verilog::Direction;
using verilog::Port;

std::uint32_t mask_of(const RegisterField& f) { return (f.width == 32 ? ~0U : (1U << f.width) - 1) << f.lsb; }

/// Bits that a register shows after reset, and which of them are known.
struct Expected {
  std::uint32_t value = 0, known = ~0U;
};
Expected expected(const Register& r) {
  Expected e;
  for (const RegisterField& f : r.fields) {
    if (f.access == Access::status) e.known &= ~mask_of(f);
    if (f.access == Access::constant || f.access == Access::setting) e.value |= f.value << f.lsb;
  }
  return e;
}

/// A register of settings alone, to be written.
const Register* writable(const RegisterBlock& block) {
  const auto found = std::find_if(block.map.begin(), block.map.end(), [](const Register& r) {
    return std::all_of(r.fields.begin(), r.fields.end(),
                       [](const RegisterField& f) { return f.access == Access::setting; });
  });
  return found == block.map.end() ? nullptr : &*found;
}

std::string range(int width) { return width == 1 ? "" : fmt::format("[{}:0] ", width - 1); }

/// Nets of the register port: inputs as registers that the bench drives, outputs as wires.
std::string nets(const BusInterface& bus) {
  std::string text;
  for (const BusPort& p : bus.ports) {
    const bool driven = p.port.direction == Direction::input;
    text += fmt::format("  {} {}{}{};\n", driven ? "reg" : "wire", range(p.port.type.width), p.logical,
                        driven ? fmt::format(" = {}'d0", p.port.type.width) : "");
  }
  return text;
}

/// Net that a port of the design is connected to; nothing for an output that the bench does not read.
std::string connection(const Package& package, const BusInterface& bus, const Port& port) {
  if (port.name == package.interfaces.clock) return "clock";
  if (port.name == package.interfaces.reset) return "reset_n";
  for (const BusPort& p : bus.ports) {
    if (p.port.name == port.name) return p.logical;
  }
  return port.direction == Direction::input ? fmt::format("{}'d0", port.type.width) : "";
}

std::string instance(const Package& package, const BusInterface& bus) {
  std::string text;
  for (const Port& port : package.design.ports) {
    text +=
        fmt::format("{}    .{}({})", text.empty() ? "" : ",\n", port.name, connection(package, bus, port));
  }
  return fmt::format("  {} u_dut (\n{}\n  );\n", package.design.top, text);
}

/// Read, write and compare. Signals change behind the clock edge, by non-blocking assignments.
constexpr std::string_view kTasks = R"(  integer errors = 0;
  integer registers = 0;
  reg [31:0] found;

  task read(input [31:0] address);
    begin
      ARADDR <= address[ADDRESS_BITS-1:0];
      ARVALID <= 1'b1;
      RREADY <= 1'b1;
      @(posedge clock);
      while (!ARREADY) @(posedge clock);
      ARVALID <= 1'b0;
      while (!RVALID) @(posedge clock);
      found = RDATA;
      if (RRESP != 2'd0) errors = errors + 1;
      RREADY <= 1'b0;
      @(posedge clock);
    end
  endtask

  task write(input [31:0] address, input [31:0] data);
    begin
      AWADDR <= address[ADDRESS_BITS-1:0];
      AWVALID <= 1'b1;
      WDATA <= data;
      WSTRB <= 4'hf;
      WVALID <= 1'b1;
      @(posedge clock);
      while (AWVALID || WVALID) begin
        if (AWREADY) AWVALID <= 1'b0;
        if (WREADY) WVALID <= 1'b0;
        @(posedge clock);
      end
      BREADY <= 1'b1;
      @(posedge clock);
      while (!BVALID) @(posedge clock);
      if (BRESP != 2'd0) errors = errors + 1;
      BREADY <= 1'b0;
      @(posedge clock);
    end
  endtask

  task check(input [31:0] address, input [31:0] known, input [31:0] value);
    begin
      read(address);
      registers = registers + 1;
      if ((found & known) !== value) begin
        $display("register 0x%0h: found 0x%h, expected 0x%h in 0x%h", address, found, value, known);
        errors = errors + 1;
      end
    end
  endtask
)";

std::string checks(const RegisterBlock& block) {
  std::string text;
  for (const Register& r : block.map) {
    const Expected e = expected(r);
    text += fmt::format("    check(32'h{:x}, 32'h{:08x}, 32'h{:08x});  // {}.{}\n", block.base + r.offset,
                        e.known, e.value, block.name, r.name);
  }
  if (const Register* r = writable(block)) {
    const Expected e = expected(*r);
    std::uint32_t bits = 0;
    for (const RegisterField& f : r->fields) bits |= mask_of(f);
    text += fmt::format(
        "    write(32'h{0:x}, 32'h{1:08x});  // the other value of each bit, and back\n"
        "    check(32'h{0:x}, 32'h{2:08x}, 32'h{1:08x});\n    write(32'h{0:x}, 32'h{3:08x});\n"
        "    check(32'h{0:x}, 32'h{2:08x}, 32'h{3:08x});\n",
        block.base + r->offset, ~e.value & bits, ~0U, e.value);
  }
  return text;
}

}  // namespace

std::string smoke_bench(const Package& package) {
  const BusInterface* bus = package.interfaces.registers();
  if (bus == nullptr) throw std::logic_error("registers without a port");
  const std::string name = package.design.top + "_smoke";
  std::string text = fmt::format(
      "// Generated by microscopiq {}. Smoke test of {}: {}.\n"
      "// Reads every register after reset and compares it with the register table; $fatal if one differs.\n"
      "`timescale 1ns / 1ps\n\nmodule {};\n  localparam ADDRESS_BITS = {};\n\n  reg clock = 1'b0;\n"
      "  reg reset_n = 1'b0;\n  always #5 clock = !clock;\n\n",
      generator_version(), package.design.top, package.title(), name, bus->find("ARADDR")->type.width);
  text += nets(*bus) + "\n" + instance(package, *bus) + "\n" + std::string(kTasks) + "\n";
  text += "  initial begin\n    repeat (4) @(posedge clock);\n    reset_n <= 1'b1;\n    @(posedge clock);\n";
  for (const RegisterBlock& block : package.blocks) text += checks(block);
  text += fmt::format(
      "    if (errors != 0) $fatal(1, \"{0}: %0d errors\", errors);\n"
      "    $display(\"{0}: passed, %0d reads\", registers);\n    $finish;\n  end\n\n"
      "  initial begin\n    repeat (10000) @(posedge clock);\n    $fatal(1, \"{0}: no answer\");\n  end\n"
      "endmodule\n",
      name);
  return text;
}

}  // namespace msq::packaging
