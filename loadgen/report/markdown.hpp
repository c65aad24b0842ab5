#pragma once
// A page for a pull request, in GitHub's Markdown: the verdict, the main figures with their intervals, the thresholds,
// a row a label, and what else one may want folded away. Names are text only, whatever is in them.

#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

/// At most kMarkdownRows thresholds and as many labels, so that the page stays below what GitHub takes (1 MiB).
std::string markdown(const Summary& summary);

inline constexpr std::size_t kMarkdownRows = 200;

}  // namespace loadgen::report
