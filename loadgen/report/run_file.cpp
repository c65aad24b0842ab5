#include "report/run_file.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "config/parse.hpp"
#include "http/base64.hpp"
#include "report/json_saved.hpp"
#include "report/packing.hpp"
#include "stats/record_codec.hpp"

namespace loadgen::report {
namespace {

/// A record compresses to between a half and a tenth; one of many hours in which little happened, to less.
constexpr std::size_t kMostGrowth = 20;
constexpr std::size_t kAlwaysAllowed = std::size_t{64} << 20;

Result<config::Plan> plan_of(std::string_view json) {
  auto outcome = config::parse_plan(json, {});
  if (const auto* problems = std::get_if<config::Problems>(&outcome))
    return Error{fmt::format("has a plan that is none: {}: {}", problems->front().pointer, problems->front().message)};
  return std::get<config::Plan>(std::move(outcome));
}

Result<stats::RunRecord> record_of(std::string_view text) {
  const Result<std::string> bytes = record_bytes(text);
  auto record = bytes ? stats::decode(*bytes) : Result<stats::RunRecord>(Error{bytes.error()});
  if (!record) return Error{"is damaged: " + record.error()};
  return record;
}

}  // namespace

std::string record_text(std::string_view bytes) {
  return http::base64(deflated(bytes, Effort::usual));
}

Result<std::string> record_bytes(std::string_view text) {
  const Result<std::string> stream = http::bytes_of_base64(text);
  if (!stream) return stream;
  return inflated(*stream, std::max(kAlwaysAllowed, kMostGrowth * stream->size()));
}

Result<SavedRun> read_run(std::string_view text) {
  Result<SavedFields> fields = saved_fields(text);
  if (!fields) return Error{fields.error()};
  Result<config::Plan> plan = plan_of(fields->plan);
  if (!plan) return Error{plan.error()};
  Result<stats::RunRecord> record = record_of(fields->record);
  if (!record) return Error{record.error()};
  return SavedRun{.plan = std::move(*plan),
                  .record = std::move(*record),
                  .host = std::move(fields->host),
                  .calibration = fields->calibration,
                  .tool = std::move(fields->tool),
                  .strict = fields->strict};
}

Summary summarize(const SavedRun& run) {
  Summary summary = summarize(run.plan, run.record, run.host, run.calibration);
  summary.tool = run.tool;
  summary.strict = run.strict;
  return summary;
}

}  // namespace loadgen::report
