#include "stats/record_codec.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "stats/record_fields.hpp"

namespace loadgen::stats {
namespace {

/// Changes with every change of what is written: of record_fields.hpp, of the interval log's pieces, of Histogram.
constexpr std::uint64_t kRecordVersion = 5;

/// Of everything read together: so much, or so many times the bytes read. A run of an hour with 20 labels takes a
/// twentieth of it.
constexpr std::size_t kMemory = std::size_t{1} << 30;
constexpr std::size_t kMemoryPerByte = 16;
/// Of the memory that a histogram takes, the kernel gives so much at once (stats/zeroed_array).
constexpr std::size_t kPage = 4'096;

struct Bucket {
  std::size_t index;
  std::uint64_t count;
};

/// What Histogram::add relies on.
bool fits(const Moments& exact, std::size_t index) {
  return index < Histogram::kCounts && Histogram::lowest_of(index) <= exact.max_ns &&
         Histogram::highest_of(index) >= exact.min_ns;
}

bool plausible(const Moments& exact) {
  return exact.min_ns >= 0 && exact.min_ns <= exact.max_ns && exact.sum_ns >= exact.max_ns && exact.sum_of_squares >= 0;
}

std::vector<Bucket> buckets_of(const Histogram& histogram) {
  std::vector<Bucket> buckets;
  if (histogram.count() == histogram.overflow()) return buckets;
  const auto index_within = [](Duration value) {
    return Histogram::index_of(std::min(value.count(), Histogram::kHighest));
  };
  const std::size_t last = index_within(histogram.max());
  for (std::size_t i = index_within(histogram.min()); i <= last; ++i)
    if (histogram.counts()[i] != 0) buckets.push_back({i, histogram.counts()[i]});
  return buckets;
}

/// Each as the distance from the last and its count.
std::vector<Bucket> read_buckets(ByteReader& archive, const Moments& exact) {
  std::vector<Bucket> buckets;
  std::size_t size = 0;
  archive(size);
  if (size > std::min(archive.left(), Histogram::kCounts)) {
    archive.fail("a histogram has more buckets than there are");
    return buckets;
  }
  std::uint64_t left = exact.count;
  std::size_t index = 0;
  for (std::size_t i = 0; i < size && archive.ok(); ++i) {
    std::size_t distance = 0;
    std::uint64_t count = 0;
    archive(distance, count);
    const bool forward = distance <= Histogram::kCounts && (i == 0 || distance > 0);
    index += distance;
    if (!forward || !fits(exact, index) || count == 0 || count > left) archive.fail("a histogram contradicts itself");
    left -= std::min(left, count);
    const bool new_page =
        buckets.empty() || buckets.back().index * sizeof count / kPage != index * sizeof count / kPage;
    if (archive.charge(new_page ? kPage : 0)) buckets.push_back({index, count});
  }
  return buckets;
}

/// What for_each_count and add_to rely on.
bool plausible(const IntervalLog::Piece& piece) {
  // A bucket takes at least two bits: one of its distance and one of its count.
  if (piece.size > IntervalLog::kMostPiece || piece.buckets > 4 * piece.size || !plausible(piece.exact)) return false;
  bool good = true;
  std::uint64_t counted = 0;
  IntervalLog::for_each_count(piece, [&](std::size_t index, std::uint64_t count) {
    good = good && fits(piece.exact, index);
    counted += count;
  });
  return good && counted <= piece.exact.count;
}

/// Adds to a sum that must not overflow; the bound leaves room for the rounding.
bool add_within(double& sum, std::int64_t ns) {
  sum += static_cast<double>(ns);
  return ns >= 0 && sum < 9e18;
}

/// Whether all times of a kind can be added up.
bool can_be_added(const std::vector<LabelRecord>& labels) {
  constexpr std::array kHistograms{&Times::response,   &Times::service,    &Times::connection_wait,
                                   &Times::send_lag,   &Times::connect,    &Times::tls,
                                   &Times::first_byte, &Times::follow_ups, &Times::download};
  bool good = true;
  for (const auto histogram : kHistograms) {
    double sum = 0;
    for (const LabelRecord& label : labels) {
      for (const OutcomeClass c : {OutcomeClass::succeeded, OutcomeClass::failed, OutcomeClass::cut_off})
        if (const Times* const times = label.times(c))
          good = good && add_within(sum, (times->*histogram).sum().count());
    }
  }
  double elapsed = 0, receive_lag = 0;
  for (const LabelRecord& label : labels) {
    good =
        good && add_within(elapsed, label.elapsed.sum_ns) && add_within(receive_lag, label.receive_lag.sum().count());
    good = good && (label.outcomes.completed() == 0 || label.first_start != kNever);
  }
  return good;
}

bool can_be_added(const std::vector<Cell>& cells) {
  double in_flight = 0, elapsed = 0;
  return std::all_of(cells.begin(), cells.end(), [&](const Cell& cell) {
    return add_within(in_flight, cell.in_flight_ns) && add_within(elapsed, cell.ended.elapsed_sum.count());
  });
}

bool can_be_added(const IntervalLog& log, const Recorder& recorder) {
  std::array<double, kSeriesCount> sums{};
  IntervalLog::Reader reader(log);
  for (IntervalLog::Piece piece; reader.next(piece);) {
    if (piece.label >= recorder.labels().size() || piece.cell >= recorder.cells().size()) return false;
    if (!add_within(sums[static_cast<std::size_t>(piece.series)], piece.exact.sum_ns)) return false;
  }
  return true;
}

/// Whether the parts are those of one run; each by itself was checked as it was read.
bool fits_together(const RunRecord& record) {
  const Recorder& recorder = record.recorder;
  return record.labels.size() == recorder.labels().size() && can_be_added(recorder.labels()) &&
         can_be_added(recorder.cells()) && can_be_added(recorder.intervals(), recorder) &&
         can_be_added(recorder.cut_offs(), recorder);
}

Error not_readable(std::string_view why) {
  return Error{std::string("no record of a run that can be read: ").append(why)};
}

}  // namespace

void fields(ByteWriter& archive, const Histogram& histogram) {
  archive(histogram.exact());
  if (histogram.count() == 0) return;
  const std::vector<Bucket> buckets = buckets_of(histogram);
  archive(buckets.size());
  std::size_t index = 0;
  for (const Bucket& bucket : buckets) archive(bucket.index - std::exchange(index, bucket.index), bucket.count);
}

void fields(ByteReader& archive, Histogram& histogram) {
  Moments exact;
  archive(exact);
  if (exact.count == 0) return;
  if (!plausible(exact)) return archive.fail("a histogram contradicts itself");
  const std::vector<Bucket> buckets = read_buckets(archive, exact);
  if (!archive.ok()) return;
  histogram.add(exact, [&](auto&& visit) {
    for (const auto [index, count] : buckets) visit(index, count);
  });
}

/// A piece without values ends it.
void fields(ByteWriter& archive, const IntervalLog& log) {
  IntervalLog::Reader reader(log);
  for (IntervalLog::Piece piece; reader.next(piece);) archive(std::as_const(piece));
  archive(IntervalLog::Piece{});
}

void fields(ByteReader& archive, IntervalLog& log) {
  for (IntervalLog::Piece piece; archive(piece), archive.ok() && piece.exact.count > 0; piece = {}) {
    if (!plausible(piece)) return archive.fail("a piece of its intervals contradicts itself");
    if (archive.charge(sizeof piece + piece.size)) log.append(piece);
  }
}

std::string encode(const RunRecord& record) {
  ByteWriter archive;
  archive(kRecordVersion, record);
  return archive.take();
}

Result<RunRecord> decode(std::string_view bytes) {
  ByteReader archive(bytes, std::max(kMemory, kMemoryPerByte * bytes.size()));
  std::uint64_t version = 0;
  archive(version);
  if (archive.ok() && version != kRecordVersion)
    return not_readable("it is of version " + std::to_string(version) + ", and this loadgen reads version " +
                        std::to_string(kRecordVersion));
  RunRecord record;
  archive(record);
  if (archive.ok() && !archive.at_end()) archive.fail("something follows it");
  if (!archive.ok()) return not_readable(archive.problem());
  if (!fits_together(record)) return not_readable("its parts contradict one another");
  return record;
}

}  // namespace loadgen::stats
