#pragma once
// Finished runs made up for the tests of report/ and cli/: every stamp is arithmetic, so every byte of a report is
// known.

#include <functional>
#include <string>
#include <vector>

#include "base/sample.hpp"
#include "config/plan.hpp"
#include "report/host.hpp"
#include "report/summary.hpp"
#include "stats/run_record.hpp"

namespace loadgen::report::test {

/// A run and the plan behind it.
struct Run {
  config::Plan plan;
  stats::RunRecord record;

  /// With a fixed machine and version, so that the text is the same everywhere.
  Summary summary() const;
};

/// The check of that name; one whose result is not_checked when it is not among the evidence.
Check check_of(const Verdict& verdict, const std::string& name);

/// One request: due at that offset from t0, started lag later, service long; 123 bytes in, 95 out, status 200.
Sample sample_at(Duration due, Duration lag, Duration service);

/// The ledger, the ramp and the end are made to fit the samples; request i of a sample is label i.
Run run_of(std::vector<std::string> labels, const std::vector<Sample>& samples);

/// An open group of one step with these segments, and a sample for each arrival: lag later than due and service long.
struct Late {
  Duration lag = std::chrono::microseconds(20);
  Duration service = std::chrono::milliseconds(2);
};
Run open_run(std::vector<load::Segment> segments, const std::function<Late(Duration due)>& late);

Run all_succeeded();    ///< 6,000 users in 2 s, one request each, all well
Run many_errors();      ///< three labels, failures of many kinds, some unfinished, some not started
Run empty();            ///< interrupted before the first request
Run hostile_labels();   ///< names with escape sequences, line ends, wide characters, broken UTF-8, great length
Run generator_bound();  ///< requests that wait in the generator five times as long as in the target
Run open_stages();      ///< open load: a ramp, 500/s, a ramp, 1,000/s, and a warm-up
Run censored();         ///< open load: the target stops answering half a second before the end
Run disturbed();        ///< open load: for a second others have the generator's core

}  // namespace loadgen::report::test
