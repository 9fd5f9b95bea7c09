#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "flow/file_list.hpp"
#include "support/result.hpp"
#include "tb/host/job.hpp"

namespace msq::flow {

/// Directory with the packets of a job as a DMA takes them: weights-P.bin, activations-P.bin and
/// outputs-P.bin for each pass P, each beat in whole bytes, least significant first; registers.json with the
/// settings; and packets.json, which lists these files. The files of an earlier job that packets.json lists
/// are replaced or removed; others are never touched.
class PacketDirectory {
 public:
  /// Nothing is written yet. Error: a file of the job's names is there that packets.json does not list
  /// (named), or the path is not a directory.
  [[nodiscard]] static Result<PacketDirectory> open(const std::filesystem::path& directory,
                                                    const tb::AcceleratorJob& job);
  /// Error: write() would replace or remove `file`, which the command `verb`, for example "reads" (named).
  [[nodiscard]] Result<> check_apart(const std::filesystem::path& file, std::string_view verb) const;
  /// Creates the directory if it is missing. If it fails or is interrupted, packets.json lists all files that
  /// may be there. Error: the directory or a file cannot be written.
  [[nodiscard]] Result<> write(const tb::AcceleratorJob& job, const std::vector<tb::Packet>& outputs) const;

 private:
  PacketDirectory() = default;

  std::filesystem::path directory_;
  FileNames names_;  ///< files of this job
  FileNames old_;    ///< files of an earlier job
};

}  // namespace msq::flow
