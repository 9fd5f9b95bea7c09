#include "report/simulation.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gen/config/serialize.hpp"

namespace msq::report {
namespace {

flow::Simulation simulation() {
  flow::Simulation s;
  s.bits = 2;
  s.m = 3;
  s.k = 32;
  s.n = 24;
  s.options.seed = 5;
  s.options.tiles_per_chunk = 512;
  s.result.tiles = 8;
  s.result.outputs_compared = 72;
  s.result.partial_sums_compared = 1536;
  s.result.cycles = 4321;
  s.result.utilization = 0.125;
  s.result.mean_initiation_interval = 1;
  s.result.recon_accesses = 1000;
  s.result.recon_waits = 10;
  return s;
}

Config tiny() {
  Config config;
  config.name = "tiny";
  return config;
}

TEST(SimulationReport, TextOfARunThatPassed) {
  const flow::SimulationFindings findings{tiny(), "w.npy", "x.npy", simulation(),
                                          flow::RecordedTrace{{"t.fst", 7, 50}, 50}};
  EXPECT_EQ(render(findings, Form::text),
            "tiny at 2 bits: 3 tokens x [32][24]\n"
            "  weights                     w.npy\n"
            "  activations                 x.npy\n"
            "  outputs                     72 of 72 outputs bit-exact\n"
            "  partial sums                1,536 of 1,536 bit-exact\n"
            "  cycles                      4,321 for 8 tiles, utilization 12.5 %\n"
            "  initiation interval         1.000 cycles on average\n"
            "  ReCoN accesses              1,000, 10 waited\n"
            "  protocol errors             0\n"
            "  trace                       t.fst: 50 cycles from 7 on\n");
}

TEST(SimulationReport, ARunThatPassedHasNoFailure) {
  EXPECT_EQ(failure_text(simulation(), Config{}, "microscopiq simulate"), "");
}

TEST(SimulationReport, AFailureNamesItsPlaceAndTheCommandThatRecordsIt) {
  flow::Simulation s = simulation();
  s.result.partial_sums_mismatched = 2;
  s.result.outputs_mismatched = 1;
  s.result.first_mismatch = tb::LayerMismatch{
      .tile = 5, .k0 = 8, .token = 1, .column = 3, .expected = 7, .got = -7, .chunk_tile = 4, .cycle = 250};
  const Config config = tiny();
  EXPECT_EQ(failure_text(s, config, "microscopiq simulate --config tiny"),
            "CHECK FAILED: configuration tiny (hash " + config_hash(config) +
                "), 2 bits, seed 5: 2 of 1536 partial sums and 1 of 72 outputs differ, protocol errors 0x0, "
                "errors counted 0\n"
                "  first: tile 5 (weights from row 8 on), token 1, column 3: expected 7, got -7\n"
                "  record it with:\n"
                "  microscopiq simulate --config tiny --seed 5 --first-tile 4 --tiles 5 --trace mismatch.fst "
                "--trace-from 150 --trace-cycles 120\n");
  const Json at = to_json(s)["first_mismatch"];
  EXPECT_EQ(at.dump(),
            R"({"tile":5,"k0":8,"token":1,"column":3,"expected":7,"got":-7,"first_tile":4,"cycle":250})");
}

}  // namespace
}  // namespace msq::report
