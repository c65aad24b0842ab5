#include "report/comparison_pairs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace loadgen::report {
namespace {

/// Sums over the pairs of a block.
struct BlockSum {
  double base = 0;
  double candidate = 0;
  double pairs = 0;
  bool candidate_began = false;
};

/// A share is averaged as it is, everything else by its logarithm.
double onto_scale(double value, FigureKind kind) {
  return kind == FigureKind::share ? value : std::log(value);
}
double from_scale(double value, FigureKind kind) {
  return kind == FigureKind::share ? value : std::exp(value);
}

}  // namespace

Use use_of(VerdictName verdict, FigureKind kind) {
  using enum Use;
  // Rows in the order of VerdictName, columns in that of FigureKind: time, rate, share, server_cpu.
  // A rate and a CPU time are full figures of a target that cannot keep up; its times grow as long as one looks. Where
  // requests fail, times and rates are those of failing. Whatever delays the generator delays what it times, and not
  // what the target's own clock counts.
  constexpr std::array<std::array<Use, 4>, 9> kUses{{
      {good, good, good, good},              // TRUSTWORTHY
      {good, good, good, good},              // UNDER-SAMPLED: a percentile of too few values is unknown
      {spoilt, spoilt, good, good},          // NOT-STATIONARY: what was measured is a warm-up
      {understated, good, good, good},       // OVERLOADED
      {understated, good, good, good},       // CENSORED
      {doubtful, doubtful, good, doubtful},  // ERRORS
      {spoilt, spoilt, spoilt, good},        // DISTURBED
      {spoilt, spoilt, spoilt, good},        // CLIENT-BOUND
      {spoilt, spoilt, spoilt, spoilt},      // BROKEN
  }};
  return kUses[static_cast<std::size_t>(verdict)][static_cast<std::size_t>(kind)];
}

std::vector<Pair> pairs_of(const std::vector<Slice>& slices, std::uint32_t candidate) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, Pair> halves;
  std::map<std::uint32_t, bool> candidate_began;
  std::vector<Pair> pairs;
  for (const Slice& slice : slices) {
    if (slice.target != 0 && slice.target != candidate) continue;
    const auto began = candidate_began.try_emplace(slice.block, slice.target == candidate).first;
    Pair& pair = halves[{slice.block, slice.pass}];
    (slice.target == 0 ? pair.base : pair.candidate) = &slice;
    pair.candidate_began = began->second;
    if (pair.base != nullptr && pair.candidate != nullptr) pairs.push_back(pair);
  }
  return pairs;
}

Sorted sorted(const std::vector<Pair>& pairs, std::size_t metric, FigureKind kind) {
  Sorted out{.used = {}, .disturbed = {}, .all = pairs.size()};
  for (const Pair& pair : pairs) {
    const auto is_spoilt = [&](const Slice& slice) { return use_of(slice.verdict, kind) == Use::spoilt; };
    if (is_spoilt(*pair.base) || is_spoilt(*pair.candidate))
      ++out.spoilt;
    else if (std::isnan(pair.base->values[metric]) || std::isnan(pair.candidate->values[metric]))
      ++out.unknown;
    else
      out.used.push_back(pair);
  }
  const auto disturbed = static_cast<std::size_t>(std::ranges::count_if(out.used, &Pair::disturbed));
  if (disturbed == 0 || too_many(disturbed, out.all)) return out;
  // Not std::ranges: what that returns here, Clang 14 (which builds the fuzzers) does not compile with GCC 12's
  // library.
  const auto rest =
      std::stable_partition(out.used.begin(), out.used.end(), [](const Pair& pair) { return !pair.disturbed(); });
  out.disturbed.assign(rest, out.used.end());
  out.used.erase(rest, out.used.end());
  return out;
}

std::uint32_t whole_blocks(const Comparison& comparison) {
  std::map<std::uint32_t, std::size_t> slices;
  for (const Slice& slice : comparison.slices) ++slices[slice.block];
  const std::size_t whole = comparison.design.targets.size() * comparison.design.passes;
  std::uint32_t blocks = 0;
  for (const auto& [block, count] : slices) blocks += count >= whole ? 1 : 0;
  return blocks;
}

std::vector<BlockValues> blocks_of(const std::vector<Pair>& pairs, std::size_t metric, FigureKind kind) {
  std::map<std::uint32_t, BlockSum> sums;
  for (const Pair& pair : pairs) {
    BlockSum& sum = sums[pair.base->block];
    sum.candidate_began = pair.candidate_began;
    sum.base += onto_scale(pair.base->values[metric], kind);
    sum.candidate += onto_scale(pair.candidate->values[metric], kind);
    ++sum.pairs;
  }
  const double worse = kind == FigureKind::rate ? -1 : 1;
  std::vector<BlockValues> blocks;
  for (const auto& [block, sum] : sums) {
    blocks.push_back({.block = block,
                      .base = from_scale(sum.base / sum.pairs, kind),
                      .candidate = from_scale(sum.candidate / sum.pairs, kind),
                      .difference = {worse * (sum.candidate - sum.base) / sum.pairs, sum.candidate_began}});
  }
  return blocks;
}

}  // namespace loadgen::report
