#include "run/threshold_watch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "run/schedule.hpp"

namespace loadgen::run {
namespace {

using config::Threshold;
using stats::IntervalLog;
using stats::Judgement;
using stats::Sight;
using std::chrono::seconds;

/// A second that was cut shorter than that, because the one before was noticed late, is added to the next.
constexpr Duration kShortest = std::chrono::milliseconds(500);
/// So many looks must have failed. One fails easily by chance, so that the failing begins with a bad second of its own
/// choosing; six in a row, of a figure that fails every other look, come once in 2^7 seconds.
constexpr std::size_t kLeastLooks = 6;
static_assert(kLeastLooks >= stats::kParts);
/// However long a threshold has been failing without being sure: more than so many seconds are not put together, or
/// than it asks for.
constexpr std::size_t kMostSeconds = 60;

std::size_t whole_seconds(Duration time) {
  return static_cast<std::size_t>(std::chrono::ceil<seconds>(time) / seconds(1));
}

/// How many seconds a look is at.
std::size_t width_of(const Threshold& threshold) {
  return whole_seconds(threshold.over.value_or(seconds(1)));
}

std::size_t most_seconds_of(const Threshold& threshold) {
  return width_of(threshold) + std::max(kMostSeconds, whole_seconds(*threshold.abort_after));
}

Duration limit_time(const Threshold& threshold) {
  return Duration(static_cast<std::int64_t>(threshold.limit));
}

/// By the value alone.
Judgement judge_value(const stats::Estimate& figure, const stats::Limit& limit) {
  if (figure.at_least && limit.keeps(figure.value) == limit.upper()) return Judgement::undecided;
  return limit.keeps(figure.value) ? Judgement::passed : Judgement::failed;
}

}  // namespace

ThresholdWatch::ThresholdWatch(const config::Plan& plan, const std::vector<std::string>& labels)
    : skipped_(seconds(seconds_to_skip(plan))),
      ends_by_time_(std::ranges::all_of(plan.thread_groups,
                                        [](const auto& group) { return group.open() || group.duration.has_value(); })) {
  for (const Threshold& threshold : plan.thresholds) {
    if (!threshold.abort_after) continue;
    Watched watched{.threshold = threshold, .label = {}};
    if (const auto label = std::ranges::find(labels, threshold.label); label != labels.end())
      watched.label = static_cast<std::uint16_t>(label - labels.begin());
    watched_.push_back(std::move(watched));
    longest_ = std::max(longest_, most_seconds_of(threshold));
  }
  for (const config::ThreadGroup& group : plan.thread_groups)
    if (group.open())
      offered_.push_back({.profile = load::LoadProfile(group.arrivals),
                          .begin = group.startup_delay,
                          .requests = static_cast<double>(group.steps.size())});
  if (skipped_ == Duration::zero()) counts_.emplace_back();
}

void ThresholdWatch::see(stats::OutcomeClass outcome, const IntervalLog::Piece& piece) {
  if (stats::cell_begin(piece.cell) < skipped_) return;
  const auto wanted = [&](const Watched& watched) {
    return config::is_time(watched.threshold.metric) && piece.label == watched.label.value_or(piece.label) &&
           piece.series == static_cast<stats::Series>(watched.threshold.series);
  };
  if (std::ranges::none_of(watched_, wanted)) return;
  (outcome == stats::OutcomeClass::succeeded ? pending_.values : pending_.cut_off).push_back(piece);
}

std::optional<stats::StoppedBy> ThresholdWatch::look(const stats::Progress& progress) {
  if (!add_second(progress)) return std::nullopt;
  for (Watched& watched : watched_) {
    Sight sight;
    if (!has_failed_for_its_time(watched, sight)) continue;
    const bool none = sight.figure.resolution == stats::Resolution::empty;
    return stats::StoppedBy{.threshold = config::to_string(watched.threshold),
                            .at = progress.elapsed,
                            .value = none ? -1 : sight.figure.value};
  }
  forget_what_nobody_needs();
  return std::nullopt;
}

bool ThresholdWatch::add_second(const stats::Progress& progress) {
  if (progress.elapsed < skipped_ || load_is_over(progress)) return false;
  const Count count{.elapsed = progress.elapsed,
                    .sent = progress.sent,
                    .completed = progress.total.completed,
                    .failed = progress.total.failed};
  if (counts_.empty()) return counts_.push_back(count), false;
  if (count.elapsed - counts_.back().elapsed < kShortest) return false;
  counts_.push_back(count);
  seconds_.push_back(std::exchange(pending_, {}));
  return true;
}

/// What comes after the last request was due is less by design.
bool ThresholdWatch::load_is_over(const stats::Progress& progress) const {
  const bool all_sent = progress.planned > 0 && progress.sent >= progress.planned;
  return all_sent || (ends_by_time_ && progress.elapsed > progress.planned_length);
}

/// sight: out, the figure of all the time that it has been failing for.
bool ThresholdWatch::has_failed_for_its_time(Watched& watched, Sight& sight) {
  const std::size_t now = seconds_.size();
  const std::size_t width = width_of(watched.threshold);
  if (now < width) return false;
  const Judgement judgement = judge_look(watched, {now - width, now});
  if (judgement == Judgement::passed) watched.failed_looks = 0;
  if (judgement == Judgement::failed && watched.failed_looks++ == 0) watched.failing_since = now - 1;
  if (watched.failed_looks < kLeastLooks) return false;
  const Duration failing = counts_[now].elapsed - counts_[watched.failing_since].elapsed;
  if (std::chrono::round<seconds>(failing) < *watched.threshold.abort_after) return false;
  const std::size_t most = std::min(now, most_seconds_of(watched.threshold));
  return judge_all(watched, {std::max(watched.failing_since, now - most), now}, sight) == Judgement::failed;
}

Judgement ThresholdWatch::judge_look(const Watched& watched, Seconds look) const {
  const stats::Estimate figure = figure_of(watched, look).figure;
  if (figure.resolution != stats::Resolution::empty) return judge_value(figure, limit_of(watched.threshold));
  return fails_without_a_value(watched, look) ? Judgement::failed : Judgement::undecided;
}

/// A look without a value, for which the plan is no reason.
bool ThresholdWatch::fails_without_a_value(const Watched& watched, Seconds look) const {
  if (watched.label) return false;  // which label a request without a time is of is not known
  const std::uint64_t completed = completed_in(look);
  if (config::is_time(watched.threshold.metric)) {
    if (completed > 0) return failed_in(look) == completed;
    return knows_overdue(watched) && older_than(limit_time(watched.threshold), look.last) > 0;
  }
  const Count& before = counts_[look.first];
  return watched.threshold.metric == Threshold::Metric::error_rate && completed == 0 && before.sent > before.completed;
}

/// Of all the seconds since it began to fail, at least stats::kParts.
Judgement ThresholdWatch::judge_all(const Watched& watched, Seconds all, Sight& sight) const {
  sight = figure_of(watched, all);
  if (sight.figure.resolution == stats::Resolution::too_short) {
    std::array<stats::Estimate, stats::kParts> parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Seconds part{all.first + i * all.count() / parts.size(), all.first + (i + 1) * all.count() / parts.size()};
      parts[i] = figure_of(watched, part).figure;
    }
    stats::hold_against(parts, sight);
  }
  return stats::judge(sight, limit_of(watched.threshold));
}

void ThresholdWatch::forget_what_nobody_needs() {
  if (seconds_.size() > longest_) seconds_[seconds_.size() - longest_ - 1] = {};
}

// ---- figures ----------------------------------------------------------------------------------------------------

Sight ThresholdWatch::figure_of(const Watched& watched, Seconds range) const {
  switch (watched.threshold.metric) {
    case Threshold::Metric::percentile:
    case Threshold::Metric::mean:
    case Threshold::Metric::min:
    case Threshold::Metric::max:
      return time_of(watched, range);
    case Threshold::Metric::error_rate:
      return errors_of(watched, range);
    case Threshold::Metric::rps:
      return rate_of(range);
    case Threshold::Metric::delivered:
      return delivered_of(range);
  }
  return {};
}

Sight ThresholdWatch::time_of(const Watched& watched, Seconds range) const {
  const auto series = static_cast<stats::Series>(watched.threshold.series);
  const auto n = static_cast<std::uint32_t>(range.count());
  std::vector<stats::Stretch> batches(stats::batch_count(n));
  for (std::uint32_t i = 0; i < n; ++i) {
    stats::Stretch& batch = batches[stats::batch_of(i, n)];
    const auto add = [&](const std::vector<IntervalLog::Piece>& pieces, stats::Histogram& to) {
      for (const IntervalLog::Piece& piece : pieces)
        if (piece.series == series && piece.label == watched.label.value_or(piece.label)) piece.add_to(to);
    };
    add(seconds_[range.first + i].values, batch.values);
    // When a request was sent is known exactly, whatever came of it.
    add(seconds_[range.first + i].cut_off, series == stats::Series::send_lag ? batch.values : batch.cut_off);
    add_overdue(watched, range.first + i, batch);
  }
  return stats::sight_of(stats::BatchMeans(std::move(batches)), config::time_figure_of(watched.threshold));
}

Sight ThresholdWatch::errors_of(const Watched& watched, Seconds range) const {
  std::vector<stats::Part> parts;
  for (std::size_t i = range.first; i < range.last; ++i)
    parts.push_back({failed_in({i, i + 1}), completed_in({i, i + 1})});
  return stats::share_of(parts, watched.threshold.limit);
}

/// As if each look had come at its second, and not up to a tenth of one later.
Sight ThresholdWatch::rate_of(Seconds range) const {
  std::vector<std::uint64_t> counts;
  for (std::size_t i = range.first; i < range.last; ++i) {
    const double length = loadgen::seconds(counts_[i + 1].elapsed - counts_[i].elapsed);
    counts.push_back(static_cast<std::uint64_t>(std::llround(static_cast<double>(completed_in({i, i + 1})) / length)));
  }
  return stats::rate_of(counts, seconds(1));
}

Sight ThresholdWatch::delivered_of(Seconds range) const {
  const double due = due_by(counts_[range.last].elapsed) - due_by(counts_[range.first].elapsed);
  if (due <= 0) return {};
  Sight sight = rate_of(range);
  if (sight.figure.value <= 0) return sight;
  const double scale = static_cast<double>(completed_in(range)) / due / sight.figure.value;
  for (double* value : {&sight.figure.value, &sight.figure.low, &sight.figure.high, &sight.smallest, &sight.largest})
    *value *= scale;
  return sight;
}

// ---- counts -----------------------------------------------------------------------------------------------------

/// Requests in flight are known to break an upper limit of their times, and of no label.
bool ThresholdWatch::knows_overdue(const Watched& watched) const {
  return !watched.label && limit_of(watched.threshold).upper() &&
         watched.threshold.series != Threshold::Series::send_lag;
}

/// Those in flight that became older than the limit in that second.
void ThresholdWatch::add_overdue(const Watched& watched, std::size_t second, stats::Stretch& to) const {
  if (!knows_overdue(watched)) return;
  const Duration limit = limit_time(watched.threshold);
  const std::uint64_t before = older_than(limit, second);
  const std::uint64_t after = older_than(limit, second + 1);
  if (after <= before) return;
  const Duration age = counts_[second + 1].elapsed - sent_before(counts_[second + 1].elapsed - limit)->elapsed;
  for (std::uint64_t i = before; i < after; ++i) to.cut_off.record(age);
}

/// The last count up to that time; nullptr: there was none.
const ThresholdWatch::Count* ThresholdWatch::sent_before(Duration elapsed) const {
  const auto after = std::ranges::upper_bound(counts_, elapsed, {}, &Count::elapsed);
  return after == counts_.begin() ? nullptr : &*(after - 1);
}

/// In flight at that count for the limit and longer, at the least.
std::uint64_t ThresholdWatch::older_than(Duration limit, std::size_t count) const {
  const Count& now = counts_[count];
  const Count* then = sent_before(now.elapsed - limit);
  if (then == nullptr) return 0;
  const std::uint64_t sent = then->sent - counts_.front().sent;
  const std::uint64_t completed = now.completed - counts_.front().completed;
  return sent > completed ? sent - completed : 0;
}

/// Requests, by the schedule.
double ThresholdWatch::due_by(Duration elapsed) const {
  double due = 0;
  for (const Offered& group : offered_) due += group.requests * group.profile.count(elapsed - group.begin);
  return due;
}

std::uint64_t ThresholdWatch::completed_in(Seconds range) const {
  return counts_[range.last].completed - counts_[range.first].completed;
}

std::uint64_t ThresholdWatch::failed_in(Seconds range) const {
  return counts_[range.last].failed - counts_[range.first].failed;
}

}  // namespace loadgen::run
