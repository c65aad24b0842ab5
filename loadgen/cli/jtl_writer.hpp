#pragma once
// The JTL of a run, written while it goes on. One thread of low priority takes the shards' rows, makes lines of them
// and writes only whole ones: who follows the file sees a line or does not. If the thread cannot keep up, or the disk
// is full, rows are lost and counted; the load does not wait.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/output.hpp"
#include "config/plan.hpp"
#include "report/jtl.hpp"
#include "stats/run_record.hpp"
#include "stats/sample_ring.hpp"

namespace loadgen::cli {

/// An output that is written bit by bit, a few whole lines at a time. A write that fails is taken back as far as the
/// file allows, and ends it: what stands there are whole lines.
class LineFile {
 public:
  /// What stood in the file is gone.
  explicit LineFile(Output output);

  /// False: these lines are not there, now or because it had failed before.
  bool write(std::string_view lines);

  /// What went wrong, as a sentence with the output's name.
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  void fail();

  Output output_;
  std::optional<std::string> problem_;
};

class JtlWriter {
 public:
  /// Writes the header and starts the thread. one_in: a row for every request, or for one of so many.
  JtlWriter(Output output, const config::Plan& plan, std::uint32_t shards, std::uint32_t one_in);
  ~JtlWriter() { stop(); }
  JtlWriter(const JtlWriter&) = delete;
  JtlWriter& operator=(const JtlWriter&) = delete;

  /// One for each shard, to be filled from its thread.
  std::vector<stats::SampleRing*> rings();

  /// When the shards have ended: writes what is left, and tells what became of all rows.
  stats::RowsRecord finish();
  /// After finish(): why rows were not written, if that was the file's fault.
  const std::optional<std::string>& problem() const { return file_.problem(); }

 private:
  /// One shard's rows, some of them already taken out of the ring.
  struct Source {
    Source(std::size_t capacity, const stats::Sampling& sampling) : ring(capacity, sampling) {}
    void refill();
    const stats::SampleRow* oldest();

    stats::SampleRing ring;
    std::array<stats::SampleRow, 1'024> rows;
    std::size_t next = 0;
    std::size_t count = 0;
    bool more = false;  ///< when the ring was last looked at, it may have held more than there was room for
  };

  void work(const std::stop_token& stop);
  void drain();
  void flush();
  void stop();

  LineFile file_;
  report::JtlLines lines_;  ///< that know the clocks from here on: one that is set during the run tears no times apart
  std::deque<Source> sources_;
  std::uint32_t one_in_;
  std::string text_;         ///< whole lines, not written yet
  std::uint64_t held_ = 0;   ///< rows in text_
  std::uint64_t taken_ = 0;  ///< rows out of the rings
  std::uint64_t written_ = 0;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

/// The JTL among the outputs, taken out of them, if one was asked for.
std::optional<Output> take_jtl(std::vector<Output>& outputs);

}  // namespace loadgen::cli
