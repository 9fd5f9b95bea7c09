#include "tb/host/output_packet.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "golden/exec/output.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/bits.hpp"

namespace msq::tb {
namespace {

using golden::GemmResult;
using golden::QuantizedActivations;

/// Columns that leave the accelerator together.
struct Columns {
  std::int64_t first = 0, end = 0;
};

/// Cuts columns into blocks of `size`.
std::vector<Columns> cut_columns(Columns columns, std::int64_t size) {
  std::vector<Columns> blocks;
  for (std::int64_t n = columns.first; n < columns.end; n += size)
    blocks.push_back({n, std::min(n + size, columns.end)});
  return blocks;
}

/// MX outputs leave in blocks, others with every column tile.
std::vector<Columns> output_blocks(const Dimensions& d, const AcceleratorJob& job) {
  if (is_mx(job.format)) return cut_columns({0, job.n}, d.block);
  std::vector<Columns> blocks;
  std::int64_t n = 0;
  std::int64_t k = 0;  // tiles along K that the tiles have taken
  for (std::size_t t = 0; n < job.n; ++t) {
    if (job.tiles[t].more) continue;
    k += job.tiles[t].words;
    if (k < job.tiles_k()) continue;
    blocks.push_back({n, std::min<std::int64_t>(n + job.tiles[t].columns, job.n)});
    n = blocks.back().end;
    k = 0;
  }
  return blocks;
}

/// Calls visit(m, columns) for the outputs of a pass in the order in which they leave.
template <class Visit>
void each_block(const Dimensions& d, const AcceleratorJob& job, std::int64_t pass, std::int64_t size,
                const Visit& visit) {
  for (const Columns& block : output_blocks(d, job)) {
    for (int t = 0; t < job.tokens(pass); ++t) {
      for (const Columns& columns : cut_columns(block, size)) visit(pass * job.tokens_per_pass + t, columns);
    }
  }
}

int mx_bits(OutputFormat format) { return format == OutputFormat::mx4 ? 4 : 8; }

void put_mx(PacketWriter& out, const QuantizedActivations& mx, const GemmResult& result, std::int64_t m,
            const Columns& columns) {
  bool zeros = true;
  for (std::int64_t n = columns.first; n < columns.end; ++n) zeros = zeros && result.at(m, n) == 0;
  const auto scale =
      mx.scales[static_cast<std::size_t>(m * mx.groups() + columns.first / golden::kOutputBlock)];
  out.put(8, zeros ? kZeroBlock : low_bits(scale, 8));
  out.align();
  for (std::int64_t n = columns.first; n < columns.end; ++n)
    out.put(mx.bits, low_bits(mx.values[static_cast<std::size_t>(m * mx.k + n)], mx.bits));
  out.align();
}

void put_group(PacketWriter& out, OutputFormat format, const GemmResult& result, std::int64_t m,
               const Columns& columns) {
  const auto beat = [&](const auto& word) {
    for (std::int64_t n = columns.first; n < columns.end; ++n) out.put(32, word(n));
    out.align();
  };
  if (format == OutputFormat::fp32) {
    beat([&](std::int64_t n) {
      return std::bit_cast<std::uint32_t>(golden::to_float(result.at(m, n), result.exponent(m, n)));
    });
    return;
  }
  beat([&](std::int64_t n) { return static_cast<std::uint32_t>(result.at(m, n)); });
  beat([&](std::int64_t n) { return static_cast<std::uint32_t>(result.at(m, n) >> 32); });
  beat([&](std::int64_t n) { return static_cast<std::uint32_t>(result.exponent(m, n)); });
}

/// Columns of `right` behind those of `left`.
GemmResult side_by_side(const GemmResult& left, const GemmResult& right) {
  GemmResult joined = left;
  joined.n = left.n + right.n;
  joined.acc.clear();
  for (std::int64_t m = 0; m < left.m; ++m) {
    for (std::int64_t n = 0; n < left.n; ++n) joined.acc.push_back(left.at(m, n));
    for (std::int64_t n = 0; n < right.n; ++n) joined.acc.push_back(right.at(m, n));
  }
  joined.weight_reference.insert(joined.weight_reference.end(), right.weight_reference.begin(),
                                 right.weight_reference.end());
  return joined;
}

/// Reads the beats of a packet one after the other.
class PacketReader {
 public:
  explicit PacketReader(const Packet& packet) : packet_(packet) {}
  std::int64_t get_signed(int width) {
    if (used_ == packet_.beat_bits) align();
    used_ += width;
    return tb::get_signed(packet_.beat(beat_), used_ - width, width);
  }
  /// Leaves the rest of the beat.
  void align() {
    ++beat_;
    used_ = 0;
  }

 private:
  const Packet& packet_;
  std::size_t beat_ = 0;
  int used_ = 0;
};

}  // namespace

Result<GemmResult> golden_result(const Config& config, std::span<const golden::QuantizedTensor> parts,
                                 const QuantizedActivations& activations) {
  const golden::ArraySizes array = array_sizes(Dimensions(config));
  std::optional<GemmResult> all;
  for (const golden::QuantizedTensor& w : parts) {
    MSQ_TRY(GemmResult result, golden::gemm(array, w, activations));
    all = all ? side_by_side(*all, result) : std::move(result);
  }
  return all.value_or(GemmResult{});
}

std::vector<Packet> expected_outputs(const Dimensions& d, const AcceleratorJob& job,
                                     const GemmResult& result) {
  std::optional<QuantizedActivations> mx;
  if (is_mx(job.format)) mx = *golden::to_mx(result, mx_bits(job.format));
  std::vector<Packet> packets;
  for (std::int64_t pass = 0; pass < job.passes(); ++pass) {
    PacketWriter out(32 * d.output_lanes);
    if (mx) {
      each_block(d, job, pass, golden::kOutputBlock,
                 [&](std::int64_t m, const Columns& columns) { put_mx(out, *mx, result, m, columns); });
    } else {
      each_block(d, job, pass, d.output_lanes, [&](std::int64_t m, const Columns& columns) {
        put_group(out, job.format, result, m, columns);
      });
    }
    packets.push_back(out.take());
  }
  return packets;
}

QuantizedActivations read_mx_outputs(const Dimensions& d, const AcceleratorJob& job,
                                     std::span<const Packet> packets) {
  QuantizedActivations out{mx_bits(job.format), golden::kOutputBlock, job.m, job.n, {}, {}};
  out.values.resize(static_cast<std::size_t>(job.m * job.n));
  out.scales.resize(static_cast<std::size_t>(job.m * out.groups()));
  for (std::int64_t pass = 0; pass < job.passes(); ++pass) {
    PacketReader in(packets[static_cast<std::size_t>(pass)]);
    each_block(d, job, pass, golden::kOutputBlock, [&](std::int64_t m, const Columns& columns) {
      const auto scale = static_cast<int>(in.get_signed(8));
      in.align();
      out.scales[static_cast<std::size_t>(m * out.groups() + columns.first / golden::kOutputBlock)] =
          static_cast<std::int8_t>(std::max(scale, golden::kScaleMin));
      for (std::int64_t n = columns.first; n < columns.end; ++n)
        out.values[static_cast<std::size_t>(m * job.n + n)] =
            static_cast<std::int8_t>(in.get_signed(out.bits));
      in.align();
    });
  }
  return out;
}

}  // namespace msq::tb
