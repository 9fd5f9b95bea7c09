#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tb/sim/model.hpp"

namespace msq::tb {

/// How a memory behaves.
struct MemoryTraffic {
  double stall = 0;       ///< probability that a channel does nothing in a cycle
  int least_latency = 1;  ///< cycles from a request to its answer
  int most_latency = 1;
  [[nodiscard]] static MemoryTraffic slow() { return {0.5, 1, 200}; }
};

/// Bytes of a memory that several ports share, and the ranges in which accesses fail.
class MemoryBytes {
 public:
  struct Range {
    std::uint64_t first = 0, end = 0;
    unsigned response = 2;  ///< SLVERR 2, DECERR 3
  };

  [[nodiscard]] std::uint8_t read(std::uint64_t address) const;
  void write(std::uint64_t address, std::uint8_t byte);
  void write(std::uint64_t address, std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::vector<std::uint8_t> read(std::uint64_t address, std::size_t bytes) const;
  [[nodiscard]] std::uint32_t read_word(std::uint64_t address) const;
  void write_word(std::uint64_t address, std::uint32_t word);
  /// Bytes of the caller's at an address, in place of own ones. They must outlive this object.
  void map(std::uint64_t address, std::span<std::uint8_t> bytes);

  std::vector<Range> bad_reads, bad_writes;

 private:
  [[nodiscard]] bool is_mapped(std::uint64_t address) const;

  std::map<std::uint64_t, std::vector<std::uint8_t>> pages_;  ///< of 4 KiB
  std::uint64_t mapped_at_ = 0;
  std::span<std::uint8_t> mapped_;
};

/// AXI4 subordinate on the ports PREFIX_ar.., PREFIX_r.. and, if the model has them, PREFIX_aw.., PREFIX_w..,
/// PREFIX_b... Answers late and out of rhythm, those of different ids out of order and mixed, and checks what
/// the manager does against the rules of AXI4.
class AxiMemory {
 public:
  /// @param most_beats of a burst.
  AxiMemory(const Model& model, const std::string& prefix, MemoryBytes& bytes, int most_beats);

  void set_traffic(const MemoryTraffic& traffic) { traffic_ = traffic; }
  /// Inputs of the model for this cycle.
  void drive(std::mt19937& random);
  /// Looks at the settled ports and moves the accepted beats.
  void observe(std::uint64_t cycle, std::mt19937& random);
  /// The first rule that was broken; empty if none.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// Nothing that was requested is left.
  [[nodiscard]] bool idle() const;

  std::uint64_t read_beats = 0, write_beats = 0, read_bursts = 0, write_bursts = 0;
  std::size_t most_reads = 0;  ///< bursts that were under way at one time

 private:
  struct Burst {
    std::uint64_t address = 0;
    unsigned beats = 0;
    std::uint64_t ready_at = 0;
    unsigned response = 0;
  };
  struct Beat {
    std::vector<std::uint32_t> data;
    std::uint64_t strobe = 0;
    bool last = false;
  };
  /// An offer that must stay until it is accepted.
  struct Held {
    bool open = false;
    std::vector<std::uint64_t> values;
  };

  [[nodiscard]] bool moves(std::mt19937& random) const;
  void complain(const std::string& what);
  void check_held(Held& held, bool valid, bool ready, std::vector<std::uint64_t> values, const char* channel);
  void check_request(const char* channel, std::uint64_t address, std::uint64_t length, std::uint64_t size,
                     std::uint64_t burst);
  void observe_reads(std::uint64_t cycle, std::mt19937& random);
  void observe_writes(std::uint64_t cycle, std::mt19937& random);
  void apply_writes(std::uint64_t cycle, std::mt19937& random);
  void offer_read(std::mt19937& random);
  [[nodiscard]] std::uint64_t later(std::uint64_t cycle, std::mt19937& random) const;

  struct {
    ModelPort araddr, arburst, arid, arlen, arready, arsize, arvalid, rdata, rid, rlast, rready, rresp,
        rvalid;
    ModelPort awaddr, awburst, awlen, awready, awsize, awvalid, bid, bready, bresp, bvalid, wdata, wlast,
        wready, wstrb, wvalid;  ///< if writes_
  } ports_;
  std::string prefix_;
  MemoryBytes* bytes_;
  MemoryTraffic traffic_;
  int most_beats_;
  bool writes_;
  std::size_t word_bytes_ = 0;
  std::uint64_t cycle_ = 0;
  std::string problem_;
  std::map<std::uint64_t, std::deque<Burst>> reads_;  ///< by id
  bool read_offered_ = false;
  std::uint64_t read_id_ = 0;
  std::deque<Burst> requests_;   ///< writes without all their beats
  std::deque<Beat> beats_;       ///< of writes
  std::deque<Burst> responses_;  ///< to give
  bool response_offered_ = false;
  Held ar_, aw_, w_;
};

}  // namespace msq::tb
