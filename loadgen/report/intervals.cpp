#include "report/intervals.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "report/hdr.hpp"
#include "stats/record_codec.hpp"

namespace loadgen::report {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

/// Intervals that begin at the same time, as one without a tag.
HdrInterval merged(const std::vector<HdrInterval>& all, std::size_t first, std::size_t last) {
  stats::Histogram sum;
  HdrInterval out;
  out.start = all[first].start;
  out.length = all[first].length;
  for (std::size_t i = first; i < last; ++i) {
    if (const auto values = histogram_of_hdr_base64(all[i].values)) sum.merge(*values);
    out.count += all[i].count;
    out.max = std::max(out.max, all[i].max);
  }
  out.values = hdr_base64(sum);
  return out;
}

}  // namespace

std::vector<HdrInterval> intervals_of(const Summary& summary) {
  const Result<stats::RunRecord> record = stats::decode(summary.record);
  if (!record) return {};                              // a summary that nobody made of a record
  using Key = std::pair<std::int64_t, std::uint16_t>;  // second, label
  std::map<Key, std::vector<stats::IntervalLog::Piece>> pieces;
  stats::IntervalLog::Reader reader(record->recorder.intervals());
  for (stats::IntervalLog::Piece piece; reader.next(piece);) {
    if (piece.series == stats::Series::response)
      pieces[{stats::cell_begin(piece.cell) / kSecond, piece.label}].push_back(piece);
  }
  std::vector<HdrInterval> out;
  for (const auto& [key, of_second] : pieces) {
    stats::Histogram values;
    for (const stats::IntervalLog::Piece& piece : of_second) piece.add_to(values);
    out.push_back(hdr_interval(key.first * kSecond, kSecond, record->labels[key.second], values));
  }
  return out;
}

std::string hlog(const Summary& summary) {
  std::vector<HdrInterval> lines;
  std::vector<HdrInterval> all = intervals_of(summary);
  std::vector<std::string> labels;
  for (const Row& row : summary.labels) labels.push_back(row.label);
  const std::map<std::string, std::string> tags = hdr_tags(labels);
  for (HdrInterval& interval : all) interval.tag = tags.at(interval.tag);
  for (std::size_t first = 0, last = 0; first < all.size(); first = last) {
    while (last < all.size() && all[last].start == all[first].start) ++last;
    lines.push_back(merged(all, first, last));
    if (summary.labels.size() > 1) lines.insert(lines.end(), &all[first], &all[first] + (last - first));
  }
  return hlog("loadgen " + summary.tool.version, summary.started, std::move(lines));
}

std::string hgrm(const Summary& summary) {
  return hgrm(summary.responses);
}

}  // namespace loadgen::report
