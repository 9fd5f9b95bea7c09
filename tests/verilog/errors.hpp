#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace msq::verilog {

/// Message of the std::logic_error that f throws; a failure if it throws none.
template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no std::logic_error";
  return "";
}

}  // namespace msq::verilog
