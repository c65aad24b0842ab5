#include "cli/compare_blocks.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/random.hpp"
#include "report/json.hpp"
#include "report/printable.hpp"

namespace loadgen::cli {
namespace {

using report::CompareMode;

constexpr Duration kLeastWarmUp = std::chrono::seconds(1);
/// A connection's first requests queue behind one another; after so many times the slowest answer they are through.
constexpr int kWarmUpOfP99 = 10;
constexpr std::uint64_t kSeeds = (1ULL << 53) - 1;  ///< a plan's are no larger

Duration p99_of(const report::Summary& summary) {
  return Duration(summary.total.times.response.values.percentiles_ns[report::kP99]);
}

double cpu_us_of(const ServerCpu& cpu) {
  return cpu.requests > 0 ? 1e6 * cpu.seconds / cpu.requests : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::string file_word(std::string_view name) {
  std::string word;
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    word += plain ? c : '_';
  }
  return word;
}

CompareBlocks::CompareBlocks(const CompareCommand& command, const PlanMaker& plans, report::Comparison& comparison,
                             CompareProgress& progress)
    : command_(command),
      plans_(plans),
      comparison_(comparison),
      progress_(progress),
      interrupts_("interrupted: this slice ends now, and what there is will be reported; again to stop at once"),
      running_(command.targets.size()),
      warm_up_(command.warm_up) {}

std::optional<NoRun> CompareBlocks::make() {
  const report::CompareDesign& design = comparison_.design;
  const std::vector<Place> places =
      load::interleave(static_cast<std::uint32_t>(command_.targets.size()), design.blocks, design.passes, design.seed);
  const std::size_t of_block = command_.targets.size() * design.passes;
  for (std::size_t at = 0; at < places.size() && !stopped(); at += of_block)
    if (auto none = make_block(std::span(places).subspan(at, of_block)); none && !stopped()) return none;
  comparison_.interrupted = stopped();
  return std::nullopt;
}

/// The order of the starts is that of the block's first slices.
std::optional<NoRun> CompareBlocks::make_block(std::span<const Place> places) {
  std::vector<Place> started;
  for (const Place& place : places.first(command_.targets.size())) {
    if (running_[place.target]) continue;
    if (auto none = start(place)) return none;
    started.push_back(place);
  }
  for (const Place& place : started)
    if (auto none = warm(place)) return none;
  fix_warm_up();
  for (const Place& place : places)
    if (auto none = measure(place)) return none;
  if (!stopped()) progress_.block_done(places.front().block);
  for (std::size_t target = 0; target < running_.size(); ++target)
    if (!stays(target)) running_[target].reset();
  return std::nullopt;
}

bool CompareBlocks::stays(std::size_t target) const {
  return comparison_.design.mode == CompareMode::runs || !command_.targets[target].is_command();
}

std::optional<NoRun> CompareBlocks::start(const Place& place) {
  if (stopped()) return std::nullopt;
  const TargetSpec& spec = command_.targets[place.target];
  progress_.doing(place.block, "starting " + report::printable(spec.name));
  auto process = TargetProcess::start(spec);
  if (!process) return failure(place, "could not be started: " + process.error());
  running_[place.target].emplace(std::move(*process));
  const ReadyQuestion question{.plan = ready_plan(plan_for(place), command_.ready), .timeout = command_.ready_timeout};
  const auto why = wait_until_ready(*running_[place.target], question, interrupts_);
  if (why && !stopped()) return failure(place, *why);
  return std::nullopt;
}

std::optional<NoRun> CompareBlocks::warm(const Place& place) {
  if (stopped() || comparison_.design.mode == CompareMode::runs || command_.warming == Duration::zero())
    return std::nullopt;
  progress_.doing(place.block, "warming " + report::printable(command_.targets[place.target].name));
  SliceJob job{.plan = plan_for(place), .manner = command_.manner, .stop_after = command_.warming};
  job.plan.warm_up = {};
  auto made = make_slice(job, *running_[place.target], interrupts_);
  if (const auto* none = std::get_if<NoRun>(&made)) return told(place, *none);
  worst_p99_ = std::max(worst_p99_, p99_of(std::get<SliceRun>(made).summary));
  return std::nullopt;
}

/// Once, before the first slice: what is left out must not follow from what it is left out of.
void CompareBlocks::fix_warm_up() {
  if (warm_up_ || comparison_.design.mode == CompareMode::runs || stopped()) return;
  const Duration wanted = std::max(kLeastWarmUp, kWarmUpOfP99 * worst_p99_);
  const auto slice = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(comparison_.design.slice_s));
  warm_up_ = slice > Duration::zero() ? std::min(wanted, slice / 2) : wanted;
  comparison_.design.discard_s = seconds(*warm_up_);
  if (*warm_up_ < wanted)
    progress_.say(
        fmt::format("each slice should leave out its first {:.1f} s (10 x p99), and half of it is {:.1f} s; a "
                    "longer --slice would be better",
                    seconds(wanted), seconds(*warm_up_)));
}

config::Plan CompareBlocks::plan_for(const Place& place) const {
  const report::CompareDesign& design = comparison_.design;
  // Within a pass all targets get the same schedule, so that chance falls on all of them alike.
  const std::uint64_t seed = random_bits(design.seed, place.block, place.pass) & kSeeds;
  auto plan = plans_.plan({.url = running_[place.target]->url(), .seed = seed, .warm_up = warm_up_});
  return std::move(plan.value());  // the same plan had no mistakes when the command began
}

std::optional<NoRun> CompareBlocks::measure(const Place& place) {
  if (stopped()) return std::nullopt;
  TargetProcess& target = *running_[place.target];
  std::this_thread::sleep_for(kSettle);
  target.forget_output();
  progress_.doing(place.block, fmt::format("slice of {}, pass {}",
                                           report::printable(command_.targets[place.target].name), place.pass + 1));
  const SliceJob job{.plan = plan_for(place), .manner = command_.manner};
  auto made = make_slice(job, target, interrupts_);
  if (const auto* none = std::get_if<NoRun>(&made)) return told(place, *none);
  const SliceRun& run = std::get<SliceRun>(made);
  if (run.interrupted) return std::nullopt;
  if (!target.running()) return failure(place, "ended with " + target.ending());
  if (run.summary.ledger.succeeded == 0) return failure(place, "answered no request as the plan expects");
  return keep(place, run);
}

std::optional<NoRun> CompareBlocks::keep(const Place& place, const SliceRun& run) {
  const report::CompareDesign& design = comparison_.design;
  report::Slice slice = report::slice_of(run.summary, design, cpu_us_of(run.cpu));
  slice.block = place.block;
  slice.pass = place.pass;
  slice.target = place.target;
  if (const std::string what = disturbance_of(run.summary); !what.empty()) {
    slice.disturbed = true;
    slice.evidence += (slice.evidence.empty() ? "" : "; ") + what;
  }
  comparison_.slices.push_back(std::move(slice));
  for (const std::string& warning : run.warnings)
    if (!std::exchange(warned_, true)) progress_.say("warning: " + warning);
  if (command_.save_runs.empty() || place.block < design.runs_discarded) return std::nullopt;
  const std::string path =
      fmt::format("{}/{}_{}_{}.json", command_.save_runs, file_word(command_.targets[place.target].name),
                  place.block + 1 - design.runs_discarded, place.pass + 1);
  std::ofstream file(path);
  file << report::json(run.summary) << std::flush;
  if (!file) return NoRun{ExitCode::internal, fmt::format("--save-runs: {} could not be written", path)};
  return std::nullopt;
}

NoRun CompareBlocks::told(const Place& place, const NoRun& none) const {
  return none.code == ExitCode::target_failed ? failure(place, "was gone: " + none.message) : none;
}

NoRun CompareBlocks::failure(const Place& place, const std::string& what) const {
  const TargetSpec& spec = command_.targets[place.target];
  std::string text = fmt::format("target {} ({}) in block {}: it {}", report::printable(spec.name),
                                 report::printable(spec.is_command() ? spec.command : spec.url), place.block + 1, what);
  const std::optional<TargetProcess>& process = running_[place.target];
  if (process && spec.is_command()) {
    const std::string words = process->last_words();
    text += words.empty() ? "\nIt printed nothing." : "\nIts last words:\n" + words;
  }
  return {ExitCode::target_failed, text};
}

}  // namespace loadgen::cli
