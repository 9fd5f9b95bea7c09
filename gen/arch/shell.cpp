// Shell of the accelerator: memory ports, list of jobs, registers.

#include "gen/arch/shell.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <map>
#include <stdexcept>

#include "gen/leaves/leaf.hpp"

namespace msq {

namespace {

std::uint32_t bits_of(int value) { return static_cast<std::uint32_t>(value); }

}  // namespace

std::vector<Register> shell_register_map(const ShellConfig& shell) {
  const auto constant = [](const char* name, int lsb, int width, std::uint32_t value, const char* doc) {
    return RegisterField{name, lsb, width, Access::constant, value, doc};
  };
  const auto status = [](const char* name, int lsb, int width, const char* doc) {
    return RegisterField{name, lsb, width, Access::status, 0, doc};
  };
  const auto pulse = [](const char* name, int lsb, const char* doc) {
    return RegisterField{name, lsb, 1, Access::pulse, 0, doc};
  };
  const auto setting = [](const char* name, int lsb, int width, const char* doc) {
    return RegisterField{name, lsb, width, Access::setting, 0, doc};
  };
  return {
      {"id", 0x00, "Identity.", {constant("value", 0, 32, 0x4d535153, "\"MSQS\" in ASCII")}},
      {"version", 0x04, "Form of descriptors.", {constant("value", 0, 32, 1, "version of the descriptor")}},
      {"memory",
       0x08,
       "The memory ports.",
       {constant("word_bytes", 0, 8, bits_of(shell.data_bits / 8), "bytes of a word of the memory"),
        constant("address_bits", 8, 8, bits_of(shell.address_bits), "bits of a byte address"),
        constant("burst", 16, 9, bits_of(shell.burst), "most beats of a burst")}},
      {"control",
       0x10,
       "Control of lists.",
       {pulse("start", 0, "begin the list at `head`; ignored while a list runs"),
        pulse("stop", 1, "end the list: its oldest job ends with the error `stopped`"),
        pulse("acknowledge", 2, "drop the interrupt"),
        setting("interrupt_enable", 8, 1, "drive the interrupt; a write of byte 1 sets or clears it")}},
      {"status",
       0x14,
       "Status of the list.",
       {status("busy", 0, 1, "list running"), status("done", 1, 1, "list ended without an error"),
        status("error", 2, 1, "list ended with an error"),
        status("interrupt", 3, 1,
               "job with an interrupt, or list, ended since the last acknowledge or start of a list"),
        status("code", 8, 8, "error code, 0 if none")}},
      {"head_low",
       0x18,
       "First descriptor.",
       {setting("value", 0, 32, "bits 31:0 of the byte address of the first descriptor")}},
      {"head_high", 0x1c, "First descriptor.", {setting("value", 0, 32, "bits 63:32 of that address")}},
      {"finished",
       0x20,
       "Jobs of the list.",
       {status("value", 0, 32, "jobs of the list that ended without an error")}},
      {"cycles", 0x24, "Time of the list.", {status("value", 0, 32, "cycles of the list")}},
      {"last_low",
       0x28,
       "Last job.",
       {status("value", 0, 32,
               "bits 31:0 of the byte address of the descriptor of the oldest job of the list, at its end of "
               "the job that ended last, or has the error")}},
      {"last_high", 0x2c, "Last job.", {status("value", 0, 32, "bits 63:32 of that address")}},
  };
}

const std::vector<ErrorCode>& shell_error_codes() {
  static const std::vector<ErrorCode> codes = [] {
    std::vector<ErrorCode> all = error_codes();
    const std::vector<ErrorCode> own = {
        {16, "descriptor_read", "the memory answered the read of a descriptor with an error"},
        {17, "descriptor",
         "a descriptor without its marker, with a reserved bit set, without tokens or columns, or with more "
         "than their registers hold"},
        {18, "alignment",
         "an address inside a word of the memory (of a descriptor: not a multiple of 128) or beyond the "
         "memory, or bytes that are no or not whole beats"},
        {19, "layout",
         "outputs laid out as activations in a format that is not that of activations, or whose values begin "
         "inside a word of them"},
        {20, "weight_read", "the memory answered a read of weights with an error"},
        {21, "activation_read", "the memory answered a read of activations with an error"},
        {22, "write", "the memory answered a write of outputs or of a completion with an error"},
        {23, "overflow", "there were more outputs than the descriptor has room for; none was written there"},
        {24, "stopped", "the list was stopped, or the accelerator was cleared by somebody else"}};
    all.insert(all.end(), own.begin(), own.end());
    return all;
  }();
  return codes;
}

const std::vector<DescriptorField>& descriptor_fields() {
  static const std::vector<DescriptorField> fields = {
      {"marker", 0, 0, 8, "0xd5"},
      {"last", 0, 8, 1, "last job of the list"},
      {"interrupt", 0, 9, 1, "interrupt with the end of the job"},
      {"wait", 0, 10, 1, "activations are read when the outputs of all jobs before are written"},
      {"activations", 0, 11, 1, "outputs are laid out as activations of a next layer"},
      {"format", 0, 12, 2, "register `format`: of the outputs"},
      {"log2_rows", 0, 16, 4, "register `tiling`: log2 of the rows of a tile along K"},
      {"log2_block", 0, 20, 4, "register `tiling`: log2 of the activations that share a scale"},
      {"tokens", 1, 0, 32, "tokens of the job, which is one pass"},
      {"depth", 2, 0, 32, "positions of the dot product, K"},
      {"columns", 3, 0, 32, "outputs of a token, N"},
      {"weight_bytes", 4, 0, 32, "bytes of the weight packet"},
      {"activation_bytes", 5, 0, 32, "bytes of the activation packet"},
      {"output_bytes", 6, 0, 32, "bytes that outputs may take"},
      {"values", 7, 0, 32, "outputs as activations: bytes from the first scale to the first value"},
      {"weight_address", 8, 0, 64, "byte address of the weight packet"},
      {"activation_address", 10, 0, 64, "byte address of the activation packet"},
      {"output_address", 12, 0, 64, "byte address of the outputs"},
      {"next", 14, 0, 64, "byte address of the next descriptor, unless `last`"}};
  return fields;
}

std::vector<Memory> shell_memories(const ShellConfig& shell) {
  return {{"memory read FIFO",
           2,
           shell.data_bits + 1,
           shell.fifo,
           {"u_weight.u_memory.u_fifo.u_ram", "u_act.u_memory.u_fifo.u_ram"}},
          {"memory write FIFO", 1, shell.data_bits / 8 * 9, shell.fifo, {"u_write.u_fifo.u_ram"}}};
}

namespace arch {

using leaves::leaf;
using namespace verilog;

namespace {

constexpr int kAddressBits = 13;  // of the host's window
constexpr int kWindow = 12;       // bit that selects the registers of the shell
constexpr int kWordBits = 6;      // of the number of a register

class ShellBuilder {
 public:
  ShellBuilder(Module& m, const Dimensions& d, const ShellConfig& shell)
      : m_(m),
        d_(d),
        shell_(shell),
        address_bits_(m.localparam("ADDRESS_BITS", shell.address_bits, "bits of a byte address")),
        word_bytes_(m.localparam("WORD_BYTES", shell.data_bits / 8, "bytes of a word of the memory")),
        word_bits_(m.localparam("WORD_BITS", word_bytes_ * 8, "bits of a word of the memory")),
        burst_(m.localparam("BURST", shell.burst, "most beats of a burst")),
        fifo_(m.localparam("FIFO", shell.fifo, "words that a reader or the writer holds")),
        outstanding_(m.localparam("OUTSTANDING", shell.outstanding, "most bursts under way")),
        token_bits_(m.localparam("TOKEN_BITS", log2_of(d.tokens) + 1, "bits of a number of tokens")) {}

  void ports();
  void host(const Interface& registers);
  void lists(const std::vector<Register>& top_map);
  void jobs();
  void reads();
  void writes();
  void top(const Interface& top);

 private:
  Expr wire(const std::string& name, const Constant& width = 1) {
    return nets_[name] = m_.wire(name, u(width));
  }
  Expr net(const std::string& name) const {
    const auto found = nets_.find(name);
    if (found == nets_.end()) throw std::logic_error("msq_shell: no net " + name);
    return found->second;
  }
  void wires(std::initializer_list<const char*> names, const Constant& width = 1) {
    for (const char* name : names) wire(name, width);
  }
  void port(Direction direction, const std::string& name, int width, const std::string& doc = "") {
    nets_[name] = m_.standard_port(direction, name, u(width), doc);
  }
  void bus_port(Direction direction, const std::string& bus, const std::string& kind,
                const std::string& signal, int width, const std::string& parameter = "");
  void read_ports(const std::string& bus);
  void write_ports(const std::string& bus);
  Expr settle(const std::string& bus, const std::string& signal, const Expr& value) {
    m_.assign(net(bus + "_" + signal), value);
    return value;
  }
  void read_constants(const std::string& bus, const char* channel);

  /// Instance of a module. A port takes what `given` says, else the net `<prefix>_<port without suffix>`,
  /// which an output makes if it is not there.
  void instance(const Interface& module, const std::string& prefix,
                const std::vector<std::pair<std::string, Expr>>& given, const std::string& reset = "aresetn");

  Module& m_;
  const Dimensions& d_;
  const ShellConfig& shell_;
  Constant address_bits_, word_bytes_, word_bits_, burst_, fifo_, outstanding_, token_bits_;
  std::map<std::string, Expr> nets_;
};

void ShellBuilder::instance(const Interface& module, const std::string& prefix,
                            const std::vector<std::pair<std::string, Expr>>& given,
                            const std::string& reset) {
  const std::map<std::string, Expr> known(given.begin(), given.end());
  std::vector<std::pair<std::string, Expr>> connections;
  for (const Port& port : module.ports) {
    const std::string name = fmt::format("{}_{}", prefix, port.name.substr(0, port.name.rfind('_')));
    if (const auto it = known.find(port.name); it != known.end()) {
      connections.emplace_back(port.name, it->second);
    } else if (port.name == "clk_i") {
      connections.emplace_back(port.name, net("aclk"));
    } else if (port.name == "rst_ni") {
      connections.emplace_back(port.name, net(reset));
    } else if (port.direction == Direction::output && !nets_.contains(name)) {
      connections.emplace_back(port.name, wire(name, port.type.width));
    } else {
      connections.emplace_back(port.name, net(name));
    }
  }
  m_.instance(module, "u_" + prefix, connections);
}

/// Port of a bus, with the attribute by which tools infer its interface.
void ShellBuilder::bus_port(Direction direction, const std::string& bus, const std::string& kind,
                            const std::string& signal, int width, const std::string& parameter) {
  port(direction, fmt::format("{}_{}", bus, signal), width);
  std::string text =
      fmt::format("X_INTERFACE_INFO = \"xilinx.com:interface:{}:1.0 {} {}\"", kind, bus, upper(signal));
  if (!parameter.empty()) text += fmt::format(", X_INTERFACE_PARAMETER = \"{}\"", parameter);
  m_.attribute(text);
}

void ShellBuilder::read_ports(const std::string& bus) {
  const auto out = Direction::output;
  const auto in = Direction::input;
  bus_port(out, bus, "aximm", "arvalid", 1);
  bus_port(in, bus, "aximm", "arready", 1);
  bus_port(out, bus, "aximm", "arid", 1);
  bus_port(out, bus, "aximm", "araddr", shell_.address_bits);
  bus_port(out, bus, "aximm", "arlen", 8);
  bus_port(out, bus, "aximm", "arsize", 3);
  bus_port(out, bus, "aximm", "arburst", 2);
  bus_port(out, bus, "aximm", "arlock", 1);
  bus_port(out, bus, "aximm", "arcache", 4);
  bus_port(out, bus, "aximm", "arprot", 3);
  bus_port(out, bus, "aximm", "arqos", 4);
  bus_port(in, bus, "aximm", "rvalid", 1);
  bus_port(out, bus, "aximm", "rready", 1);
  bus_port(in, bus, "aximm", "rid", 1);
  bus_port(in, bus, "aximm", "rdata", shell_.data_bits);
  bus_port(in, bus, "aximm", "rresp", 2);
  bus_port(in, bus, "aximm", "rlast", 1);
}

void ShellBuilder::write_ports(const std::string& bus) {
  const auto out = Direction::output;
  const auto in = Direction::input;
  bus_port(out, bus, "aximm", "awvalid", 1);
  bus_port(in, bus, "aximm", "awready", 1);
  bus_port(out, bus, "aximm", "awid", 1);
  bus_port(out, bus, "aximm", "awaddr", shell_.address_bits);
  bus_port(out, bus, "aximm", "awlen", 8);
  bus_port(out, bus, "aximm", "awsize", 3);
  bus_port(out, bus, "aximm", "awburst", 2);
  bus_port(out, bus, "aximm", "awlock", 1);
  bus_port(out, bus, "aximm", "awcache", 4);
  bus_port(out, bus, "aximm", "awprot", 3);
  bus_port(out, bus, "aximm", "awqos", 4);
  bus_port(out, bus, "aximm", "wvalid", 1);
  bus_port(in, bus, "aximm", "wready", 1);
  bus_port(out, bus, "aximm", "wdata", shell_.data_bits);
  bus_port(out, bus, "aximm", "wstrb", shell_.data_bits / 8);
  bus_port(out, bus, "aximm", "wlast", 1);
  bus_port(in, bus, "aximm", "bvalid", 1);
  bus_port(out, bus, "aximm", "bready", 1);
  bus_port(in, bus, "aximm", "bid", 1);
  bus_port(in, bus, "aximm", "bresp", 2);
}

void ShellBuilder::ports() {
  const auto out = Direction::output;
  const auto in = Direction::input;
  m_.group("Clock, reset and interrupt");
  port(in, "aclk", 1, "clock");
  m_.attribute(
      "X_INTERFACE_INFO = \"xilinx.com:signal:clock:1.0 aclk CLK\", X_INTERFACE_PARAMETER = "
      "\"ASSOCIATED_BUSIF s_axi:m_axi_weight:m_axi_data, ASSOCIATED_RESET aresetn\"");
  port(in, "aresetn", 1, "synchronous reset, active low");
  m_.attribute(
      "X_INTERFACE_INFO = \"xilinx.com:signal:reset:1.0 aresetn RST\", X_INTERFACE_PARAMETER = "
      "\"POLARITY ACTIVE_LOW\"");
  port(out, "irq", 1, "interrupt of the shell, or of the accelerator");
  m_.attribute(
      "X_INTERFACE_INFO = \"xilinx.com:signal:interrupt:1.0 irq INTERRUPT\", X_INTERFACE_PARAMETER = "
      "\"SENSITIVITY LEVEL_HIGH\"");
  m_.group("Registers: AXI4-Lite; those of the accelerator from 0 on, those of the shell from 0x1000 on");
  const std::string s = "s_axi";
  bus_port(in, s, "aximm", "awvalid", 1, "PROTOCOL AXI4LITE");
  bus_port(out, s, "aximm", "awready", 1);
  bus_port(in, s, "aximm", "awaddr", kAddressBits);
  bus_port(in, s, "aximm", "awprot", 3);
  bus_port(in, s, "aximm", "wvalid", 1);
  bus_port(out, s, "aximm", "wready", 1);
  bus_port(in, s, "aximm", "wdata", 32);
  bus_port(in, s, "aximm", "wstrb", 4);
  bus_port(out, s, "aximm", "bvalid", 1);
  bus_port(in, s, "aximm", "bready", 1);
  bus_port(out, s, "aximm", "bresp", 2);
  bus_port(in, s, "aximm", "arvalid", 1);
  bus_port(out, s, "aximm", "arready", 1);
  bus_port(in, s, "aximm", "araddr", kAddressBits);
  bus_port(in, s, "aximm", "arprot", 3);
  bus_port(out, s, "aximm", "rvalid", 1);
  bus_port(in, s, "aximm", "rready", 1);
  bus_port(out, s, "aximm", "rdata", 32);
  bus_port(out, s, "aximm", "rresp", 2);
  m_.group("Weights: AXI4, reads only");
  read_ports("m_axi_weight");
  m_.group("Activations (id 0) and descriptors (id 1): AXI4, reads");
  read_ports("m_axi_data");
  m_.group("Outputs and completions: AXI4, writes");
  write_ports("m_axi_data");
}

/// Signals of an address channel that never change.
void ShellBuilder::read_constants(const std::string& bus, const char* channel) {
  const auto signal = [&](const char* name) { return fmt::format("{}_{}", channel, name); };
  const auto set = [&](const char* name, int width, int value) {
    std::string joined = signal(name);
    joined.erase(joined.find('_'), 1);
    settle(bus, joined, lit(u(width), value));
  };
  set("size", 3, log2_of(shell_.data_bits / 8));
  set("burst", 2, 1);  // incrementing
  set("lock", 1, 0);
  set("cache", 4, 3);  // normal, not cached, bufferable
  set("prot", 3, 0);
  set("qos", 4, 0);
}

void ShellBuilder::host(const Interface& registers) {
  m_.section("Registers");
  std::vector<std::pair<std::string, Expr>> lite;
  for (const char* name :
       {"awvalid", "awaddr", "wvalid", "wdata", "wstrb", "bready", "arvalid", "araddr", "rready"})
    lite.emplace_back(fmt::format("{}_i", name), net(fmt::format("s_axi_{}", name)));
  for (const char* name : {"awready", "wready", "bvalid", "bresp", "arready", "rvalid", "rdata", "rresp"})
    lite.emplace_back(fmt::format("{}_o", name), net(fmt::format("s_axi_{}", name)));
  wire("host_end");
  wire("host_data_in", 32);
  lite.emplace_back("end_i", net("host_end"));
  lite.emplace_back("data_i", net("host_data_in"));
  instance(leaf("msq_lite_subordinate", {{"ADDRESS_BITS", kAddressBits}}), "host", lite);
  m_.unused("prot", {net("s_axi_awprot"), net("s_axi_arprot")}, "every access is allowed");
  const Expr address = net("host_address");
  const Expr own = m_.wire("host_own", net("host_access") & bit(address, kWindow));
  nets_["host_other"] = m_.wire("host_other", net("host_access") & ~bit(address, kWindow));
  m_.unused("address", {address}, "each window has 256 bytes");
  wires({"finish_busy", "finish_done", "finish_error", "finish_interrupt"});
  wire("finish_code", 8);
  wires({"finish_finished", "finish_cycles"}, 32);
  wire("finish_address", address_bits_);
  const Expr last = m_.wire("last_address", zext(net("finish_address"), 64));
  std::vector<Expr> mask;
  for (int b = 3; b >= 0; --b) mask.push_back(replicate(8, bit(net("host_strobe"), b)));
  const Expr word = slice(address, 2, kWordBits);
  const Expr read = wire("set_read_data", 32);
  instance(registers, "set",
           {{"write_i", own & net("host_write")},
            {"write_word_i", word},
            {"write_data_i", net("host_data")},
            {"write_mask_i", concat(mask)},
            {"read_word_i", word},
            {"status_busy_i", net("finish_busy")},
            {"status_done_i", net("finish_done")},
            {"status_error_i", net("finish_error")},
            {"status_interrupt_i", net("finish_interrupt")},
            {"status_code_i", net("finish_code")},
            {"finished_value_i", net("finish_finished")},
            {"cycles_value_i", net("finish_cycles")},
            {"last_low_value_i", slice(last, 0, 32)},
            {"last_high_value_i", slice(last, 32, 32)}});
  m_.comment("Accesses to the accelerator: end of a list first, then the host, then the start of jobs.");
  wires({"fetch_access", "fetch_access_write", "finish_access", "finish_hold"});
  wires({"fetch_access_address", "finish_access_address"}, kRegisterAddressBits);
  wire("fetch_access_data", 32);
  wire("fetch_access_strobe", 4);
  const Constant ports = m_.localparam("REQUESTERS", 3, "requesters of the accelerator's registers");
  for (const char* name : {"awvalid", "awready", "wvalid", "wready", "bvalid", "bready", "arvalid", "arready",
                           "rvalid", "rready"})
    wire(fmt::format("lite_{}", name));
  wires({"lite_awaddr", "lite_araddr"}, kRegisterAddressBits);
  wires({"lite_wdata", "lite_rdata"}, 32);
  wire("lite_wstrb", 4);
  instance(leaf("msq_lite_manager", {{"PORTS", ports}, {"ADDRESS_BITS", kRegisterAddressBits}}), "lite",
           {{"hold_i", net("finish_hold")},
            {"access_i", concat({net("fetch_access"), net("host_other"), net("finish_access")})},
            {"write_i", concat({net("fetch_access_write"), net("host_write"), zeros(1)})},
            {"address_i", concat({net("fetch_access_address"), slice(address, 0, kRegisterAddressBits),
                                  net("finish_access_address")})},
            {"data_i", concat({net("fetch_access_data"), net("host_data"), zeros(32)})},
            {"strobe_i", concat({net("fetch_access_strobe"), net("host_strobe"), zeros(4)})}});
  m_.assign(net("host_end"), own | bit(net("lite_end"), 1));
  m_.assign(net("host_data_in"), mux(own, read, net("lite_data")));
}

void ShellBuilder::lists(const std::vector<Register>& top_map) {
  m_.section("Lists of jobs");
  const auto offset = [&](const char* name) { return Constant(find_register(top_map, name).offset); };
  wires({"finish_reset", "finish_go", "fetch_idle", "fetch_error", "weight_idle", "weight_error",
         "weight_end", "act_idle", "act_error", "act_end"});
  wire("fetch_code", 8);
  wire("fetch_address", address_bits_);
  wires({"job_out_valid", "job_in_ready", "layout_end", "layout_overflow", "layout_in_ready", "write_idle",
         "write_error", "write_ready"});
  const Expr job = wire("job_out_data", address_bits_ + 2);
  m_.comment("The end of jobs and of the list.");
  instance(leaf("msq_finish", {{"ADDRESS_BITS", address_bits_},
                               {"WORD_BYTES", word_bytes_},
                               {"STATUS", offset("status")},
                               {"JOBS", offset("jobs")}}),
           "finish",
           {{"start_i", net("set_control_start")},
            {"stop_i", net("set_control_stop")},
            {"acknowledge_i", net("set_control_acknowledge")},
            {"idle_i", net("fetch_idle") & net("weight_idle") & net("act_idle")},
            {"fetch_error_i", net("fetch_error")},
            {"fetch_code_i", net("fetch_code")},
            {"fetch_address_i", net("fetch_address")},
            {"weight_error_i", net("weight_error")},
            {"weight_end_i", net("weight_end")},
            {"act_error_i", net("act_error")},
            {"act_end_i", net("act_end")},
            {"job_valid_i", net("job_out_valid")},
            {"job_address_i", slice(job, 0, address_bits_)},
            {"job_last_i", bit(job, address_bits_)},
            {"job_interrupt_i", bit(job, address_bits_ + 1)},
            {"end_i", net("layout_end")},
            {"overflow_i", net("layout_overflow")},
            {"written_i", net("write_idle")},
            {"write_error_i", net("write_error")},
            {"held_i", net("lite_held")},
            {"access_end_i", bit(net("lite_end"), 0)},
            {"access_data_i", net("lite_data")},
            {"word_ready_i", net("write_ready")}});
  nets_["run_n"] = m_.wire("run_n", net("aresetn") & ~net("finish_reset"));
  m_.comment("Descriptors.");
  wires({"fetch_arready", "fetch_rvalid", "weight_ready", "act_ready"});
  instance(leaf("msq_fetch", {{"ADDRESS_BITS", address_bits_},
                              {"WORD_BYTES", word_bytes_},
                              {"WEIGHT_BYTES", d_.weight_beat / 8},
                              {"ACT_BYTES", d_.activation_beat / 8},
                              {"ACT_BITS", d_.stream_act_bits},
                              {"TOKEN_BITS", token_bits_},
                              {"SETTINGS", offset("tokens")},
                              {"STATUS", offset("status")},
                              {"CONTROL", offset("control")}}),
           "fetch",
           {{"halt_i", net("finish_reset")},
            {"go_i", net("finish_go")},
            {"head_i", concat({net("set_head_high_value"), net("set_head_low_value")})},
            {"finished_i", slice(net("finish_finished"), 0, 8)},
            {"arready_i", net("fetch_arready")},
            {"rvalid_i", net("fetch_rvalid")},
            {"rdata_i", net("m_axi_data_rdata")},
            {"rresp_i", net("m_axi_data_rresp")},
            {"rlast_i", net("m_axi_data_rlast")},
            {"access_end_i", bit(net("lite_end"), 2)},
            {"access_data_i", net("lite_data")},
            {"job_ready_i", net("job_in_ready") & net("layout_in_ready")},
            {"weight_ready_i", net("weight_ready")},
            {"act_ready_i", net("act_ready")}});
}

/// Queues of what the jobs under way need later.
void ShellBuilder::jobs() {
  m_.comment("Jobs whose outputs have not come: for their end, and for the place of their outputs.");
  const Constant depth = m_.localparam("JOBS", 4, "jobs under way");
  instance(leaf("msq_queue", {{"WIDTH", address_bits_ + 2}, {"DEPTH", depth}}), "job",
           {{"in_valid_i", net("fetch_job_valid") & net("layout_in_ready")},
            {"in_data_i", concat({net("fetch_job_interrupt"), net("fetch_job_last"), net("fetch_address")})},
            {"out_ready_i", net("finish_job_ready")}},
           "run_n");
  std::vector<Expr> parts;
  Constant width = 0;
  for (const char* name : {"columns", "tokens", "values", "activations", "bytes", "address"}) {
    parts.push_back(net(fmt::format("fetch_output_{}", name)));
    width = width + width_of(parts.back());
  }
  const Constant bits = m_.localparam("LAYOUT_BITS", width, "bits of the layout of a job's outputs");
  wire("layout_ready");
  // With the one that u_layout holds, three jobs: as many as msq_top has under way.
  instance(leaf("msq_queue", {{"WIDTH", bits}, {"DEPTH", 2}}), "layouts",
           {{"in_valid_i", net("fetch_job_valid") & net("job_in_ready")},
            {"in_ready_o", net("layout_in_ready")},
            {"in_data_i", concat(parts)},
            {"out_ready_i", net("layout_ready")}},
           "run_n");
}

void ShellBuilder::reads() {
  m_.section("Reads");
  const auto reader = [&](int beat_bits) {
    return leaf("msq_packet_reader", {{"ADDRESS_BITS", address_bits_},
                                      {"WORD_BYTES", word_bytes_},
                                      {"BEAT_BYTES", beat_bits / 8},
                                      {"BURST", burst_},
                                      {"DEPTH", fifo_},
                                      {"OUTSTANDING", outstanding_}});
  };
  wires({"weight_beat_ready", "act_beat_ready"});
  const std::string bus = "m_axi_weight";
  instance(reader(d_.weight_beat), "weight",
           {{"flush_i", net("finish_reset")},
            {"valid_i", net("fetch_weight_valid")},
            {"address_i", net("fetch_weight_address")},
            {"bytes_i", net("fetch_weight_bytes")},
            {"arvalid_o", net(bus + "_arvalid")},
            {"arready_i", net(bus + "_arready")},
            {"araddr_o", net(bus + "_araddr")},
            {"arlen_o", net(bus + "_arlen")},
            {"rvalid_i", net(bus + "_rvalid")},
            {"rready_o", net(bus + "_rready")},
            {"rdata_i", net(bus + "_rdata")},
            {"rresp_i", net(bus + "_rresp")},
            {"rlast_i", net(bus + "_rlast")}});
  settle(bus, "arid", zeros(1));
  read_constants(bus, "ar");
  m_.unused("weight_id", {net(bus + "_rid")}, "one id");
  const std::string data = "m_axi_data";
  wires({"act_arready", "act_rvalid"});
  instance(reader(d_.activation_beat), "act",
           {{"flush_i", net("finish_reset")},
            {"valid_i", net("fetch_act_valid")},
            {"address_i", net("fetch_act_address")},
            {"bytes_i", net("fetch_act_bytes")},
            {"rready_o", net(data + "_rready")},
            {"rdata_i", net(data + "_rdata")},
            {"rresp_i", net(data + "_rresp")},
            {"rlast_i", net(data + "_rlast")}});
  m_.comment("Activations and descriptors share a port.");
  instance(leaf("msq_read_mux", {{"ADDRESS_BITS", address_bits_}}), "mux",
           {{"arvalid0_i", net("act_arvalid")},
            {"arready0_o", net("act_arready")},
            {"araddr0_i", net("act_araddr")},
            {"arlen0_i", net("act_arlen")},
            {"rvalid0_o", net("act_rvalid")},
            {"arvalid1_i", net("fetch_arvalid")},
            {"arready1_o", net("fetch_arready")},
            {"araddr1_i", net("fetch_araddr")},
            {"arlen1_i", net("fetch_arlen")},
            {"rvalid1_o", net("fetch_rvalid")},
            {"arvalid_o", net(data + "_arvalid")},
            {"arready_i", net(data + "_arready")},
            {"arid_o", net(data + "_arid")},
            {"araddr_o", net(data + "_araddr")},
            {"arlen_o", net(data + "_arlen")},
            {"rvalid_i", net(data + "_rvalid")},
            {"rid_i", net(data + "_rid")}});
  read_constants(data, "ar");
}

void ShellBuilder::writes() {
  m_.section("Writes");
  const Expr out = net("layouts_out_data");
  Constant at = 0;
  std::map<std::string, Expr> field;
  for (const char* name : {"address", "bytes", "activations", "values", "tokens", "columns"}) {
    const Constant width = width_of(net(fmt::format("fetch_output_{}", name)));
    const std::string wire_name = fmt::format("output_{}", name);
    field[name] = m_.wire(wire_name, slice(out, at, width));
    at = at + width;
  }
  wires({"out_valid", "out_ready", "out_last"});
  wire("out_data", 32 * d_.output_lanes);
  wire("layout_word_ready");
  instance(leaf("msq_output_layout", {{"ADDRESS_BITS", address_bits_},
                                      {"WORD_BYTES", word_bytes_},
                                      {"BEAT_BYTES", 4 * d_.output_lanes},
                                      {"ROWS", d_.rows},
                                      {"ACT_BITS", d_.stream_act_bits},
                                      {"BLOCK", d_.block},
                                      {"TOKEN_BITS", token_bits_}}),
           "layout",
           {{"valid_i", net("layouts_out_valid")},
            {"address_i", field["address"]},
            {"limit_i", field["bytes"]},
            {"activations_i", field["activations"]},
            {"values_i", field["values"]},
            {"tokens_i", field["tokens"]},
            {"columns_i", field["columns"]},
            {"end_ready_i", net("finish_end_ready")},
            {"beat_valid_i", net("out_valid")},
            {"beat_ready_o", net("out_ready")},
            {"beat_i", net("out_data")},
            {"beat_last_i", net("out_last")}},
           "run_n");
  m_.comment("Outputs and completions never come at one time.");
  const Expr own = net("finish_word_valid");
  const std::string bus = "m_axi_data";
  std::vector<std::pair<std::string, Expr>> ports = {
      {"close_i", net("finish_close")},
      {"valid_i", own | net("layout_word_valid")},
      {"address_i", mux(own, net("finish_word_address"), net("layout_word_address"))},
      {"data_i", mux(own, net("finish_word"), net("layout_word"))},
      {"strobe_i", mux(own, net("finish_word_strobe"), net("layout_word_strobe"))}};
  for (const char* name : {"awvalid", "awaddr", "awlen", "wvalid", "wdata", "wstrb", "wlast", "bready"})
    ports.emplace_back(fmt::format("{}_o", name), net(fmt::format("{}_{}", bus, name)));
  for (const char* name : {"awready", "wready", "bvalid", "bresp"})
    ports.emplace_back(fmt::format("{}_i", name), net(fmt::format("{}_{}", bus, name)));
  instance(leaf("msq_mem_writer", {{"ADDRESS_BITS", address_bits_},
                                   {"WORD_BYTES", word_bytes_},
                                   {"BURST", burst_},
                                   {"DEPTH", fifo_},
                                   {"OUTSTANDING", outstanding_}}),
           "write", ports);
  m_.assign(net("layout_word_ready"), net("write_ready") & ~own);
  settle(bus, "awid", zeros(1));
  read_constants(bus, "aw");
  m_.unused("write_id", {net(bus + "_bid")}, "one id");
}

void ShellBuilder::top(const Interface& top) {
  m_.section("Accelerator");
  const Expr irq = wire("top_irq");
  const Expr bresp = wire("top_bresp", 2);
  const Expr rresp = wire("top_rresp", 2);
  std::vector<std::pair<std::string, Expr>> ports = {{"irq_o", irq}};
  for (const Port& port : top.ports) {
    const std::string name = port.name.substr(0, port.name.rfind('_'));
    if (name == "s_axil_bresp")
      ports.emplace_back(port.name, bresp);
    else if (name == "s_axil_rresp")
      ports.emplace_back(port.name, rresp);
    else if (name.starts_with("s_axil_"))
      ports.emplace_back(port.name, net("lite_" + name.substr(7)));
    const auto stream = [&](const std::string& prefix, const std::string& beat) {
      if (!name.starts_with(prefix)) return;
      const std::string signal = name.substr(prefix.size());
      const std::string part = signal == "tdata" ? "" : "_" + signal.substr(1);
      ports.emplace_back(port.name, net(beat + part));
    };
    stream("s_axis_weight_", "weight_beat");
    stream("s_axis_act_", "act_beat");
    if (name.starts_with("m_axis_out_t")) ports.emplace_back(port.name, net("out_" + name.substr(12)));
  }
  instance(top, "top", ports, "run_n");
  m_.unused("responses", {bresp, rresp}, "always OKAY");
  m_.assign(net("irq"), (net("finish_interrupt") & net("set_control_interrupt_enable")) | irq);
}

}  // namespace

Module build_shell(const Dimensions& d, const ShellConfig& shell, const Interface& top,
                   const Interface& registers, const std::vector<Register>& top_map) {
  Module m("msq_shell", fmt::format("Accelerator around a {} x {} core with AXI4 memory ports: runs lists of "
                                    "jobs whose descriptors, packets and outputs are in memory.",
                                    d.rows, d.cols));
  m.block("shell: control");
  ShellBuilder builder(m, d, shell);
  builder.ports();
  builder.host(registers);
  builder.lists(top_map);
  builder.jobs();
  builder.reads();
  builder.writes();
  builder.top(top);
  return m;
}

}  // namespace arch
}  // namespace msq
