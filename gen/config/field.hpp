#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gen/config/config.hpp"

/// Entries of the table of fields (fields.cpp): one for each key of the configuration.
namespace msq {

/// A member of Config, reached by one generic lambda: `[](auto& c) -> auto& { return c.recon.units; }`.
template <class T>
struct Member {
  template <class Access>
  Member(Access /*unused*/)
      : ref([](Config& c) -> T& { return Access{}(c); }),
        get([](const Config& c) -> const T& { return Access{}(c); }) {}
  T& (*ref)(Config&);
  const T& (*get)(const Config&);
};

/// A member that holds one of a few words.
struct Choice {
  struct Word {
    std::string_view text;
    int value;  ///< enumerator
  };
  std::vector<Word> words;  ///< in the order of messages
  int (*get)(const Config&);
  void (*set)(Config&, int);
};

using AnyMember = std::variant<Member<std::string>, Member<int>, Member<std::optional<int>>,
                               Member<std::vector<int>>, Choice>;

/// Outlier paths and encodings that read a field; an empty list stands for all of them.
struct ReadBy {
  std::vector<OutlierPath> paths;
  std::vector<Encoding> encodings;
};

/// One key of the configuration. Functions left out have the default named beside them.
struct Field {
  std::string_view key;       ///< of the JSON form; a dot leads into an object: "recon.units"
  AnyMember member;           ///< where a Config holds the value
  std::string values = {};    ///< allowed values, in words; of a choice, made of its words
  std::string fallback = {};  ///< value without the key, or how it is derived; default: as in Config{}
  std::string meaning;        ///< one sentence of the documentation
  ReadBy read_by = {};
  bool required = false;
  bool reads_last = false;  ///< limits derive from all other fields, which are checked before
  /// Whether the value is allowed; a member without value is. Other fields may be wrong. Default: always.
  bool (*is_valid)(const Config&) = nullptr;
  /// `values` with limits filled in that depend on other fields. Default: `values`.
  std::string (*allowed)(const Config&) = nullptr;
  /// The number that an optional member stands for, given or derived.
  int (Config::*in_use)() const = nullptr;
  /// Whether the canonical JSON has the key. Default: where it is read.
  bool (*is_written)(const Config&) = nullptr;
  /// Whether the hash counts the key, if it is written: a field that came later leaves out the value that
  /// designs had before. Default: always.
  bool (*is_hashed)(const Config&) = nullptr;
  /// A key that nothing reads is refused, except where this one value is what holds there anyway.
  bool accepted_unread = false;
};

/// A key of the top level: a field, or an object of fields, which all have the same readers.
struct FieldGroup {
  std::string_view key;
  std::span<const Field> fields;
  [[nodiscard]] bool is_object() const { return fields.front().key != key; }
};

}  // namespace msq
