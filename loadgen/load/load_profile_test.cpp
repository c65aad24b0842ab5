#include "load/load_profile.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace loadgen::load {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// r(t) as the header writes it, t in seconds from the segment's begin.
double formula(const Segment& s, double t) {
  const double straight = s.from + (s.to - s.from) * t / loadgen::seconds(s.duration);
  if (s.amplitude == 0) return straight;
  return straight + s.amplitude * std::sin(2 * std::numbers::pi * t / loadgen::seconds(s.period));
}

/// The integral of the formula from 0 to t, by Simpson's rule: nothing in common with the closed form.
double integral(const Segment& s, double t) {
  constexpr int kPieces = 20'000;
  const double width = t / kPieces;
  double sum = formula(s, 0) + formula(s, t);
  for (int i = 1; i < kPieces; ++i) sum += formula(s, i * width) * (i % 2 != 0 ? 4 : 2);
  return sum * width / 3;
}

/// Numbers for a random test: the counter goes on by itself.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  double unit() { return random_unit(seed_, 0, next_++); }
  std::uint64_t below(std::uint64_t n) { return random_bits(seed_, 0, next_++) % n; }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

/// Constant (0 among them), ramps up, down, from 0 and to 0, and waves; 1 to 6 of them, of 1 ns to 100 s.
LoadProfile random_profile(std::uint64_t seed) {
  Dice dice(seed);
  std::vector<Segment> segments(1 + dice.below(6));
  for (Segment& s : segments) {
    s.duration = nanoseconds(1 + static_cast<std::int64_t>(1e11 * std::pow(dice.unit(), 3)));
    s.from = s.to = 20'000 * std::pow(dice.unit(), 2);
    switch (dice.below(6)) {
      case 0:
        s.to = 20'000 * dice.unit();
        break;
      case 1:
        s.from = 0;
        break;
      case 2:
        s.to = 0;
        break;
      case 3:
        s.from = s.to = 0;
        break;
      case 4:
        s.period = nanoseconds(1 + static_cast<std::int64_t>(3e10 * dice.unit()));
        s.amplitude = s.from * (dice.below(3) == 0 ? 1 : dice.unit());  // often down to 0 at the trough
        break;
      default:
        break;
    }
  }
  return LoadProfile(segments);
}

TEST(LoadProfile, OfOneConstantRate) {
  const LoadProfile profile({{.duration = seconds(60), .from = 100, .to = 100}});
  EXPECT_EQ(profile.length(), seconds(60));
  EXPECT_DOUBLE_EQ(profile.total(), 6000);
  EXPECT_DOUBLE_EQ(profile.count(seconds(30)), 3000);
  EXPECT_DOUBLE_EQ(profile.rate(seconds(59)), 100);
  EXPECT_EQ(profile.time_of(1), milliseconds(10));
  EXPECT_EQ(profile.time_of(0.5), milliseconds(5));
}

TEST(LoadProfile, IsNothingOutsideItsTime) {
  const LoadProfile profile({{.duration = seconds(2), .from = 10, .to = 10}});
  EXPECT_EQ(profile.rate(nanoseconds(-1)), 0);
  EXPECT_EQ(profile.rate(seconds(2)), 0);
  EXPECT_EQ(profile.count(seconds(-5)), 0);
  EXPECT_DOUBLE_EQ(profile.count(hours(1)), 20);
  EXPECT_EQ(profile.time_of(-1), seconds(0));
  EXPECT_EQ(profile.time_of(20), seconds(2));
  EXPECT_EQ(profile.time_of(20.001), Duration::max());
}

TEST(LoadProfile, WithoutSegmentsIsEmpty) {
  const LoadProfile profile({});
  EXPECT_EQ(profile.length(), seconds(0));
  EXPECT_EQ(profile.total(), 0);
  EXPECT_EQ(profile.highest_rate(), 0);
  EXPECT_EQ(profile.time_of(0.5), Duration::max());
}

TEST(LoadProfile, RampFromZero) {
  // r = 500 t, L = 250 t²: arrival y comes at sqrt(y / 250)
  const LoadProfile profile({{.duration = seconds(10), .from = 0, .to = 5000}});
  EXPECT_DOUBLE_EQ(profile.total(), 25'000);
  EXPECT_DOUBLE_EQ(profile.rate(seconds(2)), 1000);
  EXPECT_DOUBLE_EQ(profile.count(seconds(2)), 1000);
  EXPECT_EQ(profile.time_of(1000), seconds(2));
  EXPECT_EQ(profile.time_of(250), seconds(1));
  EXPECT_EQ(profile.time_of(0.5), nanoseconds(44'721'360));  // sqrt(0.002) s
}

TEST(LoadProfile, RampToZero) {
  // the ramp from 0 seen backwards: what is left at t is 250 (10 - t)²
  const LoadProfile profile({{.duration = seconds(10), .from = 5000, .to = 0}});
  EXPECT_DOUBLE_EQ(profile.total(), 25'000);
  EXPECT_EQ(profile.time_of(24'000), seconds(8));
  EXPECT_EQ(profile.time_of(24'999.5), seconds(10) - nanoseconds(44'721'360));
  EXPECT_EQ(profile.time_of(25'000), seconds(10));
}

TEST(LoadProfile, EndOfAFallingRampKeepsItsDigits) {
  // 1e6/s to 0 in an hour: half an arrival before the end there are sqrt(0.5 * 2 * 3600 / 1e6) = 0.06 s to go. In the
  // form r0² + 2ay, that time comes from the difference of two numbers near 1e12 and is wrong by tens of nanoseconds.
  const LoadProfile profile({{.duration = hours(1), .from = 1e6, .to = 0}});
  EXPECT_DOUBLE_EQ(profile.total(), 1.8e9);
  EXPECT_EQ(profile.time_of(1.8e9 - 0.5), hours(1) - milliseconds(60));
}

TEST(LoadProfile, AlmostFlatRampIsExact) {
  // 1e-9/s more after 10 s: the text book's (sqrt(r0² + 2ay) - r0) / a would be wrong by microseconds
  const LoadProfile profile({{.duration = seconds(10), .from = 1000, .to = 1000 + 1e-9}});
  EXPECT_EQ(profile.time_of(5000), seconds(5));
  const double a = 1e-10;
  const double cancelled = (std::sqrt(1000.0 * 1000 + 2 * a * 5000) - 1000) / a;
  EXPECT_GT(std::abs(cancelled - 5), 1e-6);
}

TEST(LoadProfile, Wave) {
  // r = 100 + 50 sin(2 pi t / 4): L(1) = 100 + 50 * 4 / 2 pi, L(2) = 200 + 50 * 4 / pi, L(4) = 400
  const LoadProfile profile({{.duration = seconds(8), .from = 100, .to = 100, .amplitude = 50, .period = seconds(4)}});
  EXPECT_DOUBLE_EQ(profile.total(), 800);
  EXPECT_DOUBLE_EQ(profile.rate(seconds(1)), 150);
  EXPECT_DOUBLE_EQ(profile.rate(seconds(3)), 50);
  EXPECT_DOUBLE_EQ(profile.count(seconds(1)), 100 + 100 / std::numbers::pi);
  EXPECT_DOUBLE_EQ(profile.count(seconds(2)), 200 + 200 / std::numbers::pi);
  EXPECT_NEAR(profile.count(seconds(4)), 400, 1e-9);
  EXPECT_EQ(profile.time_of(400 + 100 + 100 / std::numbers::pi), seconds(5));
  EXPECT_DOUBLE_EQ(profile.highest_rate(), 150);
}

TEST(LoadProfile, WaveDownToZeroHasAnInverseAtItsTrough) {
  const LoadProfile profile(
      {{.duration = seconds(12), .from = 100, .to = 100, .amplitude = 100, .period = seconds(4)}});
  // at t = 3 the rate is 0, and L is flat to the third order: nanoseconds cannot be told apart there, counts can
  const double trough = profile.count(seconds(3));
  EXPECT_NEAR(loadgen::seconds(profile.time_of(trough)), 3, 2e-5);
  EXPECT_NEAR(profile.count(profile.time_of(trough)), trough, 1e-12 * trough);
}

TEST(LoadProfile, SegmentsFollowEachOther) {
  const LoadProfile profile({{.duration = seconds(10), .from = 0, .to = 100},
                             {.duration = seconds(5), .from = 100, .to = 100},
                             {.duration = seconds(2)},  // a pause
                             {.duration = seconds(1), .from = 1000, .to = 1000}});
  EXPECT_EQ(profile.length(), seconds(18));
  EXPECT_DOUBLE_EQ(profile.total(), 500 + 500 + 0 + 1000);
  EXPECT_DOUBLE_EQ(profile.rate(seconds(10)), 100);
  EXPECT_DOUBLE_EQ(profile.rate(seconds(16)), 0);
  EXPECT_DOUBLE_EQ(profile.rate(seconds(17)), 1000);
  EXPECT_DOUBLE_EQ(profile.highest_rate(), 1000);
  EXPECT_EQ(profile.time_of(750), milliseconds(12'500));
  EXPECT_EQ(profile.time_of(1000), seconds(15)) << "before the pause, not after it";
  EXPECT_EQ(profile.time_of(1001), milliseconds(17'001));
}

TEST(LoadProfile, FractionsAreCarriedOverSegments) {
  // 0.3 arrivals in each of ten segments: three in all; one segment alone has none
  const LoadProfile profile(std::vector<Segment>(10, {.duration = milliseconds(100), .from = 3, .to = 3}));
  EXPECT_NEAR(profile.total(), 3, 1e-12);
  EXPECT_EQ(profile.time_of(0.5), nanoseconds(166'666'667));
  EXPECT_EQ(profile.time_of(2.5), nanoseconds(833'333'333));
}

TEST(LoadProfile, CountIsTheIntegralOfTheRate) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const LoadProfile profile = random_profile(seed);
    Duration begin{};
    double before = 0;
    for (const Segment& s : profile.segments()) {
      if (s.amplitude != 0 && s.duration / s.period > 100) continue;  // too many waves for Simpson's rule
      const Duration half = s.duration / 2;
      const double expected = integral(s, loadgen::seconds(half));
      EXPECT_NEAR(profile.count(begin + half) - profile.count(begin), expected, 1e-6 + 1e-9 * expected) << seed;
      EXPECT_NEAR(profile.rate(begin + half), formula(s, loadgen::seconds(half)), 1e-6) << seed;
      EXPECT_GE(profile.count(begin), before) << seed;
      before = profile.count(begin);
      begin += s.duration;
    }
  }
}

/// By how much time_of(y) misses the time when L reaches y: 0 if L, a nanosecond earlier and later, encloses y.
double miss_of(const LoadProfile& profile, double y, Duration t) {
  const double early = profile.count(t - nanoseconds(1));
  const double late = profile.count(t + nanoseconds(1));
  return std::max({0.0, early - y, y - late});
}

TEST(LoadProfile, InverseIsTheInverse) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const LoadProfile profile = random_profile(seed);
    Dice dice(seed + 1'000'000);
    for (int i = 0; i < 50; ++i) {
      const double y = profile.total() * dice.unit();
      const Duration t = profile.time_of(y);
      ASSERT_GE(t, Duration::zero());
      ASSERT_LE(t, profile.length());
      EXPECT_LE(miss_of(profile, y, t), 1e-13 * profile.total()) << "seed " << seed << ", y " << y;
      // a microsecond beside, and the test would tell, unless nothing arrives there
      if (profile.rate(t) > 1 && profile.rate(t + milliseconds(1)) > 1) {
        EXPECT_GT(miss_of(profile, y, t + std::chrono::microseconds(1)), 1e-13 * profile.total()) << seed;
      }
    }
  }
}

TEST(LoadProfile, TimesNeverGoBack) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const LoadProfile profile = random_profile(seed);
    Duration last{};
    for (int i = 1; i <= 1000; ++i) {
      const Duration t = profile.time_of(profile.total() * i / 1000);
      EXPECT_GE(t, last) << "seed " << seed << ", arrival " << i;
      last = t;
    }
  }
}

}  // namespace
}  // namespace loadgen::load
