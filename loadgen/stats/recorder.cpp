#include "stats/recorder.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

/// The series goes on past the planned length while the last requests are drained; past this the vector grows by
/// itself.
constexpr std::size_t kDrainSeconds = 120;
/// Room for the longest series that is reserved outright (40 bytes a second: 3.5 MB of address space).
constexpr std::size_t kReserveAtMost = 86'400;

std::size_t seconds_to_reserve(Duration expected) {
  const Duration capped = std::clamp<Duration>(expected, 0s, std::chrono::seconds(kReserveAtMost));
  return static_cast<std::size_t>(capped / 1s) + 1 + kDrainSeconds;
}

template <class Array>
void add_each(Array& to, const Array& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

void count_outcome(Outcomes& outcomes, const Sample& sample) {
  if (sample.succeeded())
    ++outcomes.succeeded;
  else
    ++outcomes.failed_by_kind[static_cast<std::size_t>(sample.error)];
  ++outcomes.by_status[sample.status < outcomes.by_status.size() ? sample.status : 0];
}

void record_completed(LabelRecord& label, const Sample& sample) {
  count_outcome(label.outcomes, sample);
  label.elapsed.record(sample.service_time());
  if (sample.succeeded()) {
    label.response.record(sample.response_time());
    label.service.record(sample.service_time());
    if (sample.first_byte != kUnset) label.first_byte.record(sample.first_byte - sample.started);
  } else {
    label.failed_response.record(sample.response_time());
  }
  if (sample.new_connection && sample.connected != kUnset) {
    ++label.connections_opened;
    label.connect.record(sample.connected - sample.started);
  }
  if (sample.reopened) ++label.connections_reopened;
  label.bytes_in += sample.bytes_in;
  label.last_end = std::max(label.last_end, sample.finished);
}

}  // namespace

std::uint64_t Outcomes::failed() const {
  return std::accumulate(failed_by_kind.begin(), failed_by_kind.end(), std::uint64_t{0});
}

void LabelRecord::merge(const LabelRecord& other) {
  outcomes.succeeded += other.outcomes.succeeded;
  outcomes.unfinished += other.outcomes.unfinished;
  add_each(outcomes.failed_by_kind, other.outcomes.failed_by_kind);
  add_each(outcomes.by_status, other.outcomes.by_status);
  elapsed.merge(other.elapsed);
  response.merge(other.response);
  service.merge(other.service);
  failed_response.merge(other.failed_response);
  send_lag.merge(other.send_lag);
  connect.merge(other.connect);
  first_byte.merge(other.first_byte);
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  connections_opened += other.connections_opened;
  connections_reopened += other.connections_reopened;
  first_start = std::min(first_start, other.first_start);
  last_end = std::max(last_end, other.last_end);
}

Recorder::Recorder(std::size_t labels, std::vector<std::uint16_t> label_of, TimePoint start, Duration expected)
    : labels_(labels), label_of_(std::move(label_of)), start_(start) {
  assert(std::all_of(label_of_.begin(), label_of_.end(), [&](std::size_t label) { return label < labels; }));
  seconds_.reserve(seconds_to_reserve(expected));
}

void Recorder::record(const Sample& sample) noexcept {
  assert(sample.request < label_of_.size());
  LabelRecord& label = labels_[label_of_[sample.request]];
  label.send_lag.record(sample.send_lag());
  label.bytes_out += sample.bytes_out;
  label.first_start = std::min(label.first_start, sample.started);
  if (sample.error == ErrorKind::unfinished) {
    // Its end is only when we gave up: no time of it but the send lag is a measurement.
    ++label.outcomes.unfinished;
    return;
  }
  record_completed(label, sample);
  const auto second = static_cast<std::size_t>(std::max<Duration>(sample.finished - start_, 0s) / 1s);
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  seconds_[second].record(sample.service_time(), !sample.succeeded());
}

void Recorder::merge(const Recorder& other) {
  assert(labels_.size() == other.labels_.size() && start_ == other.start_);
  for (std::size_t i = 0; i < labels_.size(); ++i) labels_[i].merge(other.labels_[i]);
  if (seconds_.size() < other.seconds_.size()) seconds_.resize(other.seconds_.size());
  for (std::size_t i = 0; i < other.seconds_.size(); ++i) seconds_[i].merge(other.seconds_[i]);
}

LabelRecord Recorder::total() const {
  LabelRecord sum;
  for (const LabelRecord& label : labels_) sum.merge(label);
  return sum;
}

}  // namespace loadgen::stats
