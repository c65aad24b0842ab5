#include "report/runner_noise.hpp"

namespace loadgen::report {

std::vector<NoiseOfMetric> noise_of(const Comparison& comparison) {
  const double alpha = comparison.design.alpha;
  std::vector<NoiseOfMetric> out;
  for (const Compared& compared : comparison.compared) {
    if (compared.target != 1 || !compared.valid || compared.figures.blocks < stats::kLeastBlocks) continue;
    const CompareMetric& metric = metric_of(comparison, compared);
    NoiseOfMetric noise;
    noise.metric = compared.metric;
    noise.spread = compared.figures.spread;
    noise.margin = difference_of(metric, compared.delta);
    noise.false_alarm = stats::regression_rate(0, noise.spread, kDefaultBlocks, {noise.margin, alpha});
    for (std::size_t i = 0; i < kNoiseBlocks.size(); ++i)
      noise.detectable[i] =
          delta_of(metric, noise.margin + stats::detectable_factor(kNoiseBlocks[i], alpha) * noise.spread);
    noise.blocks_needed = stats::blocks_needed(noise.margin, noise.spread, alpha);
    out.push_back(noise);
  }
  return out;
}

}  // namespace loadgen::report
