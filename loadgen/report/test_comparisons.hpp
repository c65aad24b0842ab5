#pragma once
// Finished comparisons made up for the tests of report/: every slice is arithmetic.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "report/comparison.hpp"

namespace loadgen::report::test {

/// A slice's place and the values that a figure has there.
using ValueAt = std::function<double(const Slice& place)>;

struct Figure {
  std::string metric;
  ValueAt value;
  bool gated = true;
};

/// Twelve blocks of two passes against "base" and "candidate", 10,000 requests a slice; not yet concluded.
Comparison comparison_of(const std::vector<Figure>& figures);

/// A small spread about 1 that differs from block to block and from pass to pass, +-1 %.
double wobble(const Slice& place);
/// base for the first target, base * factor for the others, each with its wobble.
ValueAt slower_by(double base, double factor);

Comparison passing();      ///< p50 and error_rate gated, rps and server_cpu shown; a little slower, within the margin
Comparison regressing();   ///< p50 a fifth slower, server_cpu 15 % dearer, one disturbed pair left out
Comparison undecided();    ///< p50 about the margin and noisy
Comparison invalid();      ///< every other slice is CLIENT-BOUND
Comparison hostile();      ///< three targets; names with escape sequences, markup and formulas
Comparison same_server();  ///< --aa
Comparison small();        ///< --aa of five blocks of one pass, for files that are read by people
Comparison runs();         ///< --runs 4 --discard 1 of two targets

}  // namespace loadgen::report::test
