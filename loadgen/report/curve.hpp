#pragma once
// What `find` made: a target at one rate after another, and the highest rate at which it kept its objective. Works on
// the trials' summaries, wherever they came from.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/threshold.hpp"
#include "load/rate_search.hpp"
#include "report/host.hpp"
#include "report/summary.hpp"
#include "stats/confidence.hpp"

namespace loadgen::report {

/// What a trial says about the target.
enum class TrialSays : std::uint8_t {
  holds,
  leans_to_holding,
  leans_to_failing,
  fails,
  generator_bound,  ///< the generator was the limit: nothing about the target
  disturbed,        ///< the machine was: the same
  broken,           ///< the program's own books do not agree
};
std::string_view to_string(TrialSays says);  ///< "holds", "generator bound"

struct Trial {
  double rate = 0;      ///< asked for, arrivals a second
  double length_s = 0;  ///< that was measured, without its warm-up
  TrialSays says = TrialSays::fails;
  std::string reason;  ///< for people: the threshold or the check that decided
  VerdictName verdict = VerdictName::trustworthy;
  stats::Estimate completed_rate;  ///< a second
  stats::Estimate p50;             ///< of the response time, ns
  stats::Estimate p99;
  double error_rate = 0;
  std::uint64_t completed = 0;
};

/// A trial judged by its verdict and by the thresholds of its plan.
Trial trial_of(const Summary& summary, const std::vector<config::Threshold>& objective, double rate);

/// Why the search ended.
enum class SearchEnd : std::uint8_t {
  precise,       ///< the interval is as narrow as wanted
  highest_rate,  ///< held at the highest rate that was allowed
  generator,     ///< held wherever the generator was not the limit
  lowest_rate,   ///< failed at the lowest rate tried
  trials,        ///< as many trials as were allowed
  disturbed,     ///< the machine was too busy to go on
  target_lost,   ///< it could not be reached any more
  broken,
  interrupted,
};
std::string_view to_string(SearchEnd end);  ///< "precise", "highest rate"

struct Curve {
  Tool tool;
  std::string name;
  std::string target;
  std::string plan_json;  ///< of the first trial, secrets taken out
  HostFacts host;
  std::string engine;
  std::chrono::system_clock::time_point started;
  double wall_s = 0;
  std::vector<std::string> objective;  ///< thresholds, as text
  double precision = 0;                ///< that was asked for, of the interval
  std::optional<double> at_least;      ///< asked for: the least rate that will do
  std::vector<Trial> trials;           ///< in the order in which they were made
  load::RateSearch::Found found;
  SearchEnd end = SearchEnd::precise;
};

/// Whether the sustainable rate is at_least or more: known to be, known not to be, or nullopt.
std::optional<bool> is_enough(const Curve& curve);

/// As a gate: whether at_least is sustained, where it was asked for; else whether a rate was found at all.
Standing standing_of(const Curve& curve);

/// "about 4,210/s (95 %: 4,100 to 4,330)", "5,000/s or more", …
std::string sustainable_rate(const Curve& curve);
/// "--at-least 4,000/s: met"; empty: not asked for.
std::string at_least_text(const Curve& curve);
/// The rate, the objective, and what else there is to say of how the search ended; a line each.
std::string conclusion(const Curve& curve);
/// What it means that the search ended so; empty: nothing that the rate does not say.
std::string_view remark(SearchEnd end);
/// "4,210", "12.5": a second.
std::string per_second(double rate);

}  // namespace loadgen::report
