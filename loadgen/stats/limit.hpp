#pragma once
// A figure with its 95 % interval against a limit: kept, broken, or not decided.

#include <cstdint>
#include <limits>

#include "stats/confidence.hpp"

namespace loadgen::stats {

struct Limit {
  enum class Comparison : std::uint8_t { less, less_or_equal, greater, greater_or_equal };

  Comparison comparison = Comparison::less;
  double value = 0;

  bool keeps(double figure) const;
  /// < and <=: small figures keep it.
  bool upper() const { return comparison == Comparison::less || comparison == Comparison::less_or_equal; }
  bool operator==(const Limit&) const = default;
};

/// A figure, and what stands in for its interval where there is none.
struct Sight {
  Estimate figure;
  /// The smallest and the largest of the values that it was made of, or of the same figure of several parts; largest is
  /// infinite where some are only known to be "at least this".
  double smallest = 0;
  double largest = std::numeric_limits<double>::infinity();
  /// Of a percentile with too few values beyond it: the low end of the highest percentile that they allow, below which
  /// it cannot lie either.
  double beyond = 0;
};

enum class Judgement : std::uint8_t {
  passed,     ///< the whole interval keeps the limit
  failed,     ///< the whole interval breaks it, or there was not one value
  undecided,  ///< the limit lies inside
};

/// By the interval's ends. Where one is unknown, these stand for it:
///   resolution       low end                     high end
///   resolved         low                         high
///   upper_open       low (the bound, if at_least)  largest
///   too_short        smallest                    largest: nothing lies on the other side
///   too_few          beyond, or smallest         unknown
///   empty            –                           –          failed
Judgement judge(const Sight& sight, const Limit& limit);

}  // namespace loadgen::stats
