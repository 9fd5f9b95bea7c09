#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gen/verilog/verilog.hpp"

namespace msq {

/// Buses that a design may have.
enum class Protocol { axi4_lite, axi4, axi4_stream };
/// As in the manifest: "axi4-lite", "axi4", "axi4-stream".
[[nodiscard]] std::string_view protocol_name(Protocol protocol);

/// Port of a bus under the standard's name.
struct BusPort {
  std::string logical;  ///< as in the standard: "AWVALID"
  verilog::Port port;
};

struct BusInterface {
  std::string name;  ///< what the names of its ports begin with: "s_axil"
  Protocol protocol = Protocol::axi4_lite;
  bool manager = false;  ///< issues requests, or sends the stream
  std::vector<BusPort> ports;

  /// Port under the standard's name, or null.
  [[nodiscard]] const verilog::Port* find(std::string_view logical) const;
};

/// Interfaces of a module. Other ports belong to none.
struct Interfaces {
  std::string clock, reset, interrupt;  ///< names of ports; the reset is active low; no interrupt: empty
  std::vector<BusInterface> buses;      ///< in the order of their first ports

  /// Bus of the registers, AXI4-Lite with the accelerator as subordinate, or null.
  [[nodiscard]] const BusInterface* registers() const;
};

/// Interfaces by the names of ports, with or without the suffixes _i and _o: `s_NAME_SIGNAL` and
/// `m_NAME_SIGNAL` with a signal of AXI4 or AXI4-Stream, `clk_i` or `aclk`, `rst_ni` or `aresetn`, `irq_o` or
/// `irq`. \throws std::logic_error without clock or reset, and for a bus whose ports do not make a protocol.
[[nodiscard]] Interfaces find_interfaces(const std::vector<verilog::Port>& ports);

}  // namespace msq
