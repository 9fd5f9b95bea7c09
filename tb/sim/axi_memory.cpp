#include "tb/sim/axi_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace msq::tb {
namespace {

constexpr std::uint64_t kPage = 4096;

/// Response to an access of these bytes; 0 is OKAY.
unsigned response_in(const std::vector<MemoryBytes::Range>& ranges, std::uint64_t address,
                     std::size_t bytes) {
  for (const MemoryBytes::Range& range : ranges) {
    if (address < range.end && address + bytes > range.first) return range.response;
  }
  return 0;
}

}  // namespace

void MemoryBytes::map(std::uint64_t address, std::span<std::uint8_t> bytes) {
  mapped_at_ = address;
  mapped_ = bytes;
}

bool MemoryBytes::is_mapped(std::uint64_t address) const {
  return address >= mapped_at_ && address - mapped_at_ < mapped_.size();
}

std::uint8_t MemoryBytes::read(std::uint64_t address) const {
  if (is_mapped(address)) return mapped_[address - mapped_at_];
  const auto page = pages_.find(address / kPage);
  return page == pages_.end() ? std::uint8_t{0} : page->second[address % kPage];
}

void MemoryBytes::write(std::uint64_t address, std::uint8_t byte) {
  if (is_mapped(address)) {
    mapped_[address - mapped_at_] = byte;
    return;
  }
  auto& page = pages_[address / kPage];
  if (page.empty()) page.resize(kPage);
  page[address % kPage] = byte;
}

void MemoryBytes::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) write(address++, byte);
}

std::vector<std::uint8_t> MemoryBytes::read(std::uint64_t address, std::size_t bytes) const {
  std::vector<std::uint8_t> all(bytes);
  for (std::uint8_t& byte : all) byte = read(address++);
  return all;
}

std::uint32_t MemoryBytes::read_word(std::uint64_t address) const {
  std::uint32_t word = 0;
  for (int i = 3; i >= 0; --i) word = word << 8 | read(address + static_cast<std::uint64_t>(i));
  return word;
}

void MemoryBytes::write_word(std::uint64_t address, std::uint32_t word) {
  for (int i = 0; i < 4; ++i, word >>= 8) write(address + static_cast<std::uint64_t>(i), word & 0xffU);
}

AxiMemory::AxiMemory(const Model& model, const std::string& prefix, MemoryBytes& bytes, int most_beats)
    : prefix_(prefix),
      bytes_(&bytes),
      most_beats_(most_beats),
      writes_(model.port(prefix + "_awvalid").exists()) {
  const auto find = [&](ModelPort& port, const char* name) {
    port = model.port(fmt::format("{}_{}", prefix, name));
    if (!port.exists()) throw std::logic_error(fmt::format("the model has no port {}_{}", prefix, name));
  };
  find(ports_.araddr, "araddr");
  find(ports_.arburst, "arburst");
  find(ports_.arid, "arid");
  find(ports_.arlen, "arlen");
  find(ports_.arready, "arready");
  find(ports_.arsize, "arsize");
  find(ports_.arvalid, "arvalid");
  find(ports_.rdata, "rdata");
  find(ports_.rid, "rid");
  find(ports_.rlast, "rlast");
  find(ports_.rready, "rready");
  find(ports_.rresp, "rresp");
  find(ports_.rvalid, "rvalid");
  word_bytes_ = static_cast<std::size_t>(ports_.rdata.width()) / 8;
  if (!writes_) return;
  find(ports_.awaddr, "awaddr");
  find(ports_.awburst, "awburst");
  find(ports_.awlen, "awlen");
  find(ports_.awready, "awready");
  find(ports_.awsize, "awsize");
  find(ports_.awvalid, "awvalid");
  find(ports_.bid, "bid");
  find(ports_.bready, "bready");
  find(ports_.bresp, "bresp");
  find(ports_.bvalid, "bvalid");
  find(ports_.wdata, "wdata");
  find(ports_.wlast, "wlast");
  find(ports_.wready, "wready");
  find(ports_.wstrb, "wstrb");
  find(ports_.wvalid, "wvalid");
}

bool AxiMemory::moves(std::mt19937& random) const {
  return traffic_.stall <= 0 || std::uniform_real_distribution<double>(0, 1)(random) >= traffic_.stall;
}

std::uint64_t AxiMemory::later(std::uint64_t cycle, std::mt19937& random) const {
  auto latency = std::uniform_int_distribution<int>(traffic_.least_latency, traffic_.most_latency);
  return cycle + static_cast<std::uint64_t>(latency(random));
}

void AxiMemory::complain(const std::string& what) {
  if (problem_.empty()) problem_ = fmt::format("cycle {}: {}: {}", cycle_, prefix_, what);
}

void AxiMemory::check_held(Held& held, bool valid, bool ready, std::vector<std::uint64_t> values,
                           const char* channel) {
  if (held.open && !valid) complain(fmt::format("{} offer withdrawn", channel));
  if (held.open && valid && values != held.values) complain(fmt::format("{} offer changed", channel));
  held.open = valid && !ready;
  held.values = std::move(values);
}

void AxiMemory::check_request(const char* channel, std::uint64_t address, std::uint64_t length,
                              std::uint64_t size, std::uint64_t burst) {
  const std::uint64_t bytes = (length + 1) * word_bytes_;
  if (address % word_bytes_ != 0) complain(fmt::format("{} {:#x}: inside a word", channel, address));
  if (address / kPage != (address + bytes - 1) / kPage)
    complain(fmt::format("{} {:#x}, {} beats: crosses 4 KiB", channel, address, length + 1));
  if (length + 1 > static_cast<std::uint64_t>(most_beats_))
    complain(fmt::format("{}: {} beats", channel, length + 1));
  if (std::uint64_t{1} << size != word_bytes_) complain(fmt::format("{}: size {}", channel, size));
  if (burst != 1) complain(fmt::format("{}: burst {}", channel, burst));
}

void AxiMemory::offer_read(std::mt19937& random) {
  if (!read_offered_ && moves(random)) {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, bursts] : reads_) {
      if (!bursts.empty() && bursts.front().ready_at <= cycle_) ids.push_back(id);
    }
    if (!ids.empty()) {
      read_id_ = ids[std::uniform_int_distribution<std::size_t>(0, ids.size() - 1)(random)];
      read_offered_ = true;
    }
  }
  ports_.rvalid.set(read_offered_ ? 1 : 0);
  if (!read_offered_) return;
  const Burst& burst = reads_[read_id_].front();
  const std::vector<std::uint8_t> bytes = bytes_->read(burst.address, word_bytes_);
  std::vector<std::uint32_t> words(word_bytes_ / 4);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    words[i / 4] |= static_cast<std::uint32_t>(bytes[i]) << (8 * (i % 4));
  const unsigned response = response_in(bytes_->bad_reads, burst.address, word_bytes_);
  if (response != 0)
    std::generate(words.begin(), words.end(), [&] { return static_cast<std::uint32_t>(random()); });
  ports_.rid.set(read_id_);
  ports_.rdata.set_words(words);
  ports_.rresp.set(response);
  ports_.rlast.set(burst.beats == 1 ? 1 : 0);
}

void AxiMemory::drive(std::mt19937& random) {
  ports_.arready.set(moves(random) ? 1 : 0);
  offer_read(random);
  if (!writes_) return;
  ports_.awready.set(moves(random) ? 1 : 0);
  ports_.wready.set(moves(random) ? 1 : 0);
  if (!response_offered_ && !responses_.empty() && responses_.front().ready_at <= cycle_)
    response_offered_ = moves(random);
  ports_.bvalid.set(response_offered_ ? 1 : 0);
  ports_.bid.set(0);
  ports_.bresp.set(response_offered_ ? responses_.front().response : 0);
}

void AxiMemory::observe_reads(std::uint64_t cycle, std::mt19937& random) {
  const bool valid = ports_.arvalid.get() != 0;
  const bool ready = ports_.arready.get() != 0;
  const std::uint64_t id = ports_.arid.get();
  const std::uint64_t address = ports_.araddr.get();
  const std::uint64_t length = ports_.arlen.get();
  check_held(ar_, valid, ready, {id, address, length}, "AR");
  if (valid) check_request("AR", address, length, ports_.arsize.get(), ports_.arburst.get());
  if (valid && ready) {
    reads_[id].push_back({address, static_cast<unsigned>(length) + 1, later(cycle, random)});
    ++read_bursts;
    std::size_t under_way = 0;
    for (const auto& [key, bursts] : reads_) under_way += bursts.size();
    most_reads = std::max(most_reads, under_way);
  }
  if (!read_offered_ || ports_.rready.get() == 0) return;
  read_offered_ = false;
  ++read_beats;
  std::deque<Burst>& bursts = reads_[read_id_];
  bursts.front().address += word_bytes_;
  if (--bursts.front().beats == 0) bursts.pop_front();
}

void AxiMemory::apply_writes(std::uint64_t cycle, std::mt19937& random) {
  while (!requests_.empty()) {
    Burst& burst = requests_.front();
    if (beats_.size() < burst.beats) return;
    Burst response{0, 0, later(cycle, random), 0};
    for (unsigned b = 0; b < burst.beats; ++b) {
      const Beat& beat = beats_.front();
      if (beat.last != (b + 1 == burst.beats)) complain("WLAST is not at the end of its burst");
      const std::uint64_t address = burst.address + b * word_bytes_;
      response.response = std::max(response.response, response_in(bytes_->bad_writes, address, word_bytes_));
      for (std::size_t i = 0; i < word_bytes_; ++i) {
        if ((beat.strobe >> i & 1U) != 0)
          bytes_->write(address + i, static_cast<std::uint8_t>(beat.data[i / 4] >> (8 * (i % 4))));
      }
      beats_.pop_front();
    }
    requests_.pop_front();
    responses_.push_back(response);
  }
}

void AxiMemory::observe_writes(std::uint64_t cycle, std::mt19937& random) {
  const bool valid = ports_.awvalid.get() != 0;
  const bool ready = ports_.awready.get() != 0;
  const std::uint64_t address = ports_.awaddr.get();
  const std::uint64_t length = ports_.awlen.get();
  check_held(aw_, valid, ready, {address, length}, "AW");
  if (valid) check_request("AW", address, length, ports_.awsize.get(), ports_.awburst.get());
  if (valid && ready) {
    requests_.push_back({address, static_cast<unsigned>(length) + 1, 0});
    ++write_bursts;
  }
  const bool data_valid = ports_.wvalid.get() != 0;
  const bool data_ready = ports_.wready.get() != 0;
  Beat beat{std::vector<std::uint32_t>(word_bytes_ / 4), ports_.wstrb.get(), ports_.wlast.get() != 0};
  ports_.wdata.get_words(beat.data);
  std::vector<std::uint64_t> values(beat.data.begin(), beat.data.end());
  values.push_back(beat.strobe);
  values.push_back(beat.last ? 1 : 0);
  check_held(w_, data_valid, data_ready, std::move(values), "W");
  if (data_valid && data_ready) {
    beats_.push_back(std::move(beat));
    ++write_beats;
  }
  if (response_offered_ && ports_.bready.get() != 0) {
    response_offered_ = false;
    responses_.pop_front();
  }
  apply_writes(cycle, random);
}

void AxiMemory::observe(std::uint64_t cycle, std::mt19937& random) {
  cycle_ = cycle + 1;
  observe_reads(cycle, random);
  if (writes_) observe_writes(cycle, random);
}

bool AxiMemory::idle() const {
  for (const auto& [id, bursts] : reads_) {
    if (!bursts.empty()) return false;
  }
  return requests_.empty() && beats_.empty() && responses_.empty();
}

}  // namespace msq::tb
