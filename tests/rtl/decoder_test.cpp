// msq_group_decoder and msq_list_decoder against a simulation of moving values (routing_model.hpp).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "Vdecoder_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/routing_model.hpp"

namespace msq::rtl_test {
namespace {

constexpr int kCases = 18;

/// Parameters of one case of decoder_bench.v.
struct Case {
  int micro_block;
  bool mode2, mode4;
  int shift_max;
  std::size_t entries;  ///< of a list

  explicit Case(int c)
      : micro_block(4 << (c % 3)),
        mode2(c / 3 != 2),
        mode4(c / 3 != 1 && c / 3 != 3),
        shift_max(c / 3 == 1 || c / 3 == 4 ? 15
                  : c / 3 == 3             ? 0
                                           : 7),
        entries(c / 3 == 4   ? 1U
                : c / 3 == 5 ? 2U
                             : 2U << (c % 3)) {}
  bool dual() const { return mode2 && mode4; }
  int fields() const { return dual() ? 2 : 1; }
};

/// Metadata of one micro-block.
struct Field {
  bool has = false;
  int r = 0;
  std::uint64_t list = 0;
};

/// Expected outputs of a group decoder; with `error` set the settings mean nothing.
struct Expected {
  bool error = false, flagged = false;
  std::uint64_t roles = 0;
  std::array<std::uint64_t, 8> swaps{};  // per stage
  std::array<int, 2> shifts{};
};

/// Lane of position p of field f: in mode 4 on dual hardware the even lanes only, and stage b is hardware
/// stage b + 1.
Expected expect(const Case& c, bool mode4, const std::array<Field, 2>& fields) {
  Expected result;
  const bool spread = c.dual() && mode4;
  for (std::size_t f = 0; f < static_cast<std::size_t>(c.fields()); ++f) {
    result.shifts[f] = fields[spread ? 0 : f].r;
    if (!fields[f].has) continue;
    result.flagged = true;
    if (spread && f == 1) {
      result.error = true;  // mode 4 has one micro-block per group
      continue;
    }
    List list = unpack(fields[f].list, c.micro_block);
    list.resize(c.entries);  // the decoder sees no more of it
    const Routing routing = route(list, c.micro_block);
    if (!routing.routable || fields[f].r > c.shift_max) result.error = true;
    const auto lane = [&](std::size_t p) {
      return spread ? 2 * p : f * static_cast<std::size_t>(c.micro_block) + p;
    };
    for (std::size_t p = 0; p < routing.roles.size(); ++p) {
      result.roles |= static_cast<std::uint64_t>(routing.roles[p]) << (2 * lane(p));
    }
    for (std::size_t b = 0; b < routing.swaps.size(); ++b) {
      for (std::size_t p = 0; p < routing.roles.size(); ++p) {
        if (((p >> b) & 1) != 0 ||
            !routing.swaps[b][static_cast<std::size_t>(switch_of(static_cast<int>(p), static_cast<int>(b)))])
          continue;
        const std::size_t stage = spread ? b + 1 : b;
        result.swaps[stage] |= std::uint64_t{1}
                               << switch_of(static_cast<int>(lane(p)), static_cast<int>(stage));
      }
    }
  }
  return result;
}

class DecoderTest : public testing::Test {
 protected:
  /// Applies the metadata and checks every case with this micro-block size (and this mode).
  void check(int micro_block, bool mode4, const std::array<Field, 2>& fields) {
    bench_->mode4_i = mode4;
    bench_->has_outliers_i = static_cast<std::uint8_t>(fields[0].has | (fields[1].has << 1));
    bench_->mx_scale_i = static_cast<std::uint16_t>(fields[0].r | (fields[1].r << 8));
    for (std::size_t f = 0; f < 2; ++f) set_word(bench_->list_i, f, fields[f].list);
    bench_.settle();
    for (int c = 0; c < kCases; ++c) {
      const Case parameters(c);
      if (parameters.micro_block != micro_block) continue;
      compare(static_cast<std::size_t>(c), expect(parameters, mode4, fields));
      if (HasFatalFailure()) {
        FAIL() << fmt::format("case {} MICRO_BLOCK {} mode4 {} has {} {} r {} {} lists {:#x} {:#x}", c,
                              micro_block, mode4, fields[0].has, fields[1].has, fields[0].r, fields[1].r,
                              fields[0].list, fields[1].list);
      }
    }
  }

  void compare(std::size_t c, const Expected& expected) {
    ++compared_;
    const std::uint64_t status = word(bench_->status_o, c);
    ASSERT_EQ(status & 1, expected.error ? 1U : 0U) << "error_o";
    ASSERT_EQ((status >> 1) & 1, expected.flagged ? 1U : 0U) << "flagged_o";
    if (expected.error) return;  // settings of an illegal list mean nothing
    ++routable_;
    ASSERT_EQ(word(bench_->roles_o, c), expected.roles);
    for (std::size_t h = 0; h < 8; ++h) {
      const std::uint64_t stages = word(bench_->swaps_o, 2 * c + h / 4);
      ASSERT_EQ((stages >> (16 * (h % 4))) & 0xffff, expected.swaps[h]) << "swaps of stage " << h;
    }
    const int max = Case(static_cast<int>(c)).shift_max;
    for (std::size_t f = 0; f < 2; ++f) {
      if (expected.shifts[f] > max) continue;  // of a field without outliers
      ASSERT_EQ(static_cast<int>((status >> (2 + 8 * f)) & 0xff), expected.shifts[f])
          << "shift of field " << f;
    }
  }

  /// A legal or illegal list of any kind.
  std::uint64_t random_list() {
    return random_.bits() & (random_.one_in(2) ? ~std::uint64_t{0} : random_.bits());
  }
  Field random_field(int r_limit) { return {random_.one_in(2), random_.range(0, r_limit), random_list()}; }

  /// The list in random slots, so that entries are out of order and empty ones anywhere.
  std::uint64_t shuffled(const List& list, int micro_block) {
    std::vector<int> slots(static_cast<std::size_t>(micro_block) / 2);
    std::iota(slots.begin(), slots.end(), 0);
    std::shuffle(slots.begin(), slots.end(), random_.engine());
    return pack(list, micro_block, slots, random_.range(0, micro_block - 1));
  }

  /// A routable list of up to micro_block/2 entries, most often a long one.
  List random_routable(int micro_block) {
    std::vector<int> order(static_cast<std::size_t>(micro_block));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random_.engine());
    List list;
    for (std::size_t at = 0; at < order.size(); at += 2) {
      list.push_back({order[at], order[at + 1]});
      if (!route(list, micro_block).routable) list.pop_back();
    }
    return list;
  }

  Bench<Vdecoder_bench> bench_;
  Random random_{3};
  long compared_ = 0, routable_ = 0;
};

// MICRO_BLOCK 4: all 256 lists in each field of both modes, against each other.
TEST_F(DecoderTest, EveryListOfMicroBlock4) {
  for (const bool mode4 : {false, true}) {
    for (std::uint64_t list0 = 0; list0 < 256; ++list0) {
      for (std::uint64_t list1 = 0; list1 < 256; ++list1) {
        const int has = random_.range(1, 7);  // mostly both fields
        const std::array<Field, 2> fields = {
            Field{has != 2, random_.range(0, 7), list0},
            Field{has != 1 && !(mode4 && random_.one_in(2)), random_.range(0, 7), list1}};
        ASSERT_NO_FATAL_FAILURE(check(4, mode4, fields)) << "seed 3";
      }
    }
  }
  EXPECT_GT(routable_, 20000);
}

// MICRO_BLOCK 8: every set of up to four outliers with every choice and order of partners.
TEST_F(DecoderTest, EveryPairingOfMicroBlock8) {
  long lists = 0, routable = 0;
  for (int count = 1; count <= 4; ++count) {
    for_each_pairing(8, count, [&](const List& list) {
      ++lists;
      if (route(list, 8).routable) ++routable;
      for (const bool mode4 : {false, true}) {
        for (std::size_t at = 0; at < (mode4 ? 1 : 2); ++at) {
          std::array<Field, 2> fields;
          fields[at] = {true, random_.range(0, 7), shuffled(list, 8)};
          fields[1 - at] = {!mode4 && random_.one_in(2), random_.range(0, 7),
                            shuffled(random_routable(8), 8)};
          ASSERT_NO_FATAL_FAILURE(check(8, mode4, fields)) << "seed 3";
        }
      }
    });
    ASSERT_FALSE(HasFatalFailure());
  }
  EXPECT_EQ(lists, 8 * 7 + 28 * 30 + 56 * 60 + 70 * 24);
  EXPECT_EQ(routable, 56 + 760 + 2432 + 896);
}

TEST_F(DecoderTest, RandomListsWithDuplicatesOfMicroBlock8) {
  for (int i = 0; i < 50000 * effort(); ++i) {
    ASSERT_NO_FATAL_FAILURE(check(8, random_.one_in(2), {random_field(8), random_field(8)}))
        << "seed 3, i " << i;
  }
}

TEST_F(DecoderTest, RoutableListsOfMicroBlock16) {
  for (int i = 0; i < 20000 * effort(); ++i) {
    const bool mode4 = random_.one_in(2);
    const Field first{!random_.one_in(8), random_.range(0, 7), shuffled(random_routable(16), 16)};
    const Field second{!mode4 && random_.one_in(2), random_.range(0, 7), shuffled(random_routable(16), 16)};
    ASSERT_NO_FATAL_FAILURE(check(16, mode4, {first, second})) << "seed 3, i " << i;
  }
}

// One more entry breaks most routable lists: the error must appear exactly when the simulation says so.
TEST_F(DecoderTest, AlmostRoutableListsOfMicroBlock16) {
  long broken = 0;
  for (int i = 0; i < 20000 * effort(); ++i) {
    List list = random_routable(16);
    if (list.size() == 8) list.pop_back();
    list.push_back({random_.range(0, 15), random_.range(0, 15)});
    broken += route(list, 16).routable ? 0 : 1;
    ASSERT_NO_FATAL_FAILURE(check(16, false, {Field{true, 0, shuffled(list, 16)}, Field{}}))
        << "seed 3, i " << i;
  }
  EXPECT_GT(broken, 5000);
}

// The whole MXScale byte counts: 128 is not 0, and r is limited to SHIFT_MAX.
TEST_F(DecoderTest, EveryShift) {
  for (int r = 0; r < 256; ++r) {
    for (const bool mode4 : {false, true}) {
      for (const int has : {0, 1, 2, 3}) {
        for (const int micro_block : {4, 8, 16}) {
          const Field first{(has & 1) != 0, r, shuffled({{1, 2}}, micro_block)};
          const Field second{(has & 2) != 0, r ^ 5, shuffled({{3, 0}}, micro_block)};
          ASSERT_NO_FATAL_FAILURE(check(micro_block, mode4, {first, second}));
        }
      }
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
