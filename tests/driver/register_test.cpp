// driver/ on a register file of the test's: its reads, writes and refusals, access by access.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gen/arch/registers.hpp"
#include "gen/config/serialize.hpp"
#include "msq_driver.h"
#include "tests/support/configs.hpp"

namespace msq::tests {
namespace {

/// Registers of a design by name. Statuses and settings are what the test or the driver wrote.
class File {
 public:
  explicit File(const Config& config) : map_(register_map(Dimensions(config), short_config_hash(config))) {
    for (const Register& r : map_) {
      for (const RegisterField& f : r.fields)
        if (f.access == Access::constant || f.access == Access::setting) at(r.name) |= f.value << f.lsb;
    }
  }
  [[nodiscard]] std::uint32_t& at(const std::string& name) {
    return words_.at(static_cast<std::size_t>(find_register(map_, name).offset / 4));
  }
  /// Replaces a field.
  void set(const std::string& name, const std::string& field, std::uint32_t value) {
    const Register& r = find_register(map_, name);
    const auto f =
        std::find_if(r.fields.begin(), r.fields.end(), [&](const auto& own) { return own.name == field; });
    std::uint32_t& word = at(name);
    word = (word & ~field_bits(r, {field})) | value << f->lsb;
  }
  [[nodiscard]] msq_io io() { return {read, write, this}; }
  [[nodiscard]] const std::vector<Register>& map() const { return map_; }

  std::vector<std::pair<std::string, std::uint32_t>> writes;
  /// Called before a read of a register.
  std::function<void(const std::string&)> before_read;

 private:
  [[nodiscard]] const std::string& name_of(std::uint32_t offset) const {
    const auto found = std::find_if(map_.begin(), map_.end(),
                                    [&](const Register& r) { return std::cmp_equal(r.offset, offset); });
    if (found == map_.end()) throw std::logic_error("no register at " + std::to_string(offset));
    return found->name;
  }
  static std::uint32_t read(void* context, std::uint32_t offset) {
    File& file = *static_cast<File*>(context);
    const std::string& name = file.name_of(offset);
    if (file.before_read) file.before_read(name);
    return file.at(name);
  }
  static void write(void* context, std::uint32_t offset, std::uint32_t value) {
    File& file = *static_cast<File*>(context);
    file.writes.emplace_back(file.name_of(offset), value);
    // `control` reads as its setting alone.
    file.at(file.name_of(offset)) = file.name_of(offset) == "control" ? value & 0x100U : value;
  }
  std::vector<Register> map_;
  std::vector<std::uint32_t> words_ = std::vector<std::uint32_t>(64);
};

class DriverRegisters : public testing::Test {
 protected:
  DriverRegisters() { EXPECT_EQ(msq_open(&device_, &io_), MSQ_OK); }
  msq_status open() { return msq_open(&device_, &io_); }

  Config config_ = test_config("top-inline-8x8-full-range");
  File file_{config_};
  msq_io io_ = file_.io();
  msq_device device_{};
  msq_job job_{5, 100, 30, 4, 3, 7, MSQ_FP32};
};

TEST_F(DriverRegisters, CapabilitiesAreThoseOfTheDimensions) {
  const Dimensions d(config_);
  const msq_capabilities& c = device_.capabilities;
  const auto u = [](int value) { return static_cast<std::uint32_t>(value); };
  EXPECT_EQ(c.config_hash, short_config_hash(config_));
  EXPECT_EQ(c.stream_version, kStreamVersion);
  EXPECT_EQ(c.rows, u(d.rows));
  EXPECT_EQ(c.cols, u(d.cols));
  EXPECT_EQ(c.micro_block, u(config_.micro_block));
  EXPECT_EQ(c.act_bits, u(d.stream_act_bits));
  EXPECT_EQ(c.tokens, u(d.tokens));
  EXPECT_EQ(c.act_words, u(d.act_words));
  EXPECT_EQ(c.output_lanes, u(d.output_lanes));
  EXPECT_EQ(c.path, u(MSQ_PATH_IS_INLINE));
  EXPECT_EQ(c.places, u(d.places));
  EXPECT_EQ(c.band_rows, u(d.tree_rows));
  EXPECT_EQ(c.units, u(d.inlined->units));
  EXPECT_EQ(c.full_range, 1U);
  EXPECT_EQ(c.fraction_bits, u(d.fraction_bits));
  EXPECT_EQ(c.scale_mantissa_bits, u(d.factor_mantissa));
  EXPECT_EQ(c.list_entries, u(d.outliers->list_entries));
  EXPECT_EQ(c.shift_max, u(d.outliers->shift_max));
  EXPECT_EQ(c.acc_bits, u(d.acc_bits));
  EXPECT_EQ(c.accumulator_bits, u(d.out_acc_bits));
  EXPECT_EQ(c.weight_beat, u(d.weight_beat / 8));
  EXPECT_EQ(c.act_beat, u(d.activation_beat / 8));
  EXPECT_EQ(c.section_beats, u(d.section_fifo));
  EXPECT_EQ(c.entry_beats, u(d.entry_fifo));
  EXPECT_EQ(c.errors, 0x2ffeU);  // no gap without a schedule
  EXPECT_TRUE(file_.writes.empty());
}

TEST_F(DriverRegisters, RefusesWhatIsNoSuchDevice) {
  struct Case {
    const char *name, *field;
    std::uint32_t value;
    msq_status status;
  };
  for (const Case& wrong : {Case{"id", "value", 0x4d535132, MSQ_E_NO_DEVICE},
                            Case{"version", "streams", 3, MSQ_E_STREAM_VERSION},
                            Case{"version", "streams", 0, MSQ_E_STREAM_VERSION},
                            Case{"array", "rows", 6, MSQ_E_CAPABILITIES},
                            Case{"array", "rows", 0, MSQ_E_CAPABILITIES},
                            Case{"array", "cols", 2, MSQ_E_CAPABILITIES},
                            Case{"array", "micro_block", 0, MSQ_E_CAPABILITIES},
                            Case{"array", "act_nibbles", 3, MSQ_E_CAPABILITIES},
                            Case{"buffers", "tokens", 0, MSQ_E_CAPABILITIES},
                            Case{"path", "kind", 3, MSQ_E_CAPABILITIES},
                            Case{"path", "log2_places", 0, MSQ_E_CAPABILITIES},
                            Case{"path", "log2_band_rows", 4, MSQ_E_CAPABILITIES},
                            Case{"path", "log2_weight_rows", 3, MSQ_E_CAPABILITIES},
                            Case{"weights", "fraction_bits", 3, MSQ_E_CAPABILITIES},
                            Case{"weights", "list_entries", 5, MSQ_E_CAPABILITIES},
                            Case{"weights", "list_entries", 3, MSQ_E_CAPABILITIES},
                            Case{"weights", "acc_bits", 1, MSQ_E_CAPABILITIES},
                            Case{"beats", "weights", 8, MSQ_E_CAPABILITIES},
                            Case{"beats", "activations", 4, MSQ_E_CAPABILITIES},
                            Case{"block", "sections", 0, MSQ_E_CAPABILITIES},
                            Case{"block", "entries", 0, MSQ_E_CAPABILITIES},
                            Case{"accumulators", "bits", 3, MSQ_E_CAPABILITIES}}) {
    SCOPED_TRACE(std::string(wrong.name) + "." + wrong.field);
    const std::uint32_t before = file_.at(wrong.name);
    file_.set(wrong.name, wrong.field, wrong.value);
    EXPECT_STREQ(msq_status_name(open()), msq_status_name(wrong.status));
    file_.at(wrong.name) = before;
    EXPECT_EQ(open(), MSQ_OK);
  }
}

TEST_F(DriverRegisters, StartsJobs) {
  file_.at("control") = 0x100;
  ASSERT_EQ(msq_start(&device_, &job_), MSQ_OK);
  const std::vector<std::pair<std::string, std::uint32_t>> expected = {
      {"tokens", 5},          {"depth", 100}, {"columns", 30},   {"pass", 4},
      {"tiling", 3 | 7 << 8}, {"format", 1},  {"control", 0x101}};
  EXPECT_EQ(file_.writes, expected);
}

TEST_F(DriverRegisters, RefusesJobsThatCannotStart) {
  file_.set("status", "queued", 1);
  EXPECT_EQ(msq_start(&device_, &job_), MSQ_E_QUEUE_FULL);
  file_.set("status", "error", 1);
  EXPECT_EQ(msq_start(&device_, &job_), MSQ_E_STOPPED);
  file_.at("status") = 1;  // one job under way is no reason
  EXPECT_EQ(msq_start(&device_, &job_), MSQ_OK);
}

// As the accelerator's error `shape`.
TEST_F(DriverRegisters, RefusesShapes) {
  const auto status = [&](std::uint32_t msq_job::*member, std::uint32_t value) {
    msq_job job = job_;
    job.*member = value;
    return msq_check_job(&device_.capabilities, &job);
  };
  for (const auto member : {&msq_job::tokens, &msq_job::depth, &msq_job::columns}) {
    EXPECT_EQ(status(member, 0), MSQ_E_SHAPE);
    EXPECT_EQ(status(member, 1U << 24), MSQ_E_SHAPE);
  }
  EXPECT_EQ(status(&msq_job::format, 4), MSQ_E_FORMAT);
  EXPECT_EQ(status(&msq_job::log2_block, 4), MSQ_E_ACTIVATION_BLOCK);
  EXPECT_EQ(status(&msq_job::log2_block, 8), MSQ_E_ACTIVATION_BLOCK);
  EXPECT_EQ(status(&msq_job::log2_rows, 1), MSQ_E_TILING);
  EXPECT_EQ(status(&msq_job::log2_rows, 4), MSQ_E_TILING);
  EXPECT_EQ(status(&msq_job::pass_tokens, 0), MSQ_E_PASS_TOKENS);
  const std::uint32_t most = device_.capabilities.tokens, words = device_.capabilities.act_words;
  EXPECT_EQ(status(&msq_job::pass_tokens, most), MSQ_OK);
  EXPECT_EQ(status(&msq_job::pass_tokens, most + 1), MSQ_E_PASS_TOKENS);
  msq_job job = job_;
  job.pass_tokens = job.tokens = most;
  job.depth = 8 * (words / most);  // fills the buffer with an even number of tiles
  EXPECT_EQ(msq_check_job(&device_.capabilities, &job), MSQ_OK);
  ++job.depth;
  EXPECT_EQ(msq_check_job(&device_.capabilities, &job), MSQ_E_PASS_TOKENS);
  job.tokens = job.pass_tokens = 1;
  job.depth = 8 * std::min(words, 1024U);
  EXPECT_EQ(msq_check_job(&device_.capabilities, &job), MSQ_OK);
  ++job.depth;
  EXPECT_EQ(msq_check_job(&device_.capabilities, &job), MSQ_E_DEPTH);
}

TEST_F(DriverRegisters, WaitsForTheEnd) {
  int reads = 0, relaxed = 0;
  file_.at("status") = 1;
  file_.before_read = [&](const std::string& name) {
    if (name == "status" && ++reads == 4) file_.at("status") = 2;
  };
  const auto relax = [](void* count) { ++*static_cast<int*>(count); };
  msq_state state{};
  EXPECT_EQ(msq_wait(&device_, 3, relax, &relaxed, &state), MSQ_E_TIMEOUT);
  EXPECT_EQ(state.busy, 1U);
  EXPECT_EQ(msq_wait(&device_, 3, relax, &relaxed, &state), MSQ_OK);
  EXPECT_EQ(state.done, 1U);
  EXPECT_EQ(relaxed, 3);
  file_.at("status") = 4 | 13 << 4 | 8;
  EXPECT_EQ(msq_wait(&device_, 3, nullptr, nullptr, &state), MSQ_E_JOB_ERROR);
  EXPECT_EQ(state.code, 13U);
  EXPECT_EQ(state.interrupt, 1U);
  EXPECT_EQ(msq_wait(&device_, 3, nullptr, nullptr, nullptr), MSQ_E_JOB_ERROR);
}

TEST_F(DriverRegisters, ControlKeepsTheInterrupt) {
  msq_enable_interrupt(&device_, 1);
  msq_clear(&device_);
  msq_acknowledge(&device_);
  msq_enable_interrupt(&device_, 0);
  msq_clear(&device_);
  const std::vector<std::pair<std::string, std::uint32_t>> expected = {
      {"control", 0x100}, {"control", 0x102}, {"control", 0x104}, {"control", 0}, {"control", 2}};
  EXPECT_EQ(file_.writes, expected);
}

TEST_F(DriverRegisters, ReadsEveryCounter) {
  std::uint32_t number = 100;
  for (const Register& r : file_.map())
    if (r.name.starts_with("count_")) file_.at(r.name) = number++;
  file_.at("jobs") = 7;
  msq_counters c{};
  msq_read_counters(&device_, &c);
  const std::vector<std::uint32_t> found = {c.cycles,        c.tokens,          c.tiles,
                                            c.wait_output,   c.wait_activation, c.wait_weight,
                                            c.wait_schedule, c.recon_accesses,  c.recon_waits};
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], 100 + i);
  EXPECT_EQ(number, 109U);
  EXPECT_EQ(msq_jobs(&device_), 7U);
}

TEST_F(DriverRegisters, NamesEveryError) {
  for (const ErrorCode& error : error_codes()) {
    EXPECT_EQ(msq_error_name(static_cast<std::uint32_t>(error.code)), error.name);
    EXPECT_STRNE(msq_error_text(static_cast<std::uint32_t>(error.code)), "");
  }
  EXPECT_STREQ(msq_error_name(static_cast<std::uint32_t>(error_codes().size())), "unknown");
}

TEST(DriverStatus, HasANameAndATextEach) {
  std::vector<std::string> names, texts;
  for (int status = 0; status < MSQ_STATUS_COUNT; ++status) {
    names.emplace_back(msq_status_name(static_cast<msq_status>(status)));
    texts.emplace_back(msq_status_text(static_cast<msq_status>(status)));
  }
  for (auto* all : {&names, &texts}) {
    std::sort(all->begin(), all->end());
    EXPECT_EQ(std::unique(all->begin(), all->end()), all->end());
  }
  EXPECT_STREQ(msq_status_name(MSQ_STATUS_COUNT), "MSQ_E_ARGUMENT");
  EXPECT_STREQ(msq_status_text(MSQ_STATUS_COUNT), msq_status_text(MSQ_E_ARGUMENT));
}

TEST(DriverMemory, IsReadAndWrittenByWord) {
  std::vector<std::uint32_t> words(64);
  const msq_io io = msq_io_memory(words.data());
  io.write32(io.context, 0x18, 77);
  EXPECT_EQ(words[6], 77U);
  words[63] = 5;
  EXPECT_EQ(io.read32(io.context, 0xfc), 5U);
}

/// A transport that counts, and fails where the test wants it to.
struct Mover {
  int queued = 0, finished = 0, aborted = 0, fail_at = -1;
  msq_status end = MSQ_OK;
  static msq_status queue(void* context, const msq_pass*) {
    Mover& own = *static_cast<Mover*>(context);
    return own.queued++ == own.fail_at ? MSQ_E_TRANSPORT : MSQ_OK;
  }
  static msq_status finish(void* context) {
    ++static_cast<Mover*>(context)->finished;
    return static_cast<Mover*>(context)->end;
  }
  static void abort(void* context) { ++static_cast<Mover*>(context)->aborted; }
  [[nodiscard]] msq_transport get() { return {queue, finish, abort, this}; }
};

TEST_F(DriverRegisters, RunsAJobThroughATransport) {
  const std::vector<msq_pass> passes(2);
  Mover mover;
  msq_transport transport = mover.get();
  msq_state state{};
  EXPECT_EQ(msq_run(&device_, &transport, &job_, passes.data(), 2, 5, &state), MSQ_OK);
  EXPECT_EQ(mover.queued, 2);
  EXPECT_EQ(mover.finished, 1);
  EXPECT_EQ(mover.aborted, 0);
  EXPECT_EQ(file_.writes.back(), std::pair(std::string("control"), 1U));
}

TEST_F(DriverRegisters, GivesUpAfterAnError) {
  const std::vector<msq_pass> passes(2);
  struct Case {
    int fail_at;
    msq_status end;
    std::uint32_t status;  ///< of the accelerator, behind the start
    msq_status expected;
  };
  for (const Case& c : {Case{1, MSQ_OK, 1, MSQ_E_TRANSPORT}, Case{-1, MSQ_E_TRANSPORT, 1, MSQ_E_TRANSPORT},
                        Case{1, MSQ_OK, 4 | 4 << 4, MSQ_E_JOB_ERROR},
                        Case{-1, MSQ_OK, 4 | 2 << 4, MSQ_E_JOB_ERROR}, Case{-1, MSQ_OK, 1, MSQ_E_TIMEOUT}}) {
    Mover mover{.fail_at = c.fail_at, .end = c.end};
    msq_transport transport = mover.get();
    msq_state state{};
    file_.at("status") = 0;
    file_.before_read = [&](const std::string& name) {
      if (name == "status" && !file_.writes.empty() && file_.writes.back().second == 1)
        file_.at("status") = c.status;
    };
    file_.writes.clear();
    EXPECT_STREQ(msq_status_name(msq_run(&device_, &transport, &job_, passes.data(), 2, 5, &state)),
                 msq_status_name(c.expected));
    EXPECT_EQ(mover.aborted, 1);
    EXPECT_EQ(file_.writes.back(), std::pair(std::string("control"), 2U)) << "clear";
    EXPECT_EQ(state.code, c.status >> 4 & 15U);
  }
}

}  // namespace
}  // namespace msq::tests
