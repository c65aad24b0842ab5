#pragma once
// A run that ends when its figures are precise enough: the 95 % interval of one figure, computed once a second from
// what the shards have written into their interval logs, is as narrow as was asked for. The rule looks at the
// relative width, never at whether the value pleases.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/plan.hpp"
#include "config/until.hpp"
#include "stats/confidence.hpp"
#include "stats/interval_log.hpp"

namespace loadgen::run {

/// Of the response times of successes over all labels.
class Precision {
 public:
  Precision(config::Until goal, const config::Plan& plan, std::size_t logs);

  /// A piece that log number `log` has gained.
  void see(std::size_t log, const stats::IntervalLog::Piece& piece);
  bool reached() const;
  /// The figure as it stands; empty before there are kLeastStretches.
  stats::Estimate estimate() const;

 private:
  void add(const stats::IntervalLog::Piece& piece, std::uint32_t second);
  void join_pairs();

  static constexpr std::size_t kMostStretches = 60;
  static constexpr std::size_t kLeastStretches = 12;
  static constexpr std::uint32_t kPatience = 10;  ///< seconds

  config::Until goal_;
  std::uint32_t skipped_;  ///< seconds of warm-up and ramp
  std::uint32_t stretch_seconds_ = 1;
  std::vector<stats::Stretch> stretches_;
  std::vector<std::uint32_t> written_;  ///< by log: the newest second of which it has written something
};

}  // namespace loadgen::run
