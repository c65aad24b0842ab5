#include "cli/arrivals_table.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/units.hpp"
#include "load/arrivals.hpp"
#include "report/numbers.hpp"

namespace loadgen::cli {
namespace {

using report::grouped;

/// A minute of rows fits a screen or two; of longer plans only the beginning is shown by the second.
constexpr std::int64_t kMostSeconds = 60;
constexpr std::int64_t kFirstSeconds = 10;
constexpr std::size_t kFirstArrivals = 10;
/// Counting takes some 20 ns an arrival: beyond this, a wait that `check` is not worth.
constexpr double kMostCounted = 50e6;

/// A stretch of time, counted from the group's start, and what comes in it.
struct Row {
  Duration begin;
  Duration end;
  std::uint64_t scheduled = 0;
};

std::vector<Row> rows_of_segments(const load::LoadProfile& profile) {
  std::vector<Row> rows;
  Duration begin{};
  for (const load::Segment& s : profile.segments()) {
    rows.push_back({begin, begin + s.duration});
    begin += s.duration;
  }
  return rows;
}

std::vector<Row> rows_of_seconds(const load::LoadProfile& profile) {
  using std::chrono::seconds;
  const std::int64_t all = std::chrono::ceil<seconds>(profile.length()).count();
  std::vector<Row> rows;
  for (std::int64_t s = 0; s < (all > kMostSeconds ? kFirstSeconds : all); ++s)
    rows.push_back({seconds(s), std::min<Duration>(seconds(s + 1), profile.length())});
  return rows;
}

/// Adds an arrival to its row; rows follow each other without a gap, and `at` only goes on. One that comes at the very
/// end of the last row belongs to it.
void count_in(std::vector<Row>& rows, std::size_t& at, Duration due) {
  while (at < rows.size() && due >= rows[at].end && !(at + 1 == rows.size() && due == rows[at].end)) ++at;
  if (at < rows.size()) ++rows[at].scheduled;
}

/// The schedule gone through once: how many come in each row, and when the first are due.
struct Counted {
  std::vector<Row> segments{};
  std::vector<Row> seconds{};
  std::vector<Duration> first{};
  std::uint64_t all = 0;
  bool complete = false;  ///< false: only the first were looked at
};

Counted count(load::Arrivals arrivals, const load::LoadProfile& profile) {
  Counted counted{.segments = rows_of_segments(profile), .seconds = rows_of_seconds(profile)};
  counted.complete = profile.total() <= kMostCounted;
  std::size_t segment = 0, second = 0;
  for (; arrivals.due() != Duration::max(); arrivals.advance()) {
    if (counted.first.size() < kFirstArrivals) counted.first.push_back(arrivals.due());
    if (!counted.complete && counted.first.size() == kFirstArrivals) break;
    count_in(counted.segments, segment, arrivals.due());
    count_in(counted.seconds, second, arrivals.due());
    ++counted.all;
  }
  return counted;
}

std::string rate_text(const load::Segment& s) {
  if (s.amplitude != 0)
    return fmt::format("{} ± {}, every {}", rate_to_string(s.from), rate_to_string(s.amplitude), to_string(s.period));
  if (s.constant()) return rate_to_string(s.from);
  return fmt::format("{} to {}", rate_to_string(s.from), rate_to_string(s.to));
}

std::string title(const config::ThreadGroup& group, std::uint64_t seed, const load::LoadProfile& profile,
                  const Counted& counted) {
  std::string text =
      fmt::format("\nArrivals of {}: {:.1f} expected in {}", group.name, profile.total(), to_string(profile.length()));
  if (counted.complete) text += fmt::format(", {} scheduled", grouped(counted.all));
  text += group.spacing == load::Spacing::poisson ? fmt::format("; poisson spacing, seed {}", seed)
                                                  : std::string("; uniform spacing");
  text += fmt::format("\n  {} in flight at most, then an arrival {}; {} connections opened before the start\n",
                      grouped(group.max_in_flight), group.at_limit == config::AtLimit::drop ? "is dropped" : "waits",
                      grouped(group.connections));
  if (group.startup_delay != Duration::zero())
    text += fmt::format("  times count from the startup delay of {}\n", to_string(group.startup_delay));
  return text;
}

std::string numbers(const Row& row, const load::LoadProfile& profile, bool complete) {
  return fmt::format("{:>14.1f}  {:>11}", profile.count(row.end) - profile.count(row.begin),
                     complete ? grouped(row.scheduled) : "-");
}

std::string group_table(const config::Plan& plan, std::size_t index) {
  const config::ThreadGroup& group = plan.thread_groups[index];
  const load::LoadProfile profile(group.arrivals);
  const Counted counted = count(load::Arrivals(profile, group.spacing, plan.seed, index, 0, 1), profile);
  std::string text = title(group, plan.seed, profile, counted);

  text += fmt::format("  {:>10}  {:>10}  {:<32}  {:>14}  {:>11}\n", "from", "for", "rate", "expected", "scheduled");
  for (std::size_t i = 0; i < counted.segments.size(); ++i) {
    const Row& row = counted.segments[i];
    text += fmt::format("  {:>10}  {:>10}  {:<32}  {}\n", to_string(row.begin), to_string(row.end - row.begin),
                        rate_text(group.arrivals[i]), numbers(row, profile, counted.complete));
  }
  text += fmt::format("  {:>10}  {:>14}  {:>11}\n", "second", "expected", "scheduled");
  for (const Row& row : counted.seconds)
    text += fmt::format("  {:>10.0f}  {}\n", seconds(row.begin), numbers(row, profile, counted.complete));
  if (counted.seconds.back().end < profile.length()) text += fmt::format("  {:>10}\n", "…");

  text += fmt::format("  {:>10}  {:>18}\n", "arrival", "due");
  for (std::size_t i = 0; i < counted.first.size(); ++i)
    text += fmt::format("  {:>10}  {:>16.9f} s\n", i + 1, seconds(counted.first[i]));
  return text;
}

}  // namespace

std::string arrivals_table(const config::Plan& plan) {
  std::string text;
  for (std::size_t i = 0; i < plan.thread_groups.size(); ++i)
    if (plan.thread_groups[i].open()) text += group_table(plan, i);
  return text;
}

}  // namespace loadgen::cli
