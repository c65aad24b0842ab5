#pragma once
// Samples of which the recorder's tests know what must come of them, and when two records of them are the same.

#include <algorithm>
#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "base/sample.hpp"
#include "stats/recorder.hpp"

namespace loadgen::stats {

using namespace std::chrono_literals;

inline constexpr TimePoint kStart{1'000s};

/// A success of request 0: due 10 ms after the start, sent 1 ms late, connected 1 ms, first byte 3 ms and done 4 ms
/// after.
inline Sample success() {
  Sample s;
  s.due = kStart + 10ms;
  s.started = kStart + 11ms;
  s.connected = kStart + 12ms;
  s.first_byte = kStart + 14ms;
  s.finished = kStart + 15ms;
  s.bytes_in = 120;
  s.bytes_out = 70;
  s.status = 200;
  s.new_connection = true;
  return s;
}

/// Ends 2020 ms after the start, so 2009 ms after it was sent.
inline Sample failure(ErrorKind kind) {
  Sample s = success();
  s.error = kind;
  s.finished = kStart + 2s + 20ms;
  s.status = 503;
  return s;
}

/// Sent in time, connected, never answered, given up 60 s after the start.
inline Sample unfinished() {
  Sample s = success();
  s.error = ErrorKind::unfinished;
  s.started = kStart + 10ms;
  s.first_byte = kUnset;
  s.finished = kStart + 60s;
  s.status = 0;
  return s;
}

inline Recorder one_label() {
  return Recorder(1, {0}, kStart, 10s);
}

inline Recorder recorder_of(const std::vector<Sample>& samples) {
  Recorder recorder = one_label();
  for (const Sample& sample : samples) recorder.record(sample);
  recorder.finish();
  return recorder;
}

inline const LabelRecord& only_label(const Recorder& recorder) {
  return recorder.labels().at(0);
}

inline void expect_same(const Histogram& a, const Histogram& b) {
  EXPECT_TRUE(std::equal(a.counts().begin(), a.counts().end(), b.counts().begin()));
  EXPECT_EQ(a.count(), b.count());
  EXPECT_EQ(a.overflow(), b.overflow());
  EXPECT_EQ(a.sum(), b.sum());
  EXPECT_EQ(a.min(), b.min());
  EXPECT_EQ(a.max(), b.max());
}

inline void expect_same(const Times* a, const Times* b) {
  ASSERT_EQ(a == nullptr, b == nullptr);
  if (a == nullptr) return;
  for (Histogram Times::*const series : {&Times::response, &Times::service, &Times::connection_wait, &Times::send_lag,
                                         &Times::connect, &Times::first_byte, &Times::download})
    expect_same(a->*series, b->*series);
}

}  // namespace loadgen::stats
