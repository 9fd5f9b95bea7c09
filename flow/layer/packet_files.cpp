#include "flow/layer/packet_files.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "golden/io/atomic_file.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const tb::Packet& packet) {
  std::string bytes;
  for (std::size_t b = 0; b < packet.beats(); ++b) {
    for (int bit = 0; bit < packet.beat_bits; bit += 8) {
      const auto word = packet.beat(b)[static_cast<std::size_t>(bit) / 32];
      bytes += static_cast<char>(word >> (bit % 32) & 0xffU);
    }
  }
  return bytes;
}

std::string registers_json(const tb::AcceleratorJob& job) {
  nlohmann::ordered_json settings;
  for (const tb::RegisterSetting& setting : tb::register_settings(job))
    settings[std::string(setting.name)] = setting.value;
  return settings.dump(2) + "\n";
}

}  // namespace

Result<> write_packets(const fs::path& directory, const tb::AcceleratorJob& job,
                       const std::vector<tb::Packet>& outputs) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    return Error(fmt::format("{}: cannot create the directory: {}", directory.string(), error.message()));
  const std::pair<const char*, const std::vector<tb::Packet>*> kinds[] = {
      {"weights", &job.weights}, {"activations", &job.activations}, {"outputs", &outputs}};
  for (const auto& [name, packets] : kinds) {
    for (std::size_t p = 0; p < packets->size(); ++p) {
      const fs::path file = directory / fmt::format("{}-{}.bin", name, p);
      MSQ_CHECK(golden::write_file_atomically(file, bytes_of((*packets)[p])));
    }
  }
  return golden::write_file_atomically(directory / "registers.json", registers_json(job));
}

}  // namespace msq::flow
