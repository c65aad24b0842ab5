#include "stats/interval_log.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <tuple>
#include <utility>

#include "stats/zeroed_array.hpp"

namespace loadgen::stats {
namespace {

constexpr std::size_t kChunk = std::size_t{512} << 10;
/// Values for cells that have been written wait here. So many are sorted in about a third of a millisecond.
constexpr std::size_t kLate = 4'096;

/// A counter of an open cell. One that is full is written early and begins anew: half the memory of four bytes.
using Count = std::uint16_t;
constexpr Count kFull = UINT16_MAX;

/// Written by the recording thread, read by one other: bytes below `written` never change, and `next` is set once,
/// after the last byte was written.
struct Chunk {
  explicit Chunk(std::size_t size) : capacity(size), bytes(std::make_unique_for_overwrite<std::byte[]>(size)) {}
  std::size_t capacity;
  std::unique_ptr<std::byte[]> bytes;
  std::atomic<std::size_t> written{0};
  std::atomic<Chunk*> next{nullptr};
};

/// What CountEncoder may need for so many values in `range` buckets.
constexpr std::size_t room_for(std::uint64_t values, std::size_t range) {
  return CountEncoder::kMostBytes * std::min<std::uint64_t>(values, range) + 8;
}
static_assert(room_for(UINT64_MAX, Histogram::kCounts) == IntervalLog::kMostPiece);
static_assert(sizeof(IntervalLog::Piece) + IntervalLog::kMostPiece < kChunk);
static_assert(Histogram::kCounts <= 65'536 && kFull <= 65'536 && kLate <= 65'536, "what CountEncoder takes");

/// A label's newest cells. Cell c stands in place c % kOpen until a later cell wants the place.
struct OpenLabel {
  struct OpenCell {
    std::int64_t cell = -1;
    std::array<Moments, kSeriesCount> exact;
  };
  std::array<OpenCell, IntervalLog::kOpen> cells;
  static constexpr std::size_t kCounters = IntervalLog::kOpen * kSeriesCount * Histogram::kCounts;
  ZeroedArray<Count, kCounters> counts = zeroed_array<Count, kCounters>();

  Count* counts_of(std::size_t place, std::size_t series) {
    return counts.get() + (place * kSeriesCount + series) * Histogram::kCounts;
  }
};

struct LateValue {
  std::int64_t ns;
  std::uint32_t cell;
  std::uint16_t label;
  Series series;

  auto piece() const { return std::tuple(cell, label, series); }
  bool operator<(const LateValue& other) const { return std::tuple(piece(), ns) < std::tuple(other.piece(), other.ns); }
};

std::size_t index_within(std::int64_t ns) {
  return Histogram::index_of(std::min(ns, Histogram::kHighest));
}

/// Calls visit(index, count) for what stands in [first, last], and clears it.
template <class Visit>
void take_counts(Count* counts, std::size_t first, std::size_t last, Visit&& visit) {
  constexpr std::size_t kAtOnce = sizeof(std::uint64_t) / sizeof(Count);
  for (std::size_t i = first; i <= last;) {
    std::uint64_t several = 0;
    if (i + kAtOnce <= last + 1) {
      std::memcpy(&several, counts + i, sizeof several);
      if (several == 0) {
        i += kAtOnce;
        continue;
      }
    }
    if (counts[i] != 0) visit(i, std::exchange(counts[i], Count{0}));
    ++i;
  }
}

}  // namespace

struct IntervalLog::State {
  Chunk* head;
  Chunk* tail;
  std::vector<OpenLabel> labels;
  std::vector<LateValue> late;
  std::uint32_t cells = 0;

  State(std::size_t label_count, std::size_t ready) : head(new Chunk(ready)), tail(head), labels(label_count) {
    std::memset(head->bytes.get(), 0, ready);  // so that writing takes no page faults until it is full
    late.reserve(kLate);
  }
  ~State() {
    while (head != nullptr) delete std::exchange(head, head->next.load(std::memory_order_relaxed));
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Appends a piece; encode(CountEncoder&) adds its counts, which need no more than `room`.
  template <class Encode>
  void append(Piece piece, std::size_t room, Encode&& encode) {
    std::byte* const to = end_with(room);
    CountEncoder encoder(to + sizeof piece);
    encode(encoder);
    piece.size = static_cast<std::uint32_t>(encoder.finish() - to - sizeof piece);
    piece.first = static_cast<std::uint16_t>(encoder.first());
    piece.buckets = static_cast<std::uint16_t>(encoder.buckets());
    assert(piece.size <= room);
    finish_piece(piece, to);
  }

  /// Appends a piece whose counts are encoded already.
  void append(const Piece& piece) {
    std::byte* const to = end_with(piece.size);
    std::memcpy(to + sizeof piece, piece.counts, piece.size);
    finish_piece(piece, to);
  }

  /// Where the next piece is to be written; room for counts of so many bytes is behind it.
  std::byte* end_with(std::size_t room) {
    std::size_t at = tail->written.load(std::memory_order_relaxed);
    if (at + sizeof(Piece) + room > tail->capacity) {
      auto* const fresh = new Chunk(kChunk);
      tail->next.store(fresh, std::memory_order_release);
      tail = fresh;
      at = 0;
    }
    return tail->bytes.get() + at;
  }

  /// The counts stand behind it: now others may read it.
  void finish_piece(const Piece& piece, std::byte* to) {
    std::memcpy(to, &piece, sizeof piece);
    const std::size_t at = tail->written.load(std::memory_order_relaxed);
    tail->written.store(at + sizeof piece + piece.size, std::memory_order_release);
    cells = std::max(cells, piece.cell + 1);
  }

  void write(std::uint16_t label, std::size_t place, std::size_t series) {
    OpenLabel& open = labels[label];
    OpenLabel::OpenCell& from = open.cells[place];
    Piece piece;
    piece.exact = std::exchange(from.exact[series], Moments{});
    if (piece.exact.count == 0) return;
    piece.cell = static_cast<std::uint32_t>(from.cell);
    piece.label = label;
    piece.series = static_cast<Series>(series);
    const std::size_t first = index_within(piece.exact.min_ns);
    const std::size_t last = index_within(piece.exact.max_ns);
    append(piece, room_for(piece.exact.count, last + 1 - first), [&](CountEncoder& encoder) {
      take_counts(open.counts_of(place, series), first, last,
                  [&](std::size_t index, Count count) { encoder.add(index, count); });
    });
  }

  void write(std::uint16_t label, std::size_t place) {
    for (std::size_t series = 0; series < kSeriesCount; ++series) write(label, place, series);
  }

  void put_aside(std::uint32_t cell, std::uint16_t label, const Values& values) {
    if (late.size() + kSeriesCount > kLate) write_late();
    for (std::size_t i = 0; i < kSeriesCount; ++i)
      late.push_back({std::max<std::int64_t>(values[i].count(), 0), cell, label, static_cast<Series>(i)});
  }

  void write_late() {
    std::sort(late.begin(), late.end());
    for (auto first = late.begin(); first != late.end();) {
      const auto last =
          std::find_if(first, late.end(), [&](const LateValue& value) { return value.piece() != first->piece(); });
      write_late(&*first, &*first + (last - first));
      first = last;
    }
    late.clear();
  }

  /// Sorted values of one piece.
  void write_late(const LateValue* first, const LateValue* last) {
    Piece piece;
    for (const LateValue* value = first; value != last; ++value) piece.exact.record(Duration(value->ns));
    piece.cell = first->cell;
    piece.label = first->label;
    piece.series = first->series;
    append(piece, room_for(piece.exact.count, Histogram::kCounts), [&](CountEncoder& encoder) {
      while (first != last && first->ns <= Histogram::kHighest) {
        const std::size_t index = Histogram::index_of(first->ns);
        const LateValue* const next =
            std::find_if(first, last, [&](const LateValue& value) { return value.ns > Histogram::highest_of(index); });
        encoder.add(index, static_cast<std::uint64_t>(next - first));
        first = next;
      }
    });
  }
};

IntervalLog::IntervalLog(std::size_t labels, std::size_t ready) : state_(std::make_unique<State>(labels, ready)) {}
IntervalLog::~IntervalLog() = default;
IntervalLog::IntervalLog(IntervalLog&&) noexcept = default;
IntervalLog& IntervalLog::operator=(IntervalLog&&) noexcept = default;

void IntervalLog::record(std::uint32_t cell, std::uint16_t label, const Values& values) noexcept {
  State& state = *state_;
  assert(label < state.labels.size());
  const std::size_t place = cell % kOpen;
  OpenLabel& open = state.labels[label];
  OpenLabel::OpenCell& to = open.cells[place];
  if (to.cell != cell) [[unlikely]] {
    if (cell < to.cell) return state.put_aside(cell, label, values);
    state.write(label, place);
    to.cell = cell;
  }
  for (std::size_t i = 0; i < kSeriesCount; ++i) {
    const std::int64_t ns = std::max<std::int64_t>(values[i].count(), 0);
    to.exact[i].record(Duration(ns));
    if (ns > Histogram::kHighest) [[unlikely]]
      continue;
    if (++open.counts_of(place, i)[Histogram::index_of(ns)] == kFull) [[unlikely]]
      state.write(label, place, i);
  }
}

void IntervalLog::publish() {
  State& state = *state_;
  state.write_late();
  for (std::size_t label = 0; label < state.labels.size(); ++label)
    for (std::size_t place = 0; place < kOpen; ++place) state.write(static_cast<std::uint16_t>(label), place);
}

void IntervalLog::finish() {
  State& state = *state_;
  publish();
  std::vector<OpenLabel>().swap(state.labels);
  std::vector<LateValue>().swap(state.late);
}

void IntervalLog::absorb(IntervalLog&& other) {
  State& to = *state_;
  State& from = *other.state_;
  assert(to.labels.empty() && from.labels.empty());
  to.tail->next.store(std::exchange(from.head, nullptr), std::memory_order_release);
  to.tail = std::exchange(from.tail, nullptr);
  to.cells = std::max(to.cells, from.cells);
}

void IntervalLog::append(const Piece& piece) {
  assert(piece.size <= kMostPiece);
  state_->append(piece);
}

void IntervalLog::Piece::add_to(Histogram& histogram) const {
  histogram.add(exact, [this](auto&& visit) { for_each_count(*this, visit); });
}

IntervalLog::Reader::Reader(const IntervalLog& log) : chunk_(log.state_->head) {}

bool IntervalLog::Reader::next(Piece& piece) {
  for (;;) {
    const auto* const chunk = static_cast<const Chunk*>(chunk_);
    // In this order: once there is a next chunk, this one's size is the last.
    const Chunk* const following = chunk->next.load(std::memory_order_acquire);
    if (at_ < chunk->written.load(std::memory_order_acquire)) break;
    if (following == nullptr) return false;
    chunk_ = following;
    at_ = 0;
  }
  const std::byte* const from = static_cast<const Chunk*>(chunk_)->bytes.get() + at_;
  std::memcpy(&piece, from, sizeof piece);
  piece.counts = from + sizeof piece;
  at_ += sizeof piece + piece.size;
  return true;
}

Histogram IntervalLog::sum(Series series, CellRange range, int label) const {
  Histogram sum;
  Reader reader(*this);
  for (Piece piece; reader.next(piece);)
    if (piece.series == series && range.contains(piece.cell) && (label < 0 || piece.label == label)) piece.add_to(sum);
  return sum;
}

std::uint32_t IntervalLog::cells() const {
  return state_->cells;
}

}  // namespace loadgen::stats
