#include "cli/plan_maker.hpp"

#include "cli/commands.hpp"

namespace loadgen::cli {
namespace {

/// path below base, whose own may end in '/'.
std::string joined(std::string base, const std::string& path) {
  while (base.ends_with('/')) base.pop_back();
  return base + path;
}

}  // namespace

std::optional<PlanMaker> PlanMaker::read(PlanSource source, std::optional<std::string> path) {
  auto text = read_plan(source);
  if (!text) return std::nullopt;
  return PlanMaker(std::move(source), std::move(path), std::move(*text));
}

std::optional<config::Plan> PlanMaker::plan(const Aim& aim) const {
  PlanSource source = source_;
  const std::optional<config::WarmUp> warm_up =
      aim.warm_up ? std::optional(config::WarmUp{.time = *aim.warm_up}) : std::nullopt;
  if (source.one_line) {
    config::OneLine& line = *source.one_line;
    line.url = path_ ? joined(aim.url, *path_) : aim.url;
    if (aim.seed) line.seed = aim.seed;
    if (warm_up) line.warm_up = warm_up;
  } else {
    source.overrides.target = aim.url;
    if (aim.seed) source.overrides.seed = aim.seed;
    if (warm_up) source.overrides.warm_up = warm_up;
  }
  return make_plan(source, text_);
}

}  // namespace loadgen::cli
