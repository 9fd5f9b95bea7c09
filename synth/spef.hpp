#pragma once

#include <string>
#include <vector>

#include "synth/wiring.hpp"

namespace msq::synth {

/// Begin of a SPEF file in ns, pF and ohm. Pins are "CELL:PIN", bits of ports "PORT[BIT]".
[[nodiscard]] std::string spef_header(const std::string& design);

/// Text of one net: its node `i` is the first pin there, or "NET:i".
class SpefNet {
 public:
  /// @param wiring as long as the object lives.
  SpefNet(std::string name, const NetWiring& wiring);

  /// @param name such as "c12:Y". @param connection its line in the section CONN.
  void pin(std::size_t node, const std::string& name, const std::string& connection);
  [[nodiscard]] std::string text();

 private:
  void resistor(const std::string& a, const std::string& b, double ohm);

  std::string name_;
  const NetWiring& wiring_;
  std::vector<std::string> nodes_;
  std::string connections_, resistors_;
  int count_ = 0;
};

}  // namespace msq::synth
