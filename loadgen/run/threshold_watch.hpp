#pragma once
// Thresholds with "abort", watched while the run goes on: once a second, in the main thread, from what the shards have
// written into their interval logs and from the counts of the progress.
//
// A look is at what came back in the second before it; with "over", in that many seconds. The figure's value alone is
// held against the limit:
//   failed     it breaks it. So it does where there is none because requests ended and none succeeded, of times; or
//              because none ended, and some in flight are too old already, of times, or were in flight all the time, of
//              the error rate
//   passed     it keeps it
//   undecided  there was no value, or only a bound that does not decide
// A passed look ends the failing; an undecided one changes nothing. The threshold has failed for its time when it has
// been failing for so long, at six looks at least, and stats::judge is sure of the figure of all those seconds
// together, each second a cell.
//
// Requests in flight have no time yet. Of those sent up to t at most as many have been answered as were answered in
// all, so that a lower bound of how many are older than the limit is known, and how many have become so in each second.
// They count in that second's look, as values that are longer. What is due before the warm-up and ramps are over is
// left out, and so is what comes after the load has ended.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/plan.hpp"
#include "load/load_profile.hpp"
#include "stats/interval_log.hpp"
#include "stats/progress.hpp"
#include "stats/recorder.hpp"
#include "stats/run_record.hpp"
#include "stats/sight.hpp"

namespace loadgen::run {

class ThresholdWatch {
 public:
  /// Of the thresholds those with "abort". labels: Program::labels.
  ThresholdWatch(const config::Plan& plan, const std::vector<std::string>& labels);

  /// A piece that an interval log, of successes or of what was cut off, has gained.
  void see(stats::OutcomeClass outcome, const stats::IntervalLog::Piece& piece);

  /// Once a second, after see(): the threshold that has failed for its time.
  std::optional<stats::StoppedBy> look(const stats::Progress& progress);

 private:
  struct Watched {
    config::Threshold threshold;
    std::optional<std::uint16_t> label;
    std::size_t failed_looks = 0;   ///< without a passed one between
    std::size_t failing_since = 0;  ///< the first one's second
  };
  /// What had come about when a second ended.
  struct Count {
    Duration elapsed{};
    std::uint64_t sent = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
  };
  struct Pieces {
    std::vector<stats::IntervalLog::Piece> values;
    std::vector<stats::IntervalLog::Piece> cut_off;
  };
  /// Consecutive seconds [first, last).
  struct Seconds {
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t count() const { return last - first; }
  };
  /// Arrivals of a group, as its schedule has them.
  struct Offered {
    load::LoadProfile profile;
    Duration begin{};
    double requests = 0;  ///< an arrival
  };

  bool add_second(const stats::Progress& progress);
  bool load_is_over(const stats::Progress& progress) const;
  bool has_failed_for_its_time(Watched& watched, stats::Sight& sight);
  stats::Judgement judge_look(const Watched& watched, Seconds look) const;
  stats::Judgement judge_all(const Watched& watched, Seconds all, stats::Sight& sight) const;
  bool fails_without_a_value(const Watched& watched, Seconds look) const;
  void forget_what_nobody_needs();

  stats::Sight figure_of(const Watched& watched, Seconds range) const;
  stats::Sight time_of(const Watched& watched, Seconds range) const;
  stats::Sight errors_of(const Watched& watched, Seconds range) const;
  stats::Sight rate_of(Seconds range) const;
  stats::Sight delivered_of(Seconds range) const;
  void add_overdue(const Watched& watched, std::size_t second, stats::Stretch& to) const;
  bool knows_overdue(const Watched& watched) const;
  const Count* sent_before(Duration elapsed) const;
  std::uint64_t older_than(Duration limit, std::size_t count) const;
  double due_by(Duration elapsed) const;
  std::uint64_t completed_in(Seconds range) const;
  std::uint64_t failed_in(Seconds range) const;

  std::vector<Watched> watched_;
  std::vector<Offered> offered_;
  Duration skipped_;           ///< warm-up and ramps
  bool ends_by_time_;          ///< not by loops
  std::size_t longest_ = 0;    ///< so many seconds may be asked for
  std::vector<Count> counts_;  ///< second i lies between counts i and i + 1
  std::vector<Pieces> seconds_;
  Pieces pending_;  ///< of the second under way
};

}  // namespace loadgen::run
