// The definition of the weight stream's header against itself and against its page.

#include "tb/host/stream_format.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/support/page.hpp"

namespace msq::tb {
namespace {

template <class Fields>
void expect_full(const Fields& fields) {
  int next = 0;
  for (const HeaderField& field : fields) {
    EXPECT_EQ(field.lsb, next) << field.name;
    next += field.width;
  }
  EXPECT_EQ(next, 32);
}

TEST(StreamFormat, FieldsFillTheirBitsInOrder) {
  expect_full(kHeaderFields);
  expect_full(kCountFields);
  expect_full(kDescriptionFields);
}

TEST(StreamFormat, FieldsAreReadAndReplacedAlone) {
  for (const HeaderField& field : kHeaderFields) {
    const std::uint32_t ones = (1U << field.width) - 1;
    EXPECT_EQ(field.get(field.put(ones)), ones) << field.name;
    EXPECT_EQ(field.with(~0U, 0), ~field.mask()) << field.name;
    EXPECT_EQ(field.with(0, ones), field.mask()) << field.name;
  }
  EXPECT_EQ(header::put_hash(0x12345678), 0x56000078U);
  EXPECT_EQ(description::kInterval.put(7) | description::kGap.put(3), 0x03070000U);
}

template <class Fields>
std::string field_table(const std::string& where, int base, const Fields& fields) {
  std::string text = fmt::format("| bits of the {} | name | meaning |\n|---|---|---|\n", where);
  for (const HeaderField& f : fields) {
    const int lsb = f.lsb + base;
    const std::string bits =
        f.width == 1 ? fmt::to_string(lsb) : fmt::format("{}:{}", lsb + f.width - 1, lsb);
    text += fmt::format("| {} | {} | {} |\n", bits, f.name, f.meaning);
  }
  return text;
}

std::string header_table() {
  const std::string counts = field_table("header", 32, kCountFields);
  return field_table("header", 0, kHeaderFields) + counts.substr(counts.find("|---|---|---|\n") + 14);
}

std::string part_table() {
  std::string text = "| part | size | content |\n|---|---|---|\n";
  for (const TilePartFormat& p : kTileParts)
    text += fmt::format("| {} | {} bit{} per {} | {} |\n", p.name, p.bits, p.bits == 1 ? "" : "s", p.element,
                        p.content);
  return text;
}

// MSQ_UPDATE=1 writes the tables anew.
TEST(StreamFormat, PageHasTheTables) {
  tests::expect_part_of_page(MSQ_STREAM_PAGE, "header of a block", header_table());
  tests::expect_part_of_page(MSQ_STREAM_PAGE, "description of a tile",
                             field_table("description", 0, kDescriptionFields));
  tests::expect_part_of_page(MSQ_STREAM_PAGE, "parts of a tile", part_table());
}

}  // namespace
}  // namespace msq::tb
