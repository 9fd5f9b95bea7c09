#include <cmath>
#include <cstdint>
#include <vector>

#include "gen/silicon/macros.hpp"

namespace msq::silicon {
namespace {

/// Records of GDSII: a length, a type, the type of the data, the data; the most significant byte first.
class Stream {
 public:
  void record(std::uint16_t type, const std::string& data = "") {
    number(static_cast<std::uint64_t>(data.size()) + 4, 2);
    number(type, 2);
    bytes_ += data;
  }
  void text(std::uint16_t type, std::string name) {
    if (name.size() % 2 != 0) name += '\0';
    record(type, name);
  }
  void shorts(std::uint16_t type, const std::vector<std::uint16_t>& values) {
    std::string data;
    for (const std::uint16_t value : values) data += big_endian(value, 2);
    record(type, data);
  }
  [[nodiscard]] static std::string big_endian(std::uint64_t value, int bytes) {
    std::string data;
    for (int i = bytes - 1; i >= 0; --i) data += static_cast<char>((value >> (8 * i)) & 0xffU);
    return data;
  }
  [[nodiscard]] std::string bytes() const { return bytes_; }

 private:
  void number(std::uint64_t value, int bytes) { bytes_ += big_endian(value, bytes); }
  std::string bytes_;
};

// Types with the types of their data.
enum : std::uint16_t {
  kHeader = 0x0002,
  kBeginLibrary = 0x0102,
  kLibraryName = 0x0206,
  kUnits = 0x0305,
  kEndLibrary = 0x0400,
  kBeginStructure = 0x0502,
  kStructureName = 0x0606,
  kEndStructure = 0x0700,
  kBoundary = 0x0800,
  kLayer = 0x0d02,
  kDataType = 0x0e02,
  kCorners = 0x1003,
  kEndElement = 0x1100
};

constexpr std::uint16_t kVersion = 600;
constexpr std::uint16_t kOutlineLayer = 235, kOutlineType = 4;  ///< prBoundary of SKY130
// 0.001 and 1e-9 in base 16 with an exponent of excess 64.
constexpr std::uint64_t kUserUnits = 0x3e4189374bc6a7f0, kMetres = 0x3944b82fa09b5a54;

}  // namespace

std::string macro_gds(const Macro& macro) {
  const std::vector<std::uint16_t> no_dates(12, 0);
  const auto nanometres = [](double um) { return static_cast<std::uint64_t>(std::llround(um * 1000)); };
  const std::uint64_t x = nanometres(macro.outline.width), y = nanometres(macro.outline.height);
  std::string corners;
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{0}, x, std::uint64_t{0}, x, y,
                                    std::uint64_t{0}, y, std::uint64_t{0}, std::uint64_t{0}})
    corners += Stream::big_endian(value, 4);
  Stream stream;
  stream.shorts(kHeader, {kVersion});
  stream.shorts(kBeginLibrary, no_dates);
  stream.text(kLibraryName, macro.name + "_placeholder");
  stream.record(kUnits, Stream::big_endian(kUserUnits, 8) + Stream::big_endian(kMetres, 8));
  stream.shorts(kBeginStructure, no_dates);
  stream.text(kStructureName, macro.name);
  stream.record(kBoundary);
  stream.shorts(kLayer, {kOutlineLayer});
  stream.shorts(kDataType, {kOutlineType});
  stream.record(kCorners, corners);
  stream.record(kEndElement);
  stream.record(kEndStructure);
  stream.record(kEndLibrary);
  return stream.bytes();
}

}  // namespace msq::silicon
