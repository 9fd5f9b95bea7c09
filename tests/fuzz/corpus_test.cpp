// Every file of the corpora through its reader, under AddressSanitizer and UndefinedBehaviorSanitizer: the
// inputs that the fuzzers have found, those of bugs among them.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/checks.hpp"

namespace msq::tests {
namespace {

class Corpus : public testing::TestWithParam<FuzzTarget> {};

TEST_P(Corpus, ReadersKeepTheirPromises) {
  const auto directory = std::filesystem::path(MSQ_CORPUS) / GetParam().name;
  int files = 0;
  int accepted = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::string exact(bytes.data(), bytes.size());  // no spare capacity: an overrun is caught
    ++files;
    accepted += GetParam().check(std::as_bytes(std::span(exact))) ? 1 : 0;
  }
  EXPECT_GE(files, 5);
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, files);
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, testing::ValuesIn(fuzz_targets()),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace msq::tests
