#include "report/json_baseline.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace loadgen::report {
namespace {

using Json = nlohmann::ordered_json;

Json of(const Fingerprint& fingerprint) {
  Json out = Json::object();
  for (const FingerprintField& field : kFingerprint) out[std::string(field.key)] = fingerprint.*field.value;
  return out;
}

Json of(const Job& job) {
  Json values = Json::object();
  for (std::size_t i = 0; i < kCompareMetrics.size(); ++i)
    if (std::isfinite(job.values[i])) values[std::string(kCompareMetrics[i].name)] = job.values[i];
  return {{"label", job.label}, {"started", job.started},      {"verdict", to_string(job.verdict)},
          {"model", job.model}, {"values", std::move(values)}, {"response_histogram", job.responses}};
}

VerdictName verdict_of(const std::string& name) {
  for (auto verdict = VerdictName::trustworthy; verdict != VerdictName::broken;
       verdict = static_cast<VerdictName>(static_cast<int>(verdict) + 1))
    if (to_string(verdict) == name) return verdict;
  return VerdictName::broken;
}

Fingerprint read_fingerprint(const Json& in) {
  Fingerprint fingerprint;
  for (const FingerprintField& field : kFingerprint) in.at(std::string(field.key)).get_to(fingerprint.*field.value);
  return fingerprint;
}

/// A figure of a later version that this one does not know is passed over.
Job read_job(const Json& in) {
  Job job;
  in.at("label").get_to(job.label);
  in.at("started").get_to(job.started);
  job.verdict = verdict_of(in.at("verdict").get<std::string>());
  in.at("model").get_to(job.model);
  in.at("response_histogram").get_to(job.responses);
  const Json& values = in.at("values");
  for (std::size_t i = 0; i < kCompareMetrics.size(); ++i) {
    const auto value = values.find(std::string(kCompareMetrics[i].name));
    const bool known = value != values.end() && value->is_number();
    job.values[i] = known ? value->get<double>() : std::numeric_limits<double>::quiet_NaN();
  }
  return job;
}

}  // namespace

std::string baseline_json(const Baseline& baseline) {
  Json jobs = Json::array();
  for (const Job& job : baseline.jobs) jobs.push_back(of(job));
  const Json out{{"schema", kBaselineSchema}, {"fingerprint", of(baseline.fingerprint)}, {"jobs", std::move(jobs)}};
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Baseline> read_baseline(std::string_view text) {
  const Json in = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (in.is_discarded()) return Error{"it is no JSON, or was cut short"};
  if (!in.is_object() || !in.contains("schema")) return Error{"it is no baseline: it has no \"schema\""};
  if (in["schema"] != kBaselineSchema)
    return Error{fmt::format("it is no baseline of this version: its \"schema\" is not \"{}\"", kBaselineSchema)};
  Baseline baseline;
  try {
    baseline.fingerprint = read_fingerprint(in.at("fingerprint"));
    const Json& jobs = in.at("jobs");
    if (!jobs.is_array()) return Error{"its \"jobs\" are no list"};
    if (jobs.size() > kMostJobs) return Error{fmt::format("it has more than {} jobs", kMostJobs)};
    for (const Json& job : jobs) baseline.jobs.push_back(read_job(job));
  } catch (const Json::exception& error) {
    return Error{fmt::format("it is damaged in job {}: {}", baseline.jobs.size() + 1, error.what())};
  }
  return baseline;
}

}  // namespace loadgen::report
