#include "synth/cell_functions.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "tests/io/temporary_directory.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = R"lib(library (test) {
  cell (NAND2) { area : 1;
    pin (A) { direction : input; } pin (B) { direction : input; }
    pin (Y) { direction : output; function : "!(A B)"; } }
  cell (SUM) { area : 1;
    pin (A) { direction : input; } pin (B) { direction : input; } pin (C) { direction : input; }
    pin (S) { direction : output; function : "A ^ B ^ C"; }
    pin (M) { direction : output; function : "(A B) + C (A + B)"; } }
  cell (TIE) { area : 1; pin (Y) { direction : output; function : "1"; } }
  cell (FALLING) { area : 1;
    ff (IQ, IQN) { next_state : "D E + IQ !E"; clocked_on : "!CK"; }
    pin (CK) { direction : input; clock : true; } pin (D) { direction : input; } pin (E) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; } pin (QN) { direction : output; function : "IQN"; } }
  cell (SETRESET) { area : 1;
    ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; clear : "!R"; preset : "!S"; }
    pin (CK) { direction : input; clock : true; } pin (D) { direction : input; }
    pin (R) { direction : input; } pin (S) { direction : input; }
    pin (QN) { direction : output; function : "IQN"; } }
  cell (RESET) { area : 1;
    ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; clear : "R"; }
    pin (CK) { direction : input; clock : true; } pin (D) { direction : input; } pin (R) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; } }
  cell (LATCH) { area : 1;
    latch (IQ, IQN) { data_in : "D"; enable : "!G"; }
    pin (G) { direction : input; } pin (D) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; } pin (QN) { direction : output; function : "IQN"; } }
  cell (GATE) { area : 1;
    latch (IQ, IQN) { data_in : "E"; enable : "!CK"; }
    pin (CK) { direction : input; } pin (E) { direction : input; }
    pin (GCK) { direction : output; function : "IQ CK"; } }
  cell (LATCHR) { area : 1;
    latch (IQ, IQN) { data_in : "D"; enable : "G"; clear : "!R"; }
    pin (G) { direction : input; } pin (D) { direction : input; } pin (R) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; } }
  cell (TRISTATE) { area : 1; pin (A) { direction : input; } pin (E) { direction : input; }
    pin (Y) { direction : output; function : "A"; three_state : "!E"; } }
  cell (TWO) { area : 1;
    ff (IQ0, IQN0) { next_state : "D"; clocked_on : "CK"; }
    ff (IQ1, IQN1) { next_state : "IQ0"; clocked_on : "CK"; }
    pin (CK) { direction : input; clock : true; } pin (D) { direction : input; }
    pin (Q) { direction : output; function : "IQ1"; } }
  cell (EMPTY) { area : 1; pin (A) { direction : input; } pin (Y) { direction : output; } }
})lib";

class CellFunctionsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(directory_);
    std::ofstream(directory_ / "test.lib") << kLibrary;
  }

  /// @param outputs are the last pins.
  Result<std::vector<PinFunction>> functions(const std::string& cell, const std::vector<std::string>& pins,
                                             std::size_t outputs = 1) {
    CellType type{cell, {}, false};
    for (std::size_t i = 0; i < pins.size(); ++i) type.pins.push_back({pins[i], i + outputs >= pins.size()});
    MSQ_TRY(auto result, cell_functions(directory_ / "test.lib", {type}, directory_ / "work"));
    return std::move(result.at(0));
  }

  golden::testing::TemporaryDirectory temporary_;
  fs::path directory_ = temporary_ / "a directory";  // tools have to be told of the space
};

/// The table equals a function of the values of pins 0 to n - 1, for all of them.
void expect_table(const PinTable& table, int n, const std::function<bool(unsigned)>& expected) {
  for (unsigned values = 0; values < 1U << n; ++values) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < table.pins.size(); ++i)
      index |= std::size_t{values >> table.pins[i] & 1} << i;
    EXPECT_EQ(table.values.at(index) != 0, expected(values)) << "of values " << values;
  }
}

bool bit(unsigned values, int pin) { return (values >> pin & 1) != 0; }

TEST_F(CellFunctionsTest, Logic) {
  const auto nand = functions("NAND2", {"A", "B", "Y"});
  ASSERT_TRUE(nand) << nand.error();
  ASSERT_EQ(nand->size(), 1U);
  expect_table(nand->front().level, 2, [](unsigned v) { return v != 3; });
  EXPECT_TRUE(nand->front().edge.values.empty());
  const auto sum = functions("SUM", {"A", "B", "C", "S", "M"}, 2);
  ASSERT_TRUE(sum) << sum.error();
  EXPECT_EQ(sum->at(1).pin, 4U);
  expect_table(sum->at(0).level, 3, [](unsigned v) { return (bit(v, 0) ^ bit(v, 1) ^ bit(v, 2)) != 0; });
  expect_table(sum->at(1).level, 3, [](unsigned v) { return bit(v, 0) + bit(v, 1) + bit(v, 2) >= 2; });
  const auto tie = functions("TIE", {"Y"});
  ASSERT_TRUE(tie) << tie.error();
  EXPECT_TRUE(tie->front().level.pins.empty());
  EXPECT_EQ(tie->front().level.values, std::vector<std::uint8_t>{1});
}

TEST_F(CellFunctionsTest, FlipFlopWithEnableOnTheFallingEdge) {
  const auto found = functions("FALLING", {"CK", "D", "E", "Q", "QN"}, 2);
  ASSERT_TRUE(found) << found.error();
  for (const PinFunction& pin : *found) {
    EXPECT_EQ(pin.clock, 0U);
    EXPECT_TRUE(pin.falling_edge);
    EXPECT_EQ(pin.level.pins, std::vector<std::size_t>{pin.pin});
    const int own = static_cast<int>(pin.pin);
    const bool inverted = pin.pin == 4;
    EXPECT_EQ(pin.inverted, inverted);
    expect_table(pin.edge, 5, [&](unsigned v) { return bit(v, 2) ? bit(v, 1) != inverted : bit(v, own); });
  }
}

TEST_F(CellFunctionsTest, SetAndReset) {
  const auto both = functions("SETRESET", {"CK", "D", "R", "S", "QN"});
  ASSERT_TRUE(both) << both.error();
  EXPECT_FALSE(both->front().falling_edge);
  expect_table(both->front().level, 5, [](unsigned v) { return !bit(v, 2) || (bit(v, 3) && bit(v, 4)); });
  expect_table(both->front().edge, 5, [](unsigned v) { return !bit(v, 1); });
  const auto reset = functions("RESET", {"CK", "D", "R", "Q"});
  ASSERT_TRUE(reset) << reset.error();
  expect_table(reset->front().level, 4, [](unsigned v) { return !bit(v, 2) && bit(v, 3); });
}

TEST_F(CellFunctionsTest, Latch) {
  const auto found = functions("LATCH", {"G", "D", "Q", "QN"}, 2);
  ASSERT_TRUE(found) << found.error();
  for (const PinFunction& pin : *found) {
    EXPECT_TRUE(pin.edge.values.empty());
    const int own = static_cast<int>(pin.pin);
    const bool inverted = pin.pin == 3;
    expect_table(pin.level, 4, [&](unsigned v) { return bit(v, 0) ? bit(v, own) : bit(v, 1) != inverted; });
  }
}

TEST_F(CellFunctionsTest, RefusesWhatItCannotSay) {
  for (const auto& [cell, pins] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{{"GATE", {"CK", "E", "GCK"}},
                                                                     {"LATCHR", {"G", "D", "R", "Q"}},
                                                                     {"TRISTATE", {"A", "E", "Y"}},
                                                                     {"TWO", {"CK", "D", "Q"}},
                                                                     {"EMPTY", {"A", "Y"}},
                                                                     {"MISSING", {"A", "Y"}},
                                                                     {"NAND2", {"A", "B", "Z"}}}) {
    const auto found = functions(cell, pins);
    ASSERT_FALSE(found) << cell;
    EXPECT_NE(found.error().find("cell " + cell + " has no function that can be simulated"),
              std::string::npos)
        << found.error();
  }
}

}  // namespace
}  // namespace msq::synth
