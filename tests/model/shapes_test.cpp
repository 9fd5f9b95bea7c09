#include "model/shapes.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace msq::model {
namespace {

/// With embeddings (and an output head of its own where the model has one), norms and biases left out, the
/// published numbers of parameters come out.
TEST(Shapes, ParametersOfKnownModels) {
  struct Published {
    std::int64_t embeddings;
    double parameters;
    double tolerance;  ///< for norms and biases
  };
  const std::map<std::string, Published> published = {
      {"minilm", {(30522 + 512 + 2) * 384, 22.7e6, 0.02}},
      {"gpt2", {(50257 + 1024) * 768, 124.4e6, 0.002}},
      {"opt-6.7b", {(50272 + 2050) * 4096, 6.66e9, 0.002}},
      {"llama-2-7b", {2 * 32000 * 4096, 6.738e9, 0.001}},
      {"llama-2-13b", {2 * 32000 * 5120, 13.016e9, 0.001}},
      {"llama-3-8b", {2 * 128256L * 4096, 8.030e9, 0.001}},
      {"smollm2-135m", {49152 * 576, 134.5e6, 0.001}},
      {"qwen3-8b", {2 * 151936L * 4096, 8.19e9, 0.001}},
      {"qwen3-30b-a3b", {2 * 151936L * 2048, 30.53e9, 0.001}},
      {"gpt-oss-20b", {2 * 201088L * 2880, 20.91e9, 0.001}},
      {"mixtral-8x7b", {2 * 32000 * 4096, 46.70e9, 0.001}},
  };
  ASSERT_EQ(known_models().size(), published.size());
  for (const ModelShapes& model : known_models()) {
    const Published& known = published.at(model.name);
    const auto sum = static_cast<double>(model.weights() + known.embeddings);
    EXPECT_NEAR(sum / known.parameters, 1, known.tolerance) << model.name;
  }
}

TEST(Shapes, FindModel) {
  EXPECT_EQ(find_model("llama-3-8b")->layers.at(1), (LinearLayer{"attention.k,v", 4096, 1024, 64}));
  const auto none = find_model("llama");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("\"llama\""), std::string::npos);
  EXPECT_NE(none.error().find("llama-2-7b"), std::string::npos);
}

TEST(Shapes, ExpertsShareTheTokens) {
  const LinearLayer dense{"dense", 8, 8, 3};
  EXPECT_EQ(gemms_of(dense, 5), (Gemms{5, 3}));
  const LinearLayer experts{"experts", 8, 8, 3, 8, 2};
  EXPECT_EQ(gemms_of(experts, 1), (Gemms{1, 6}));      // two of eight
  EXPECT_EQ(gemms_of(experts, 3), (Gemms{1, 18}));     // six
  EXPECT_EQ(gemms_of(experts, 5), (Gemms{2, 24}));     // all; 10 tokens, rounded up
  EXPECT_EQ(gemms_of(experts, 128), (Gemms{32, 24}));  // 128 * 2 / 8
}

TEST(Shapes, Csv) {
  const auto shapes = parse_shapes("name,k,n,count\r\nup,384,1536,6\r\n\r\ndown,1536,384,6", "s.csv");
  ASSERT_TRUE(shapes) << shapes.error();
  EXPECT_EQ(shapes->layers, (std::vector<LinearLayer>{{"up", 384, 1536, 6}, {"down", 1536, 384, 6}}));
}

TEST(Shapes, CsvMayHaveAByteOrderMarkAndBlanks) {
  const std::vector<LinearLayer> layers = {{"up proj", 64, 32, 2}};
  for (const char* text :
       {"\xef\xbb\xbfname,k,n,count\nup proj,64,32,2\n", "name,k,n,count\nup proj, 64, 32, 2\n",
        " name , k,\tn ,count \r\n \t\r\n up proj ,64 ,32\t, 2 \r\n"}) {
    const auto shapes = parse_shapes(text, "s.csv");
    ASSERT_TRUE(shapes) << shapes.error();
    EXPECT_EQ(shapes->layers, layers) << text;
  }
}

TEST(Shapes, CsvErrorsNameLineAndColumn) {
  const std::pair<const char*, const char*> cases[] = {
      {"name;k;n;count\n", "line 1, column 1"},
      {"name,k,n,count\n", "no layer"},
      {"", "no layer"},
      {"name,k,n,count\nup,384,1536\n", "line 2, column 8"},
      {"name,k,n,count\nup,384,1536,6,7\n", "line 2, column 13"},
      {"name,k,n,count\n,384,1536,6\n", "line 2, column 1"},
      {"name,k,n,count\nup,384,1536,6\nup,x,1536,6\n", "line 3, column 4: found \"x\""},
      {"name,k,n,count\nup,384,0,6\n", "line 2, column 8: found \"0\"; allowed: n"},
      {"name,k,n,count\nup,384,-1,6\n", "column 8"},
      {"name,k,n,count\nup,384,1.5,6\n", "column 8"},
      {"name,k,n,count\nup,384, 1 1,6\n", "column 8"},
      {"name,k,n,count\nup,384,99999999999999999999,6\n", "column 8"},
      {"name,k,n,count\nup,384,4,\n", "column 10: found \"\"; allowed: count"},
  };
  for (const auto& [text, part] : cases) {
    const auto shapes = parse_shapes(text, "s.csv");
    ASSERT_FALSE(shapes) << text;
    EXPECT_NE(shapes.error().find(part), std::string::npos) << shapes.error();
    EXPECT_EQ(shapes.error().rfind("s.csv: ", 0), 0U) << shapes.error();
  }
}

}  // namespace
}  // namespace msq::model
