#pragma once
// What one shard remembers of its requests. One writer, no lock, no formatting; merged after the threads have joined.

#include <array>
#include <cstdint>
#include <vector>

#include "base/sample.hpp"
#include "stats/histogram.hpp"
#include "stats/moments.hpp"
#include "stats/progress.hpp"

namespace loadgen::stats {

/// Counters of one label by outcome. succeeded + sum(failed_by_kind) + unfinished = requests sent.
struct Outcomes {
  std::uint64_t succeeded = 0;
  std::uint64_t unfinished = 0;
  std::array<std::uint64_t, kErrorKindCount> failed_by_kind{};  ///< none and unfinished stay 0
  std::array<std::uint64_t, 600> by_status{};                   ///< [0]: no status line came; codes of 600 and more too

  std::uint64_t failed() const;
  std::uint64_t completed() const { return succeeded + failed(); }
  std::uint64_t sent() const { return completed() + unfinished; }
};

/// Everything recorded under one request name.
struct LabelRecord {
  Outcomes outcomes;
  Moments elapsed;            ///< service time of all completed requests, failed ones too: JMeter's columns
  Histogram response;         ///< due -> last byte, successes only: a fast error must not flatter a percentile
  Histogram service;          ///< started -> last byte, successes only
  Histogram failed_response;  ///< due -> failure noticed, failures only
  Histogram send_lag;         ///< due -> started, every request sent
  Histogram connect;          ///< started -> connected, new connections only (never zero-filled for reused ones)
  Histogram first_byte;       ///< started -> first response byte, successes only
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_reopened = 0;  ///< kept connections that the server had closed between requests
  TimePoint first_start = kNever;
  TimePoint last_end = kUnset;  ///< of completed requests

  void merge(const LabelRecord& other);
};

class Recorder {
 public:
  /// labels: number of request names; label_of[request] = its label; start: second 0 of the per-second series;
  /// expected: room reserved for the series, so that it need not grow while running.
  Recorder(std::size_t labels, std::vector<std::uint16_t> label_of, TimePoint start, Duration expected);

  /// A finished request, or one that abort_all() gave back (ErrorKind::unfinished).
  void record(const Sample& sample) noexcept;
  void merge(const Recorder& other);

  const std::vector<LabelRecord>& labels() const { return labels_; }
  /// Completed requests by the second (since start) in which they ended.
  const std::vector<Tally>& per_second() const { return seconds_; }
  LabelRecord total() const;  ///< all labels merged

 private:
  std::vector<LabelRecord> labels_;
  std::vector<std::uint16_t> label_of_;
  std::vector<Tally> seconds_;
  TimePoint start_;
};

}  // namespace loadgen::stats
