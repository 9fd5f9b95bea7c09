#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace msq::tests {

/// Expects `part` between the lines `<!-- begin: NAME (its source) -->` and `<!-- end: NAME -->` of a page.
/// MSQ_UPDATE=1 writes the part anew.
inline void expect_part_of_page(const std::filesystem::path& path, const std::string& name,
                                const std::string& part) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  file.close();
  const std::size_t mark = text.find("<!-- begin: " + name + " (");
  const std::size_t end = text.find("<!-- end: " + name + " -->\n");
  ASSERT_TRUE(mark != std::string::npos && end != std::string::npos && mark < end)
      << path << ": no marks of '" << name << "'";
  const std::size_t first = text.find('\n', mark) + 1;
  const std::string page = text.substr(0, first) + part + text.substr(end);
  if (std::getenv("MSQ_UPDATE") != nullptr) std::ofstream(path) << page;
  EXPECT_EQ(text, page) << "MSQ_UPDATE=1 writes the tables of " << path << " anew";
}

}  // namespace msq::tests
