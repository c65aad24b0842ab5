#pragma once
// JMeter's CSV of single samples (JTL): its 17 default columns in their order, as CSVSaveService of JMeter 5 writes
// them. A row for each request, success or not. No format of a Summary, which knows no single request: rows are written
// while they come.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/plan.hpp"
#include "report/format.hpp"
#include "stats/run_record.hpp"
#include "stats/sample_ring.hpp"

namespace loadgen::report {

inline constexpr Format kJtl{"jtl", "JMeter's CSV, a row for each request, written as the run goes on"};

/// With its line end.
inline constexpr std::string_view kJtlHeader =
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes,"
    "grpThreads,allThreads,URL,Latency,IdleTime,Connect\n";

/// Makes lines of rows. Rows of several shards may come interleaved; each shard's own in their order.
class JtlLines {
 public:
  /// epoch: what the wall clock shows where the steady clock shows zero.
  JtlLines(const config::Plan& plan, std::uint32_t shards, Duration epoch);

  /// Appends the line of one row, line end and all.
  void add(std::uint32_t shard, const stats::SampleRow& row, std::string& out);

 private:
  /// What is the same in every row of a request.
  struct Constant {
    std::string label;
    std::string user_before;  ///< threadName up to the user's number
    std::string user_after;
    std::string url;
    std::uint32_t group;
  };
  /// Users under way, over all shards as far as their rows have told.
  struct Active {
    std::int64_t sum = 0;
    std::vector<std::uint32_t> by_shard;

    /// Counts anew what one shard told.
    void tell(std::uint32_t shard, std::uint32_t count) {
      sum += std::int64_t{count} - by_shard[shard];
      by_shard[shard] = count;
    }
  };

  std::vector<Constant> requests_;
  std::vector<Active> groups_;
  Active all_;
  Duration epoch_;
};

/// "6,000 rows, one for each request", and what was lost, with what to do.
std::string rows_text(const stats::RowsRecord& rows);

}  // namespace loadgen::report
