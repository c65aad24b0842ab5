// A curve in JSON, and the schema of that.

#include <array>
#include <cmath>
#include <optional>

#include "report/curve_reports.hpp"
#include "report/json_generator.hpp"
#include "report/json_run.hpp"
#include "report/json_schema.hpp"
#include "report/json_times.hpp"
#include "report/json_writer.hpp"

namespace loadgen::report {
namespace {

constexpr std::string_view kCurveSchema = "loadgen/curve/v1";

}  // namespace

template <class Out>
void describe(Out& out, const load::RateSearch::Found& found) {
  out("rate", found.known() ? std::optional(found.rate) : std::nullopt,
      {"the most likely highest rate at which the objective holds; null: not known", "1/s"});
  out("low", found.low > 0 ? std::optional(found.low) : std::nullopt,
      {"lower end of its 95 % interval; null: below every rate that could be asked", "1/s"});
  out("high", finite(found.high), {"upper end; null: beyond every rate that could be asked", "1/s"});
}

template <class Out>
void describe(Out& out, const Trial& trial) {
  out("rate", trial.rate, {"arrivals that were asked for", "1/s"});
  out("length_s", trial.length_s, {"of the measured part, without its warm-up", "s"});
  out("objective", Word{trial.says, TrialSays::broken, &to_string},
      {"what the trial says: whether the objective held, clearly or only as far as chance allows; or that the "
       "generator or the machine was the limit, which is no answer"});
  out("reason", trial.reason, {"the threshold or check behind it, for people"});
  out("verdict", Word{trial.verdict, VerdictName::broken, &to_string}, {"of the trial as a measurement"});
  out("completed_rate", trial.completed_rate, {"completed requests a second"});
  out("response_p50_ns", trial.p50, {"median of the response time, due to last byte, of successes"});
  out("response_p99_ns", trial.p99, {"99th percentile of the response time"});
  out("error_rate", trial.error_rate, {"failed over completed", "0..1"});
  out("completed", trial.completed, {"requests completed in the whole trial", "requests"});
}

template <class Out>
void describe(Out& out, const Curve& curve) {
  out("schema", Fixed{kCurveSchema}, {"the version of this format"});
  out("tool", curve.tool, {"what made it"});
  out("name", curve.name, {"of the plan"});
  out("target", curve.target, {"base URL"});
  out("started", iso8601(curve.started), {"ISO 8601, UTC"});
  out("wall_s", curve.wall_s, {"of all trials together", "s"});
  out("engine", curve.engine, {"how requests were sent"});
  out("objective", curve.objective, {"the thresholds that had to hold"});
  out("precision", curve.precision, {"width of the interval that was asked for", "0..1"});
  out("end", Word{curve.end, SearchEnd::interrupted, &to_string}, {"why the search ended"});
  out("sustainable_rate", curve.found, {"the highest rate at which the objective holds"});
  out("at_least", curve.at_least, {"the rate that was to be sustained at least; null: none was named", "1/s"});
  out("enough", is_enough(curve), {"whether it was; null: not decided, or nothing was asked"});
  out("trials", curve.trials, {"in the order in which they were made"});
  out("host", curve.host, {"the machine that loadgen ran on"});
  out("plan", Verbatim{curve.plan_json}, {"the plan of the first trial, secrets as ***: see plan.schema.json"});
}

std::string curve_json(const Curve& curve) {
  return json_text(curve);
}

std::string curve_schema() {
  return schema_text(
      "loadgen curve",
      "What `loadgen find … --out json=FILE` writes: every trial of a search for the highest rate that a "
      "target sustains. A number's unit stands in brackets at the end of its description.",
      Curve{});
}

}  // namespace loadgen::report
