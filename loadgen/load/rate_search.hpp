#pragma once
// The search for the highest rate that a target sustains, where every look at a rate is noisy. Policy only: it says
// which rate to try next, is told what came of it, and knows how sure it has become.
//
// Until the target has held one rate and failed at another the rate doubles (or halves). Then the method of adaptive
// psychometric testing (QUEST: Watson, Pelli 1983): the logarithm of the sought rate has a distribution over a grid; an
// answer at rate r is "holds" with probability e + (1 - 2e) * Phi((ln sought - ln r) / wander), moves the distribution
// by Bayes' rule, and the next question is asked at its median. A plain bisection would believe one unlucky trial for
// ever.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace loadgen::load {

/// What a trial at some rate told.
enum class TrialOutcome : std::uint8_t {
  holds,
  leans_to_holding,  ///< its figures keep their limits, but not by more than chance can do
  leans_to_failing,
  fails,
};
constexpr bool held(TrialOutcome outcome) {
  return outcome <= TrialOutcome::leans_to_holding;
}

class RateSearch {
 public:
  struct Bounds {
    double first = 100;      ///< where the search begins, a second
    double most = 1e6;       ///< never asked beyond that
    double precision = 0.1;  ///< wanted: the 95 % interval's width over its lower end
  };
  explicit RateSearch(const Bounds& bounds);

  /// The rate to try next, above 0 and at most `most`.
  double next() const;
  void add(double rate, TrialOutcome outcome);
  /// Nothing from this rate on can be asked: the generator itself is the limit there. Where that begins is then sought
  /// between the highest rate that held and this one.
  void cap(double rate);

  enum class Ending : std::uint8_t {
    open,       ///< it goes on
    precise,    ///< the interval is as narrow as wanted
    at_top,     ///< held at the highest rate that can be asked, or near the cap: the sought one is that or more
    at_bottom,  ///< failed at the lowest one
  };
  Ending ending() const;

  struct Found {
    double rate = 0;                                        ///< median of the distribution, where it can be asked
    double low = 0;                                         ///< 95 % interval; 0: below everything that could be asked
    double high = std::numeric_limits<double>::infinity();  ///< infinity: beyond everything that could be asked
    /// Whether the trials have told anything.
    bool known() const { return low > 0 || high < std::numeric_limits<double>::infinity(); }
  };
  Found found() const;

 private:
  std::size_t edge_near(double rate) const;
  std::size_t highest_edge() const;
  std::size_t below_cap() const;
  std::size_t doubling() const;  ///< edges to twice the rate
  std::size_t edge_where(double share) const;
  std::size_t edge_at_median() const;
  double rate_of(std::size_t edge) const;

  double lowest_;
  double step_;  ///< ratio of neighbouring edges, as a logarithm
  double precision_;
  std::vector<double>
      share_;              ///< probability that the sought rate lies between edge i - 1 and edge i; open at both ends
  std::size_t asked_ = 0;  ///< the edge asked last
  std::size_t first_;
  std::size_t cap_;      ///< edges below it can be asked
  bool capped_ = false;  ///< by cap()
  std::size_t highest_held_ = 0;
  bool any_held_ = false;
  bool any_failed_ = false;
  std::uint32_t held_at_top_ = 0;  ///< answers at the highest edge that can be asked
  std::uint32_t failed_at_bottom_ = 0;
};

}  // namespace loadgen::load
