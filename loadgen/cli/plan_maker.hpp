#pragma once
// One plan for many targets: read once, then aimed at each.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/time.hpp"
#include "cli/options.hpp"
#include "config/plan.hpp"

namespace loadgen::cli {

/// Plans of one source, each aimed at a target.
class PlanMaker {
 public:
  /// path: of a one-line run, below a target's URL; none: the target's URL has it.
  /// nullopt: the plan cannot be read; told on stderr.
  static std::optional<PlanMaker> read(PlanSource source, std::optional<std::string> path);

  struct Aim {
    std::string url;  ///< of the target
    std::optional<std::uint64_t> seed{};
    std::optional<Duration> warm_up{};
  };
  /// nullopt: the plan has mistakes; told on stderr.
  std::optional<config::Plan> plan(const Aim& aim) const;

 private:
  PlanMaker(PlanSource source, std::optional<std::string> path, std::string text)
      : source_(std::move(source)), path_(std::move(path)), text_(std::move(text)) {}

  PlanSource source_;
  std::optional<std::string> path_;
  std::string text_;
};

}  // namespace loadgen::cli
