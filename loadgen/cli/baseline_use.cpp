#include "cli/baseline_use.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/calibration_file.hpp"
#include "cli/whole_file.hpp"
#include "config/describe.hpp"
#include "report/comparison_pairs.hpp"
#include "report/json_baseline.hpp"
#include "report/printable.hpp"

namespace loadgen::cli {
namespace {

constexpr std::size_t kLargest = 256U << 20U;  ///< bytes of a baseline: a thousand jobs are some megabytes

Result<report::Baseline> read(const std::string& path) {
  const auto text = read_whole(path, kLargest);
  if (!text) return Error{text.error()};
  return report::read_baseline(*text);
}

NoRun unusable(std::string_view option, const std::string& path, const std::string& why) {
  return {ExitCode::usage, fmt::format("{} {}: {}", option, path, report::printable(why))};
}

/// Why a run must not be mixed with the jobs of that file; empty: it may.
std::string mismatch(const report::Baseline& baseline, const report::Fingerprint& now) {
  std::string out;
  for (const std::string& difference : report::differences(baseline.fingerprint, now))
    out += "\n  " + report::printable(difference);
  return out;
}

/// A new file must be possible where one is to be written.
bool writable(const std::string& path) {
  const auto parent = std::filesystem::absolute(path).parent_path();
  return access(parent.c_str(), W_OK) == 0;
}

report::Circumstances circumstances_of(const BaselineRequest& request, const Ready& ready) {
  report::Circumstances now;
  config::Plan plan = ready.plan;
  now.target = request.target.empty() ? plan.target : request.target;
  plan.target.clear();  // it stands for itself, and the bundled server's port is another each time
  now.plan_json = config::to_json(plan);
  now.engine = ready.options.engine;
  now.tool_version = LOADGEN_VERSION;
  now.host = report::read_host();
  now.limits = report::read_host_limits();
  now.calibration = find_calibration(ready.options.engine);
  return now;
}

}  // namespace

std::variant<BaselineUse, NoRun> BaselineUse::open(const BaselineRequest& request, const Ready& ready) {
  BaselineUse use;
  use.request_ = request;
  use.undecided_ = ready.plan.undecided;
  if (request.compare_with.empty() && request.save_to.empty()) return use;
  use.fingerprint_ = report::fingerprint_of(circumstances_of(request, ready));
  const auto refused = [&](std::string_view option, const std::string& path, const report::Baseline& baseline) {
    const std::string why = request.force ? "" : mismatch(baseline, use.fingerprint_);
    return why.empty() ? std::nullopt
                       : std::optional(NoRun{ExitCode::invalid,
                                             fmt::format("{} {}: its jobs were run under other circumstances:{}\n"
                                                         "--force mixes them all the same",
                                                         option, path, why)});
  };
  if (!request.compare_with.empty()) {
    auto baseline = read(request.compare_with);
    if (!baseline) return unusable("--baseline", request.compare_with, baseline.error());
    if (auto none = refused("--baseline", request.compare_with, *baseline)) return *none;
    use.earlier_ = std::move(*baseline);
  }
  std::error_code error;
  if (!request.save_to.empty() && !writable(request.save_to))
    return unusable("--save-baseline", request.save_to, "its folder cannot be written to");
  if (!request.save_to.empty() && std::filesystem::exists(request.save_to, error)) {
    auto baseline = read(request.save_to);
    if (!baseline) return unusable("--save-baseline", request.save_to, baseline.error());
    if (auto none = refused("--save-baseline", request.save_to, *baseline)) return *none;
    use.kept_ = std::move(*baseline);
  }
  return use;
}

void BaselineUse::judge(report::Summary& summary) const {
  if (!earlier_) return;
  const bool spoilt = report::use_of(summary.verdict.name, report::FigureKind::time) == report::Use::spoilt;
  for (report::Gate& gate : report::judge(*earlier_, report::job_of(summary, request_.label))) {
    gate.undecided = undecided_;
    if (spoilt) gate.doubt = fmt::format("the run is {}", to_string(summary.verdict.name));
    summary.gates.push_back(std::move(gate));
  }
}

std::optional<NoRun> BaselineUse::save(const report::Summary& summary) const {
  if (request_.save_to.empty()) return std::nullopt;
  const auto use = report::use_of(summary.verdict.name, report::FigureKind::time);
  const std::string_view why_not = use != report::Use::good                         ? to_string(summary.verdict.name)
                                   : summary.stop == stats::StopReason::interrupted ? "it was interrupted"
                                   : summary.stop == stats::StopReason::threshold   ? "a threshold stopped it"
                                                                                    : "";
  if (!why_not.empty())
    return NoRun{ExitCode::invalid,
                 fmt::format("--save-baseline: the run was not added to {}: {}", request_.save_to, why_not)};
  report::Baseline baseline = kept_;
  report::append(baseline, report::job_of(summary, request_.label), fingerprint_);
  if (const std::string why = write_whole(request_.save_to, report::baseline_json(baseline)); !why.empty())
    return NoRun{ExitCode::internal,
                 fmt::format("--save-baseline: {} could not be written: {}", request_.save_to, why)};
  return std::nullopt;
}

}  // namespace loadgen::cli
