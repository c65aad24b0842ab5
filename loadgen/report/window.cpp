#include "report/window.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace loadgen::report {
namespace {

using config::Plan;
using config::ThreadGroup;
using stats::CellRange;

/// A thread group as load over time. Open groups have their profile, closed ones at most a ramp-up to leave out.
struct GroupLoad {
  std::optional<load::LoadProfile> profile;
  Span span;     ///< from its first user; the end of a closed one is kept open
  Span ramp_up;  ///< empty: none to leave out
  double steps = 1;
};

GroupLoad load_of(const ThreadGroup& group) {
  GroupLoad load;
  load.steps = static_cast<double>(group.steps.size());
  load.span = {group.startup_delay, Duration::max()};
  if (group.open()) {
    load.profile.emplace(group.arrivals);
    load.span.end = group.startup_delay + load.profile->length();
  } else {
    if (group.duration) load.span.end = group.startup_delay + *group.duration;
    // A ramp-up within one cell is not worth leaving that cell out.
    if (group.duration && !one_iteration(group) && group.ramp_up > stats::kFineCell)
      load.ramp_up = {group.startup_delay, group.startup_delay + group.ramp_up};
  }
  return load;
}

const load::Segment& segment_at(const load::LoadProfile& profile, Duration t) {
  Duration end{};
  for (const load::Segment& segment : profile.segments()) {
    end += segment.duration;
    if (t < end) return segment;
  }
  return profile.segments().back();
}

bool within(Span span, Duration t) {
  return t >= span.begin && t < span.end;
}

StageKind kind_at(std::span<const GroupLoad> groups, Duration t) {
  bool any = false;
  bool wave = false;
  for (const GroupLoad& group : groups) {
    if (!within(group.span, t)) continue;
    if (within(group.ramp_up, t)) return StageKind::ramp;
    any = true;
    if (!group.profile) continue;
    const load::Segment& segment = segment_at(*group.profile, t - group.span.begin);
    if (segment.from != segment.to) return StageKind::ramp;
    wave = wave || segment.amplitude != 0;
  }
  if (!any) return StageKind::pause;
  return wave ? StageKind::wave : StageKind::constant;
}

double rate_at(std::span<const GroupLoad> groups, Duration t) {
  double sum = 0;
  for (const GroupLoad& group : groups) {
    if (group.profile && within(group.span, t)) sum += group.profile->rate(t - group.span.begin);
  }
  return sum;
}

/// The least and the most of a stage. Waves are looked at a thousand times in the longest period, which is a multiple
/// of four and so meets the top and the bottom of a single one exactly.
std::pair<double, double> rates_in(std::span<const GroupLoad> groups, const Stage& stage) {
  auto [low, high] = std::minmax({stage.rate_from, stage.rate_to});
  if (stage.kind != StageKind::wave) return {low, high};
  Duration period{};
  for (const GroupLoad& group : groups) {
    if (group.profile && within(group.span, stage.span.begin))
      period = std::max(period, segment_at(*group.profile, stage.span.begin - group.span.begin).period);
  }
  const Duration length = std::min(period, stage.span.length());
  for (int i = 0; i < 1000; ++i) {
    const double rate = rate_at(groups, stage.span.begin + length * i / 1000);
    low = std::min(low, rate);
    high = std::max(high, rate);
  }
  return {low, high};
}

/// Requests, or with steps left out arrivals.
double expected_in(std::span<const GroupLoad> groups, Span span, bool of_requests) {
  double sum = 0;
  for (const GroupLoad& group : groups) {
    if (!group.profile) continue;
    const double arrivals =
        group.profile->count(span.end - group.span.begin) - group.profile->count(span.begin - group.span.begin);
    sum += arrivals * (of_requests ? group.steps : 1);
  }
  return sum;
}

/// Whole cells within a span; the end of the run takes the rest of its cell with it.
CellRange cells_within(Span span, const Extent& extent) {
  std::uint32_t first = stats::cell_of(span.begin);
  if (stats::cell_begin(first) < span.begin) ++first;
  const std::uint32_t last = span.end >= extent.end ? extent.cells : stats::cell_of(span.end);
  // Past the first minute cells are five times as long: what crosses it is cut at whole seconds.
  const auto per_coarse = static_cast<std::uint32_t>(stats::kCoarseCell / stats::kFineCell);
  if (last > stats::kFineCells && first < stats::kFineCells) first = (first + per_coarse - 1) / per_coarse * per_coarse;
  return {first, std::max(first, last)};
}

Span span_of(CellRange cells, const Extent& extent) {
  return {stats::cell_begin(cells.first),
          std::min(std::max(stats::cell_begin(cells.first), extent.end), stats::cell_begin(cells.last))};
}

std::vector<Duration> boundaries_of(std::span<const GroupLoad> groups, const Extent& extent, Duration warm_up) {
  std::vector<Duration> times{Duration::zero(), warm_up, extent.end};
  for (const GroupLoad& group : groups) {
    times.insert(times.end(), {group.span.begin, group.span.end, group.ramp_up.begin, group.ramp_up.end});
    if (!group.profile) continue;
    Duration end = group.span.begin;
    for (const load::Segment& segment : group.profile->segments()) times.push_back(end += segment.duration);
  }
  std::erase_if(times, [&](Duration t) { return t < Duration::zero() || t > extent.end; });
  std::ranges::sort(times);
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

std::vector<Stage> stages_of(std::span<const GroupLoad> groups, const Extent& extent, Duration warm_up) {
  const std::vector<Duration> times = boundaries_of(groups, extent, warm_up);
  std::vector<Stage> stages;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i + 1 < times.size(); ++i) {
    Stage stage;
    stage.span = {times[i], times[i + 1]};
    stage.kind = stage.span.begin < warm_up ? StageKind::warm_up : kind_at(groups, stage.span.begin);
    stage.rate_from = rate_at(groups, stage.span.begin);
    stage.rate_to = rate_at(groups, stage.span.end - Duration(1));
    if (!stages.empty() && !stage.measured() && stages.back().kind == stage.kind && stage.kind != StageKind::ramp) {
      stages.back().span.end = stage.span.end;
      stages.back().rate_to = stage.rate_to;
    } else {
      if (stage.measured()) stage.number = ++number;
      stages.push_back(stage);
    }
  }
  for (Stage& stage : stages) {
    stage.cells = cells_within(stage.span, extent);
    if (stage.cells.first < stage.cells.last) stage.span = span_of(stage.cells, extent);
    stage.expected = stage.cells.first < stage.cells.last ? expected_in(groups, stage.span, true) : 0;
    std::tie(stage.rate_low, stage.rate_high) = rates_in(groups, stage);
  }
  return stages;
}

bool same_load(const Stage& a, const Stage& b) {
  return a.kind == StageKind::constant && b.kind == StageKind::constant && a.rate_from == b.rate_from;
}

/// Without: what is left when the arrivals are over and users of closed groups go on.
bool has_arrivals(const Stage& stage) {
  return stage.kind == StageKind::wave || stage.rate_from > 0;
}

/// The longest row of neighbouring stages with one rate; of equally long ones the last, which in a staircase is the one
/// with the highest rate. One without arrivals only where no other is measured.
std::span<const Stage> headline(std::span<const Stage> stages) {
  std::span<const Stage> best;
  std::pair<bool, Duration> greatest{};
  for (std::size_t i = 0; i < stages.size();) {
    std::size_t end = i + 1;
    while (end < stages.size() && same_load(stages[i], stages[end])) ++end;
    const std::pair rank{has_arrivals(stages[i]), stages[end - 1].span.end - stages[i].span.begin};
    if (stages[i].measured() && rank >= greatest) {
      best = stages.subspan(i, end - i);
      greatest = rank;
    }
    i = end;
  }
  return best;
}

std::string rate_text(double rate) {
  return fmt::format("{:.1f}/s", rate);
}

bool blended(std::span<const Stage> stages, const Stage& chosen) {
  return std::ranges::any_of(stages, [&](const Stage& s) { return s.measured() && !same_load(s, chosen); });
}

std::vector<Excluded> excluded_stages(std::span<const Stage> stages, std::span<const Stage> chosen) {
  std::vector<Excluded> out;
  for (const Stage& stage : stages) {
    const bool is_chosen = !chosen.empty() && &stage >= &chosen.front() && &stage <= &chosen.back();
    if (is_chosen) continue;
    out.push_back({stage.span, stage.measured() ? name_of(stage) + ", " + rate_text(stage.rate_from) : name_of(stage)});
  }
  return out;
}

Window open_window(std::span<const Stage> stages, std::span<const GroupLoad> groups, const Extent& extent) {
  const std::span<const Stage> chosen = headline(stages);
  Window window;
  window.excluded = excluded_stages(stages, chosen);
  if (chosen.empty()) {
    window.reason = "nothing is measured: it was all warm-up and ramp";
    return window;
  }
  window.cells = cells_within({chosen.front().span.begin, chosen.back().span.end}, extent);
  window.span = span_of(window.cells, extent);
  window.even = chosen.front().kind == StageKind::constant;
  if (const double s = seconds(window.span.length()); s > 0)
    window.offered = expected_in(groups, window.span, false) / s;
  window.expected = expected_in(groups, window.span, true);
  const std::string stage = chosen.size() > 1
                                ? fmt::format("stages {} to {}", chosen.front().number, chosen.back().number)
                                : fmt::format("stage {}", chosen.front().number);
  if (window.excluded.empty()) {
    window.reason = "the whole run";
  } else if (blended(stages, chosen.front())) {
    window.reason =
        fmt::format("{}, {}, the longest: different rates are never blended", stage, rate_text(window.offered));
  } else {
    window.reason = fmt::format("{}, {}", stage, rate_text(window.offered));
  }
  return window;
}

/// Closed groups that go on all through the window with the same users.
bool evenly_closed(const Plan& plan) {
  const ThreadGroup& first = plan.thread_groups.front();
  return std::ranges::all_of(plan.thread_groups, [&](const ThreadGroup& g) {
    const bool alike = g.startup_delay == first.startup_delay && g.duration == first.duration;
    return one_iteration(g) ? alike && g.ramp_up == first.ramp_up && g.ramp_up > Duration::zero()
                            : alike && g.for_ever() && g.duration.has_value();
  });
}

Window closed_window(const Plan& plan, std::span<const GroupLoad> groups, const Extent& extent, Duration warm_up) {
  Window window;
  Duration begin{};
  const auto leave_out = [&](Span span, const char* reason) {
    begin = std::max(begin, span.end);
    window.excluded.push_back({span, reason});
  };
  if (warm_up > Duration::zero()) leave_out({Duration::zero(), std::min(warm_up, extent.end)}, "warm-up");
  for (const GroupLoad& group : groups) {
    if (group.ramp_up.length() > Duration::zero())
      leave_out({group.ramp_up.begin, std::min(group.ramp_up.end, extent.end)}, "ramp-up");
  }
  window.cells = cells_within({begin, extent.end}, extent);
  window.span = span_of(window.cells, extent);
  window.even = !plan.thread_groups.empty() && evenly_closed(plan);
  if (window.excluded.empty()) {
    window.reason = "the whole run";
  } else {
    for (const Excluded& left_out : window.excluded) {
      if (window.reason.find(left_out.reason) != std::string::npos) continue;
      window.reason += (window.reason.empty() ? "without " : " and ") + left_out.reason;
    }
  }
  if (window.empty() && !window.excluded.empty()) window.reason = "nothing is left " + window.reason;
  return window;
}

/// nullopt: it ends when its users have done their loops.
std::optional<Duration> planned_end(const ThreadGroup& group) {
  if (group.open()) return group.startup_delay + load::LoadProfile(group.arrivals).length();
  if (one_iteration(group)) return group.startup_delay + group.ramp_up;
  if (group.for_ever() && group.duration) return group.startup_delay + *group.duration;
  return std::nullopt;
}

}  // namespace

bool one_iteration(const config::ThreadGroup& group) {
  return group.iterations ? *group.iterations == group.users : group.loops == 1;
}

std::string name_of(const Stage& stage) {
  switch (stage.kind) {
    case StageKind::warm_up:
      return "warm-up";
    case StageKind::ramp:
      return "ramp";
    case StageKind::pause:
      return "pause";
    case StageKind::wave:
      return fmt::format("stage {} (wave)", stage.number);
    case StageKind::constant:
      return fmt::format("stage {}", stage.number);
  }
  return {};
}

std::optional<Duration> planned_end(const Plan& plan) {
  Duration end{};
  for (const ThreadGroup& group : plan.thread_groups) {
    const std::optional<Duration> planned = planned_end(group);
    if (!planned) return std::nullopt;
    end = std::max(end, *planned);
  }
  return end;
}

Extent extent_of(const Plan& plan, const stats::RunRecord& record) {
  const auto& cells = record.recorder.cells();
  std::uint32_t used = static_cast<std::uint32_t>(cells.size());
  while (used > 0 && cells[used - 1].due == 0) --used;
  const std::optional<Duration> planned = planned_end(plan);
  const Duration ended = record.end - record.start;
  const bool finished = record.stop == stats::StopReason::finished;
  if (planned && *planned > Duration::zero()) {
    const Duration end = *planned;
    const std::uint32_t last = stats::cell_of(end - Duration(1)) + 1;
    // A run that was stopped after its last arrival has had all of its load.
    if (finished || (ended >= end && used >= last)) return {end, std::max(last, used)};
  }
  // The last cell that anything was due in is the one that a stopped run was stopped in: it is no whole one.
  if (!finished && used > 1) return {stats::cell_begin(used - 1), used - 1, true};
  return {std::min(ended, stats::cell_begin(used)), used};
}

Timeline timeline_of(const Plan& plan, const Extent& extent, Duration warm_up) {
  std::vector<GroupLoad> groups;
  for (const ThreadGroup& group : plan.thread_groups) groups.push_back(load_of(group));
  Timeline timeline;
  if (plan.has_arrivals()) {
    timeline.stages = stages_of(groups, extent, warm_up);
    timeline.window = open_window(timeline.stages, groups, extent);
  } else {
    timeline.window = closed_window(plan, groups, extent, warm_up);
  }
  Window& window = timeline.window;
  if (extent.cells == 0) window.reason = "nothing is measured: the run ended before anything was due";
  if (extent.stopped) {
    if (window.excluded.empty()) window.reason = "the run up to the cell that it was stopped in";
    window.excluded.push_back(
        {{extent.end, extent.end + stats::cell_length(extent.cells)}, "the cell that the run was stopped in"});
  }
  return timeline;
}

EvenCells even_cells(CellRange range, const Extent& extent) {
  const bool coarse = range.last > stats::kFineCells;
  EvenCells even;
  even.length = coarse ? stats::kCoarseCell : stats::kFineCell;
  for (std::uint32_t first = range.first; first < range.last;) {
    const std::uint32_t last = stats::cell_of(stats::cell_begin(first) + even.length);
    if (last > range.last || stats::cell_begin(last) > extent.end) break;
    even.cells.push_back({first, last});
    first = last;
  }
  return even;
}

}  // namespace loadgen::report
