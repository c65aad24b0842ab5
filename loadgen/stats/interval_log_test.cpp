#include "stats/interval_log.hpp"

#include <atomic>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <thread>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/support/allocations.hpp"

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

constexpr std::array kSeries{Series::response, Series::service, Series::send_lag};

TEST(Cells, AreFineForAMinuteAndCoarseAfterIt) {
  struct Case {
    Duration at;
    std::uint32_t cell;
  };
  for (const auto& [at, cell] : std::initializer_list<Case>{{-1ns, 0},
                                                            {0ns, 0},
                                                            {200ms - 1ns, 0},
                                                            {200ms, 1},
                                                            {1s, 5},
                                                            {60s - 1ns, 299},
                                                            {60s, 300},
                                                            {61s - 1ns, 300},
                                                            {61s, 301},
                                                            {3'600s, 3'840}})
    EXPECT_EQ(cell_of(at), cell) << at.count();
  EXPECT_EQ(cell_begin(1), 200ms);
  EXPECT_EQ(cell_begin(299), 59'800ms);
  EXPECT_EQ(cell_begin(300), 60s);
  EXPECT_EQ(cell_begin(3'840), 3'600s);
}

TEST(Cells, TouchWithoutGapOrOverlap) {
  for (std::uint32_t cell = 0; cell < 700; ++cell) {
    ASSERT_EQ(cell_begin(cell) + cell_length(cell), cell_begin(cell + 1)) << cell;
    ASSERT_EQ(cell_of(cell_begin(cell)), cell);
    ASSERT_EQ(cell_of(cell_begin(cell + 1) - 1ns), cell);
  }
}

/// The log's twin: a plain Histogram for each (cell, label, series).
class Plain {
 public:
  void record(std::uint32_t cell, std::uint16_t label, const IntervalLog::Values& values) {
    for (std::size_t i = 0; i < kSeriesCount; ++i) histograms_[{cell, label, kSeries[i]}].record(values[i]);
  }
  Histogram sum(Series series, CellRange range, int label) const {
    Histogram sum;
    for (const auto& [key, histogram] : histograms_) {
      const auto [cell, its_label, its_series] = key;
      if (its_series == series && range.contains(cell) && (label < 0 || its_label == label)) sum.merge(histogram);
    }
    return sum;
  }

 private:
  std::map<std::tuple<std::uint32_t, std::uint16_t, Series>, Histogram> histograms_;
};

void expect_same(const Histogram& got, const Histogram& expected) {
  EXPECT_TRUE(std::equal(got.counts().begin(), got.counts().end(), expected.counts().begin()));
  EXPECT_EQ(got.count(), expected.count());
  EXPECT_EQ(got.overflow(), expected.overflow());
  EXPECT_EQ(got.sum(), expected.sum());
  EXPECT_EQ(got.min(), expected.min());
  EXPECT_EQ(got.max(), expected.max());
  EXPECT_NEAR(got.stddev_ns(), expected.stddev_ns(), 1e-9 * expected.stddev_ns());
}

void expect_same(const IntervalLog& log, const Plain& plain, CellRange range, int label) {
  for (const Series series : kSeries) expect_same(log.sum(series, range, label), plain.sum(series, range, label));
}

/// Log-uniform: every magnitude is met, and a few values are beyond the histogram's limit.
class AnyDuration {
 public:
  explicit AnyDuration(std::uint64_t seed) : random_(seed) {}
  Duration operator()() { return Duration(static_cast<std::int64_t>(std::exp(exponent_(random_)))); }
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

 private:
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> exponent_{0.0, std::log(4e12)};
};

TEST(IntervalLog, GivesBackEveryCellAsItWasRecorded) {
  IntervalLog log(3);
  Plain plain;
  AnyDuration any(1);
  for (int i = 0; i < 30'000; ++i) {
    // Time goes on; some values come far too late, some a little.
    const auto now = static_cast<std::uint32_t>(i / 300);
    const std::uint32_t back = any.below(20) == 0 ? any.below(40) : any.below(3);
    const std::uint32_t cell = now > back ? now - back : 0;
    const auto label = static_cast<std::uint16_t>(any.below(3));
    const IntervalLog::Values values{any(), any(), any.below(3) == 0 ? 0ns : any()};
    log.record(cell, label, values);
    plain.record(cell, label, values);
  }
  log.finish();
  EXPECT_EQ(log.cells(), 100U);
  for (int label = -1; label < 3; ++label) expect_same(log, plain, {}, label);
  for (std::uint32_t cell = 0; cell < 101; ++cell) expect_same(log, plain, {cell, cell + 1}, -1);
  expect_same(log, plain, {17, 64}, 1);
  EXPECT_GT(log.sum(Series::response).overflow(), 0U) << "the test meets values above the limit";
}

TEST(IntervalLog, EmptyHasNothing) {
  IntervalLog log(2);
  log.finish();
  EXPECT_EQ(log.cells(), 0U);
  EXPECT_EQ(log.sum(Series::response).count(), 0U);
  IntervalLog::Piece piece;
  EXPECT_FALSE(IntervalLog::Reader(log).next(piece));
}

TEST(IntervalLog, BelowZeroCountsAsZeroAndTheLimitIsInside) {
  IntervalLog log(1);
  log.record(7, 0, {-5ns, Duration(Histogram::kHighest), Duration(Histogram::kHighest + 1)});
  log.finish();
  const Histogram zero = log.sum(Series::response);
  EXPECT_EQ(zero.counts()[0], 1U);
  EXPECT_EQ(zero.sum(), 0ns);
  EXPECT_EQ(log.sum(Series::service).overflow(), 0U);
  EXPECT_EQ(log.sum(Series::service).max(), Duration(Histogram::kHighest));
  EXPECT_EQ(log.sum(Series::send_lag).overflow(), 1U);
  EXPECT_EQ(log.sum(Series::send_lag).max(), Duration(Histogram::kHighest + 1));
  EXPECT_EQ(log.cells(), 8U);
}

TEST(IntervalLog, CountersMayFillUp) {
  IntervalLog log(1);
  constexpr int kValues = 3 * 65'535 + 17;
  for (int i = 0; i < kValues; ++i) log.record(0, 0, {1ms, i % 2 == 0 ? 1us : 2us, 0ns});
  log.finish();
  EXPECT_EQ(log.sum(Series::response).counts()[Histogram::index_of(1'000'000)], std::uint64_t{kValues});
  EXPECT_EQ(log.sum(Series::service).counts()[1'000], std::uint64_t{kValues / 2});
  EXPECT_EQ(log.sum(Series::service).counts()[2'000], std::uint64_t{kValues / 2});
  EXPECT_EQ(log.sum(Series::send_lag).counts()[0], std::uint64_t{kValues});
}

TEST(IntervalLog, TheFullestPiecesFitAndChunksFollowOneAnother) {
  IntervalLog log(1);
  std::uint64_t values = 0;
  // Every bucket of the first cells, then gaps of all sizes in so many cells that one chunk cannot hold them.
  for (std::uint32_t cell = 0; cell < 450; ++cell)
    for (std::size_t index = 0; index < Histogram::kCounts; index += cell < 8 ? 1 : 1 + index % 16, ++values) {
      const Duration value(Histogram::lowest_of(index));
      log.record(cell, 0, {value, value, value});
    }
  log.finish();
  std::size_t bytes = 0;
  std::uint64_t read = 0;
  IntervalLog::Reader reader(log);
  for (IntervalLog::Piece piece; reader.next(piece);) {
    bytes += piece.size;
    read += piece.exact.count;
  }
  EXPECT_EQ(read, kSeriesCount * values);
  EXPECT_GT(bytes, std::size_t{2} << 20) << "more than the first chunk";
  for (const Series series : kSeries) EXPECT_EQ(log.sum(series).count(), values);
  const Histogram full = log.sum(Series::service, {5, 6});
  EXPECT_EQ(full.overflow(), Histogram::kCounts - 1 - Histogram::index_of(Histogram::kHighest));
  for (std::size_t index = 0; index <= Histogram::index_of(Histogram::kHighest); ++index)
    ASSERT_EQ(full.counts()[index], 1U) << index;
}

TEST(IntervalLog, PublishShowsAllThatIsThereAndLosesNothing) {
  IntervalLog log(1);
  IntervalLog::Reader reader(log);
  const auto seen = [&] {
    Histogram sum;
    for (IntervalLog::Piece piece; reader.next(piece);)
      if (piece.series == Series::response) piece.add_to(sum);
    return sum;
  };
  log.record(9, 0, {3ms, 2ms, 1ms});
  log.record(8, 0, {7s, 2ms, 1ms});
  log.record(5, 0, {9s, 2ms, 1ms});  // late: cell 9 has its place
  EXPECT_EQ(seen().count(), 0U) << "open";
  log.publish();
  const Histogram first = seen();
  EXPECT_EQ(first.count(), 3U);
  EXPECT_EQ(first.max(), 9s);
  log.publish();
  EXPECT_EQ(seen().count(), 0U) << "nothing new";
  log.record(9, 0, {5ms, 2ms, 1ms});
  log.finish();
  EXPECT_EQ(seen().max(), 5ms) << "the same cell once more";
  EXPECT_EQ(log.sum(Series::response, {9, 10}).count(), 2U) << "pieces of a cell add up";
}

TEST(IntervalLog, AbsorbTakesOverWhatAnotherHasWritten) {
  IntervalLog a(2), b(2), c(2);
  Plain plain;
  AnyDuration any(2);
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    IntervalLog& log = i % 3 == 0 ? a : i % 3 == 1 ? b : c;
    const IntervalLog::Values values{any(), any(), any()};
    log.record(i / 100, static_cast<std::uint16_t>(i % 2), values);
    plain.record(i / 100, static_cast<std::uint16_t>(i % 2), values);
  }
  for (IntervalLog* log : {&a, &b, &c}) log->finish();
  b.absorb(std::move(c));
  a.absorb(std::move(b));
  EXPECT_EQ(a.cells(), 50U);
  expect_same(a, plain, {}, -1);
  expect_same(a, plain, {10, 20}, 1);
}

TEST(IntervalLog, DoesNotAllocateWhileTheFirstChunkLasts) {
  IntervalLog log(2);
  AnyDuration any(3);
  const std::uint64_t before = support::allocations();
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    const std::uint32_t cell = i / 500;
    log.record(any.below(10) == 0 ? cell / 2 : cell, static_cast<std::uint16_t>(i % 2), {any(), any(), any()});
  }
  EXPECT_EQ(support::allocations() - before, 0U);
  for (std::uint32_t i = 50'000; i < 1'000'000; ++i) log.record(i / 500, 0, {any(), any(), any()});
  EXPECT_GT(support::allocations() - before, 0U) << "the counter counts";
}

TEST(IntervalLog, AnotherThreadReadsWhatIsWrittenMeanwhile) {
  IntervalLog log(2);
  constexpr std::uint32_t kCells = 400;
  constexpr std::uint64_t kEach = 300;
  std::atomic<bool> done{false};
  std::array<std::uint64_t, kCells> responses{};
  std::atomic<std::uint64_t> early{0};
  std::thread other([&] {
    IntervalLog::Reader reader(log);
    for (bool last = false;;) {
      for (IntervalLog::Piece piece; reader.next(piece);) {
        std::uint64_t counted = 0;
        IntervalLog::for_each_count(piece, [&](std::size_t, std::uint64_t count) { counted += count; });
        ASSERT_EQ(counted, piece.exact.count) << "a piece is whole";
        if (piece.series == Series::response) responses.at(piece.cell) += counted;
        if (!last) ++early;
      }
      if (last) return;
      last = done.load();
    }
  });
  std::mt19937_64 random(4);
  for (std::uint32_t cell = 0; cell < kCells; ++cell) {
    for (std::uint64_t i = 0; i < kEach; ++i) {
      const Duration value(static_cast<std::int64_t>(random() % 1'000'000'000));
      log.record(i % 50 == 0 ? cell / 2 : cell, static_cast<std::uint16_t>(i % 2), {value, value, value});
    }
    while (cell == kCells / 2 && early == 0) std::this_thread::yield();
  }
  log.finish();
  done = true;
  other.join();
  std::uint64_t sum = 0;
  for (const std::uint64_t n : responses) sum += n;
  EXPECT_EQ(sum, kCells * kEach);
  EXPECT_EQ(responses[kCells - 1], kEach - kEach / 50);
}

}  // namespace
}  // namespace loadgen::stats
