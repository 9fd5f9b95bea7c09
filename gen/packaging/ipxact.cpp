#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gen/packaging/packaging.hpp"

namespace msq::packaging {
namespace {

using verilog::Direction;
using verilog::Port;

using Attributes = std::vector<std::pair<std::string, std::string>>;

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// Writer of elements of the namespace `ipxact`, indented by their depth.
class Xml {
 public:
  /// Element with other elements, which `inside` writes.
  template <typename Inside>
  void element(const std::string& name, const Attributes& attributes, const Inside& inside) {
    text_ += indent() + fmt::format("<ipxact:{}{}>\n", name, of(attributes));
    ++depth_;
    inside();
    --depth_;
    text_ += indent() + fmt::format("</ipxact:{}>\n", name);
  }
  template <typename Inside>
  void element(const std::string& name, const Inside& inside) {
    element(name, {}, inside);
  }
  /// Element with text.
  void leaf(const std::string& name, const std::string& text, const Attributes& attributes = {}) {
    text_ += indent() + fmt::format("<ipxact:{0}{1}>{2}</ipxact:{0}>\n", name, of(attributes), escaped(text));
  }
  void leaf(const std::string& name, int value) { leaf(name, fmt::format("{}", value)); }
  /// Element without content.
  void empty(const std::string& name, const Attributes& attributes) {
    text_ += indent() + fmt::format("<ipxact:{}{}/>\n", name, of(attributes));
  }
  /// Description, unless there is none.
  void description(const std::string& text) {
    if (!text.empty()) leaf("description", text);
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  [[nodiscard]] std::string indent() const { return std::string(2 * depth_, ' '); }
  static std::string of(const Attributes& attributes) {
    std::string text;
    for (const auto& [name, value] : attributes) text += fmt::format(" {}=\"{}\"", name, escaped(value));
    return text;
  }

  std::string text_;
  std::size_t depth_ = 0;
};

/// Definition of a bus: vendor, library, name and version; its RTL abstraction has the name with `_rtl`.
struct BusType {
  std::string vendor, library, name, version;

  [[nodiscard]] Attributes attributes(const std::string& suffix = "") const {
    return {{"vendor", vendor}, {"library", library}, {"name", name + suffix}, {"version", version}};
  }
};

// Arm's definitions of its buses; those of Vivado for single signals, which have no definition of a standard.
BusType bus_type(Protocol protocol) {
  switch (protocol) {
    case Protocol::axi4_lite:
      return {"amba.com", "AMBA4", "AXI4-Lite", "r0p0_0"};
    case Protocol::axi4:
      return {"amba.com", "AMBA4", "AXI4", "r0p0_0"};
    case Protocol::axi4_stream:
      return {"amba.com", "AMBA4", "AXI4Stream", "r0p0_1"};
  }
  throw std::logic_error("bus_type: no such protocol");
}
BusType signal_type(const std::string& name) { return {"xilinx.com", "signal", name, "1.0"}; }

constexpr const char* kMemoryMap = "registers";

std::string space_name(const BusInterface& bus) { return bus.name + "_space"; }

void port_map(Xml& xml, const std::string& logical, const std::string& physical) {
  xml.element("portMap", [&] {
    xml.element("logicalPort", [&] { xml.leaf("name", logical); });
    xml.element("physicalPort", [&] { xml.leaf("name", physical); });
  });
}

/// Types and port maps, the same for every interface.
void abstraction(Xml& xml, const BusType& type,
                 const std::vector<std::pair<std::string, std::string>>& ports) {
  xml.empty("busType", type.attributes());
  xml.element("abstractionTypes", [&] {
    xml.element("abstractionType", [&] {
      xml.empty("abstractionRef", type.attributes("_rtl"));
      xml.element("portMaps", [&] {
        for (const auto& [logical, physical] : ports) port_map(xml, logical, physical);
      });
    });
  });
}

void bus_interface(Xml& xml, const BusInterface& bus, bool has_registers) {
  xml.element("busInterface", [&] {
    xml.leaf("name", bus.name);
    std::vector<std::pair<std::string, std::string>> ports;
    for (const BusPort& p : bus.ports) ports.emplace_back(p.logical, p.port.name);
    abstraction(xml, bus_type(bus.protocol), ports);
    if (bus.protocol == Protocol::axi4_stream) {
      xml.empty(bus.manager ? "master" : "slave", {});
    } else if (bus.manager) {
      xml.element("master", [&] { xml.empty("addressSpaceRef", {{"addressSpaceRef", space_name(bus)}}); });
    } else if (has_registers) {
      xml.element("slave", [&] { xml.empty("memoryMapRef", {{"memoryMapRef", kMemoryMap}}); });
    } else {
      xml.empty("slave", {});
    }
  });
}

void parameter(Xml& xml, const std::string& name, const std::string& value) {
  xml.element("parameter", {{"parameterId", name}}, [&] {
    xml.leaf("name", name);
    xml.leaf("value", value);
  });
}

void signal_interface(Xml& xml, const std::string& kind, const std::string& logical, const std::string& port,
                      bool output, const std::vector<std::pair<std::string, std::string>>& parameters) {
  xml.element("busInterface", [&] {
    xml.leaf("name", kind);
    abstraction(xml, signal_type(kind), {{logical, port}});
    xml.empty(output ? "master" : "slave", {});
    xml.element("parameters", [&] {
      for (const auto& [name, value] : parameters) parameter(xml, name, value);
    });
  });
}

void bus_interfaces(Xml& xml, const Package& package) {
  const Interfaces& all = package.interfaces;
  std::string names;
  for (const BusInterface& bus : all.buses) names += (names.empty() ? "" : ":") + bus.name;
  xml.element("busInterfaces", [&] {
    for (const BusInterface& bus : all.buses)
      bus_interface(xml, bus, !package.blocks.empty() && &bus == all.registers());
    std::vector<std::pair<std::string, std::string>> clock = {{"ASSOCIATED_RESET", all.reset}};
    if (!names.empty()) clock.insert(clock.begin(), {"ASSOCIATED_BUSIF", names});
    signal_interface(xml, "clock", "CLK", all.clock, false, clock);
    signal_interface(xml, "reset", "RST", all.reset, false, {{"POLARITY", "ACTIVE_LOW"}});
    if (!all.interrupt.empty())
      signal_interface(xml, "interrupt", "INTERRUPT", all.interrupt, true, {{"SENSITIVITY", "LEVEL_HIGH"}});
  });
}

/// Width of the addresses and data of a memory port.
int width_of(const BusInterface& bus, const char* read, const char* write) {
  const Port* port = bus.find(read) != nullptr ? bus.find(read) : bus.find(write);
  if (port == nullptr) throw std::logic_error("bus without " + std::string(read));
  return port->type.width;
}

void address_spaces(Xml& xml, const Interfaces& interfaces) {
  std::vector<const BusInterface*> managers;
  for (const BusInterface& bus : interfaces.buses) {
    if (bus.manager && bus.protocol != Protocol::axi4_stream) managers.push_back(&bus);
  }
  if (managers.empty()) return;
  xml.element("addressSpaces", [&] {
    for (const BusInterface* bus : managers) {
      xml.element("addressSpace", [&] {
        xml.leaf("name", space_name(*bus));
        // 2 ** 64 is beyond a hexadecimal constant of 64 bits.
        const int bits = width_of(*bus, "ARADDR", "AWADDR");
        xml.leaf("range", fmt::format("2 ** {}", bits));
        xml.leaf("width", width_of(*bus, "RDATA", "WDATA"));
      });
    }
  });
}

void field(Xml& xml, const RegisterBlock& block, const Register& r, const RegisterField& f) {
  xml.element("field", [&] {
    xml.leaf("name", f.name);
    xml.description(f.doc);
    xml.leaf("bitOffset", f.lsb);
    if (f.access != Access::status) {
      xml.element("resets",
                  [&] { xml.element("reset", [&] { xml.leaf("value", fmt::format("'h{:x}", f.value)); }); });
    }
    xml.leaf("bitWidth", f.width);
    if (f.access == Access::status) xml.leaf("volatile", "true");
    const bool pulse = f.access == Access::pulse;
    xml.leaf("access", pulse ? "write-only" : f.access == Access::setting ? "read-write" : "read-only");
    if (r.name == "status" && f.name == "code") {
      xml.element("enumeratedValues", [&] {
        for (const ErrorCode& code : block.codes) {
          xml.element("enumeratedValue", [&] {
            xml.leaf("name", code.name);
            xml.description(code.doc);
            xml.leaf("value", code.code);
          });
        }
      });
    }
    if (pulse) xml.leaf("modifiedWriteValue", "oneToSet");
  });
}

void memory_maps(Xml& xml, const std::vector<RegisterBlock>& blocks) {
  xml.element("memoryMaps", [&] {
    xml.element("memoryMap", [&] {
      xml.leaf("name", kMemoryMap);
      for (const RegisterBlock& block : blocks) {
        xml.element("addressBlock", [&] {
          xml.leaf("name", block.name);
          xml.description(block.doc);
          xml.leaf("baseAddress", fmt::format("'h{:x}", block.base));
          xml.leaf("range", fmt::format("'h{:x}", block.bytes));
          xml.leaf("width", 32);
          xml.leaf("usage", "register");
          for (const Register& r : block.map) {
            xml.element("register", [&] {
              xml.leaf("name", r.name);
              xml.description(r.doc);
              xml.leaf("addressOffset", fmt::format("'h{:x}", r.offset));
              xml.leaf("size", 32);
              for (const RegisterField& f : r.fields) field(xml, block, r, f);
            });
          }
        });
      }
      xml.leaf("addressUnitBits", 8);
    });
  });
}

void model(Xml& xml, const Design& design) {
  xml.element("model", [&] {
    xml.element("views", [&] {
      xml.element("view", [&] {
        xml.leaf("name", "rtl");
        xml.leaf("envIdentifier", "Verilog::");
        xml.leaf("componentInstantiationRef", "verilog");
      });
    });
    xml.element("instantiations", [&] {
      xml.element("componentInstantiation", [&] {
        xml.leaf("name", "verilog");
        xml.leaf("language", "Verilog");
        xml.leaf("moduleName", design.top);
        for (const char* set : {"rtl", "constraints"})
          xml.element("fileSetRef", [&] { xml.leaf("localName", set); });
      });
    });
    xml.element("ports", [&] {
      for (const Port& port : design.ports) {
        xml.element("port", [&] {
          xml.leaf("name", port.name);
          xml.description(port.doc);
          xml.element("wire", [&] {
            xml.leaf("direction", port.direction == Direction::input ? "in" : "out");
            if (port.type.width > 1) {
              xml.element("vectors", [&] {
                xml.element("vector", [&] {
                  xml.leaf("left", port.type.width - 1);
                  xml.leaf("right", 0);
                });
              });
            }
          });
        });
      }
    });
  });
}

/// A file; `user` is the type's name where the standard has none.
void file(Xml& xml, const std::string& name, const std::string& type, const std::string& user = "",
          bool include = false) {
  xml.element("file", [&] {
    xml.leaf("name", name);
    Attributes attributes;
    if (!user.empty()) attributes = {{"user", user}};
    xml.leaf("fileType", type, attributes);
    if (include) xml.leaf("isIncludeFile", "true");
  });
}

void file_sets(Xml& xml, const Package& package) {
  const Design& design = package.design;
  xml.element("fileSets", [&] {
    xml.element("fileSet", [&] {
      xml.leaf("name", "rtl");
      file(xml, design.assertions.name, "verilogSource-2001", "", true);
      for (const std::string& name : design.verilog_files()) file(xml, name, "verilogSource-2001");
    });
    xml.element("fileSet", [&] {
      xml.leaf("name", "verilator");
      file(xml, design.control.name, "user", "vlt");
    });
    xml.element("fileSet", [&] {
      xml.leaf("name", "constraints");
      file(xml, sdc_file(design), "SDC");
      file(xml, xdc_file(design), "user", "xdc");
    });
    if (package.blocks.empty()) return;
    xml.element("fileSet", [&] {
      xml.leaf("name", "smoke");
      file(xml, smoke_file(design), "systemVerilogSource");
    });
  });
}

}  // namespace

std::string ipxact(const Package& package) {
  Xml xml;
  const std::string space = "http://www.accellera.org/XMLSchema/IPXACT/1685-2014";
  xml.element("component",
              {{"xmlns:ipxact", space},
               {"xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"},
               {"xsi:schemaLocation", fmt::format("{0} {0}/index.xsd", space)}},
              [&] {
                xml.leaf("vendor", "microscopiq");
                xml.leaf("library", "rtl");
                xml.leaf("name", package.design.top);
                xml.leaf("version", generator_version());
                bus_interfaces(xml, package);
                address_spaces(xml, package.interfaces);
                if (!package.blocks.empty()) memory_maps(xml, package.blocks);
                model(xml, package.design);
                file_sets(xml, package);
                xml.description("MicroScopiQ " + package.title());
              });
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml.text();
}

}  // namespace msq::packaging
