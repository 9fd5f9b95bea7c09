#include "gen/arch/interfaces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "gen/arch/registers.hpp"

namespace msq {
namespace {

using verilog::Direction;
using verilog::Port;

/// Signals of AXI4 (AXI4-Lite has some of them) and AXI4-Stream.
const std::set<std::string_view>& signals() {
  static const std::set<std::string_view> names = {
      "awid",    "awaddr",   "awlen",   "awsize",  "awburst", "awlock", "awcache",  "awprot",
      "awqos",   "awregion", "awvalid", "awready", "wdata",   "wstrb",  "wlast",    "wvalid",
      "wready",  "bid",      "bresp",   "bvalid",  "bready",  "arid",   "araddr",   "arlen",
      "arsize",  "arburst",  "arlock",  "arcache", "arprot",  "arqos",  "arregion", "arvalid",
      "arready", "rid",      "rdata",   "rresp",   "rlast",   "rvalid", "rready",   "tvalid",
      "tready",  "tdata",    "tstrb",   "tkeep",   "tlast",   "tid",    "tdest",    "tuser"};
  return names;
}

/// Name without the suffix of its direction.
std::string_view without_suffix(const Port& port) {
  std::string_view name = port.name;
  if (name.ends_with(port.direction == Direction::input ? "_i" : "_o")) name.remove_suffix(2);
  return name;
}

/// Names of bus and signal of a port, or nothing.
std::optional<std::pair<std::string, std::string>> bus_and_signal(const Port& port) {
  const std::string_view name = without_suffix(port);
  const std::size_t cut = name.rfind('_');
  if (cut == std::string_view::npos || !(name.starts_with("s_") || name.starts_with("m_"))) return {};
  const std::string_view signal = name.substr(cut + 1);
  if (!signals().contains(signal)) return {};
  return std::pair(std::string(name.substr(0, cut)), std::string(signal));
}

/// Protocol and role by the ports that are there.
void classify(BusInterface& bus) {
  const Port* valid = nullptr;
  for (const char* name : {"TVALID", "ARVALID", "AWVALID"}) {
    if (valid == nullptr) valid = bus.find(name);
  }
  if (valid == nullptr) throw std::logic_error("bus without valid: " + bus.name);
  bus.manager = valid->direction == Direction::output;
  if (bus.find("TVALID") != nullptr) {
    bus.protocol = Protocol::axi4_stream;
  } else if (bus.find("ARLEN") != nullptr || bus.find("AWLEN") != nullptr) {
    bus.protocol = Protocol::axi4;
  } else {
    bus.protocol = Protocol::axi4_lite;
  }
  if (bus.manager != bus.name.starts_with("m_")) throw std::logic_error("bus against its name: " + bus.name);
}

/// The port of one of these names, or nothing.
std::string named(const std::vector<Port>& ports, std::initializer_list<std::string_view> names) {
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port& port) {
    return std::find(names.begin(), names.end(), port.name) != names.end();
  });
  return found == ports.end() ? std::string() : found->name;
}

}  // namespace

std::string_view protocol_name(Protocol protocol) {
  switch (protocol) {
    case Protocol::axi4_lite:
      return "axi4-lite";
    case Protocol::axi4:
      return "axi4";
    case Protocol::axi4_stream:
      return "axi4-stream";
  }
  return {};
}

const Port* BusInterface::find(std::string_view logical) const {
  const auto found =
      std::find_if(ports.begin(), ports.end(), [&](const BusPort& p) { return p.logical == logical; });
  return found == ports.end() ? nullptr : &found->port;
}

const BusInterface* Interfaces::registers() const {
  const auto found = std::find_if(buses.begin(), buses.end(), [](const BusInterface& bus) {
    return bus.protocol == Protocol::axi4_lite && !bus.manager;
  });
  return found == buses.end() ? nullptr : &*found;
}

Interfaces find_interfaces(const std::vector<Port>& ports) {
  Interfaces found{named(ports, {"clk_i", "aclk"}),
                   named(ports, {"rst_ni", "aresetn"}),
                   named(ports, {"irq_o", "irq"}),
                   {}};
  if (found.clock.empty() || found.reset.empty()) throw std::logic_error("top without clock or reset");
  for (const Port& port : ports) {
    const auto names = bus_and_signal(port);
    if (!names) continue;
    auto bus = std::find_if(found.buses.begin(), found.buses.end(),
                            [&](const BusInterface& b) { return b.name == names->first; });
    if (bus == found.buses.end()) bus = found.buses.insert(bus, {names->first, {}, {}, {}});
    bus->ports.push_back({upper(names->second), port});
  }
  for (BusInterface& bus : found.buses) classify(bus);
  return found;
}

}  // namespace msq
