#include "report/accelerate.hpp"

#include <gtest/gtest.h>

namespace msq::report {
namespace {

flow::AcceleratorFindings findings() {
  flow::AcceleratorFindings f;
  f.config = "tiny";
  f.weights_source = "w.npy";
  f.activations_source = "x.npy";
  f.bits = 2;
  f.m = 3;
  f.k = 32;
  f.n = 24;
  f.format = tb::OutputFormat::mx8;
  f.tokens_per_pass = 2;
  f.result.done = true;
  f.result.counters = {{"cycles", 1234}};
  f.comparison.words = 1000;
  f.predicted_cycles = 1230;
  f.utilization = 0.25;
  f.tools = {{"verilator", "Verilator 5.006"}};
  return f;
}

TEST(AccelerateReport, TextHasTheCountersByName) {
  EXPECT_EQ(render(findings(), Form::text),
            "tiny at 2 bits: 3 tokens x [32][24], 2 tokens per pass, mx8 outputs\n"
            "  weights                     w.npy\n"
            "  activations                 x.npy\n"
            "  outputs                     1,000 of 1,000 words bit-exact\n"
            "  cycles                      1,234\n"
            "  predicted cycles            1,230\n"
            "  utilization                 25.0 %\n");
}

TEST(AccelerateReport, JsonHasTheTraceIfOneWasRecorded) {
  flow::AcceleratorFindings f = findings();
  f.comparison.differing = 1;
  f.trace = flow::RecordedTrace{{"a.fst", 5, 100}, 40};
  EXPECT_EQ(render(f, Form::json),
            R"({
  "config": "tiny",
  "weights": "w.npy",
  "activations": "x.npy",
  "bits": 2,
  "m": 3,
  "k": 32,
  "n": 24,
  "format": "mx8",
  "tokens_per_pass": 2,
  "ok": false,
  "error_code": 0,
  "output_words_compared": 1000,
  "output_words_mismatched": 1,
  "utilization": 0.25,
  "predicted_cycles": 1230,
  "counters": {
    "cycles": 1234
  },
  "tools": {
    "verilator": "Verilator 5.006"
  },
  "trace": {
    "file": "a.fst",
    "from_cycle": 5,
    "cycles": 40
  }
}
)");
}

TEST(AccelerateReport, EveryFormatHasAName) {
  EXPECT_EQ(format_name(tb::OutputFormat::raw), "raw");
  EXPECT_EQ(format_name(tb::OutputFormat::fp32), "fp32");
  EXPECT_EQ(format_name(tb::OutputFormat::mx8), "mx8");
  EXPECT_EQ(format_name(tb::OutputFormat::mx4), "mx4");
}

}  // namespace
}  // namespace msq::report
