#include "run/opening.hpp"

namespace loadgen::run {

std::vector<Opening> openings_of(const Program& program, std::span<const PlaceRange> places) {
  std::vector<Opening> openings;
  for (const PlaceRange& range : places) {
    std::vector<std::uint16_t> targets;
    for (const Op& op : program.groups[range.group])
      if (op.kind == OpKind::request) targets.push_back(program.requests[op.request].target);
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    for (std::uint32_t i = 0; i < range.opened; ++i)
      for (const std::uint16_t target : targets) openings.push_back({range.first + i, target});
  }
  return openings;
}

}  // namespace loadgen::run
