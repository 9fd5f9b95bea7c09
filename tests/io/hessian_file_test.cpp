#include "golden/io/hessian_file.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/io/temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::contains;
using testing::TemporaryDirectory;

NamedTensor tensor(const std::string& name, std::int64_t rows, std::int64_t columns,
                   const std::vector<float>& values) {
  return named_tensor(name, {rows, columns}, std::span<const float>(values));
}

class HessianFiles : public ::testing::Test {
 protected:
  Result<HessianFile> open(const std::vector<NamedTensor>& tensors, const Metadata& metadata) {
    EXPECT_TRUE(write_safetensors(directory_ / "h.safetensors", tensors, metadata));
    return HessianFile::open(directory_ / "h.safetensors");
  }
  /// Of one layer "a" with k = 2, n = 1.
  std::string error_of(const std::vector<float>& sums, const std::string& tokens = "3") {
    const auto file = open({tensor("a.hessian", 2, 2, sums)}, {{"a.tokens", tokens}});
    const auto loaded = file->load("a", 2, 1);
    return loaded ? "" : loaded.error();
  }

  TemporaryDirectory directory_;
};

TEST_F(HessianFiles, ALayerHasItsSums) {
  const auto file = open({tensor("a.hessian", 2, 2, {4, 1, 1, 2}), tensor("a.largest", 1, 2, {3, 5}),
                          tensor("a.target", 2, 1, {7, 8})},
                         {{"a.tokens", "9"}});
  ASSERT_TRUE(file) << file.error();
  const auto sums = file->load("a", 2, 1);
  ASSERT_TRUE(sums) << sums.error();
  EXPECT_EQ(sums->hessian.tokens(), 9);
  EXPECT_EQ(sums->hessian.lower()(0, 0), 4);
  EXPECT_EQ(sums->hessian.lower()(1, 0), 1);
  EXPECT_EQ(sums->hessian.lower()(1, 1), 2);
  EXPECT_EQ(sums->largest, (std::vector<float>{3, 5}));
  EXPECT_EQ(sums->target, (std::vector<float>{7, 8}));
}

TEST_F(HessianFiles, LayersShareAnInput) {
  const auto file = open({tensor("q.hessian", 1, 1, {6}), tensor("k.target", 1, 2, {1, 2})},
                         {{"q.tokens", "1"}, {"k.input", "q"}});
  const auto k = file->load("k", 1, 2);
  ASSERT_TRUE(k) << k.error();
  EXPECT_EQ(k->hessian.lower()(0, 0), 6);
  EXPECT_EQ(k->target, (std::vector<float>{1, 2}));
  EXPECT_TRUE(k->largest.empty());
  EXPECT_TRUE(file->load("q", 1, 5)->target.empty());
}

TEST_F(HessianFiles, WrongOnesAreNamed) {
  const auto file = open({tensor("a.hessian", 2, 2, {1, 0, 0, 1}), tensor("a.target", 2, 1, {0, 0}),
                          tensor("b.hessian", 1, 1, {1}), tensor("b.largest", 1, 2, {1, 1})},
                         {{"a.tokens", "2"}, {"b.tokens", "2"}, {"d.input", "e"}});
  EXPECT_TRUE(contains(file->load("c", 2, 1).error(), {"h.safetensors", "'c'", "c.hessian", "c.input"}));
  EXPECT_TRUE(contains(file->load("d", 2, 1).error(), {"metadata 'd.input' names 'e'", "'e.hessian'"}));
  EXPECT_TRUE(contains(file->load("a", 3, 1).error(), {"a.hessian", "[2][2]", "[3][3]"}));
  EXPECT_TRUE(contains(file->load("a", 2, 4).error(), {"a.target", "[2][1]", "[2][4]"}));
  EXPECT_TRUE(contains(file->load("b", 1, 1).error(), {"b.largest", "[1][2]", "[1][1]"}));
}

TEST_F(HessianFiles, ValuesThatAreNoHessianAreRefused) {
  EXPECT_EQ(error_of({1, 0.5F, 0.5F, 1}), "");
  EXPECT_TRUE(contains(error_of({1, 0.5F, 0.4F, 1}), {"a.hessian", "[1][0]", "symmetric"}));
  EXPECT_TRUE(contains(error_of({1, 0, 0, -1}), {"[1][1]", "-1"}));
  EXPECT_TRUE(contains(error_of({1, 0, 0, std::numeric_limits<float>::infinity()}), {"[1][1]", "inf"}));
  EXPECT_TRUE(contains(error_of({std::numeric_limits<float>::quiet_NaN(), 0, 0, 1}), {"[0][0]", "nan"}));
}

TEST_F(HessianFiles, LargestActivationsAreFiniteAndNotNegative) {
  const auto error = [&](const std::vector<float>& largest) {
    const auto file = open({tensor("a.hessian", 2, 2, {1, 0, 0, 1}), tensor("a.largest", 1, 2, largest)},
                           {{"a.tokens", "2"}});
    const auto loaded = file->load("a", 2, 1);
    return loaded ? "" : loaded.error();
  };
  EXPECT_EQ(error({0, 3}), "");
  EXPECT_TRUE(contains(error({1, -1}), {"a.largest", "entry 1 is -1", "from 0 on"}));
  EXPECT_TRUE(contains(error({std::numeric_limits<float>::quiet_NaN(), 0}), {"a.largest", "entry 0", "nan"}));
  EXPECT_TRUE(contains(error({0, std::numeric_limits<float>::infinity()}), {"a.largest", "entry 1", "inf"}));
}

TEST_F(HessianFiles, TokensAreANumber) {
  for (const char* text : {"", "-1", "many", "3.5", "99999999999999999999"}) {
    EXPECT_TRUE(contains(error_of({1, 0, 0, 1}, text), {"a.tokens", "from 0 on"})) << text;
  }
  EXPECT_EQ(error_of({1, 0, 0, 1}, "0"), "");
}

}  // namespace
}  // namespace msq::golden
