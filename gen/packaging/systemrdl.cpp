#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gen/packaging/packaging.hpp"

namespace msq::packaging {
namespace {

/// Keywords of SystemRDL 2.0, those in use and those reserved.
bool is_keyword(const std::string& name) {
  static const std::set<std::string_view> words = {"abstract",
                                                   "accesstype",
                                                   "addressingtype",
                                                   "addrmap",
                                                   "alias",
                                                   "all",
                                                   "alternate",
                                                   "bit",
                                                   "boolean",
                                                   "bothedge",
                                                   "byte",
                                                   "compact",
                                                   "component",
                                                   "componentwidth",
                                                   "constraint",
                                                   "default",
                                                   "encode",
                                                   "enum",
                                                   "external",
                                                   "false",
                                                   "field",
                                                   "fullalign",
                                                   "hw",
                                                   "inside",
                                                   "int",
                                                   "internal",
                                                   "level",
                                                   "longint",
                                                   "mem",
                                                   "na",
                                                   "negedge",
                                                   "nonsticky",
                                                   "number",
                                                   "onreadtype",
                                                   "onwritetype",
                                                   "posedge",
                                                   "precedencetype",
                                                   "property",
                                                   "r",
                                                   "rclr",
                                                   "real",
                                                   "ref",
                                                   "reg",
                                                   "regalign",
                                                   "regfile",
                                                   "rset",
                                                   "ruser",
                                                   "rw",
                                                   "rw1",
                                                   "shortint",
                                                   "shortreal",
                                                   "signal",
                                                   "signed",
                                                   "string",
                                                   "struct",
                                                   "sw",
                                                   "this",
                                                   "true",
                                                   "type",
                                                   "unsigned",
                                                   "w",
                                                   "w1",
                                                   "wclr",
                                                   "with",
                                                   "within",
                                                   "woclr",
                                                   "woset",
                                                   "wot",
                                                   "wr",
                                                   "wset",
                                                   "wuser",
                                                   "wzc",
                                                   "wzs",
                                                   "wzt"};
  return words.contains(name);
}

/// Name as SystemRDL takes it.
std::string id(const std::string& name) { return is_keyword(name) ? "\\" + name : name; }

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  return out + "\"";
}

/// Accesses of software and hardware to a field, and its reset.
std::string properties(const RegisterField& f) {
  const std::string reset = fmt::format("reset = {:#x};", f.value);
  switch (f.access) {
    case Access::constant:
      return "sw = r; hw = na; " + reset;
    case Access::status:
      return "sw = r; hw = w;";
    case Access::pulse:
      return "sw = w; hw = r; singlepulse; " + reset;
    case Access::setting:
      return "sw = rw; hw = r; " + reset;
  }
  throw std::logic_error("properties: no such access");
}

std::string codes_name(const RegisterBlock& block) { return block.name + "_error_e"; }

std::string codes(const RegisterBlock& block) {
  std::string text = fmt::format("enum {} {{\n", codes_name(block));
  for (const ErrorCode& code : block.codes)
    text += fmt::format("  {} = {} {{ desc = {}; }};\n", id(code.name), code.code, quoted(code.doc));
  return text + "};\n\n";
}

std::string field(const RegisterBlock& block, const Register& r, const RegisterField& f) {
  const bool code = r.name == "status" && f.name == "code";
  return fmt::format("      field {{ desc = {}; {}{} }} {}[{}:{}];\n", quoted(f.doc), properties(f),
                     code ? fmt::format(" encode = {};", codes_name(block)) : "", id(f.name),
                     f.lsb + f.width - 1, f.lsb);
}

std::string block_text(const RegisterBlock& block) {
  std::string text = fmt::format("  regfile {{\n    desc = {};\n", quoted(block.doc));
  for (const Register& r : block.map) {
    text += fmt::format("    reg {{\n      desc = {};\n", quoted(r.doc));
    for (const RegisterField& f : r.fields) text += field(block, r, f);
    text += fmt::format("    }} {} @ {:#04x};\n", id(r.name), r.offset);
  }
  return text + fmt::format("  }} {} @ {:#x};\n", id(block.name), block.base);
}

}  // namespace

std::string systemrdl(const Package& package) {
  const Design& design = package.design;
  std::string text = fmt::format("// Generated by microscopiq {}. Registers of {}: {}.\n\n",
                                 generator_version(), design.top, package.title());
  for (const RegisterBlock& block : package.blocks) text += codes(block);
  text += fmt::format(
      "addrmap {} {{\n  name = {};\n  desc = {};\n  default regwidth = 32;\n  default accesswidth = 32;\n",
      design.top, quoted(design.top), quoted("MicroScopiQ " + package.title()));
  for (const RegisterBlock& block : package.blocks) text += block_text(block);
  return text + "};\n";
}

}  // namespace msq::packaging
