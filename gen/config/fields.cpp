// The table of fields; field_walk.cpp has what walks it in general.

#include "gen/config/fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "gen/config/text.hpp"

namespace msq {
namespace {

bool is_power_of_two(int value, int low, int high) {
  return value >= low && value <= high && std::has_single_bit(static_cast<unsigned>(value));
}

bool is_between(int value, int low, int high) { return value >= low && value <= high; }

/// A member without value is valid: the derived value fits.
template <class Check>
bool if_given(const std::optional<int>& value, Check check) {
  return !value || check(*value);
}

/// @param access the generic lambda of a Member.
template <class Enum, class Access>
Choice choice(std::span<const Enum> values, std::string_view (*name)(Enum), Access) {
  Choice result;
  for (const Enum value : values) result.words.push_back({name(value), static_cast<int>(value)});
  result.get = [](const Config& c) { return static_cast<int>(Access{}(c)); };
  result.set = [](Config& c, int value) { Access{}(c) = static_cast<Enum>(value); };
  return result;
}

template <class Access>
Member<int> integer(Access access) {
  return {access};
}

template <class Access>
Member<std::optional<int>> optional_integer(Access access) {
  return {access};
}

using PathCondition = bool (*)(const OutlierPathTraits&);

bool has_outliers(const OutlierPathTraits& path) { return path.has_outliers; }
bool has_trees(const OutlierPathTraits& path) { return path.most_tree_rows > 1; }
bool has_no_trees(const OutlierPathTraits& path) { return !has_trees(path); }
bool derives_trees(const OutlierPathTraits& path) { return path.tree_rows > 1; }

std::vector<OutlierPath> paths_with(PathCondition condition) {
  std::vector<OutlierPath> paths;
  std::copy_if(std::begin(kOutlierPaths), std::end(kOutlierPaths), std::back_inserter(paths),
               [&](OutlierPath path) { return condition(outlier_path_traits(path)); });
  return paths;
}

/// "`recon` or `inline`", with the given quotes.
std::string path_names(PathCondition condition, char quote) {
  std::vector<std::string> names;
  for (const OutlierPath path : paths_with(condition))
    names.push_back(fmt::format("{0}{1}{0}", quote, outlier_path_name(path)));
  return fmt::format("{}", fmt::join(names, " or "));
}

using EncodingCondition = bool (*)(const EncodingTraits&);

bool has_scale_factors(const EncodingTraits& encoding) { return encoding.has_scale_factors; }
bool has_choice_of_fraction_bits(const EncodingTraits& encoding) { return encoding.fraction_bits.size() > 1; }
bool has_no_row_align(const EncodingTraits& encoding) { return encoding.row_align_most == 0; }

std::vector<Encoding> encodings_with(EncodingCondition condition) {
  std::vector<Encoding> encodings;
  std::copy_if(std::begin(kEncodings), std::end(kEncodings), std::back_inserter(encodings),
               [&](Encoding encoding) { return condition(encoding_traits(encoding)); });
  return encodings;
}

/// "encoding "a" or "b"".
std::string encoding_names(EncodingCondition condition) {
  std::vector<std::string> names;
  for (const Encoding encoding : encodings_with(condition))
    names.push_back(fmt::format("\"{}\"", encoding_name(encoding)));
  return fmt::format("encoding {}", fmt::join(names, " or "));
}

/// "How outliers are computed: by .., by .., or not at all".
std::string outlier_path_meaning() {
  std::string text = "How outliers are computed: ";
  for (const OutlierPath path : kOutlierPaths) {
    const bool last = path == std::end(kOutlierPaths)[-1];
    text += fmt::format("{}{}", last ? "or " : "", outlier_path_traits(path).meaning);
    text += last ? "" : ", ";
  }
  return text + " ([outlier paths](../reference/architecture.md)).";
}

int most_output_lanes(const Config& c) { return std::min(c.unit_columns(), 32); }

int most_weight_rows(const Config& c) { return std::min({8, c.rows_per_tree(), c.rows / 2}); }

std::string allowed_acc_bits(const Config& config) {
  const std::string_view why = config.has_outliers()
                                   ? "the width in which no partial sum can overflow"
                                   : "the widest that an array with outliers of this shape can need";
  return fmt::format("null (derived), or an integer from {} (one product) to {} ({})", min_acc_bits(config),
                     max_acc_bits(config), why);
}

ReadBy outlier_readers() { return {paths_with(has_outliers), {}}; }

std::vector<Field> shape_fields() {
  return {
      {.key = "name",
       .member = Member<std::string>([](auto& c) -> auto& { return c.name; }),
       .values = fmt::format("1 to {} letters, digits, '_', '-' or '.', starting with a letter, digit or '_'",
                             kMaxNameLength),
       .fallback = "the file's name, or `<rows>x<cols>`",
       .meaning = "Name in reports and file names.",
       .is_valid = [](const Config& c) { return is_safe_name(c.name); },
       .is_hashed = [](const Config&) { return false; }},
      {.key = "rows",
       .member = integer([](auto& c) -> auto& { return c.rows; }),
       .values = "a power of two from 4 to 128",
       .fallback = "required",
       .meaning = "Physical rows of PEs.",
       .required = true,
       .is_valid = [](const Config& c) { return is_power_of_two(c.rows, 4, 128); }},
      {.key = "cols",
       .member = integer([](auto& c) -> auto& { return c.cols; }),
       .values = "a power of two from 4 to 128",
       .fallback = "required",
       .meaning = "Physical columns of PEs; the array need not be square.",
       .required = true,
       .is_valid = [](const Config& c) { return is_power_of_two(c.cols, 4, 128); }},
      {.key = "modes",
       .member = Member<std::vector<int>>([](auto& c) -> auto& { return c.modes; }),
       .values = "[2], [4] or [2, 4]",
       .meaning = "Bits per weight; with both, each tile has one of the two.",
       .is_valid =
           [](const Config& c) {
             using Modes = std::vector<int>;
             return c.modes == Modes{2} || c.modes == Modes{4} || c.modes == Modes{2, 4};
           }},
      {.key = "micro_block",
       .member = integer([](auto& c) -> auto& { return c.micro_block; }),
       .values = "4, 8 or 16",
       .meaning = "Weights per micro-block; at most the columns of a tile in every mode: `cols`, except "
                  "2 * `cols` in mode 2 of path `recon`.",
       .is_valid = [](const Config& c) { return is_power_of_two(c.micro_block, 4, 16); }},
  };
}

std::vector<Field> path_fields() {
  return {
      {.key = "outlier_path",
       .member = choice<OutlierPath>(
           kOutlierPaths, outlier_path_name, [](auto& c) -> auto& { return c.outlier_path; }),
       .meaning = outlier_path_meaning()},
      {.key = "recon.units",
       .member = integer([](auto& c) -> auto& { return c.recon.units; }),
       .values = "a power of two from 1 to rows",
       .meaning = "ReCoN units; each serves `rows` / `units` consecutive rows.",
       .read_by = {{OutlierPath::recon}, {}},
       .is_valid = [](const Config& c) { return is_power_of_two(c.recon.units, 1, c.rows); },
       .allowed =
           [](const Config& c) { return fmt::format("a power of two from 1 to rows, which is {}", c.rows); }},
      {.key = "recon.span",
       .member = choice<ReconSpan>(
           kReconSpans, recon_span_name, [](auto& c) -> auto& { return c.recon.span; }),
       .meaning = "Reach of a network: one micro-block, or the whole array as in the paper.",
       .read_by = {{OutlierPath::recon}, {}}},
      {.key = "inline.units_per_block",
       .member = optional_integer([](auto& c) -> auto& { return c.inlined.units_per_block; }),
       .values = "null (derived), 1, 2 or 4",
       .fallback = "2, or 1 if a band's micro-block cannot have more outliers",
       .meaning = "Outlier units per micro-block of a band, and so its maximum number of outliers per tile.",
       .read_by = {{OutlierPath::inlined}, {}},
       .is_valid =
           [](const Config& c) {
             return if_given(c.inlined.units_per_block, [](int n) { return is_power_of_two(n, 1, 4); });
           },
       .in_use = &Config::outlier_units},
      {.key = "tree_rows",
       .member = optional_integer([](auto& c) -> auto& { return c.tree_rows; }),
       .values = "null (derived), or 1, 2, 4, 8 or 16, at most half of rows",
       .fallback = fmt::format("min(8, `rows` / 2) on path {}, else 1", path_names(derives_trees, '`')),
       .meaning = fmt::format("Rows of a band: their products are added in a tree, and they share outlier "
                              "units; 1 on path {}.",
                              path_names(has_no_trees, '`')),
       .read_by = {paths_with(has_trees), {}},
       .is_valid =
           [](const Config& c) {
             return if_given(c.tree_rows, [&](int n) { return is_power_of_two(n, 1, c.most_tree_rows()); });
           },
       .allowed =
           [](const Config& c) {
             return fmt::format(
                 "null (derived), or 1, 2, 4, 8 or 16, at most half of rows, which is {}; 1 when "
                 "outlier_path is {}",
                 c.rows, path_names(has_no_trees, '"'));
           },
       .in_use = &Config::rows_per_tree,
       .is_written =
           [](const Config& c) { return derives_trees(outlier_path_traits(c.outlier_path)) || c.tree_rows; },
       .is_hashed = [](const Config& c) { return c.rows_per_tree() != 1; },
       .accepted_unread = true},
      {.key = "skew_columns",
       .member = integer([](auto& c) -> auto& { return c.skew_columns; }),
       .values = "1, 2, 4, 8 or 16, and at most cols",
       .fallback = "min(8, `cols`)",
       .meaning = "PE columns that share one register stage of the activations.",
       .is_valid =
           [](const Config& c) { return is_power_of_two(c.skew_columns, 1, 16) && c.skew_columns <= c.cols; },
       .allowed =
           [](const Config& c) {
             return fmt::format("1, 2, 4, 8 or 16, and at most cols, which is {}", c.cols);
           }},
  };
}

std::vector<Field> encoding_fields() {
  return {
      {.key = "encoding",
       .member = choice<Encoding>(
           kEncodings, encoding_name, [](auto& c) -> auto& { return c.encoding; }),
       .meaning = "Encoding of weights and scales ([numerics](../reference/numerics.md))."},
      {.key = "outliers_per_block",
       .member = optional_integer([](auto& c) -> auto& { return c.outliers_per_block; }),
       .values = "null, or a power of two from 1 to half the micro-block",
       .fallback = "`micro_block` / 2",
       .meaning = "n_max: entries of a permutation list, the maximum number of outliers per micro-block.",
       .read_by = outlier_readers(),
       .is_valid =
           [](const Config& c) {
             return if_given(c.outliers_per_block,
                             [&](int n) { return is_power_of_two(n, 1, c.micro_block / 2); });
           },
       .allowed =
           [](const Config& c) {
             return fmt::format("a power of two from 1 to {}, half the micro-block", c.micro_block / 2);
           },
       .in_use = &Config::list_entries,
       .is_hashed = [](const Config& c) { return c.list_entries() != c.micro_block / 2; }},
      {.key = "fraction_bits",
       .member = integer([](auto& c) -> auto& { return c.fraction_bits; }),
       .values = fmt::format("2, or 1 with {}", encoding_names(has_choice_of_fraction_bits)),
       .meaning = "F: partial sums count in 2^-F inlier steps.",
       .is_valid =
           [](const Config& c) {
             const std::span<const int> allowed = encoding_traits(c.encoding).fraction_bits;
             return std::find(allowed.begin(), allowed.end(), c.fraction_bits) != allowed.end();
           },
       .allowed =
           [](const Config& c) { return std::string(encoding_traits(c.encoding).fraction_bits_allowed); },
       .is_hashed = [](const Config& c) { return has_choice_of_fraction_bits(encoding_traits(c.encoding)); }},
      {.key = "scale_mantissa_bits",
       .member = integer([](auto& c) -> auto& { return c.scale_mantissa_bits; }),
       .values = "an integer from 0 to 3",
       .meaning = "t: mantissa bits of a scale.",
       .read_by = {{}, encodings_with(has_scale_factors)},
       .is_valid = [](const Config& c) { return is_between(c.scale_mantissa_bits, 0, 3); }},
      {.key = "outlier_shift_max",
       .member = optional_integer([](auto& c) -> auto& { return c.outlier_shift_max; }),
       .values = fmt::format("null, or an integer from 0 to {}", kOutlierShiftLimit),
       .fallback =
           "7; on path `inline` the largest for which an outlier fits `acc_bits`, or with `acc_bits` null "
           "the sums of inliers, at least 3",
       .meaning = "Largest shift r of an outlier. Outliers with a larger shift take several tiles on path "
                  "`inline`; other paths refuse them.",
       .read_by = outlier_readers(),
       .is_valid =
           [](const Config& c) {
             return if_given(c.outlier_shift_max, [](int r) { return is_between(r, 0, kOutlierShiftLimit); });
           },
       .in_use = &Config::largest_shift},
  };
}

std::vector<Field> width_fields() {
  return {
      {.key = "act_bits",
       .member = integer([](auto& c) -> auto& { return c.act_bits; }),
       .values = "4 or 8",
       .meaning = "Bits per activation.",
       .is_valid = [](const Config& c) { return c.act_bits == 4 || c.act_bits == 8; }},
      {.key = "row_align_bits",
       .member = integer([](auto& c) -> auto& { return c.row_align_bits; }),
       .values = fmt::format("an integer from 0 to 7; 0 with {}", encoding_names(has_no_row_align)),
       .meaning = "Maximum shift of a row's activations in bits, for macro-blocks along the outputs.",
       .is_valid =
           [](const Config& c) {
             return is_between(c.row_align_bits, 0, encoding_traits(c.encoding).row_align_most);
           },
       .allowed = [](const Config& c) { return std::string(encoding_traits(c.encoding).row_align_allowed); }},
      {.key = "acc_bits",
       .member = optional_integer([](auto& c) -> auto& { return c.acc_bits; }),
       .values =
           "null (derived), or an integer from the width of one product to that in which no partial sum "
           "can overflow",
       .fallback =
           "the width in which no partial sum can overflow; on path `inline` at most what inliers need, "
           "or one outlier",
       .meaning =
           "Bits per partial sum. Where columns might overflow, path `inline` computes a tile in several "
           "parts; other paths refuse the weights.",
       .reads_last = true,
       .is_valid =
           [](const Config& c) {
             return if_given(c.acc_bits,
                             [&](int bits) { return is_between(bits, min_acc_bits(c), max_acc_bits(c)); });
           },
       .allowed = allowed_acc_bits,
       .in_use = &Config::acc_width},
  };
}

std::vector<Field> top_fields() {
  return {
      {.key = "top.tokens",
       .member = optional_integer([](auto& c) -> auto& { return c.top.tokens; }),
       .values = "null (derived), or a power of two from 8 to 1024",
       .fallback = "4 * `rows`, from 16 to 128",
       .meaning = "Maximum number of tokens per pass: depth of the output accumulators.",
       .is_valid =
           [](const Config& c) {
             return if_given(c.top.tokens, [](int n) { return is_power_of_two(n, 8, 1024); });
           },
       .in_use = &Config::pass_tokens},
      {.key = "top.act_words",
       .member = integer([](auto& c) -> auto& { return c.top.act_words; }),
       .values = "a power of two from top.tokens to 1048576",
       .meaning = "Words of `rows` activations in each half of the activation buffer.",
       .is_valid = [](const Config& c) { return is_power_of_two(c.top.act_words, c.pass_tokens(), 1 << 20); },
       .allowed =
           [](const Config& c) {
             return fmt::format("a power of two from top.tokens, which is {}, to 1048576", c.pass_tokens());
           }},
      {.key = "top.output_lanes",
       .member = optional_integer([](auto& c) -> auto& { return c.top.output_lanes; }),
       .values = "null (derived), or a power of two from 1 to the columns of an accumulator bank, at most 32",
       .fallback = "maximum number of weights per tile / 128, from 2 to the largest allowed value",
       .meaning = "Outputs converted per cycle; from K = 128 on the derived number keeps up with the core.",
       .is_valid =
           [](const Config& c) {
             return if_given(c.top.output_lanes,
                             [&](int n) { return is_power_of_two(n, 1, most_output_lanes(c)); });
           },
       .allowed =
           [](const Config& c) {
             return fmt::format(
                 "null (derived), or a power of two from 1 to {} (columns of an accumulator "
                 "bank, at most 32)",
                 most_output_lanes(c));
           },
       .in_use = &Config::output_lanes},
      {.key = "top.weight_fifo",
       .member = integer([](auto& c) -> auto& { return c.top.weight_fifo; }),
       .values = "a power of two from 2 to 4096",
       .meaning = "Depth of the input FIFO in beats of the weight stream.",
       .is_valid = [](const Config& c) { return is_power_of_two(c.top.weight_fifo, 2, 4096); }},
      {.key = "top.weight_rows",
       .member = integer([](auto& c) -> auto& { return c.top.weight_rows; }),
       .values = "a power of two from 1 to 8, at most `tree_rows` and half of `rows`",
       .meaning = "Weight rows per beat of the weight stream, which the core loads in one cycle.",
       .is_valid = [](const Config& c) { return is_power_of_two(c.top.weight_rows, 1, most_weight_rows(c)); },
       .allowed =
           [](const Config& c) {
             return fmt::format("a power of two from 1 to {} (at most 8, tree_rows and half of rows)",
                                most_weight_rows(c));
           },
       .is_hashed = [](const Config& c) { return c.top.weight_rows != 1; }},
  };
}

constexpr ShellConfig kShellDefaults;

/// A field of the shell: hash and canonical JSON leave out the default, as most designs have no shell.
Field shell_field(std::string_view key, AnyMember member, std::string values, std::string meaning,
                  bool (*is_valid)(const Config&), bool (*differs)(const Config&)) {
  return {.key = key,
          .member = std::move(member),
          .values = std::move(values),
          .meaning = std::move(meaning),
          .is_valid = is_valid,
          .is_written = differs};
}

std::vector<Field> shell_fields() {
  std::vector<Field> all = {
      shell_field(
          "shell.data_bits", integer([](auto& c) -> auto& { return c.shell.data_bits; }),
          "a power of two from 32 to 512",
          "Bits of a memory word of the shell ([shell](../reference/soc.md)).",
          [](const Config& c) { return is_power_of_two(c.shell.data_bits, 32, 512); },
          [](const Config& c) { return c.shell.data_bits != kShellDefaults.data_bits; }),
      shell_field(
          "shell.address_bits", integer([](auto& c) -> auto& { return c.shell.address_bits; }),
          "an integer from 32 to 64", "Bits of a byte address.",
          [](const Config& c) { return is_between(c.shell.address_bits, 32, 64); },
          [](const Config& c) { return c.shell.address_bits != kShellDefaults.address_bits; }),
      shell_field(
          "shell.burst", integer([](auto& c) -> auto& { return c.shell.burst; }),
          "a power of two from 1 to 256", "Maximum number of beats per burst.",
          [](const Config& c) { return is_power_of_two(c.shell.burst, 1, 256); },
          [](const Config& c) { return c.shell.burst != kShellDefaults.burst; }),
      shell_field(
          "shell.fifo", integer([](auto& c) -> auto& { return c.shell.fifo; }),
          "a power of two from shell.burst, at least 2, to 4096",
          "Depth in memory words of the buffer of each reader and of the writer.",
          [](const Config& c) { return is_power_of_two(c.shell.fifo, std::max(2, c.shell.burst), 4096); },
          [](const Config& c) { return c.shell.fifo != kShellDefaults.fifo; }),
      shell_field(
          "shell.outstanding", integer([](auto& c) -> auto& { return c.shell.outstanding; }),
          "an integer from 1 to 255",
          "Maximum number of outstanding bursts of each reader and of the writer.",
          [](const Config& c) { return is_between(c.shell.outstanding, 1, 255); },
          [](const Config& c) { return c.shell.outstanding != kShellDefaults.outstanding; })};
  return all;
}

}  // namespace

const std::vector<Field>& fields() {
  static const std::vector<Field> table = [] {
    std::vector<Field> all;
    for (auto part : {shape_fields, path_fields, encoding_fields, width_fields, top_fields, shell_fields}) {
      std::vector<Field> some = part();
      std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
  }();
  return table;
}

int min_acc_bits(const Config& config) { return exact_sum_bits(config, 1, std::nullopt); }

int max_acc_bits(const Config& config) {
  return config.has_outliers() ? config.exact_acc_bits()
                               : exact_sum_bits(config, config.rows, kOutlierShiftLimit);
}

}  // namespace msq
