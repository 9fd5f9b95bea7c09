#include "tb/sim/axi_lite.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace msq::tb {
namespace {

constexpr int kMostCycles = 60000;  // from a request to its response

}  // namespace

AxiLiteHost::AxiLiteHost(const Model& model, const std::string& prefix, std::function<void()> step)
    : model_(model), step_(std::move(step)) {
  const auto port = [&](const char* name) {
    const ModelPort found = model_.port(fmt::format("{}_{}", prefix, name));
    if (!found.exists()) throw std::logic_error(fmt::format("the model has no port {}_{}", prefix, name));
    return found;
  };
  awaddr_ = port("awaddr");
  awready_ = port("awready");
  awvalid_ = port("awvalid");
  wdata_ = port("wdata");
  wstrb_ = port("wstrb");
  wready_ = port("wready");
  wvalid_ = port("wvalid");
  bvalid_ = port("bvalid");
  araddr_ = port("araddr");
  arready_ = port("arready");
  arvalid_ = port("arvalid");
  rdata_ = port("rdata");
  rvalid_ = port("rvalid");
  for (const char* name : {"awvalid", "wvalid", "arvalid", "awprot", "arprot"}) port(name).set(0);
  for (const char* name : {"bready", "rready"}) port(name).set(1);
}

Result<std::uint32_t> AxiLiteHost::read(std::uint64_t address) {
  araddr_.set(address);
  arvalid_.set(1);
  bool open = true;
  for (int i = 0; i < kMostCycles; ++i) {
    model_.eval();
    const bool taken = open && arready_.get() != 0;
    const bool ended = !open && rvalid_.get() != 0;
    const auto word = static_cast<std::uint32_t>(rdata_.get());
    step_();
    if (taken) arvalid_.set(0);
    open = open && !taken;
    if (ended) return word;
  }
  return Error(fmt::format("no response to a read of {:#x}", address));
}

Result<> AxiLiteHost::write(std::uint64_t address, std::uint32_t value, unsigned strobe) {
  awaddr_.set(address);
  wdata_.set(value);
  wstrb_.set(strobe);
  awvalid_.set(1);
  wvalid_.set(1);
  bool address_open = true;
  bool data_open = true;
  for (int i = 0; i < kMostCycles; ++i) {
    model_.eval();
    const bool address_taken = address_open && awready_.get() != 0;
    const bool data_taken = data_open && wready_.get() != 0;
    const bool ended = !address_open && !data_open && bvalid_.get() != 0;
    step_();
    if (address_taken) awvalid_.set(0);
    if (data_taken) wvalid_.set(0);
    address_open = address_open && !address_taken;
    data_open = data_open && !data_taken;
    if (ended) return {};
  }
  return Error(fmt::format("no response to a write of {:#x}", address));
}

}  // namespace msq::tb
