#include "report/operands.hpp"

#include <nlohmann/json.hpp>

namespace msq::report {

Json to_json(const flow::MatrixOrigin& origin, const char* rows, const char* columns) {
  return {{"source", origin.source},
          {"synthetic", origin.synthetic},
          {rows, origin.rows},
          {columns, origin.columns}};
}

}  // namespace msq::report
