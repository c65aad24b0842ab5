#include "stats/moments.hpp"

#include <algorithm>
#include <cmath>

namespace loadgen::stats {

void Moments::merge(const Moments& other) noexcept {
  count += other.count;
  sum_ns += other.sum_ns;
  sum_of_squares += other.sum_of_squares;
  min_ns = std::min(min_ns, other.min_ns);
  max_ns = std::max(max_ns, other.max_ns);
}

double Moments::mean_ns() const {
  return count == 0 ? 0.0 : static_cast<double>(sum_ns) / static_cast<double>(count);
}

double Moments::stddev_ns() const {
  if (count == 0) return 0;
  const double variance = sum_of_squares / static_cast<double>(count) - mean_ns() * mean_ns();
  return variance > 0 ? std::sqrt(variance) : 0;
}

}  // namespace loadgen::stats
