#include "gen/arch/registers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

#include "gen/arch/builders.hpp"
#include "gen/arch/design.hpp"

namespace msq {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

namespace {

RegisterField constant(const std::string& name, int lsb, int width, std::uint32_t value,
                       const std::string& doc) {
  return {name, lsb, width, Access::constant, value, doc};
}
RegisterField status(const std::string& name, int lsb, int width, const std::string& doc) {
  return {name, lsb, width, Access::status, 0, doc};
}
RegisterField pulse(const std::string& name, int lsb, const std::string& doc) {
  return {name, lsb, 1, Access::pulse, 0, doc};
}
RegisterField setting(const std::string& name, int lsb, int width, std::uint32_t reset,
                      const std::string& doc) {
  return {name, lsb, width, Access::setting, reset, doc};
}

void add_counters(std::vector<Register>& map) {
  const std::vector<std::pair<std::string, std::string>> counters = {
      {"cycles", "cycles in which a job ran"},
      {"tokens", "tokens launched into the array"},
      {"tiles", "tiles begun"},
      {"wait_output", "cycles in which a token waited for a free half of the output accumulators"},
      {"wait_activation", "cycles in which a token waited for activations"},
      {"wait_weight", "cycles in which a token waited for the load of a tile"},
      {"wait_schedule", "cycles in which the schedule of ReCoN held a token back"},
      {"recon_accesses", "accesses to ReCoN: rows times tokens"},
      {"recon_waits", "accesses to ReCoN of tokens that the schedule held back"}};
  int offset = 0x40;
  for (const auto& [name, doc] : counters) {
    map.push_back(
        {fmt::format("count_{}", name),
         offset,
         "Counter; stays after the job until the next one begins without a job running; jobs that follow "
         "without a pause add up.",
         {status("value", 0, 32, doc)}});
    offset += 4;
  }
}

/// Bit c: the datapath of these sizes can report error code c.
std::uint32_t reported_errors(const Dimensions& d) {
  std::uint32_t bits = 0;
  for (const ErrorCode& error : error_codes()) {
    const bool of_outliers = error.name == "list" || error.name == "slot_clash";
    const bool reported = error.code != 0 && (!of_outliers || d.outliers) && (error.name != "gap" || d.recon);
    if (reported) bits |= 1U << error.code;
  }
  return bits;
}

Register version_register() {
  std::istringstream version(generator_version());
  std::uint32_t major = 0, minor = 0, patch = 0;
  char dot = 0;
  version >> major >> dot >> minor >> dot >> patch;
  return {"version",
          0x80,
          "Versions.",
          {constant("patch", 0, 8, patch, "patch level of the generator"),
           constant("minor", 8, 8, minor, "minor version of the generator"),
           constant("major", 16, 8, major, "major version of the generator"),
           constant("streams", 24, 8, kStreamVersion, "version of the format of the streams")}};
}

/// Properties of an outlier path in the register `path`.
struct PathFields {
  std::uint32_t kind = 0;
  int units = 1, band_rows = 1;
};

PathFields path_fields(const Dimensions& d) {
  switch (d.outlier_path) {
    case OutlierPath::none:
      return {.kind = 0, .units = 1, .band_rows = d.tree_rows};
    case OutlierPath::recon:
      return {.kind = 1, .units = d.recon->units, .band_rows = d.recon->band_rows};
    case OutlierPath::inlined:
      return {.kind = 2, .units = d.inlined->units, .band_rows = d.tree_rows};
  }
  throw std::logic_error("path_fields: no such path");
}

/// Properties of the array that a host needs to make its packets, beside `array` and `buffers`.
void add_capabilities(std::vector<Register>& map, const Dimensions& d) {
  const auto n = [](int value) { return static_cast<std::uint32_t>(value); };
  const auto log2 = [&](int power) { return n(log2_of(power)); };
  const PathFields path = path_fields(d);
  map.push_back(version_register());
  map.push_back(
      {"path",
       0x84,
       "The outlier path.",
       {constant("kind", 0, 2, path.kind, "0 none, 1 recon, 2 inline"),
        constant("log2_places", 2, 2, log2(d.places), "log2 of the positions of K that a row has in mode 2"),
        constant("log2_band_rows", 4, 4, log2(path.band_rows),
                 "log2 of the rows of a band: `rows` / `recon.units` on path recon, else `tree_rows`"),
        constant("log2_units", 8, 4, log2(path.units),
                 "log2 of `recon.units`, or on path inline of `inline.units_per_block`"),
        constant("log2_weight_rows", 12, 4, log2(d.load_rows), "log2 of the rows of weights in a beat"),
        constant("lead", 16, 8, n(d.lead), "path recon: cycles from products to addends, for `gap`"),
        constant("permuter", 24, 1, n(d.permuter), "1 if activations can change rows")}});
  map.push_back(
      {"weights",
       0x88,
       "The weights.",
       {constant("full_range", 0, 1, n(d.encoding->has_scale_factors), "encoding: 0 paper, 1 full_range"),
        constant("fraction_bits", 4, 4, n(d.fraction_bits), "F"),
        constant("scale_mantissa_bits", 8, 4, n(d.factor_mantissa),
                 "t, of the factor of a scale; only full_range has factors"),
        constant("list_entries", 12, 4, n(d.outliers ? d.outliers->list_entries : 0),
                 "largest number of outliers in a micro-block"),
        constant("shift_max", 16, 4, n(d.outliers ? d.outliers->shift_max : 0),
                 "largest shift r of an outlier; path inline computes larger ones in parts"),
        constant("acc_bits", 20, 8, n(d.acc_bits), "bits of a partial sum")}});
  map.push_back(
      {"beats",
       0x8c,
       "Bytes of a beat.",
       {constant("weights", 0, 16, n(d.weight_beat / 8), "bytes of a beat of weights"),
        constant("activations", 16, 16, n(d.activation_beat / 8), "bytes of a beat of activations")}});
  map.push_back({"block",
                 0x90,
                 "Largest block of weights.",
                 {constant("sections", 0, 16, n(d.section_fifo), "beats of sections that a block may have"),
                  constant("entries", 16, 16, n(d.outliers ? d.entry_fifo : 0),
                           "beats of entries that a block may have")}});
  map.push_back({"errors",
                 0x94,
                 "Errors.",
                 {constant("codes", 0, 16, reported_errors(d), "bit c: error code c can be reported")}});
  map.push_back({"accumulators",
                 0x98,
                 "Output accumulators.",
                 {constant("bits", 0, 8, n(d.out_acc_bits), "bits of an output accumulator")}});
}

std::string access_name(Access access) {
  switch (access) {
    case Access::constant:
      return "constant";
    case Access::status:
      return "read only";
    case Access::pulse:
      return "write 1";
    case Access::setting:
      return "read, write";
  }
  return {};
}

}  // namespace

std::vector<Register> register_map(const Dimensions& d, std::uint32_t hash) {
  const auto n = [](int value) { return static_cast<std::uint32_t>(value); };
  std::vector<Register> map = {
      {"id", 0x00, "Identity.", {constant("value", 0, 32, 0x4d535131, "\"MSQ1\" in ASCII")}},
      {"config_hash",
       0x04,
       "Configuration.",
       {constant("value", 0, 32, hash, "low half of the hash of the configuration")}},
      {"array",
       0x08,
       "The array.",
       {constant("rows", 0, 8, n(d.rows), "PE rows"), constant("cols", 8, 8, n(d.cols), "PE columns"),
        constant("mode2", 16, 1, n(d.mode2), "1 if 2-bit weights are supported"),
        constant("mode4", 17, 1, n(d.mode4), "1 if 4-bit weights are supported"),
        constant("outliers", 18, 1, n(d.outliers.has_value()), "1 if outliers are supported"),
        constant("row_align_bits", 20, 3, n(d.row_align_bits), "largest row shift, in bits"),
        constant("micro_block", 24, 5, n(d.outliers ? d.outliers->micro_block : 0),
                 "values of a micro-block, B_mu; 0 without outliers"),
        constant("act_nibbles", 30, 2, n(d.stream_act_bits / 4), "bits of an activation / 4")}},
      {"buffers",
       0x0c,
       "The buffers.",
       {constant("tokens", 0, 11, n(d.tokens), "maximum number of tokens per pass"),
        constant("log2_act_words", 16, 5, n(log2_of(d.act_words)),
                 "log2 of the words in half of the activation buffer"),
        constant("output_lanes", 24, 6, n(d.output_lanes), "outputs per beat of the output stream")}},
      {"control",
       0x10,
       "Job control.",
       {pulse("start", 0,
              "start a job with the settings, behind the one that runs; ignored while a job waits, after an "
              "error and with clear"),
        pulse("clear", 1,
              "drop all jobs and the error, back to idle; the input streams are dropped up to here"),
        pulse("acknowledge", 2, "drop the interrupt"),
        setting("interrupt_enable", 8, 1, 0, "drive irq_o; a write of byte 1 sets or clears it")}},
      {"status",
       0x14,
       "Job status.",
       {status("busy", 0, 1, "job running or waiting"),
        status("done", 1, 1, "job ended without an error since the last start without a job under way"),
        status("error", 2, 1, "job ended with an error, jobs behind it dropped; clear before the next start"),
        status("interrupt", 3, 1,
               "job ended since the last acknowledge, clear, or start without a job under way"),
        status("code", 4, 4, "error code, 0 if none"),
        status("queued", 8, 1, "job waiting; another start is ignored")}},
      {"tokens",
       0x18,
       "Tokens of the job, M.",
       {setting("value", 0, 24, 0, "tokens of the job, at least 1")}},
      {"depth",
       0x1c,
       "Positions of the dot product, K.",
       {setting("value", 0, 24, 0, "positions of the dot product, at least 1")}},
      {"columns",
       0x20,
       "Outputs of a token, N.",
       {setting("value", 0, 24, 0, "outputs of a token, at least 1")}},
      {"pass",
       0x24,
       "Tokens of a pass, T. T (or M if that is less) times the tiles along K, rounded up to even where rows "
       "have two places, must fit half of the buffer.",
       {setting("tokens", 0, 16, n(d.tokens), "tokens of a pass, 1 to buffers.tokens")}},
      {"tiling",
       0x28,
       "Division of K into tiles and blocks.",
       {setting("log2_rows", 0, 4, n(log2_of(d.rows)),
                "log2 of the rows of a tile along K: 2 (4 rows) up to those of the array, a macro-block and "
                "an activation block"),
        setting("log2_block", 8, 4, 7, "log2 of the activations that share a scale: 5, 6 or 7")}},
      {"format",
       0x2c,
       "Format of the outputs.",
       {setting("value", 0, 2, 1, "format of the outputs: 0 raw, 1 FP32, 2 MX-INT-8, 3 MX-INT-4")}},
      {"jobs",
       0x30,
       "Jobs that ended without an error.",
       {status("value", 0, 32, "jobs that ended without an error since reset, modulo 2^32")}},
  };
  add_counters(map);
  add_capabilities(map, d);
  return map;
}

const Register& find_register(const std::vector<Register>& map, std::string_view name) {
  const auto found = std::find_if(map.begin(), map.end(), [&](const Register& r) { return r.name == name; });
  if (found == map.end()) throw std::logic_error(fmt::format("no register {}", name));
  return *found;
}

std::uint32_t field_bits(const Register& r, std::initializer_list<std::string_view> fields) {
  std::uint32_t bits = 0;
  for (const std::string_view name : fields) {
    const auto field = std::find_if(r.fields.begin(), r.fields.end(),
                                    [&](const RegisterField& f) { return f.name == name; });
    if (field == r.fields.end()) throw std::logic_error(fmt::format("no field {}.{}", r.name, name));
    bits |= (field->width == 32 ? ~0U : (1U << field->width) - 1) << field->lsb;
  }
  return bits;
}

const std::vector<ErrorCode>& error_codes() {
  static const std::vector<ErrorCode> codes = {
      {0, "none", "no error"},
      {1, "shape",
       "M, K, N or T is zero, T or the tiling is not legal, more than 1,024 tiles along K, or T times the "
       "tiles along K (rounded up to even where rows have two places) exceeds half of the activation buffer"},
      {2, "weight_short", "the weight packet of a pass ended early"},
      {3, "weight_long", "the weight packet of a pass goes on beyond its end"},
      {4, "header",
       "a block has no tiles or more beats than the buffers hold, has other beats of sections than its tiles "
       "need, or ends the packet in the wrong place; a tile has parts that this configuration does not have "
       "or that are missing, pairs that its mode or the tiling does not have or that differ along K, or "
       "interval or gap 0"},
      {5, "mode",
       "a tile's mode is not supported, differs along K, or (path recon) is 2 in the middle of two units of "
       "columns"},
      {6, "scale", "a relative scale of weights is not in -64..4, or a row shift is beyond row_align_bits"},
      {7, "activation_short", "the activation packet of a pass ended early"},
      {8, "activation_long", "the activation packet of a pass goes on beyond its end"},
      {9, "activation_value", "an activation is the most negative number, which the format does not have"},
      {10, "list",
       "the metadata of a row: a position named twice, an unroutable list, r beyond outlier_shift_max, a "
       "field that the mode does not have"},
      {11, "slot_clash",
       "two rows needed one ReCoN unit in one cycle: the interval or gap of a tile is wrong; path inline: a "
       "band has more outliers of a micro-block than units, or two on one lane"},
      {12, "gap", "a tile began before the one before it had passed: its gap is wrong"},
      {13, "array", "a block of weights is for another configuration (or the stream is out of step)"},
  };
  return codes;
}

std::string register_header(const std::vector<Register>& map, const std::string& prefix,
                            const std::string& module, const std::vector<ErrorCode>& codes) {
  const std::string macro = upper(prefix);
  std::string text = fmt::format(
      "/* Generated by microscopiq. Registers of {0}: byte offsets, least significant bits and\n"
      " * widths of fields, error codes. */\n#ifndef {1}_REGISTERS_H\n#define {1}_REGISTERS_H\n",
      module, macro);
  for (const Register& r : map) {
    text += fmt::format("\n#define {}_{} 0x{:02x}\n", macro, upper(r.name), r.offset);
    for (const RegisterField& f : r.fields) {
      const std::string name = fmt::format("{}_{}_{}", macro, upper(r.name), upper(f.name));
      text += fmt::format("#define {}_LSB {}\n#define {}_WIDTH {}\n", name, f.lsb, name, f.width);
    }
  }
  text += '\n';
  for (const ErrorCode& code : codes) {
    text += fmt::format("#define {}_ERROR_{} {}\n", macro, upper(code.name), code.code);
  }
  return text + "\n#endif\n";
}

std::string register_header(const std::vector<Register>& map, const std::string& prefix) {
  return register_header(map, prefix, prefix + "_top", error_codes());
}

std::string register_table(const std::vector<Register>& map) {
  std::string text =
      "| offset | register | bits | field | access | reset or value | meaning "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const Register& r : map) {
    text += fmt::format("| 0x{:02x} | `{}` | | | | | {} |\n", r.offset, r.name, r.doc);
    for (const RegisterField& f : r.fields) {
      const bool has_value = f.access == Access::constant || f.access == Access::setting;
      text += fmt::format(
          "| | | {} | `{}` | {} | {} | {} |\n",
          f.width == 1 ? fmt::format("{}", f.lsb) : fmt::format("{}:{}", f.lsb + f.width - 1, f.lsb), f.name,
          access_name(f.access), has_value ? fmt::format("{:#x}", f.value) : "", f.doc);
    }
  }
  return text;
}

std::string error_table(const std::vector<ErrorCode>& codes) {
  std::string text = "| code | error | when |\n|---|---|---|\n";
  for (const ErrorCode& code : codes) {
    text += fmt::format("| {} | `{}` | {} |\n", code.code, code.name, code.doc);
  }
  return text;
}

std::string register_page(const std::vector<Register>& map, const std::vector<ErrorCode>& codes) {
  return register_table(map) + '\n' + error_table(codes);
}

namespace arch {

using namespace verilog;

namespace {

/// `TOKENS` of the only field of a register, else `TILING_LOG2_ROWS`.
std::string constant_name(const Register& r, const RegisterField& f) {
  return f.name == "value" ? upper(r.name) : upper(r.name + "_" + f.name);
}

Expr number(int width, std::uint32_t value) {
  return width == 32 ? hex(u(width), value) : lit(u(width), value);
}

/// Nets of a write; `selected` is the write enable of one register.
struct WritePort {
  Expr clk, rst_n, data, mask, selected;
};

/// Setting: a reg that is written by byte and read back.
Expr build_setting(Module& m, const Register& r, const RegisterField& f, const WritePort& port) {
  const Expr reset = m.constant(constant_name(r, f) + "_RESET", number(f.width, f.value),
                                fmt::format("{}.{} after reset", r.name, f.name));
  Expr kept = m.reg(fmt::format("{}_{}_q", r.name, f.name), u(f.width));
  const Expr bits = slice(port.data, f.lsb, f.width);
  const Expr where = slice(port.mask, f.lsb, f.width);
  m.flip_flops(port.clk, port.rst_n, {{kept, (kept & ~where) | (bits & where), port.selected, reset}});
  m.assign(m.output(fmt::format("{}_{}_o", r.name, f.name), u(f.width), f.doc), kept);
  return kept;
}

/// Port, constant or reg of a field. @return what the field reads as.
Expr build_field(Module& m, const Register& r, const RegisterField& f, const WritePort& port) {
  const std::string name = fmt::format("{}_{}", r.name, f.name);
  switch (f.access) {
    case Access::constant:
      return m.constant(constant_name(r, f), number(f.width, f.value), f.doc);
    case Access::status:
      return m.input(name + "_i", u(f.width), f.doc);
    case Access::pulse:
      m.assign(m.output(name + "_o", u(1), f.doc),
               port.selected & bit(port.data, f.lsb) & bit(port.mask, f.lsb));
      return zeros(1);
    case Access::setting:
      return build_setting(m, r, f, port);
  }
  throw std::logic_error("build_field: no such access");
}

/// One register. @return its value when read.
Expr build_register(Module& m, const Register& r, const Expr& hit, WritePort port) {
  if (!hit.empty()) port.selected = m.wire(fmt::format("write_{}", r.name), hit);
  std::vector<Expr> parts;  // least significant first
  int position = 0;
  for (const RegisterField& f : r.fields) {
    if (f.lsb > position) parts.push_back(zeros(f.lsb - position));
    position = f.lsb + f.width;
    parts.push_back(build_field(m, r, f, port));
  }
  if (position < 32) parts.push_back(zeros(32 - position));
  std::reverse(parts.begin(), parts.end());
  return m.wire(fmt::format("read_{}", r.name), parts.size() == 1 ? parts.front() : concat(parts));
}

bool is_writable(const Register& r) {
  return std::any_of(r.fields.begin(), r.fields.end(), [](const RegisterField& f) {
    return f.access == Access::pulse || f.access == Access::setting;
  });
}

}  // namespace

Module build_registers(const std::vector<Register>& map) {
  return build_registers(map, "msq_registers",
                         "Register file of the accelerator; the map is in registers.md beside this file.",
                         "top: control");
}

Module build_registers(const std::vector<Register>& map, const std::string& name, const std::string& doc,
                       const std::string& block) {
  Module m(name, doc);
  m.block(block);
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = m.input("rst_ni", u(1), "synchronous reset, active low");
  const Expr write = m.input("write_i", u(1), "write enable");
  const Expr write_word = m.input("write_word_i", u(kRegisterAddressBits - 2), "word address of the write");
  const Expr data = m.input("write_data_i", u(32), "write data");
  const Expr mask = m.input("write_mask_i", u(32), "write mask by bit");
  const Expr read_word = m.input("read_word_i", u(kRegisterAddressBits - 2), "word address of the read");
  const Expr read_data = m.output("read_data_o", u(32), "read data; 0 where no register is");
  std::vector<Expr> values;
  for (const Register& r : map) {
    m.section(fmt::format("0x{:02x} {}", r.offset, r.name));
    const Expr address = m.constant(upper(r.name) + "_ADDR", hex(write_word.type(), r.offset / 4),
                                    fmt::format("word address of {}", r.name));
    const Expr hit = is_writable(r) ? write & eq(write_word, address) : Expr{};
    const Expr value = build_register(m, r, hit, {clk, rst_n, data, mask, {}});
    values.push_back(mux(eq(read_word, address), value, zeros(32)));
  }
  m.section("Reading");
  m.assign(read_data, or_all(values));
  m.unused("data", {data, mask}, "not every bit of every byte is a setting");
  return m;
}

}  // namespace arch
}  // namespace msq
