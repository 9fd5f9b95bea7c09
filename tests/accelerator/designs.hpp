#pragma once

namespace msq::tests {

/// The smallest accelerators of every outlier path: what is small enough to be tried densely.
inline constexpr const char* kRecon4x4 =
    R"({"name": "top-4x4", "rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "top": {"tokens": 16, "act_words": 1024}})";
inline constexpr const char* kNone4x4 =
    R"({"name": "top-4x4-none", "rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "none", "top": {"tokens": 16, "act_words": 1024}})";
inline constexpr const char* kInline4x4 =
    R"({"name": "top-4x4-inline", "rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 1}, "top": {"tokens": 16, "act_words": 1024}})";

}  // namespace msq::tests
