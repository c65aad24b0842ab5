#pragma once
// Is B worse than A? One value a restart block, an interval over them, and a decision with a margin.
//
// The unit of replication is the block, because what differs between two starts of a server does not average out within
// one: d_m = mean over the block's passes of ln(x_B / x_A), turned so that positive is worse. The interval is Student's
// t over d_1..d_M. That no difference can be seen is no proof that there is none: "pass" says that B is at most delta
// worse (non-inferiority; Schuirmann, 1987). docs/METHODOLOGY.md has the whole of it with its sources.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace loadgen::stats {

/// From best to worst, so that the worst of several decisions is their maximum.
enum class Decision : std::uint8_t {
  pass,          ///< at most delta worse: upper bound <= delta
  improved,      ///< better by more than delta: upper bound < -delta
  inconclusive,  ///< neither: more blocks are needed
  regression,    ///< worse by more than delta: lower bound > delta
};

/// Why a comparison is inconclusive.
enum class Doubt : std::uint8_t {
  none,
  too_few,       ///< blocks: fewer than kLeastBlocks
  not_finite,    ///< a block whose ratio is none: a figure was zero on one side
  wide,          ///< the margin lies inside the interval
  disagreement,  ///< Student's t and the ranks decide differently: one wild block makes the difference
  order_effect,  ///< which side began made more of a difference than the margin
  family,        ///< one of several gated metrics, and not clear enough for that many
};

struct Margin {
  double delta = 0.05;  ///< worse by so much is still good enough; in the unit of d
  double alpha = 0.05;  ///< of each one-sided bound
};

/// What a block says.
struct BlockDifference {
  double d = 0;  ///< positive is worse
  bool candidate_first = false;
};

struct Comparison {
  std::uint32_t blocks = 0;
  double mean = 0;  ///< of d
  double low = 0;   ///< one-sided bounds at alpha; infinite with fewer than two blocks
  double high = 0;
  double spread = 0;               ///< standard deviation of d
  double p = 1;                    ///< of "at most delta worse", one-sided, by Student's t
  bool ranked = false;             ///< the next three are known: blocks enough for the ranks at alpha
  double hodges_lehmann = 0;       ///< median of the Walsh averages
  double hl_low = 0, hl_high = 0;  ///< one-sided bounds at alpha
  double detectable = 0;           ///< delta + k_M * spread: a true change of this size is found 80 times in 100
  double order_difference = 0;     ///< mean of the blocks that the candidate began, less that of the others
  Decision decision = Decision::inconclusive;
  Doubt doubt = Doubt::none;
};

inline constexpr std::uint32_t kLeastBlocks = 5;   ///< for a decision
inline constexpr std::uint32_t kRankedBlocks = 8;  ///< from here on the ranks must agree
inline constexpr std::uint32_t kMostBlocks = 1000;

Comparison compare(std::span<const BlockDifference> blocks, Margin margin);

/// Minimum detectable effect beyond delta, in units of the spread: (t(alpha, M-1) + t(0.2, M-1)) / sqrt(M).
double detectable_factor(std::uint32_t blocks, double alpha);

/// How many blocks find a true change of delta + room 80 times in 100; 0: more than kMostBlocks.
std::uint32_t blocks_needed(double room, double spread, double alpha);

/// How often Student's t says REGRESSION when the true change is `truth`, by the noncentral t distribution; at 0 that
/// is the rate of false alarms.
double regression_rate(double truth, double spread, std::uint32_t blocks, Margin margin);

/// Holm's step-down (1979): which of several p survive at alpha for all of them together.
std::vector<bool> holm(std::span<const double> p, double alpha);

inline constexpr std::uint32_t kLeastJobs = 10;  ///< earlier jobs for a decision

/// One value against those of earlier jobs, t = (x - mean) / (s * sqrt(1 + 1/n)): the spread between the earlier jobs
/// is what one more of them may differ by. Values: positive is worse, in the unit of the margin.
Comparison compare_with_history(std::span<const double> earlier, double value, Margin margin);

std::string_view to_string(Decision decision);  ///< "REGRESSION"

}  // namespace loadgen::stats
