// Values of options: every option that takes values refuses an empty one, every number other text.

#include <array>
#include <set>
#include <sstream>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

struct Option {
  std::string command, name, type;
};

/// Options of every subcommand that take a value, as its help lists them: `  -m,--tokens INT:1 to 4096=4 ..`.
class Values : public Flow {
 protected:
  std::vector<Option> options() {
    std::vector<Option> found;
    for (const char* command : {"run", "generate", "quantize", "dequantize", "simulate", "accelerate",
                                "synth", "compare", "sweep", "fit", "inspect", "model", "contention"}) {
      std::istringstream help(succeed({command, "--help"}));
      for (std::string line; std::getline(help, line);) {
        const std::size_t dashes = line.find("--");
        if (!line.starts_with("  -") || dashes == std::string::npos) continue;
        std::istringstream words(line.substr(dashes));
        Option option{command, "", ""};
        words >> option.name >> option.type;
        const std::string type = option.type.substr(0, option.type.find_first_of(":= "));
        const bool has_value =
            !type.empty() && type.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_|") == std::string::npos;
        if (has_value) found.push_back({command, option.name, type});
      }
    }
    return found;
  }
};

TEST_F(Values, EveryOptionRefusesAnEmptyValue) {
  std::set<std::string> commands;
  for (const Option& option : options()) {
    SCOPED_TRACE(option.command + " " + option.name);
    commands.insert(option.command);
    refuse({option.command, option.name, ""}, {option.name + ": found \"\"; allowed: "});
  }
  EXPECT_EQ(commands.size(), 13U);
  refuse({"quantize", "--synthetic", "8x8", "--output=", "--bits", "2"}, {"--output: found \"\"; allowed: "});
}

constexpr std::array kNoReals = {"nan", "-inf", "1e999"};
constexpr std::array kNoIntegers = {"nan", "0x10", "1 "};

TEST_F(Values, EveryNumberIsFiniteAndDecimal) {
  int reals = 0;
  int integers = 0;
  for (const Option& option : options()) {
    if (option.type != "INT" && option.type != "UINT" && option.type != "FLOAT") continue;
    ++(option.type == "FLOAT" ? reals : integers);
    for (const char* text : option.type == "FLOAT" ? kNoReals : kNoIntegers) {
      SCOPED_TRACE(option.command + " " + option.name + " " + text);
      refuse({option.command, option.name, text}, {option.name + ": found \"" + text + "\"; allowed: "});
    }
  }
  EXPECT_GT(reals, 15);
  EXPECT_GT(integers, 50);
}

TEST_F(Values, NumbersOfTheReports) {
  const Arguments model = {"model", "--model", "minilm", "--phase", "decode", "--tokens", "1"};
  const auto with = [](Arguments arguments, std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
    return arguments;
  };
  refuse(with(model, {"--outlier-rate", "nan"}), {"--outlier-rate: found \"nan\"; allowed: a finite number"});
  refuse(with(model, {"--off-chip", "nan"}), {"--off-chip: found \"nan\"; allowed: a finite number"});
  refuse(with(model, {"--off-chip", "0"}), {"--off-chip: found 0; allowed: a number above 0\n"});
  const Arguments simulate = {"simulate", "--config", "tiny", "--synthetic", "8x8"};
  refuse(with(simulate, {"--stalls", "nan"}), {"--stalls: found \"nan\"; allowed: a finite number"});
  refuse(with(simulate, {"--stalls", "0.96"}), {"--stalls: found 0.96; allowed: 0 to 0.95\n"});
  refuse(with(simulate, {"--seed", ""}), {"--seed: found \"\"; allowed: a whole number in decimal digits\n"});
  refuse(with(simulate, {"--trace-from", "-1"}), {"--trace-from: found \"-1\"; allowed: a whole number"});
  refuse(with(simulate, {"--trace-from", "18446744073709551616"}),
         {"--trace-from: found \"18446744073709551616\""});
  refuse(with(simulate, {"--seed", "4294967296"}), {"--seed: found 4294967296; allowed: 0 to 4294967295\n"});
  refuse(with(simulate, {"--sigma", "0"}), {"--sigma: found 0; allowed: a number above 0\n"});
  refuse({"synth", "--config", "tiny", "--power", "--frequency", "nan"},
         {"--frequency: found \"nan\"; allowed: a finite number"});
  const Arguments quantize = {"quantize", "--synthetic", "8x8", "--bits", "2", "-o", "q.safetensors"};
  for (const char* option : {"--damping", "--migration"})
    refuse(with(quantize, {"--calibration", "x.npy", option, ""}), {std::string(option) + ": found \"\""});
  refuse(with(quantize, {"--calibration", ""}),
         {"--calibration: found \"\"; allowed: a value that is not empty"});
}

TEST_F(Values, LeadingZerosAreDecimal) {
  const Arguments arguments = {"quantize", "--synthetic", "8x8", "--bits", "2", "--seed"};
  const auto quantized = [&](const char* seed) {
    Arguments all = arguments;
    all.insert(all.end(), {seed, "-o", "q.safetensors"});
    succeed(all);
    return read("q.safetensors");
  };
  EXPECT_EQ(quantized("010"), quantized("10"));
  EXPECT_NE(quantized("010"), quantized("8"));
}

}  // namespace
}  // namespace msq::cli
