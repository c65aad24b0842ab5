#include "load/rate_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace loadgen::load {
namespace {

/// How much lower than the first rate the search may go: ten times by half. The sought rate is taken to be as likely to
/// lie within as much again below that, or above the highest that may be asked.
constexpr double kDown = 1024;
/// Edges within the precision that is wanted.
constexpr double kGrain = 8;
constexpr double kTail = 0.025;  ///< on either side of a 95 % interval
/// At an end of what can be asked so many answers of the same kind are enough: nothing more is to be learned there.
constexpr std::uint32_t kEnough = 2;

/// How far the rate that a target sustains wanders from trial to trial, as a logarithm: machines drift by this much, so
/// near the sought rate an answer is a toss.
constexpr double kWander = 0.03;
/// Probability that an answer is wrong however far off the rate is, by outcome: a trial in which something else
/// happened, or one whose own figures say little.
constexpr std::array<double, 4> kLapse{0.05, 0.30, 0.30, 0.05};

/// Distribution function of the standard normal distribution.
double normal(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

}  // namespace

RateSearch::RateSearch(const Bounds& bounds)
    : lowest_(std::min(bounds.first, bounds.most) / kDown),
      step_(std::log1p(bounds.precision) / kGrain),
      precision_(bounds.precision) {
  const auto edges = static_cast<std::size_t>(std::floor(std::log(bounds.most / lowest_) / step_ * (1 + 1e-12))) + 1;
  share_.assign(edges + 1, step_);
  share_.front() = share_.back() = std::log(kDown);
  const double total = std::accumulate(share_.begin(), share_.end(), 0.0);
  for (double& share : share_) share /= total;
  cap_ = edges;
  first_ = asked_ = edge_near(bounds.first);
}

double RateSearch::rate_of(std::size_t edge) const {
  return lowest_ * std::exp(step_ * static_cast<double>(edge));
}

std::size_t RateSearch::edge_near(double rate) const {
  const double at = std::round(std::log(std::max(rate, lowest_) / lowest_) / step_);
  return std::min(static_cast<std::size_t>(at), share_.size() - 2);
}

std::size_t RateSearch::highest_edge() const {
  return cap_ == 0 ? 0 : cap_ - 1;
}

/// The first edge below which at least this share lies.
std::size_t RateSearch::edge_where(double share) const {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < share_.size(); ++i)
    if ((sum += share_[i]) >= share) return i;
  return share_.size() - 1;  // no edge: beyond all of them
}

/// The edge that parts the distribution most evenly. It is one of the two round the cell that holds the median: to ask
/// always the same of them would leave the other unknown.
std::size_t RateSearch::edge_at_median() const {
  double below = 0;  // of the edge before i
  for (std::size_t i = 0; i + 1 < share_.size(); below += share_[i++])
    if (below + share_[i] >= 0.5) return i > 0 && 0.5 - below < below + share_[i] - 0.5 ? i - 1 : i;
  return share_.size() - 2;
}

/// The middle between the highest edge that held and the cap; half the rate where none has held.
std::size_t RateSearch::below_cap() const {
  if (any_held_) return std::min(highest_held_ + (cap_ - highest_held_) / 2, highest_edge());
  return cap_ > doubling() ? cap_ - doubling() : 0;
}

std::size_t RateSearch::doubling() const {
  return static_cast<std::size_t>(std::lround(std::log(2.0) / step_));
}

double RateSearch::next() const {
  std::size_t edge = first_;
  if (any_held_ && any_failed_)  // one trial that failed by accident is no reason to drown the target
    edge = std::min(edge_at_median(), highest_held_ + doubling());
  else if (any_held_)
    edge = asked_ + doubling();
  else if (any_failed_)
    edge = asked_ > doubling() ? asked_ - doubling() : 0;
  if (capped_ && edge >= cap_) return rate_of(below_cap());
  return rate_of(std::min(edge, highest_edge()));
}

void RateSearch::add(double rate, TrialOutcome outcome) {
  asked_ = edge_near(rate);
  const bool holds = held(outcome);
  (holds ? any_held_ : any_failed_) = true;
  if (holds) highest_held_ = std::max(highest_held_, asked_);
  if (asked_ == highest_edge()) held_at_top_ = holds ? held_at_top_ + 1 : 0;
  if (asked_ == 0) failed_at_bottom_ = holds ? 0 : failed_at_bottom_ + 1;
  const double lapse = kLapse[static_cast<std::size_t>(outcome)];
  double total = 0;
  for (std::size_t i = 0; i < share_.size(); ++i) {
    // The cell's middle lies half a trial below its upper edge i.
    const double above = (static_cast<double>(i) - 0.5 - static_cast<double>(asked_)) * step_;
    const double chance = lapse + (1 - 2 * lapse) * normal((holds ? above : -above) / kWander);
    share_[i] *= chance;
    total += share_[i];
  }
  for (double& share : share_) share /= total;
}

void RateSearch::cap(double rate) {
  cap_ = std::min(cap_, edge_near(rate));
  capped_ = true;
  held_at_top_ = 0;
  asked_ = std::min(asked_, highest_edge());
  highest_held_ = std::min(highest_held_, highest_edge());
}

RateSearch::Ending RateSearch::ending() const {
  if (cap_ == 0 || held_at_top_ >= kEnough) return Ending::at_top;
  if (capped_ && any_held_ && static_cast<double>(cap_ - highest_held_) <= kGrain) return Ending::at_top;
  if (failed_at_bottom_ >= kEnough) return Ending::at_bottom;
  const Found now = found();
  return now.low > 0 && now.high <= now.low * (1 + precision_) ? Ending::precise : Ending::open;
}

RateSearch::Found RateSearch::found() const {
  const std::size_t low = edge_where(kTail);
  const std::size_t high = edge_where(1 - kTail);
  Found out;
  out.low = low == 0 ? 0 : rate_of(low - 1);
  out.rate = rate_of(std::min(edge_at_median(), highest_edge()));
  out.high = high > highest_edge() ? std::numeric_limits<double>::infinity() : rate_of(high);
  return out;
}

}  // namespace loadgen::load
