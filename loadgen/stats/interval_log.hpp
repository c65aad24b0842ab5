#pragma once
// The interval record: a histogram of each short stretch of time, so that afterwards any window, any stage and any
// batch can be put together bucket for bucket. Time is cut into cells by when a request was DUE, never by when it
// ended: else slow requests would migrate out of the window that they belong to.
//
// A cell is 200 ms long during the first minute and 1 s after that (cell_of). Of each label the newest kOpen cells that
// values fall into are dense arrays of counters; older ones are written, as gaps and counts in few bytes, into chunks
// of memory that only ever grow by appending. So recording a value is an addition, memory grows with time and not with
// requests, and another thread may read what has been written while the shard goes on (--until). A value for a cell
// that was already written waits in a short list and is written with others of its kind: such values, of requests that
// took longer than kOpen cells while others of their label did not, cost one or two bytes each.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.hpp"
#include "stats/count_code.hpp"
#include "stats/histogram.hpp"
#include "stats/moments.hpp"

namespace loadgen::stats {

inline constexpr Duration kFineCell = std::chrono::milliseconds(200);
inline constexpr Duration kCoarseCell = std::chrono::seconds(1);
inline constexpr std::uint32_t kFineCells = 300;  ///< one minute of fine cells

/// The cell of a time since the run's t0; before t0 counts as cell 0.
constexpr std::uint32_t cell_of(Duration since_start) {
  const Duration fine = kFineCells * kFineCell;
  if (since_start < Duration::zero()) return 0;
  if (since_start < fine) return static_cast<std::uint32_t>(since_start / kFineCell);
  return kFineCells + static_cast<std::uint32_t>((since_start - fine) / kCoarseCell);
}
constexpr Duration cell_begin(std::uint32_t cell) {
  return cell <= kFineCells ? cell * kFineCell : kFineCells * kFineCell + (cell - kFineCells) * kCoarseCell;
}
constexpr Duration cell_length(std::uint32_t cell) {
  return cell < kFineCells ? kFineCell : kCoarseCell;
}

/// What is kept by cell, of successes.
enum class Series : std::uint8_t { response, service, send_lag };
inline constexpr std::size_t kSeriesCount = 3;

/// Cells [first, last).
struct CellRange {
  std::uint32_t first = 0;
  std::uint32_t last = UINT32_MAX;
  bool contains(std::uint32_t cell) const { return cell >= first && cell < last; }
  bool operator==(const CellRange&) const = default;
};

/// One writer; readers through Reader.
class IntervalLog {
 public:
  static constexpr std::uint32_t kOpen = 4;
  /// Enough for minutes of one label at tens of thousands of requests a second.
  static constexpr std::size_t kReady = std::size_t{2} << 20;
  /// A value of each series, by Series.
  using Values = std::array<Duration, kSeriesCount>;

  /// 793 KiB of address space a label until finish(), of which a page becomes memory when a value falls into it; and
  /// `ready` bytes of memory for what is written.
  explicit IntervalLog(std::size_t labels, std::size_t ready = kReady);
  ~IntervalLog();
  IntervalLog(IntervalLog&&) noexcept;
  IntervalLog& operator=(IntervalLog&&) noexcept;

  /// The values of one success, in the cell of its due time. Below 0 counts as 0, as in Histogram.
  void record(std::uint32_t cell, std::uint16_t label, const Values& values) noexcept;
  /// Writes what is still open, and what came late, so that readers see all that has been recorded; recording goes on.
  void publish();
  /// Writes what is still open. Nothing is recorded after that.
  void finish();
  /// Takes over what another log (of another shard) has written; both are finished.
  void absorb(IntervalLog&& other);

  /// A piece of one cell: several may belong to one (cell, label, series) and add up.
  struct Piece {
    Moments exact;  ///< of the piece's values; those above Histogram::kHighest count here only
    std::uint32_t cell = 0;
    std::uint16_t label = 0;
    Series series{};
    // The encoded counts: read with add_to or for_each_count.
    const std::byte* counts = nullptr;
    std::uint32_t size = 0;     ///< bytes
    std::uint16_t first = 0;    ///< index of the first bucket that holds something
    std::uint16_t buckets = 0;  ///< that hold something

    void add_to(Histogram& histogram) const;
  };
  /// Bytes of counts that a piece has at most.
  static constexpr std::size_t kMostPiece = CountEncoder::kMostBytes * Histogram::kCounts + 8;
  /// Writes a piece of another log as it is: for a log that is read back instead of being recorded.
  void append(const Piece& piece);
  /// Calls visit(bucket index, count) in rising order of index.
  template <class Visit>
  static void for_each_count(const Piece& piece, Visit&& visit);

  /// Walks over what has been written, from where it stopped last. May be used by one other thread while the log's own
  /// goes on recording; a piece stays valid as long as the log.
  class Reader {
   public:
    explicit Reader(const IntervalLog& log);
    bool next(Piece& piece);  ///< false: nothing more for now

   private:
    const void* chunk_;
    std::size_t at_ = 0;
  };

  /// All pieces of a series within range added up; label -1: of all labels. What is still open is not in it.
  Histogram sum(Series series, CellRange range = {}, int label = -1) const;
  /// One more than the latest cell written; 0 when none was. For the writer's thread, or after finish().
  std::uint32_t cells() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

template <class Visit>
void IntervalLog::for_each_count(const Piece& piece, Visit&& visit) {
  CountDecoder decoder(piece.counts, piece.size, piece.first);
  for (std::uint32_t i = 0; i < piece.buckets; ++i) decoder.next(visit);
}

}  // namespace loadgen::stats
