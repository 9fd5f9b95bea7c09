#include "flow/layer/choices_json.hpp"

#include <nlohmann/json.hpp>

#include "golden/quantize/option_names.hpp"

namespace msq::flow {

nlohmann::ordered_json to_json(const QuantizerChoices& c) {
  const golden::QuantizerOptions& o = c.options;
  return {{"bits", o.bits},
          {"encoding", golden::option_name(o.encoding)},
          {"micro_block", o.micro_block},
          {"macro_block", o.macro_block},
          {"axis", golden::option_name(o.axis)},
          {"inlier_rule", golden::option_name(o.inlier_rule)},
          {"shift_rule", golden::option_name(o.shift_rule)},
          {"outlier_rule", golden::option_name(o.outlier_rule)},
          {"prune_rule", golden::option_name(o.prune_rule)},
          {"outliers_per_block", o.max_outliers()},
          {"outlier_shift_max", o.outlier_shift_max},
          {"outlier_sigma", o.outlier_sigma},
          {"outlier_price", o.outlier_price},
          {"row_align_bits", o.row_align_bits},
          {"identifier_group", o.identifier_group},
          {"shift_bits", o.shift_bits},
          {"fraction_bits", o.fraction_bits},
          {"scale_mantissa_bits", o.scale_mantissa_bits},
          {"damping", o.damping},
          {"weigh_scales", o.weigh_scales},
          {"activation_order", o.activation_order},
          {"sweeps", o.sweeps},
          {"migration", c.migration},
          {"target_strength", c.target_strength},
          {"massive_weight", c.massive_weight}};
}

}  // namespace msq::flow
