#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "gen/verilog/design.hpp"

namespace msq::verilog::detail {

namespace {

/// Drivers and readers of every bit of the unrolled module.
class BitUse {
 public:
  BitUse(const Design& design, Report& report)
      : design_(design),
        report_(report),
        drivers_(static_cast<std::size_t>(design.bits), 0),
        reads_(static_cast<std::size_t>(design.bits), 0) {}

  void run() {
    unroll(design_, [&](const Frame& frame) {
      for (const Access& access : design_.scopes[static_cast<std::size_t>(frame.scope)].accesses)
        use(access, frame);
    });
    for (std::size_t net = 0; net < design_.nets.size(); ++net) report_net(static_cast<int>(net));
  }

 private:
  struct Fault {
    const char* reason;
    bool (*found)(const Net& net, int drivers, bool read);
  };

  void use(const Access& access, const Frame& frame) {
    const ResolvedNet& net = design_.nets[static_cast<std::size_t>(access.net)];
    const int width = net.net->type.width;
    const std::int64_t lsb = access.lsb.at(frame.loop_values);
    const std::int64_t iteration = frame.iteration[static_cast<std::size_t>(net.scope)];
    if (lsb < 0 || lsb + access.width > width) {
      out_of_range(access, lsb, iteration);
      return;
    }
    const auto first = static_cast<std::size_t>(net.base + iteration * width + lsb);
    const auto end = first + static_cast<std::size_t>(access.width);
    if (access.drives) {
      for (std::size_t i = first; i < end; ++i)
        drivers_[i] = static_cast<std::uint8_t>(std::min(drivers_[i] + 1, 2));
    } else {
      std::fill(reads_.begin() + static_cast<std::ptrdiff_t>(first),
                reads_.begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{1});
    }
  }

  void out_of_range(const Access& access, std::int64_t lsb, std::int64_t iteration) {
    const int width = design_.nets[static_cast<std::size_t>(access.net)].net->type.width;
    report_.add(fmt::format("range|{}|{}", access.net, access.width),
                {"", design_.path(access.net, iteration), static_cast<int>(lsb), access.width,
                 fmt::format("select out of range, the net is {} bits wide", width)});
  }

  void report_net(int id) {
    static constexpr Fault kFaults[] = {
        {"driven more than once", [](const Net&, int drivers, bool) { return drivers > 1; }},
        {"not driven",
         [](const Net& net, int drivers, bool read) {
           return drivers == 0 && net.kind != NetKind::input && (read || net.kind == NetKind::output);
         }},
        {"never read", [](const Net& net, int, bool read) { return !read && net.kind != NetKind::output; }}};
    const ResolvedNet& net = design_.nets[static_cast<std::size_t>(id)];
    if (net.net->kind == NetKind::constant) return;
    const std::int64_t copies = design_.scopes[static_cast<std::size_t>(net.scope)].iterations;
    for (const Fault& fault : kFaults) {
      for (std::int64_t copy = 0; copy < copies; ++copy) report_ranges(id, copy, fault);
    }
  }

  /// Neighbouring bits with the fault are one problem.
  void report_ranges(int id, std::int64_t copy, const Fault& fault) {
    const ResolvedNet& net = design_.nets[static_cast<std::size_t>(id)];
    const int width = net.net->type.width;
    const auto base = static_cast<std::size_t>(net.base + copy * width);
    const auto faulty = [&](int bit) {
      const std::size_t i = base + static_cast<std::size_t>(bit);
      return bit < width && fault.found(*net.net, drivers_[i], reads_[i] != 0);
    };
    for (int lsb = 0, end = 0; lsb < width; lsb = end + 1) {
      end = lsb;
      while (faulty(end)) ++end;
      if (end == lsb) continue;
      const std::string key = fmt::format("{}|{}|{}|{}", fault.reason, id, lsb, end);
      if (report_.again(key)) continue;
      report_.add(key, {"", design_.path(id, copy), lsb, end - lsb, fault.reason + drivers_text(id, fault)});
    }
  }

  [[nodiscard]] std::string drivers_text(int id, const Fault& fault) const {
    if (std::string_view(fault.reason) != "driven more than once") return "";
    std::set<std::string> names;
    for (const ResolvedScope& scope : design_.scopes) {
      for (const Access& access : scope.accesses) {
        if (access.net == id && access.drives) names.insert(access.by + " in " + scope.data->path);
      }
    }
    return fmt::format(": {}", fmt::join(names, ", "));
  }

  const Design& design_;
  Report& report_;
  std::vector<std::uint8_t> drivers_;  ///< 0, 1, or 2 for more
  std::vector<std::uint8_t> reads_;
};

}  // namespace

void check_bits(const Design& design, Report& report) { BitUse(design, report).run(); }

}  // namespace msq::verilog::detail
