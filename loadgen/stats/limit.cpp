#include "stats/limit.hpp"

#include <algorithm>

namespace loadgen::stats {
namespace {

struct Ends {
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
};

Ends ends_of(const Sight& sight) {
  const Estimate& figure = sight.figure;
  switch (figure.resolution) {
    case Resolution::resolved:
      return {figure.low, figure.high};
    case Resolution::upper_open:
      return {figure.low, sight.largest};
    case Resolution::too_short:
      return {sight.smallest, sight.largest};
    case Resolution::too_few:
    case Resolution::empty:
      break;
  }
  return {.low = std::max(sight.beyond, sight.smallest)};
}

}  // namespace

bool Limit::keeps(double figure) const {
  switch (comparison) {
    case Comparison::less:
      return figure < value;
    case Comparison::less_or_equal:
      return figure <= value;
    case Comparison::greater:
      return figure > value;
    case Comparison::greater_or_equal:
      return figure >= value;
  }
  return false;
}

Judgement judge(const Sight& sight, const Limit& limit) {
  if (sight.figure.resolution == Resolution::empty) return Judgement::failed;
  const Ends ends = ends_of(sight);
  if (limit.keeps(limit.upper() ? ends.high : ends.low)) return Judgement::passed;
  return limit.keeps(limit.upper() ? ends.low : ends.high) ? Judgement::undecided : Judgement::failed;
}

}  // namespace loadgen::stats
