#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include "gen/verilog/design.hpp"
#include "gen/verilog/keywords.hpp"

namespace msq::verilog::detail {

namespace {

bool is_identifier(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto part = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), part);
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Names of one scope, by their lower-case form: tools that ignore case exist.
struct Table {
  struct Entry {
    std::string name;
    const char* kind;
  };
  const Table* parent = nullptr;
  std::map<std::string, Entry> entries;
};

class NameCheck {
 public:
  explicit NameCheck(Report& report) : report_(report) {}

  void run(const Module& module) {
    legal(module.name(), "module");
    Table table;
    for (const auto& port : module.module_data().ports) add(table, port->name, "port");
    constants(module, table);
    scope(module.data(), table);
  }

 private:
  void complain(const std::string& name, const std::string& reason) {
    report_.add("name|" + name + "|" + reason, {"", name, 0, 0, reason});
  }

  void legal(const std::string& name, const std::string& kind) {
    if (!is_identifier(name)) {
      complain(name, kind + " name is no identifier");
    } else if (is_keyword(name)) {
      complain(name, kind + " name is a reserved word");
    }
  }

  void add(Table& table, const std::string& name, const char* kind) {
    legal(name, kind);
    const std::string key = lower_case(name);
    for (const Table* outer = &table; outer != nullptr; outer = outer->parent) {
      const auto found = outer->entries.find(key);
      if (found == outer->entries.end()) continue;
      const auto& [other, other_kind] = found->second;
      complain(name, fmt::format("{} name clashes with {} {}{}", kind, other_kind, other,
                                 outer == &table ? "" : " of an enclosing block"));
      return;
    }
    table.entries.emplace(key, Table::Entry{name, kind});
  }

  /// Localparams that are printed, and those that should be: of another module.
  void constants(const Module& module, Table& table) {
    UsedNames used = used_names(module.data());
    for (const ConstantItem& item : module.module_data().constants) {
      if (item.size != nullptr && used.sizes.erase(item.size.get()) != 0)
        add(table, item.size->name, "localparam");
      if (item.net != nullptr && used.constants.contains(item.net.get()))
        add(table, item.net->name, "localparam");
    }
    for (const Localparam* size : used.sizes) complain(size->name, "localparam of another module");
  }

  // All names of a scope come before its blocks: a name may be declared behind a block that uses it again.
  void scope(const ScopeData& data, Table& table) {
    for (const Item& any : data.items) {
      std::visit(Overload{[&](const NetItem& item) { add(table, item.net->name, "net"); },
                          [&](const UnusedItem& item) { add(table, item.name, "net"); },
                          [&](const InstanceItem& item) { instance(item, table); },
                          [&](const LoopItem& item) {
                            add(table, item.body->label, "block");
                            if (item.declares_genvar) add(table, item.genvar->name, "genvar");
                          },
                          [](const auto&) {}},
                 any);
    }
    for (const Item& any : data.items) {
      if (const auto* loop = std::get_if<LoopItem>(&any)) {
        Table inner{&table, {}};
        scope(*loop->body, inner);
      }
    }
  }

  void instance(const InstanceItem& item, Table& table) {
    legal(item.interface.module, "module");
    for (const auto& [name, value] : item.interface.parameters) legal(name, "parameter");
    for (const Port& port : item.interface.ports) legal(port.name, "port");
    add(table, item.name, "instance");
  }

  Report& report_;
};

}  // namespace

void check_names(const Module& module, Report& report) { NameCheck(report).run(module); }

}  // namespace msq::verilog::detail
