#pragma once
// The runs of a comparison: targets started, warmed and measured in turns, block after block.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/compare_progress.hpp"
#include "cli/interrupts.hpp"
#include "cli/launch.hpp"
#include "cli/options.hpp"
#include "cli/plan_maker.hpp"
#include "cli/slices.hpp"
#include "cli/target_process.hpp"
#include "load/interleaving.hpp"
#include "report/comparison.hpp"

namespace loadgen::cli {

/// A target's name as a part of a file's name.
std::string file_word(std::string_view name);

class CompareBlocks {
 public:
  CompareBlocks(const CompareCommand& command, const PlanMaker& plans, report::Comparison& comparison,
                CompareProgress& progress);

  /// Makes all slices, or those until an interrupt. Why not, when a target failed.
  std::optional<NoRun> make();

 private:
  using Place = load::SlicePlace;

  std::optional<NoRun> make_block(std::span<const Place> places);
  std::optional<NoRun> start(const Place& place);
  std::optional<NoRun> warm(const Place& place);
  std::optional<NoRun> measure(const Place& place);
  std::optional<NoRun> keep(const Place& place, const SliceRun& run);
  NoRun told(const Place& place, const NoRun& none) const;
  NoRun failure(const Place& place, const std::string& what) const;
  config::Plan plan_for(const Place& place) const;
  void fix_warm_up();
  bool stays(std::size_t target) const;
  bool stopped() { return interrupts_.asked() > 0; }

  const CompareCommand& command_;
  const PlanMaker& plans_;
  report::Comparison& comparison_;
  CompareProgress& progress_;
  Interrupts interrupts_;
  std::vector<std::optional<TargetProcess>> running_;  ///< by target
  Duration worst_p99_{};                               ///< while warming
  std::optional<Duration> warm_up_;                    ///< of each slice
  bool warned_ = false;
};

}  // namespace loadgen::cli
