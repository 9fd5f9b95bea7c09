// The definition of the weight stream's header against itself and against its page.

#include "tb/host/stream_format.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

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

/// The page with `table` between the markers of this name.
std::string with_table(const std::string& page, const std::string& name, const std::string& table) {
  const std::string begin = fmt::format("<!-- begin: {} (tb/host/stream_format.hpp) -->\n", name);
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find(fmt::format("<!-- end: {} -->", name));
  if (from == std::string::npos || to == std::string::npos) return "no markers of " + name;
  return page.substr(0, from) + begin + table + page.substr(to);
}

// MSQ_UPDATE=1 writes the tables anew.
TEST(StreamFormat, PageHasTheTables) {
  std::stringstream file;
  file << std::ifstream(MSQ_STREAM_PAGE).rdbuf();
  const std::string page = file.str();
  std::string expected = with_table(page, "header of a block", header_table());
  expected = with_table(expected, "description of a tile", field_table("description", 0, kDescriptionFields));
  expected = with_table(expected, "parts of a tile", part_table());
  if (std::getenv("MSQ_UPDATE") != nullptr) std::ofstream(MSQ_STREAM_PAGE) << expected;
  EXPECT_EQ(page, expected) << "MSQ_UPDATE=1 writes the tables of docs/accelerator.md anew";
}

}  // namespace
}  // namespace msq::tb
