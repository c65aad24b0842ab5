#pragma once
// What `run` has to do with a baseline: files are read and checked before the run, the run is held against one and
// added to the other.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/launch.hpp"
#include "cli/options.hpp"
#include "report/baseline.hpp"
#include "report/summary.hpp"

namespace loadgen::cli {

class BaselineUse {
 public:
  /// No run: a file that cannot be read or written (64), or one made under other circumstances (22).
  static std::variant<BaselineUse, NoRun> open(const BaselineRequest& request, const Ready& ready);

  /// A gate for each figure of the baseline that was asked for, after those that the run has.
  void judge(report::Summary& summary) const;

  /// Adds the run as a job. What went wrong and how the process ends for it; nullopt: it is saved, or was not to be.
  std::optional<NoRun> save(const report::Summary& summary) const;

 private:
  BaselineRequest request_;
  config::Undecided undecided_ = config::Undecided::exit;
  report::Fingerprint fingerprint_;
  std::optional<report::Baseline> earlier_;  ///< of --baseline
  report::Baseline kept_;                    ///< of --save-baseline; no jobs: a new file
};

}  // namespace loadgen::cli
