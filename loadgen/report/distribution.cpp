#include "report/distribution.hpp"

namespace loadgen::report {

Distribution distribution_of(const stats::Histogram& histogram) {
  Distribution out;
  out.count = histogram.count();
  out.overflow = histogram.overflow();
  out.min_ns = histogram.min().count();
  out.max_ns = histogram.max().count();
  out.mean_ns = histogram.mean_ns();
  out.stddev_ns = histogram.stddev_ns();
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    out.percentiles_ns[i] = histogram.percentile(kPercentiles[i].p).count();
  }
  return out;
}

}  // namespace loadgen::report
