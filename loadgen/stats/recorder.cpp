#include "stats/recorder.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

/// The cells go on past the planned length while the last requests are drained; past this the vector grows by itself.
constexpr Duration kDrain = 120s;
/// The longest run that room is reserved for outright (9 MB of address space, memory only as the cells are reached).
constexpr Duration kReserveAtMost = 24h;
/// What is cut off is rare; more takes page faults.
constexpr std::size_t kReadyForCutOffs = 4'096;

std::size_t cells_to_reserve(Duration expected) {
  return cell_of(std::clamp<Duration>(expected, 0s, kReserveAtMost) + kDrain) + 1;
}

template <class Array>
void add_each(Array& to, const Array& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

bool is_cut_off(ErrorKind kind) {
  return kind == ErrorKind::unfinished || kind == ErrorKind::response_timeout || kind == ErrorKind::connect_timeout;
}

bool opened_connection(const Sample& sample) {
  return sample.new_connection && sample.connected != kUnset;
}

void count_completed(LabelRecord& label, const Sample& sample) {
  Outcomes& outcomes = label.outcomes;
  if (sample.succeeded())
    ++outcomes.succeeded;
  else
    ++outcomes.failed_by_kind[static_cast<std::size_t>(sample.error)];
  ++outcomes.by_status[sample.status < outcomes.by_status.size() ? sample.status : 0];
  label.elapsed.record(sample.service_time());
  if (opened_connection(sample)) ++label.connections_opened;
  label.connections_opened += sample.connected_between;
  if (sample.resumed) ++label.handshakes_resumed;
  if (sample.reopened) ++label.connections_reopened;
  if (sample.resent) ++label.requests_resent;
  label.bytes_in += sample.bytes_in;
  label.bytes_decoded += sample.bytes_decoded;
  label.last_end = std::max(label.last_end, sample.finished);
}

void count(LabelRecord& label, const Sample& sample) {
  label.bytes_out += sample.bytes_out;  // as these, of all that was sent
  label.redirects_followed += sample.redirects;
  label.challenges_answered += sample.challenges;
  label.first_start = std::min(label.first_start, sample.started);
  if (sample.receive_lag_ns != kNoReceiveLag) label.receive_lag.record(Duration(sample.receive_lag_ns));
  if (sample.error == ErrorKind::unfinished)
    ++label.outcomes.unfinished;
  else
    count_completed(label, sample);
}

/// All phases but the send lag, which is a series.
void record_phases(Times& times, const Sample& sample) {
  if (sample.waited > Duration::zero()) times.connection_wait.record(sample.waited);
  const bool opened = opened_connection(sample);
  const TimePoint connected = opened ? sample.connected : sample.started;
  if (opened) times.connect.record(connected - sample.started);
  const bool secured = sample.secured != kUnset;  // of a connection opened ahead, too
  if (secured) times.tls.record(sample.secured - connected);
  if (sample.first_byte == kUnset) return;
  times.first_byte.record(sample.first_byte - (secured ? sample.secured : connected));
  if (sample.follow_ups() > 0) times.follow_ups.record(sample.following_up);
  times.download.record(sample.finished - sample.first_byte - sample.following_up);
}

void merge_times(std::unique_ptr<Times>& to, const std::unique_ptr<Times>& from) {
  if (!from) return;
  if (!to) to = std::make_unique<Times>();
  to->merge(*from);
}

}  // namespace

std::uint64_t Outcomes::failed() const {
  return std::accumulate(failed_by_kind.begin(), failed_by_kind.end(), std::uint64_t{0});
}

std::uint64_t Outcomes::cut_off() const {
  const auto of = [this](ErrorKind kind) { return failed_by_kind[static_cast<std::size_t>(kind)]; };
  return unfinished + of(ErrorKind::response_timeout) + of(ErrorKind::connect_timeout);
}

void Outcomes::merge(const Outcomes& other) {
  succeeded += other.succeeded;
  unfinished += other.unfinished;
  add_each(failed_by_kind, other.failed_by_kind);
  add_each(by_status, other.by_status);
}

OutcomeClass class_of(const Sample& sample) {
  if (sample.succeeded()) return OutcomeClass::succeeded;
  return is_cut_off(sample.error) ? OutcomeClass::cut_off : OutcomeClass::failed;
}

void Times::merge(const Times& other) {
  response.merge(other.response);
  service.merge(other.service);
  connection_wait.merge(other.connection_wait);
  send_lag.merge(other.send_lag);
  connect.merge(other.connect);
  tls.merge(other.tls);
  first_byte.merge(other.first_byte);
  follow_ups.merge(other.follow_ups);
  download.merge(other.download);
}

bool phases_add_up(const Times& succeeded) {
  return succeeded.response.sum() == succeeded.connection_wait.sum() + succeeded.send_lag.sum() +
                                         succeeded.connect.sum() + succeeded.tls.sum() + succeeded.first_byte.sum() +
                                         succeeded.follow_ups.sum() + succeeded.download.sum();
}

const Times* LabelRecord::times(OutcomeClass c) const {
  if (c == OutcomeClass::succeeded) return &succeeded;
  return c == OutcomeClass::failed ? failed.get() : cut_off.get();
}

Histogram LabelRecord::send_lag_of_all() const {
  Histogram all = succeeded.send_lag;
  if (failed) all.merge(failed->send_lag);
  if (cut_off) all.merge(cut_off->send_lag);
  return all;
}

void LabelRecord::merge(const LabelRecord& other) {
  outcomes.merge(other.outcomes);
  elapsed.merge(other.elapsed);
  succeeded.merge(other.succeeded);
  merge_times(failed, other.failed);
  merge_times(cut_off, other.cut_off);
  receive_lag.merge(other.receive_lag);
  bytes_in += other.bytes_in;
  bytes_decoded += other.bytes_decoded;
  bytes_out += other.bytes_out;
  connections_opened += other.connections_opened;
  handshakes_resumed += other.handshakes_resumed;
  redirects_followed += other.redirects_followed;
  challenges_answered += other.challenges_answered;
  connections_reopened += other.connections_reopened;
  requests_resent += other.requests_resent;
  first_start = std::min(first_start, other.first_start);
  last_end = std::max(last_end, other.last_end);
}

void Cell::merge(const Cell& other) {
  due += other.due;
  succeeded += other.succeeded;
  failed += other.failed;
  cut_off += other.cut_off;
  worst_send_lag = std::max(worst_send_lag, other.worst_send_lag);
  started += other.started;
  ended.merge(other.ended);
  in_flight_ns += other.in_flight_ns;
}

Recorder::Recorder() : Recorder(0, {}, TimePoint{}, Duration::zero()) {}

Recorder::Recorder(std::size_t labels, std::vector<std::uint16_t> label_of, TimePoint start, Duration expected)
    : labels_(labels),
      label_of_(std::move(label_of)),
      intervals_(labels),
      cut_offs_(labels, kReadyForCutOffs),
      start_(start) {
  assert(std::all_of(label_of_.begin(), label_of_.end(), [&](std::size_t label) { return label < labels; }));
  cells_.reserve(cells_to_reserve(expected));
}

void Recorder::record(const Sample& sample) noexcept {
  assert(sample.request < label_of_.size());
  assert(sample.send_lag() >= Duration::zero() && sample.service_time() >= Duration::zero());
  const std::uint16_t label = label_of_[sample.request];
  const OutcomeClass outcome = class_of(sample);
  count(labels_[label], sample);
  record_times(label, outcome, sample);
  record_cells(outcome, sample);
}

void Recorder::record_times(std::uint16_t label, OutcomeClass outcome, const Sample& sample) {
  LabelRecord& record = labels_[label];
  const IntervalLog::Values series{sample.response_time(), sample.service_time(), sample.send_lag()};
  if (outcome == OutcomeClass::succeeded) {
    intervals_.record(cell_of(sample.due - start_), label, series);
    record_phases(record.succeeded, sample);
    return;
  }
  if (outcome == OutcomeClass::cut_off) cut_offs_.record(cell_of(sample.due - start_), label, series);
  std::unique_ptr<Times>& times = outcome == OutcomeClass::failed ? record.failed : record.cut_off;
  if (!times) times = std::make_unique<Times>();
  times->response.record(sample.response_time());
  times->service.record(sample.service_time());
  times->send_lag.record(sample.send_lag());
  record_phases(*times, sample);
}

void Recorder::record_cells(OutcomeClass outcome, const Sample& sample) {
  const std::uint32_t first = cell_of(sample.started - start_);
  const std::uint32_t last = cell_of(sample.finished - start_);
  if (last >= cells_.size()) cells_.resize(last + 1);

  Cell& due = cells_[cell_of(sample.due - start_)];
  ++due.due;
  due.succeeded += outcome == OutcomeClass::succeeded ? 1 : 0;
  due.failed += outcome == OutcomeClass::failed ? 1 : 0;
  due.cut_off += outcome == OutcomeClass::cut_off ? 1 : 0;
  due.worst_send_lag = std::max(due.worst_send_lag, sample.send_lag());

  ++cells_[first].started;
  if (sample.error != ErrorKind::unfinished) cells_[last].ended.record(sample.service_time(), !sample.succeeded());
  TimePoint from = sample.started;
  for (std::uint32_t cell = first; cell < last; ++cell) {
    const TimePoint end = start_ + cell_begin(cell + 1);
    cells_[cell].in_flight_ns += (end - from).count();
    from = end;
  }
  cells_[last].in_flight_ns += (sample.finished - from).count();
}

void Recorder::publish() {
  intervals_.publish();
  cut_offs_.publish();
}

void Recorder::finish() {
  intervals_.finish();
  cut_offs_.finish();
  IntervalLog::Reader reader(intervals_);
  for (IntervalLog::Piece piece; reader.next(piece);) {
    Times& times = labels_[piece.label].succeeded;
    switch (piece.series) {
      case Series::response:
        piece.add_to(times.response);
        break;
      case Series::service:
        piece.add_to(times.service);
        break;
      case Series::send_lag:
        piece.add_to(times.send_lag);
        break;
    }
  }
}

void Recorder::begin_at(TimePoint start) {
  const Duration by = start - start_;
  for (LabelRecord& label : labels_) {
    if (label.first_start != kNever) label.first_start += by;
    if (label.last_end != kUnset) label.last_end += by;
  }
  start_ = start;
}

void Recorder::merge(Recorder&& other) {
  assert(labels_.size() == other.labels_.size() && start_ == other.start_);
  for (std::size_t i = 0; i < labels_.size(); ++i) labels_[i].merge(other.labels_[i]);
  if (cells_.size() < other.cells_.size()) cells_.resize(other.cells_.size());
  for (std::size_t i = 0; i < other.cells_.size(); ++i) cells_[i].merge(other.cells_[i]);
  intervals_.absorb(std::move(other.intervals_));
  cut_offs_.absorb(std::move(other.cut_offs_));
}

std::vector<Tally> Recorder::per_second() const {
  std::vector<Tally> seconds;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    if (cells_[cell].ended.completed == 0) continue;
    const auto second = static_cast<std::size_t>(cell_begin(static_cast<std::uint32_t>(cell)) / 1s);
    if (second >= seconds.size()) seconds.resize(second + 1);
    seconds[second].merge(cells_[cell].ended);
  }
  return seconds;
}

LabelRecord Recorder::total() const {
  LabelRecord sum;
  for (const LabelRecord& label : labels_) sum.merge(label);
  return sum;
}

}  // namespace loadgen::stats
