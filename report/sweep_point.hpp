#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "flow/sweep/sweep.hpp"

namespace msq::report {

/// Figures of a configuration as a sweep keeps and reports them; keys: docs/user/reports.md, "points".
[[nodiscard]] nlohmann::ordered_json to_json(const flow::SweepPoint& point);
/// The inverse of to_json. @param config the point's. Nothing if the JSON is not what to_json makes of a
/// point of this configuration, to the last digit.
[[nodiscard]] std::optional<flow::SweepPoint> sweep_point(const nlohmann::ordered_json& json,
                                                          const Config& config);

/// Figures in files of a directory, KEY.json: {"hash", "point"}, each written atomically. A file that is cut
/// off, edited, of another point or an older version is none.
class PointFiles : public flow::PointStore {
 public:
  explicit PointFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}
  [[nodiscard]] std::optional<flow::SweepPoint> find(const std::string& key,
                                                     const Config& config) const override;
  /// Replaces whatever is in the way except a directory with something in it. Errors: those of
  /// golden::write_file_atomically.
  [[nodiscard]] Result<> keep(const std::string& key, const flow::SweepPoint& point) override;
  [[nodiscard]] std::filesystem::path file(const std::string& key) const override;

 private:
  std::filesystem::path directory_;
};

}  // namespace msq::report
