#include "report/gates.hpp"

#include <array>

namespace loadgen::report {

std::string_view to_string(GateResult result) {
  constexpr std::array<std::string_view, 3> names{"passed", "failed", "undecided"};
  return names[static_cast<std::size_t>(result)];
}

}  // namespace loadgen::report
