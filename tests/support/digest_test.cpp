#include "support/digest.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace msq {
namespace {

/// Of `bytes` added in portions.
std::string digest_of(std::string_view bytes, std::size_t portion) {
  Digest digest;
  for (std::size_t begin = 0; begin < bytes.size(); begin += portion)
    digest.add_values(std::span(bytes.substr(begin, portion)));
  return digest.text();
}

std::string sample(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * i % 251);
  return bytes;
}

TEST(Digest, DoesNotDependOnThePortions) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{65536}, std::size_t{65537}, std::size_t{200000}}) {
    const std::string bytes = sample(size);
    const std::string whole = digest_of(bytes, bytes.size());
    for (const std::size_t portion :
         {std::size_t{1}, std::size_t{1000}, std::size_t{65536}, std::size_t{70000}})
      EXPECT_EQ(digest_of(bytes, portion), whole) << size << " in " << portion;
  }
}

TEST(Digest, TellsContentsApart) {
  std::set<std::string> seen{Digest().text()};
  std::string bytes = sample(150000);
  for (const std::size_t length : {std::size_t{1}, std::size_t{65536}, std::size_t{131072}, bytes.size()})
    EXPECT_TRUE(seen.insert(digest_of(bytes.substr(0, length), length)).second) << length;
  for (const std::size_t place : {std::size_t{0}, std::size_t{70000}, std::size_t{149999}}) {
    bytes[place] = static_cast<char>(bytes[place] ^ 1);
    EXPECT_TRUE(seen.insert(digest_of(bytes, bytes.size())).second) << place;
  }
  // The same blocks in another order.
  const std::string a(65536, 'a');
  const std::string b(65536, 'b');
  EXPECT_NE(digest_of(a + b, 131072), digest_of(b + a, 131072));
}

TEST(Digest, EndsInTheNumberOfBytes) {
  EXPECT_TRUE(Digest().text().ends_with("-0"));
  EXPECT_TRUE(digest_of("abc", 3).ends_with("-3"));
}

}  // namespace
}  // namespace msq
