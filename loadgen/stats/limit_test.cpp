#include "stats/limit.hpp"

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

using Comparison = Limit::Comparison;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Limit, KeepsWhatIsOnItsSide) {
  struct Case {
    Comparison comparison;
    bool below, at, above, upper;
  };
  for (const Case& c : {Case{Comparison::less, true, false, false, true},
                        {Comparison::less_or_equal, true, true, false, true},
                        {Comparison::greater, false, false, true, false},
                        {Comparison::greater_or_equal, false, true, true, false}}) {
    const Limit limit{c.comparison, 5};
    EXPECT_EQ(limit.keeps(4), c.below);
    EXPECT_EQ(limit.keeps(5), c.at);
    EXPECT_EQ(limit.keeps(6), c.above);
    EXPECT_EQ(limit.upper(), c.upper);
  }
}

/// The limit below, inside and above of what is known, as an upper and as a lower one: P, F or ?.
TEST(Limit, IsDecidedByTheWholeInterval) {
  const auto figure = [](Resolution resolution, bool at_least = false) {
    return Estimate{
        .value = 20, .low = at_least ? 20.0 : 15.0, .high = 25, .resolution = resolution, .at_least = at_least};
  };
  struct Case {
    const char* what;
    Sight sight;
    double below, inside, above;
    const char* upper;
    const char* lower;
  };
  const Case cases[] = {
      {"both ends known", {figure(Resolution::resolved), 1, 90}, 14, 20, 26, "F?P", "P?F"},
      {"upper end unknown, every value known", {figure(Resolution::upper_open), 1, 90}, 14, 50, 91, "F?P", "P?F"},
      {"upper end unknown, some values cut off",
       {figure(Resolution::upper_open), 1, kInfinity},
       14,
       50,
       91,
       "F??",
       "P??"},
      {"at least", {figure(Resolution::upper_open, true), 1, kInfinity}, 19, 21, 91, "F??", "P??"},
      {"no interval", {figure(Resolution::too_short), 10, 90}, 9, 20, 91, "F?P", "P?F"},
      {"no interval, some values cut off", {figure(Resolution::too_short), 10, kInfinity}, 9, 20, 91, "F??", "P??"},
      {"too few values", {figure(Resolution::too_few), 10, 90}, 9, 20, 91, "F??", "P??"},
      {"too few, but a lower percentile is known", {figure(Resolution::too_few), 1, 90, 18}, 17, 19, 91, "F??", "P??"},
      {"no values", {Estimate{}, 0, 0}, -1, 0, 1, "FFF", "FFF"},
  };
  for (const Case& c : cases) {
    const auto decided = [&](Comparison comparison) {
      std::string out;
      for (const double limit : {c.below, c.inside, c.above})
        out += "PF?"[static_cast<std::size_t>(judge(c.sight, {comparison, limit}))];
      return out;
    };
    EXPECT_EQ(decided(Comparison::less), c.upper) << c.what;
    EXPECT_EQ(decided(Comparison::less_or_equal), c.upper) << c.what;
    EXPECT_EQ(decided(Comparison::greater), c.lower) << c.what;
    EXPECT_EQ(decided(Comparison::greater_or_equal), c.lower) << c.what;
  }
}

TEST(Limit, AnEndAtTheLimitFollowsTheComparison) {
  const Sight sight{{.value = 20, .low = 15, .high = 25, .resolution = Resolution::resolved}, 1, 90};
  EXPECT_EQ(judge(sight, {Comparison::less_or_equal, 25}), Judgement::passed);
  EXPECT_EQ(judge(sight, {Comparison::less, 25}), Judgement::undecided);
  EXPECT_EQ(judge(sight, {Comparison::less_or_equal, 15}), Judgement::undecided);
  EXPECT_EQ(judge(sight, {Comparison::less, 15}), Judgement::failed);
  EXPECT_EQ(judge(sight, {Comparison::greater_or_equal, 15}), Judgement::passed);
  EXPECT_EQ(judge(sight, {Comparison::greater, 25}), Judgement::failed);
  // A count is its own interval.
  const Sight exact{{.value = 20, .low = 20, .high = 20, .resolution = Resolution::resolved}, 20, 20};
  EXPECT_EQ(judge(exact, {Comparison::less_or_equal, 20}), Judgement::passed);
  EXPECT_EQ(judge(exact, {Comparison::less, 20}), Judgement::failed);
}

}  // namespace
}  // namespace loadgen::stats
