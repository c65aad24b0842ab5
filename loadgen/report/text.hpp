#pragma once
// The report for people, on stdout: the verdict first, then JMeter's line and table, then what JMeter does not tell.

#include <cstddef>
#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

struct TextStyle {
  bool color = false;
  std::size_t width = 120;  ///< columns of the page; tables continue below themselves when they are wider
};

std::string text(const Summary& summary, const TextStyle& style);

}  // namespace loadgen::report
