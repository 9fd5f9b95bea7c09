#include "golden/io/safetensors_merge.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "golden/io/safetensors.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::contains;
using testing::read_text;
using testing::TemporaryDirectory;
using testing::write_text;

NamedTensor bytes(const char* name, std::vector<std::uint8_t> values) {
  return named_tensor(name, {static_cast<std::int64_t>(values.size())},
                      std::span<const std::uint8_t>(values));
}
NamedTensor floats(const char* name, std::vector<float> values) {
  return named_tensor(name, {static_cast<std::int64_t>(values.size())}, std::span<const float>(values));
}

class SafetensorsMerge : public ::testing::Test {
 protected:
  void write(const char* name, const std::vector<NamedTensor>& tensors, const Metadata& metadata = {}) {
    ASSERT_TRUE(write_safetensors(directory_ / name, tensors, metadata));
  }
  Result<> merge(std::initializer_list<const char*> names) {
    std::vector<std::filesystem::path> parts;
    for (const char* name : names) parts.push_back(directory_ / name);
    return merge_safetensors(directory_ / "out", parts);
  }

  TemporaryDirectory directory_;
};

TEST_F(SafetensorsMerge, GivesTheBytesOfAllTensorsWrittenAtOnce) {
  // Names on both sides of "__metadata__", data longer than one portion, an empty tensor, wide types between.
  const std::vector<NamedTensor> one{bytes("b.codes", std::vector<std::uint8_t>((1 << 20) + 3, 7)),
                                     floats("b.scales", {1, 2})};
  const std::vector<NamedTensor> two{bytes("A.codes", {1, 2, 3}), bytes("a.b.codes", {}), floats("z", {3})};
  write("1", one, {{"contract", "1"}, {"b.bits", "2"}});
  write("2", two, {{"contract", "1"}, {"A.bits", "4"}});
  std::vector<NamedTensor> all(one);
  all.insert(all.end(), two.begin(), two.end());
  write("all", all, {{"contract", "1"}, {"b.bits", "2"}, {"A.bits", "4"}});
  ASSERT_TRUE(merge({"1", "2"}));
  EXPECT_EQ(read_text(directory_ / "out"), read_text(directory_ / "all"));
  ASSERT_TRUE(merge({"2", "1"}));
  EXPECT_EQ(read_text(directory_ / "out"), read_text(directory_ / "all"))
      << "the order of parts is no matter";
  ASSERT_TRUE(merge({}));
  EXPECT_EQ(SafetensorsReader::open(directory_ / "out").value().tensors().size(), 0U);
}

TEST_F(SafetensorsMerge, Refusals) {
  write("1", {bytes("a", {1})}, {{"bits", "2"}});
  write("2", {bytes("a", {1})}, {{"bits", "2"}});
  write("3", {bytes("c", {1})}, {{"bits", "4"}});
  EXPECT_TRUE(contains(merge({"1", "2"}).error(), {"tensor name 'a' is used twice"}));
  EXPECT_TRUE(contains(merge({"1", "3"}).error(), {"3: metadata 'bits' is '4', and '2' in other parts"}));
  EXPECT_TRUE(contains(merge({"1", "none"}).error(), {"none: cannot open"}));
  write_text(directory_ / "cut", read_text(directory_ / "1").substr(0, 40));
  EXPECT_TRUE(contains(merge({"1", "cut"}).error(), {"cut: ", "truncated"}));
  EXPECT_EQ(directory_.names().size(), 4U) << "no output and no temporary is left";
}

}  // namespace
}  // namespace msq::golden
