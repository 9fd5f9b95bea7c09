#pragma once

#include <array>
#include <cstdint>

namespace msq::rtl_test {

/// Flags that travel with a token.
struct Token {
  bool first, last, mode4, parity, waited;
};

template <class Model>
void set_launch(Model& model, const Token& t) {
  model.launch_first_i = t.first;
  model.launch_last_i = t.last;
  model.launch_mode4_i = t.mode4;
  model.launch_parity_i = t.parity;
  model.launch_waited_i = t.waited;
}

/// Outputs of msq_wavefront as control_bench.v packs them; one bit per row.
struct PlainPorts {
  unsigned commit, mode4;
  bool out_valid, out_last;

  explicit PlainPorts(std::uint64_t w)
      : commit(w & 255),
        mode4((w >> 8) & 255),
        out_valid(((w >> 16) & 1) != 0),
        out_last(((w >> 24) & 1) != 0) {}
};

/// Outputs of msq_wavefront_recon as control_bench.v packs them; one bit per row.
struct ReconPorts {
  unsigned early, commit, mode4, fire, fire_waited, fire_parity, use_addend;
  bool error, out_valid, out_last;

  explicit ReconPorts(std::uint64_t w)
      : early(w & 255),
        commit((w >> 8) & 255),
        mode4((w >> 16) & 255),
        fire((w >> 24) & 255),
        fire_waited((w >> 32) & 255),
        fire_parity((w >> 40) & 255),
        use_addend((w >> 48) & 255),
        error(((w >> 56) & 1) != 0),
        out_valid(((w >> 57) & 1) != 0),
        out_last(((w >> 58) & 1) != 0) {}
};

/// Parameter sets of msq_wavefront_recon in control_bench.v, and the sequencer there with as many rows.
struct ReconCase {
  int rows, lead;
  std::size_t sequencer;
  bool dual;  ///< the sequencer supports both modes
};
inline constexpr std::array<ReconCase, 3> kReconCases = {
    {{2, 2, 1, false}, {8, 3, 2, false}, {4, 9, 0, true}}};

}  // namespace msq::rtl_test
