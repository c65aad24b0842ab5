#pragma once
// What a finished run consists of, field by field, in the order in which it is written. A change of anything here is a
// new kRecordVersion (record_codec.cpp).

#include "stats/byte_archive.hpp"
#include "stats/run_record.hpp"

namespace loadgen::stats {

template <>
inline constexpr std::uint64_t kEnumerators<Series> = kSeriesCount;
template <>
inline constexpr std::uint64_t kEnumerators<StopReason> = 5;
template <>
inline constexpr std::uint64_t kEnumerators<Pace> = 3;

// Both bring their own invariants: record_codec.cpp.
void fields(ByteWriter& archive, const Histogram& histogram);
void fields(ByteReader& archive, Histogram& histogram);
void fields(ByteWriter& archive, const IntervalLog& log);
void fields(ByteReader& archive, IntervalLog& log);

/// Without values the extremes are not there: they would take most of the room.
template <class Archive>
void fields(Archive& archive, Is<Moments> auto& moments) {
  auto& [count, sum_ns, sum_of_squares, min_ns, max_ns] = moments;
  archive(count);
  if (count > 0) archive(sum_ns, sum_of_squares, min_ns, max_ns);
}

template <class Archive>
void fields(Archive& archive, Is<Tally> auto& tally) {
  auto& [completed, failed, elapsed_sum, elapsed_min, elapsed_max] = tally;
  archive(completed);
  if (completed > 0) archive(failed, elapsed_sum, elapsed_min, elapsed_max);
}

template <class Archive>
void fields(Archive& archive, Is<IntervalLog::Piece> auto& piece) {
  auto& [exact, cell, label, series, counts, size, first, buckets] = piece;
  archive(exact, cell, label, series, first, buckets);
  archive.blob(counts, size);
}

template <class Archive>
void fields(Archive& archive, Is<Outcomes> auto& outcomes) {
  auto& [succeeded, unfinished, failed_by_kind, by_status] = outcomes;
  archive(succeeded, unfinished, failed_by_kind, by_status);
}

template <class Archive>
void fields(Archive& archive, Is<Times> auto& times) {
  auto& [response, service, connection_wait, send_lag, connect, tls, first_byte, follow_ups, download] = times;
  archive(response, service, connection_wait, send_lag, connect, tls, first_byte, follow_ups, download);
}

template <class Archive>
void fields(Archive& archive, Is<LabelRecord> auto& label) {
  auto& [outcomes, elapsed, succeeded, failed, cut_off, receive_lag, bytes_in, bytes_decoded, bytes_out,
         connections_opened, handshakes_resumed, redirects_followed, challenges_answered, connections_reopened, requests_resent,
         first_start, last_end] = label;
  archive(outcomes, elapsed, succeeded, failed, cut_off, receive_lag, bytes_in, bytes_decoded, bytes_out,
          connections_opened, handshakes_resumed, redirects_followed, challenges_answered, connections_reopened, requests_resent,
          first_start, last_end);
}

template <class Archive>
void fields(Archive& archive, Is<Cell> auto& cell) {
  auto& [due, succeeded, failed, cut_off, worst_send_lag, started, ended, in_flight_ns] = cell;
  archive(due, succeeded, failed, cut_off, worst_send_lag, started, ended, in_flight_ns);
}

template <class Archive>
void fields(Archive& archive, Is<Recorder> auto& recorder) {
  Recorder::fields(archive, recorder);
}

template <class Archive>
void fields(Archive& archive, Is<Ledger> auto& ledger) {
  auto& [planned, not_started, dropped, never_sent, sent, outcomes] = ledger;
  archive(planned, not_started, dropped, never_sent, sent, outcomes);
}

template <class Archive>
void fields(Archive& archive, Is<RampRecord> auto& ramp) {
  auto& [users_planned, users_started, planned, achieved] = ramp;
  archive(users_planned, users_started, planned, achieved);
}

template <class Archive>
void fields(Archive& archive, Is<OpeningRecord> auto& opening) {
  auto& [asked, opened, took, connect] = opening;
  archive(asked, opened, took, connect);
}

template <class Archive>
void fields(Archive& archive, Is<ArrivalRecord> auto& arrivals) {
  auto& [arrived, waited, most_under_way] = arrivals;
  archive(arrived, waited, most_under_way);
}

template <class Archive>
void fields(Archive& archive, Is<RowsRecord> auto& rows) {
  auto& [written, lost, one_in] = rows;
  archive(written, lost, one_in);
}

template <class Archive>
void fields(Archive& archive, Is<PaceRecord> auto& pace) {
  auto& [kind, reason, guard, most_guard] = pace;
  archive(kind, reason, guard, most_guard);
}

template <class Archive>
void fields(Archive& archive, Is<ShardSecond> auto& second) {
  auto& [released, longest_stall, polling, cpu, run_queue_wait, held_up, stopped] = second;
  archive(released, longest_stall, polling, cpu, run_queue_wait, held_up, stopped);
}

template <class Archive>
void fields(Archive& archive, Is<HostSignals> auto& host) {
  auto& [steal, cpu_pressure, throttled, retransmits, listen_drops, network_drops] = host;
  archive(steal, cpu_pressure, throttled, retransmits, listen_drops, network_drops);
}

template <class Archive>
void fields(Archive& archive, Is<HealthSecond> auto& second) {
  auto& [shards, host] = second;
  archive(shards, host);
}

template <class Archive>
void fields(Archive& archive, Is<Stall> auto& stall) {
  auto& [at, length, run_queue_wait, cpu, held_up, shard] = stall;
  archive(at, length, run_queue_wait, cpu, held_up, shard);
}

template <class Archive>
void fields(Archive& archive, Is<GeneratorHealth> auto& health) {
  auto& [cpu_user, cpu_system, wall, max_rss_bytes, busiest_thread, productive_share, run_queue_wait, longest_turn,
         stalls, seconds, host, retransmits, connections_asked, pace, not_checked] = health;
  archive(cpu_user, cpu_system, wall, max_rss_bytes, busiest_thread, productive_share, run_queue_wait, longest_turn,
          stalls, seconds, host, retransmits, connections_asked, pace, not_checked);
}

template <class Archive>
void fields(Archive& archive, Is<MergedPart> auto& part) {
  auto& [wall_start, length] = part;
  archive(wall_start, length);
}

template <class Archive>
void fields(Archive& archive, Is<StoppedBy> auto& stopped) {
  auto& [threshold, at, value] = stopped;
  archive(threshold, at, value);
}

template <class Archive>
void fields(Archive& archive, Is<AddressRecord> auto& addresses) {
  auto& [targets, used, refused, sources] = addresses;
  archive(targets, used, refused, sources);
}

template <class Archive>
void fields(Archive& archive, Is<RunRecord> auto& record) {
  auto& [labels, recorder, ledger, ramp, opening, arrivals, generator, threads, engine, start, end, wall_start, stop,
         until, stopped_by, rows, parts, addresses] = record;
  archive(labels, recorder, ledger, ramp, opening, arrivals, generator, threads, engine, start, end, wall_start, stop,
          until, stopped_by, rows, parts, addresses);
}

}  // namespace loadgen::stats
