#pragma once
// What a user sees of a comparison while it lasts, on stderr. Never how it stands: who sees that stops when it pleases.

#include <cstdint>
#include <string>

#include "cli/compare_budget.hpp"

namespace loadgen::cli {

class CompareProgress {
 public:
  enum class Talk : std::uint8_t { normal, quiet };
  CompareProgress(const Outline& outline, Talk talk);
  ~CompareProgress() { erase(); }
  CompareProgress(const CompareProgress&) = delete;
  CompareProgress& operator=(const CompareProgress&) = delete;

  /// A line that stays.
  void say(const std::string& text);
  /// What begins now: on a terminal, in a line that the next one replaces.
  void doing(std::uint32_t block, const std::string& what);
  void block_done(std::uint32_t block);

 private:
  void erase();
  /// By what the blocks until now took, and before there are any, by the budget.
  Duration left(std::uint32_t blocks_done) const;

  Outline outline_;
  Talk talk_;
  bool live_;  ///< on a terminal
  bool drawn_ = false;
  TimePoint began_;
};

}  // namespace loadgen::cli
