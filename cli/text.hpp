#pragma once

#include "report/text.hpp"

namespace msq::cli {

using report::grouped;
using report::item;
using report::json_text;
using report::percent;
using report::shell_word;
using report::Table;

}  // namespace msq::cli
