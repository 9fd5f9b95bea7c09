// Random GEMMs through the ports of an accelerator, every output bit against the golden model.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "tb/host/output_packet.hpp"
#include "tb/sim/build_model.hpp"
#include "tests/accelerator/compare.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/soak/subject.hpp"

namespace msq::tests {
namespace {

struct TopCase {
  DrawnJob job;
  tb::AcceleratorTraffic traffic;
  int repeats = 0;     ///< times that the job runs once more, each queued behind the one before
  int broken_off = 0;  ///< cycles for which the job runs before a reset, and all over again
};

tb::Traffic& port_of(tb::AcceleratorTraffic& traffic, int port) {
  return port == 0 ? traffic.weights : port == 1 ? traffic.activations : traffic.outputs;
}

/// Removes the outliers of a row, or all of its weights.
void clear_row(golden::QuantizedTensor& tensor, std::int64_t row, bool inliers_too) {
  for (std::int64_t b = 0; b < tensor.blocks_per_row(); ++b) {
    golden::MicroBlock& block = tensor.blocks[static_cast<std::size_t>(row * tensor.blocks_per_row() + b)];
    const std::int64_t first = row * tensor.n_padded() + b * tensor.format.micro_block;
    for (const golden::OutlierPair& pair : block.pairs) {
      tensor.codes[static_cast<std::size_t>(first + pair.upper)] = 0;
      tensor.codes[static_cast<std::size_t>(first + pair.lower)] = 0;
    }
    block = {};
    for (int i = 0; inliers_too && i < tensor.format.micro_block; ++i)
      tensor.codes[static_cast<std::size_t>(first + i)] = 0;
  }
}

bool has_outliers(const golden::QuantizedTensor& tensor, std::int64_t row) {
  const auto first = tensor.blocks.begin() + row * tensor.blocks_per_row();
  return std::any_of(first, first + tensor.blocks_per_row(), [](const auto& b) { return b.has_outliers(); });
}

bool has_weights(const golden::QuantizedTensor& tensor, std::int64_t row) {
  const auto first = tensor.codes.begin() + row * tensor.n_padded();
  return has_outliers(tensor, row) ||
         std::any_of(first, first + tensor.n_padded(), [](std::uint8_t code) { return code != 0; });
}

class AcceleratorSubject : public Subject {
 public:
  AcceleratorSubject(const Design& design, const std::filesystem::path& cache) : design_(design) {
    auto build = tb::build_model(design_, tb::Flavour::check, cache);
    if (!build) throw std::runtime_error(build.error());
    library_ = build->library;
  }

  void renew(std::uint32_t seed) override {
    auto model = tb::Model::open(library_, seed);
    if (!model) throw std::runtime_error(model.error());
    accelerator_.emplace(std::move(*model), design_, seed);
  }

  std::optional<std::string> run(std::uint32_t seed, const Steps& steps) override {
    const TopCase drawn = make(seed, steps);
    accelerator_->seed_stalls(seed);
    auto wrong = run_drawn(drawn);
    if (wrong) accelerator_->reset();
    return wrong;
  }

  std::vector<Step> candidates(std::uint32_t seed, const Steps& steps) override {
    TopCase drawn = make(seed, steps);
    std::vector<Step> all;
    const int parts = static_cast<int>(drawn.job.parts.size());
    for (int p = 0; parts > 1 && p < parts; ++p) all.push_back({"part", p, 0});
    if (drawn.repeats > 0) all.push_back({"queue", 0, 0});
    if (drawn.broken_off > 0) all.push_back({"reset", 0, 0});
    for (int p = 0; p < 3; ++p) {
      const tb::Traffic& t = port_of(drawn.traffic, p);
      if (t.stall > 0 || t.beats_per_cycle < 1) all.push_back({"stall", p, 0});
    }
    for (std::int64_t drop = drawn.job.activations.m / 2; drop > 0; drop /= 2) {
      all.push_back({"last-tokens", 0, static_cast<int>(drop)});
      all.push_back({"first-tokens", 0, static_cast<int>(drop)});
    }
    if (drawn.job.tokens_per_pass != 0) all.push_back({"passes", 0, 0});
    // Runs of rows before single ones: a row is a small part of a tensor.
    for (int p = 0; p < parts; ++p) {
      const golden::QuantizedTensor& tensor = drawn.job.parts[static_cast<std::size_t>(p)];
      for (int level = 3; level >= 0; --level) {
        const std::int64_t length = std::int64_t{1} << (2 * level);
        for (std::int64_t k = 0; k < tensor.k; k += length) {
          const std::int64_t end = std::min(tensor.k, k + length);
          bool weights = false;
          bool outliers = false;
          for (std::int64_t row = k; row < end; ++row) {
            weights = weights || has_weights(tensor, row);
            outliers = outliers || has_outliers(tensor, row);
          }
          const int place = static_cast<int>(k) * 4 + level;
          if (weights) all.push_back({"zero-rows", p, place});
          if (outliers) all.push_back({"outliers", p, place});
        }
      }
    }
    return all;
  }

  std::string describe(std::uint32_t seed, const Steps& steps) override {
    const TopCase drawn = make(seed, steps);
    std::int64_t n = 0;
    long outliers = 0;
    long weights = 0;
    for (const golden::QuantizedTensor& part : drawn.job.parts) {
      n += part.n;
      for (const auto& block : part.blocks) outliers += static_cast<long>(block.pairs.size());
      weights += std::count_if(part.codes.begin(), part.codes.end(), [](auto c) { return c != 0; });
    }
    const auto port = [](const tb::Traffic& t) { return fmt::format("{}/{}", t.stall, t.beats_per_cycle); };
    return fmt::format(
        "M {} K {} N {} in {} parts, {} weights that are not zero, {} outliers, format {}, stalls {}, {} and "
        "{}{}{}",
        drawn.job.activations.m, drawn.job.activations.k, n, drawn.job.parts.size(), weights, outliers,
        static_cast<int>(drawn.job.format), port(drawn.traffic.weights), port(drawn.traffic.activations),
        port(drawn.traffic.outputs),
        drawn.repeats == 0 ? "" : fmt::format(", queued {} times", drawn.repeats),
        drawn.broken_off == 0 ? "" : fmt::format(", reset after {} cycles", drawn.broken_off));
  }

 private:
  [[nodiscard]] TopCase make(std::uint32_t seed, const Steps& steps) const {
    RandomJob random(design_.config, seed);
    TopCase drawn;
    drawn.job = random.job(design_.dimensions);
    drawn.traffic = random.traffic();
    if (seed % 8 == 7) drawn.broken_off = random.between(1, 2000);
    if (seed % 8 == 3) drawn.repeats = random.between(1, 3);
    for (const Step& step : steps) apply(drawn, step);
    return drawn;
  }

  static void apply(TopCase& drawn, const Step& step) {
    const auto index = static_cast<std::size_t>(step.a);
    if (step.what == "queue") {
      drawn.repeats = 0;
    } else if (step.what == "reset") {
      drawn.broken_off = 0;
    } else if (step.what == "stall") {
      port_of(drawn.traffic, step.a) = {};
    } else if (step.what == "passes") {
      drawn.job.tokens_per_pass = 0;
    } else if (step.what == "part") {
      if (drawn.job.parts.size() > 1 && index < drawn.job.parts.size())
        drawn.job.parts.erase(drawn.job.parts.begin() + step.a);
    } else if (step.what == "last-tokens" || step.what == "first-tokens") {
      drop_tokens(drawn.job.activations, step.b, step.what == "first-tokens");
    } else if (index < drawn.job.parts.size()) {
      golden::QuantizedTensor& tensor = drawn.job.parts[index];
      const std::int64_t first = step.b / 4;
      const std::int64_t end = std::min(tensor.k, first + (std::int64_t{1} << (2 * (step.b % 4))));
      for (std::int64_t row = first; row < end; ++row) clear_row(tensor, row, step.what == "zero-rows");
    }
  }

  static void drop_tokens(golden::QuantizedActivations& x, int count, bool in_front) {
    if (count >= x.m) return;
    const auto drop = [in_front](auto& values, std::int64_t n) {
      const auto first = in_front ? values.begin() : values.end() - n;
      values.erase(first, first + n);
    };
    drop(x.values, count * x.k);
    drop(x.scales, count * x.groups());
    x.m -= count;
  }

  std::optional<std::string> run_drawn(const TopCase& drawn) {
    const Config& config = design_.config;
    const auto job = tb::make_job(config, drawn.job.parts, drawn.job.activations, drawn.job.format,
                                  drawn.job.tokens_per_pass);
    if (!job) return job.error();
    const auto golden = tb::golden_result(config, drawn.job.parts, drawn.job.activations);
    if (!golden) return golden.error();
    if (drawn.broken_off > 0) {
      accelerator_->run_cycles(*job, static_cast<std::uint64_t>(drawn.broken_off), drawn.traffic);
      accelerator_->reset();
    }
    const auto expected = tb::expected_outputs(design_.dimensions, *job, *golden);
    if (drawn.repeats > 0) {
      if (auto problem = run_repeated(drawn, *job, expected)) return problem;
    }
    const auto result = accelerator_->run(*job, drawn.traffic);
    if (!result) return result.error();
    if (result->error) return fmt::format("error code {}", result->code);
    if (!result->done) return "the job did not end";
    if (auto differs = difference(result->outputs, expected); !differs.empty()) return differs;
    if (auto problem = counter_problem(*result, *job); !problem.empty()) return problem;
    ++totals.gemms;
    totals.compared += static_cast<long>(job->m * job->n);
    return std::nullopt;
  }

  /// The job several times in a row, each time queued behind itself.
  std::optional<std::string> run_repeated(const TopCase& drawn, const tb::AcceleratorJob& job,
                                          const std::vector<tb::Packet>& expected) {
    const std::vector<const tb::AcceleratorJob*> jobs(static_cast<std::size_t>(1 + drawn.repeats), &job);
    const auto outputs = accelerator_->run_queue(jobs, drawn.traffic);
    if (!outputs) return outputs.error();
    std::vector<tb::Packet> all;
    for (std::size_t i = 0; i < jobs.size(); ++i) all.insert(all.end(), expected.begin(), expected.end());
    if (auto differs = difference(*outputs, all); !differs.empty()) return "queued: " + differs;
    return std::nullopt;
  }

  Design design_;
  std::filesystem::path library_;
  std::optional<tb::Accelerator> accelerator_;
};

}  // namespace

std::unique_ptr<Subject> accelerator_subject(const Design& design, const std::filesystem::path& cache) {
  return std::make_unique<AcceleratorSubject>(design, cache);
}

}  // namespace msq::tests
