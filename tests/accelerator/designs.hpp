#pragma once

namespace msq::tests {

inline constexpr const char* kRecon8x8 =
    R"({"name": "top-8x8", "rows": 8, "cols": 8, "outlier_path": "recon", "top": {"tokens": 32, "act_words": 512}})";
/// Path inline with bands of four rows, two units each; passes of up to 32 tokens.
inline constexpr const char* kInlineTrees8x8 =
    R"({"name": "top-8x8-tree4", "rows": 8, "cols": 8, "outlier_path": "inline", "tree_rows": 4, "inline": {"units_per_block": 2}, "top": {"tokens": 32, "act_words": 512}})";
/// ReCoN, codes of the full range.
inline constexpr const char* kFullRange4x4 =
    R"({"name": "top-4x4-full", "rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "encoding": "full_range", "top": {"tokens": 16, "act_words": 1024}})";

/// The smallest accelerators of every outlier path: what is small enough to be tried densely.
inline constexpr const char* kRecon4x4 =
    R"({"name": "top-4x4", "rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "top": {"tokens": 16, "act_words": 1024}})";
inline constexpr const char* kNone4x4 =
    R"({"name": "top-4x4-none", "rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "none", "top": {"tokens": 16, "act_words": 1024}})";
inline constexpr const char* kInline4x4 =
    R"({"name": "top-4x4-inline", "rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 1, "inline": {"units_per_block": 1}, "top": {"tokens": 16, "act_words": 1024}})";

}  // namespace msq::tests
