#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "seeds.hpp"

// write_seeds DIRECTORY: the start corpora of fuzz_npy, fuzz_onnx and fuzz_safetensors, in DIRECTORY/npy,
// DIRECTORY/onnx and DIRECTORY/safetensors.

namespace {

void write(const std::filesystem::path& directory, const std::vector<std::string>& seeds) {
  std::filesystem::create_directories(directory);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream(directory / std::to_string(i), std::ios::binary) << seeds[i];
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_seeds DIRECTORY\n");
    return 2;
  }
  write(std::filesystem::path(argv[1]) / "npy", msq::golden::testing::npy_seeds());
  write(std::filesystem::path(argv[1]) / "onnx", msq::golden::testing::onnx_seeds());
  write(std::filesystem::path(argv[1]) / "safetensors", msq::golden::testing::safetensors_seeds());
  return 0;
}
