#pragma once
// Earlier runs that a new one is compared with, kept in a file. Second class: what lies between two jobs (another
// machine, another neighbour, another day) cannot be told from what the target does, and only shows as the spread of
// the earlier jobs. Targets that take turns on one machine (`loadgen compare`) are compared far better.
//
// A job is one run. The unit of replication is the job, so the spread between jobs, not a run's own interval, decides.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/compare_metrics.hpp"
#include "report/gates.hpp"
#include "report/host.hpp"
#include "report/summary.hpp"

namespace loadgen::report {

inline constexpr std::string_view kSecondClass =
    "second class: earlier jobs ran at other times, and what lies between them is not the target's alone; "
    "`loadgen compare` takes turns on one machine";

/// What two results must have in common to be compared, in words; kFingerprint names them.
struct Fingerprint {
  std::string cpu_model, cores, kernel, governor, cpu_limit, memory_limit;
  std::string tool, engine, target;
  std::string plan;   ///< a hash of the resolved plan
  std::string floor;  ///< of the calibration; empty: not calibrated, and then not compared
};

struct FingerprintField {
  std::string_view key;   ///< in the file
  std::string_view text;  ///< for people
  std::string Fingerprint::*value;
};
inline constexpr std::array<FingerprintField, 11> kFingerprint{{
    {"cpu_model", "processor", &Fingerprint::cpu_model},
    {"cores", "number of usable cores", &Fingerprint::cores},
    {"kernel", "kernel", &Fingerprint::kernel},
    {"governor", "frequency governor", &Fingerprint::governor},
    {"cpu_limit", "control group's CPU limit", &Fingerprint::cpu_limit},
    {"memory_limit", "control group's memory limit", &Fingerprint::memory_limit},
    {"tool", "version of loadgen", &Fingerprint::tool},
    {"engine", "engine", &Fingerprint::engine},
    {"target", "target", &Fingerprint::target},
    {"plan", "plan (hash)", &Fingerprint::plan},
    {"floor_us", "calibrated floor in us", &Fingerprint::floor},
}};

/// What a fingerprint is made of.
struct Circumstances {
  std::string plan_json;  ///< resolved
  std::string target;
  std::string engine;
  std::string tool_version;
  HostFacts host;
  HostLimits limits;
  std::optional<Calibration> calibration;
};
Fingerprint fingerprint_of(const Circumstances& circumstances);

/// "the kernel was 6.1.0 and is 6.2.0", one for each difference. Floors may differ by a half.
std::vector<std::string> differences(const Fingerprint& was, const Fingerprint& is);

/// A run as later ones are compared with it.
struct Job {
  std::string label;    ///< the commit, or what the user calls it
  std::string started;  ///< ISO 8601, UTC
  VerdictName verdict = VerdictName::trustworthy;
  std::string model;                                    ///< OfferedLoad::model
  std::array<double, kCompareMetrics.size()> values{};  ///< in the order of kCompareMetrics; NaN: none
  std::string responses;  ///< the histogram of the measured window: HdrHistogram V2, base64
};

Job job_of(const Summary& summary, std::string label);

struct Baseline {
  Fingerprint fingerprint;
  std::vector<Job> jobs;  ///< the oldest first
};

inline constexpr std::size_t kMostJobs = 1000;  ///< the oldest make room

/// The job as the newest, and its fingerprint as that of all.
void append(Baseline& baseline, Job job, Fingerprint fingerprint);

/// A gate a figure, against the margins of kCompareMetrics: p50, p99, error_rate, and of a closed loop rps. Fewer than
/// stats::kLeastJobs earlier jobs leave it undecided.
std::vector<Gate> judge(const Baseline& baseline, const Job& job, double alpha = 0.05);

}  // namespace loadgen::report
