#pragma once
// What one shard remembers of its requests. One writer, no lock, no formatting; merged after the threads have joined.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/sample.hpp"
#include "stats/histogram.hpp"
#include "stats/interval_log.hpp"
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
  /// Timed out or unfinished: of their times only "longer than this" is known.
  std::uint64_t cut_off() const;
  void merge(const Outcomes& other);
};

/// Every sample belongs to one class. A time-out is a failure in Outcomes and cut off here.
enum class OutcomeClass : std::uint8_t { succeeded, failed, cut_off };
inline constexpr std::size_t kOutcomeClasses = 3;
OutcomeClass class_of(const Sample& sample);

/// The times of one class of one label. The phases add up: of every sample that got its first byte,
///   connection wait (only where there was one) + send lag + connect (only where a connection was opened) + TLS
///   handshake (only where there was one) + first byte + follow-ups (only where there were some) + download = response,
/// to the nanosecond, so the exact sums of the successes' histograms do too.
struct Times {
  Histogram response;         ///< due -> finished; of cut_off a lower bound
  Histogram service;          ///< started -> finished; of cut_off a lower bound
  Histogram connection_wait;  ///< at max_in_flight, for a place; only those that waited
  Histogram send_lag;         ///< due -> started, without that wait: what the generator added
  Histogram connect;          ///< started -> connected, new connections only (never zero-filled for reused ones)
  Histogram tls;              ///< connected -> secured: handshakes, whole and resumed
  Histogram first_byte;       ///< secured or connected, or started on a kept connection -> first response byte
  Histogram follow_ups;       ///< of requests that responses led on: first response's first byte -> the last one's
  Histogram download;         ///< the last response's first byte -> finished
  void merge(const Times& other);
};

/// Whether the exact sums of the phases make the exact sum of the responses: so it is of successes, which all have a
/// first byte, or the stamps are wrong.
bool phases_add_up(const Times& succeeded);

/// Everything recorded under one request name.
struct LabelRecord {
  Outcomes outcomes;
  Moments elapsed;                  ///< service time of all completed requests, failed ones too: JMeter's columns
  Times succeeded;                  ///< response, service and send_lag of it stand in the interval log until finish()
  std::unique_ptr<Times> failed;    ///< made with the first such sample
  std::unique_ptr<Times> cut_off;   ///< the same
  Histogram receive_lag;            ///< arrival in the kernel -> read, of the responses where the engine looked
  std::uint64_t bytes_in = 0;       ///< of completed requests
  std::uint64_t bytes_decoded = 0;  ///< of bodies that were decoded, of completed requests
  std::uint64_t bytes_out = 0;      ///< of all that were sent
  std::uint64_t connections_opened = 0;    ///< by completed requests
  std::uint64_t handshakes_resumed = 0;    ///< of the TLS handshakes, those that resumed a session
  std::uint64_t redirects_followed = 0;    ///< each another request to the target
  std::uint64_t challenges_answered = 0;   ///< likewise
  std::uint64_t connections_reopened = 0;  ///< kept connections that the server had closed between requests
  std::uint64_t requests_resent = 0;       ///< that the server had refused to begin with
  TimePoint first_start = kNever;
  TimePoint last_end = kUnset;  ///< of completed requests

  const Times* times(OutcomeClass c) const;  ///< nullptr: no such sample (that of successes is never nullptr)
  Histogram send_lag_of_all() const;         ///< every request sent
  void merge(const LabelRecord& other);
};

/// One cell of time since t0, over all labels. The first group belongs to the cell in which a request was DUE, the
/// second to the cell in which something HAPPENED.
struct Cell {
  std::uint64_t due = 0;  ///< requests sent that were due in it
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;  ///< time-outs are not in it
  std::uint64_t cut_off = 0;
  Duration worst_send_lag{};

  std::uint64_t started = 0;      ///< requests that were really started in it
  Tally ended;                    ///< completed requests that ended in it
  std::int64_t in_flight_ns = 0;  ///< request-nanoseconds spent in flight (started -> finished) in it

  void merge(const Cell& other);
};

class Recorder {
 public:
  Recorder();  ///< of nothing, to be assigned to or read into
  /// labels: number of request names; label_of[request] = its label; start: begin of cell 0; expected: room reserved
  /// for the cells, so that they need not grow while running.
  Recorder(std::size_t labels, std::vector<std::uint16_t> label_of, TimePoint start, Duration expected);

  /// A finished request, or one that abort_all() gave back (ErrorKind::unfinished).
  void record(const Sample& sample) noexcept;
  /// Writes all that was recorded so far into the interval logs, for readers in other threads.
  void publish();
  /// Closes the interval log and fills in the histograms that are made of it. Before reading and merging.
  void finish();
  void merge(Recorder&& other);    ///< both finished, and of the same start
  void begin_at(TimePoint start);  ///< moves all of a finished recorder's time points, so that its start is this

  const std::vector<LabelRecord>& labels() const { return labels_; }
  const std::vector<Cell>& cells() const { return cells_; }
  const IntervalLog& intervals() const { return intervals_; }
  /// The same of what was cut off: lower bounds, by due time.
  const IntervalLog& cut_offs() const { return cut_offs_; }
  /// Completed requests by the second (since start) in which they ended.
  std::vector<Tally> per_second() const;
  LabelRecord total() const;  ///< all labels merged
  TimePoint start() const { return start_; }

  /// What a finished recorder holds (stats/byte_archive).
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive(self.labels_, self.cells_, self.intervals_, self.cut_offs_, self.start_);
  }

 private:
  void record_times(std::uint16_t label, OutcomeClass outcome, const Sample& sample);
  void record_cells(OutcomeClass outcome, const Sample& sample);

  std::vector<LabelRecord> labels_;
  std::vector<std::uint16_t> label_of_;
  std::vector<Cell> cells_;
  IntervalLog intervals_;
  IntervalLog cut_offs_;
  TimePoint start_;
};

}  // namespace loadgen::stats
