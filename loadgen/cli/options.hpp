#pragma once
// argv -> what was asked for. Nothing is opened, resolved or run here.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/metrics_endpoint.hpp"
#include "cli/progress.hpp"
#include "cli/target_process.hpp"
#include "config/parse.hpp"
#include "config/threshold.hpp"
#include "config/until.hpp"
#include "report/comparison.hpp"

namespace loadgen::cli {

/// `--out FORMAT[=FILE]`
struct OutputRequest {
  std::string format;
  std::string file;  ///< empty or "-": stdout
  bool to_stdout() const { return file.empty() || file == "-"; }
};

/// Where the plan comes from, and what the command line changes in it.
struct PlanSource {
  std::string file;                         ///< a plan; empty when url is given
  std::optional<config::OneLine> one_line;  ///< `loadgen URL …`
  config::Overrides overrides;
};

/// How a plan is to be run, as the command line says it.
struct Manner {
  std::string engine = "auto";
  std::uint32_t threads = 0;             ///< 0: auto
  std::string pace = "auto";             ///< auto, sleep, hybrid or spin
  std::optional<config::Until> until{};  ///< stop before the plan's end, once a figure is known so well
  bool probe = true;                     ///< open one connection to each target first, to see whether it is there
  Duration ready_timeout{};              ///< and again until each accepts one, for so long
};

/// A file of earlier jobs that a run is held against, and one that it is added to.
struct BaselineRequest {
  std::string compare_with;  ///< empty: none
  std::string save_to;
  std::string label;   ///< of the job: a commit, as a rule
  std::string target;  ///< what it is called in the fingerprint; empty: by its URL
  bool force = false;  ///< whatever the circumstances
};

struct RunCommand {
  PlanSource plan;
  std::vector<OutputRequest> outputs;
  Manner manner;
  std::uint32_t jtl_one_in = 1;  ///< a row in the JTL for every request, or for one of so many
  bool strict = false;           ///< a measurement that is not valid is an exit code
  BaselineRequest baseline;
  bool serve = false;
  bool quiet = false;
  ProgressMode progress = ProgressMode::automatic;
  ColorFlag color = ColorFlag::automatic;
  std::optional<ListenAddress> listen;  ///< where metrics are served while the run goes on
  bool github = false;                  ///< a step of GitHub Actions is to see the report
};

struct CheckCommand {
  PlanSource plan;
};

struct SchemaCommand {
  std::string name = "plan";  ///< of kSchemas
};

/// Renders saved runs again.
struct ReportCommand {
  std::vector<std::string> files;
  std::vector<OutputRequest> outputs;
  ColorFlag color = ColorFlag::automatic;
};

/// Makes one run of several generators'.
struct MergeCommand {
  std::vector<std::string> files;
  std::vector<OutputRequest> outputs;
  ColorFlag color = ColorFlag::automatic;
};

/// Measures this host's floor and ceiling against the bundled server.
struct CalibrateCommand {
  std::string engine = "auto";
  bool quiet = false;
};

/// Two or more targets, slice by slice in turns.
struct CompareCommand {
  PlanSource plan;                   ///< aimed at nobody yet
  std::optional<std::string> path;   ///< of a one-line run, below each target's URL; none: the URL's own
  std::vector<TargetSpec> targets;   ///< the first is what the others are compared with
  std::vector<std::string> metrics;  ///< gated; empty: those that suit the plan
  std::map<std::string, double> deltas;
  double alpha = 0.05;
  std::uint32_t blocks = report::kDefaultBlocks;
  std::uint32_t passes = report::kDefaultPasses;
  std::optional<Duration> warm_up;  ///< of each slice; none: by the first block's p99
  Duration warming = std::chrono::seconds(2);
  std::string ready;  ///< path that a target is asked for when it starts; empty: the plan's first request
  Duration ready_timeout = std::chrono::seconds(30);
  bool same = false;          ///< --aa
  std::uint32_t runs = 0;     ///< --runs: so many counted, without statistics; 0: a comparison
  std::uint32_t discard = 0;  ///< runs before those
  std::string save_runs;      ///< folder for each slice's run.json; empty: none is kept
  std::vector<OutputRequest> outputs;
  Manner manner;
  bool github = false;  ///< a step of GitHub Actions is to see the report
  bool quiet = false;
  ColorFlag color = ColorFlag::automatic;
};

/// Searches the highest rate at which a target keeps an objective.
struct FindCommand {
  PlanSource plan;
  std::vector<config::Threshold> objective;  ///< empty: the plan's thresholds
  std::optional<double> first;               ///< arrivals a second
  double most = 1e6;
  std::optional<double> at_least;             ///< a gate
  Duration trial = std::chrono::seconds(10);  ///< its measured part
  double precision = 0.1;
  std::uint32_t most_trials = 40;
  Manner manner;
  bool serve = false;
  std::vector<OutputRequest> outputs;
  bool github = false;  ///< a step of GitHub Actions is to see the report
  ColorFlag color = ColorFlag::automatic;
  bool quiet = false;
};

/// Nothing to run: help, version, or a mistake already told.
struct Answered {
  ExitCode code;
};

using Command = std::variant<RunCommand, CheckCommand, SchemaCommand, ReportCommand, MergeCommand, CalibrateCommand,
                             CompareCommand, FindCommand, Answered>;

/// Reads the command line; prints help and version to stdout and mistakes to stderr.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace loadgen::cli
