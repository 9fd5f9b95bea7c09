#include "synth/tool_library.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

/// A NAND and a buffer with more attributes. @param nand_area of the NAND.
std::string library(const std::string& buffer_attributes, const std::string& nand_area = "24") {
  return "library (l) {\n  cell (NAND2) { area : " + nand_area +
         "; pin(A) { direction : input; } pin(B) { direction : input; }\n"
         "    pin(Y) { direction : output; function : \"!(A B)\"; } }\n"
         "  cell (BUF) { " +
         buffer_attributes +
         " pin(A) { direction : input; } pin(Y) { direction : output; function : \"A\"; } } }\n";
}

class ToolLibraryTest : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text) {
    fs::create_directories((directory_->path() / name).parent_path());
    std::ofstream(directory_->path() / name, std::ios::binary) << text;
    return directory_->path() / name;
  }
  /// Text that a tool reads in place of the original.
  std::string seen(const std::string& text) {
    const auto of = ToolLibrary::of(write("x.lib", text));
    return of ? read_text(of->path()).value() : of.error();
  }
  Result<PlainDirectory> directory_ = PlainDirectory::create();
};

TEST_F(ToolLibraryTest, AFileThatEveryToolTakesIsTakenAsItIs) {
  for (const char* attributes : {"area : 32;", "dont_use : true; area : 32;", "dont_use : \"true\";"}) {
    const auto file = write("x.lib", library(attributes));
    const auto of = ToolLibrary::of(file);
    ASSERT_TRUE(of) << of.error();
    EXPECT_EQ(of->path(), file) << attributes;
  }
}

TEST_F(ToolLibraryTest, APathWithBlanksGetsACopyThatGoes) {
  const auto file = write("a b/x y.lib", library("area : 32;"));
  fs::path copy;
  {
    const auto of = ToolLibrary::of(file);
    ASSERT_TRUE(of) << of.error();
    copy = of->path();
    EXPECT_TRUE(is_plain_path(copy));
    EXPECT_EQ(read_text(copy), read_text(file));
  }
  EXPECT_FALSE(fs::exists(copy.parent_path()));
}

TEST_F(ToolLibraryTest, TheByteOrderMarkGoes) {
  EXPECT_EQ(seen("\xef\xbb\xbf" + library("area : 32;")), library("area : 32;"));
}

TEST_F(ToolLibraryTest, DontUseIsTrueOrIsNotThere) {
  EXPECT_EQ(seen(library("dont_use : false; area : 32;")), library("dont_touch : false; area : 32;"));
  EXPECT_EQ(seen(library("dont_use : \"FALSE\" ; area : 32;")),
            library("dont_touch : \"FALSE\" ; area : 32;"));
  EXPECT_EQ(seen(library("dont_use : TRUE; area : 32;")), library("dont_use : true; area : 32;"));
  EXPECT_EQ(seen(library("dont_use:1;")), library("dont_use:true;"));
}

TEST_F(ToolLibraryTest, VerySmallAndVeryLargeAreasAreScaledForYosys) {
  EXPECT_EQ(seen(library("area : 3.2e-06;", "2.4e-06")), library("area : 3.2;", "2.4"));
  EXPECT_EQ(seen(library("area : 3.2e+7;", "24000000")), library("area : 3.2;", "2.4"));
  EXPECT_EQ(seen("\xef\xbb\xbf" + library("dont_use : false; area : 0;", "1e-3")),
            library("dont_touch : false; area : 0;", "1"));
  const auto liberty = parse_liberty(library("area : 3.2e-06;", "2.4e-06"), "x.lib");
  ASSERT_TRUE(liberty) << liberty.error();
  EXPECT_EQ(liberty->area_factor, 1e6);
  EXPECT_EQ(liberty->cells.at("BUF").area, 3.2e-06) << "in the library's unit";
  EXPECT_EQ(parse_liberty(library("", "0.01"), "x.lib")->area_factor, 1);
  EXPECT_EQ(parse_liberty(library("", "1e5"), "x.lib")->area_factor, 1);
}

TEST_F(ToolLibraryTest, NamesAFileThatIsNone) {
  EXPECT_EQ(ToolLibrary::of(directory_->path() / "none.lib").error(),
            (directory_->path() / "none.lib").string() + ": no such Liberty file");
}

}  // namespace
}  // namespace msq::synth
