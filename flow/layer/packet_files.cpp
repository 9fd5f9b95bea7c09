#include "flow/layer/packet_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "golden/io/atomic_file.hpp"
#include "support/files.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kList = "packets.json";
constexpr const char* kSettings = "registers.json";

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

std::string name_of(const char* kind, std::size_t pass) { return fmt::format("{}-{}.bin", kind, pass); }

FileNames names_of(const tb::AcceleratorJob& job, std::size_t outputs) {
  FileNames names = {kList, kSettings};
  for (std::size_t p = 0; p < job.weights.size(); ++p) names.insert(name_of("weights", p));
  for (std::size_t p = 0; p < job.activations.size(); ++p) names.insert(name_of("activations", p));
  for (std::size_t p = 0; p < outputs; ++p) names.insert(name_of("outputs", p));
  return names;
}

Result<> write_list(const fs::path& directory, const FileNames& names) {
  const nlohmann::ordered_json list = {{"generator", generator_name()}, {"files", names}};
  return golden::write_file_atomically(directory / kList, list.dump(2) + "\n");
}

}  // namespace

Result<PacketDirectory> PacketDirectory::open(const fs::path& directory, const tb::AcceleratorJob& job) {
  PacketDirectory result;
  result.directory_ = directory;
  result.names_ = names_of(job, static_cast<std::size_t>(job.passes()));
  result.old_ = listed_files(directory / kList, {"files"});
  MSQ_CHECK(check_replaceable(directory, result.names_, kList, "accelerate"));
  return result;
}

Result<> PacketDirectory::check_apart(const fs::path& file, std::string_view verb) const {
  for (const FileNames* names : {&names_, &old_}) {
    for (const std::string& name : *names) {
      if (!same_file(directory_ / name, file)) continue;
      return Error(
          fmt::format("{}: found packet file \"{}\", which the command {}; allowed: another directory",
                      directory_.string(), name, verb));
    }
  }
  return {};
}

Result<> PacketDirectory::write(const tb::AcceleratorJob& job, const std::vector<tb::Packet>& outputs) const {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error)
    return Error(fmt::format("{}: cannot create the directory: {}", directory_.string(), error.message()));
  const FileNames names = names_of(job, outputs.size());
  FileNames all = old_;
  all.insert(names.begin(), names.end());
  MSQ_CHECK(write_list(directory_, all));
  const std::pair<const char*, const std::vector<tb::Packet>*> kinds[] = {
      {"weights", &job.weights}, {"activations", &job.activations}, {"outputs", &outputs}};
  for (const auto& [kind, packets] : kinds) {
    for (std::size_t p = 0; p < packets->size(); ++p)
      MSQ_CHECK(golden::write_file_atomically(directory_ / name_of(kind, p), bytes_of((*packets)[p])));
  }
  MSQ_CHECK(golden::write_file_atomically(directory_ / kSettings, registers_json(job)));
  for (const std::string& name : old_) {
    if (!names.contains(name) && is_own_file(directory_ / name)) fs::remove(directory_ / name, error);
  }
  return write_list(directory_, names);
}

}  // namespace msq::flow
