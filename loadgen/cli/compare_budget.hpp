#pragma once
// How long a comparison takes, told before it begins: nobody should find out after an hour.

#include <string>

#include "base/time.hpp"
#include "config/plan.hpp"
#include "report/comparison.hpp"

namespace loadgen::cli {

inline constexpr Duration kSettle = std::chrono::milliseconds(200);  ///< between two slices

/// What a comparison is made of.
struct Outline {
  std::uint32_t targets = 2;
  std::uint32_t commands = 0;  ///< of them, started by us
  std::uint32_t blocks = 1;
  std::uint32_t passes = 1;
  bool restarts = true;  ///< commands are started anew for each block
  Duration slice{};
  Duration warming{};  ///< of each target after its start; 0: none
};

/// Of one block, and of all. A start is taken to last a second: nobody knows before.
Duration block_length(const Outline& outline);
Duration whole_length(const Outline& outline);

/// By the plan, as long as nothing is late; of users who loop, no more than the time in which they start is known.
Duration slice_length(const config::Plan& plan);

/// "12 blocks of 2 starts, 2 warmings of 2s and 4 slices of 5s: about 5 min 12 s"
std::string budget_text(const Outline& outline);

/// Which changes this design finds, if blocks spread as they do on a shared machine; empty when nothing is gated.
std::string detectable_text(const report::CompareDesign& design);

/// "5 min 12 s", "40 s"
std::string rough(Duration time);

}  // namespace loadgen::cli
