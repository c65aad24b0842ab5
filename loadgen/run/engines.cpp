#include "run/engines.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/engines.hpp"
#include "run/opening.hpp"
#include "run/shard_main.hpp"

namespace loadgen::run {
namespace {

/// Shards write what they have recorded for a threshold's sake so long before the main thread reads it, each second.
constexpr Duration kPublishFirst = kPublishEvery - 3 * kTickEvery;

/// Room for the per-second series, so that it does not grow while running.
Duration expected_length(const config::Plan& plan) {
  Duration longest = std::chrono::minutes(10);
  for (const config::ThreadGroup& group : plan.thread_groups)
    longest = std::max(longest, group.startup_delay + (group.open() ? load::LoadProfile(group.arrivals).length()
                                                                    : group.duration.value_or(group.ramp_up)));
  return longest + plan.grace;
}

template <engine::Engine E>
void shard_main(const Job& job, ShardIndex index, RunControl& control, ShardOutcome& outcome,
                const WaitForStart& wait_for_start) {
  const config::HttpSettings& http = job.plan.http;
  const auto places = places_of(job.plan, job.starts.size(), index);
  const std::uint32_t slots =
      places.empty() ? index.share_of(job.starts.size()) : places.back().first + places.back().count;
  E engine({.requests = job.program.requests,
            .targets = job.options.targets,
            .slots = slots,
            .connect_timeout = http.connect_timeout,
            .response_timeout = http.response_timeout,
            .continue_timeout = http.continue_timeout,
            .limits = {http.max_response_header, http.max_response},
            .tls = job.options.tls,
            .streams_per_connection = http.streams_per_connection,
            .sources = job.options.sources,
            .first_user = index.index,
            .users_apart = index.count});
  SteadyClock clock;
  sharpen_timers();
  outcome.opening = open_ahead(engine, openings_of(job.program, places), clock, control);
  const TimePoint t0 = wait_for_start();
  const Duration expected = expected_length(job.plan);
  Shard& shard = outcome.shard.emplace(
      Shard{.pacer = Pacer(job.plan, job.program, job.starts, index, t0),
            .recorder = stats::Recorder(job.program.labels.size(), job.program.label_of, t0, expected),
            .pacing = Pacing(job.options.pace),
            .watch = ShardWatch(t0, expected),
            .grace = job.plan.grace,
            .progress = {},
            .publishes = job.options.may_abort ? t0 + kPublishFirst : kNever,
            .rows = index.index < job.options.rows.size() ? job.options.rows[index.index] : nullptr});
  if (Visitors::wanted(job.plan)) shard.visitors.emplace(job.plan, job.program, slots);
  outcome.running.store(true, std::memory_order_release);
  run_shard(shard, engine, clock, control, outcome.mailbox);
  outcome.engine = engine.facts();
  shard.recorder.finish();
}

struct EngineRow {
  EngineInfo info;
  Needs can;
  ShardMain shard_main;
  ShardMain tls_shard_main;          ///< where a target wants TLS, of an engine that can do that
  std::string (*why_unavailable)();  ///< empty: this machine offers it
  double (*descriptors)(const Needs&) = [](const Needs&) { return 1.0; };  ///< of a connection
};

std::string always_available() {
  return {};
}

constexpr std::array<EngineRow, 4> kEngines{{
    {{"uring", "HTTP/1.1 on io_uring (Linux 6.1)"},
     {.http1 = true, .unix_socket = true},
     &shard_main<engine::UringEngine>,
     nullptr,
     &engine::UringTransport::why_unavailable},
    {{"native", "HTTP/1.1, over TLS too, on epoll"},
     {.http1 = true, .tls = true, .unix_socket = true},
     &shard_main<engine::NativeEngine>,
     &shard_main<engine::NativeTlsEngine>,
     &always_available},
    {{"curl", "HTTP/1.1 by libcurl (epoll), over TLS and through a proxy too"},
     {.http1 = true, .tls = true, .proxy = true},  // a lent socket is connected once more: no unix socket bears that
     &shard_main<engine::CurlEngine>,
     &shard_main<engine::CurlEngine>,
     &always_available,
     [](const Needs& needs) { return engine::CurlTransport::descriptors_of_a_connection(needs.proxy); }},
    {{"http2", "HTTP/2, over TLS too, by nghttp2 (epoll)"},
     {.http2 = true, .tls = true, .unix_socket = true},
     &shard_main<engine::Http2Engine>,
     &shard_main<engine::Http2TlsEngine>,
     &always_available},
}};

/// What an engine may lack, and what of a plan asks for it.
struct NeedRow {
  bool Needs::*need;
  std::string_view what;
  std::string_view asked_by;
};

constexpr std::array<NeedRow, 5> kNeeds{{
    {&Needs::http1, "do HTTP/1.1", "http.version is \"1.1\""},
    {&Needs::http2, "do HTTP/2", "http.version is \"2\" (--http2)"},
    {&Needs::tls, "do TLS", "a target is https"},
    {&Needs::unix_socket, "connect to a unix socket", "addresses.unix_socket (--unix-socket) names one"},
    {&Needs::proxy, "go through a proxy", "http.proxy (--proxy) names one"},
}};

/// What an engine lacks of what is needed; nullptr: nothing.
const NeedRow* lacking(const EngineRow& engine, const Needs& needs) {
  const auto row = std::find_if(kNeeds.begin(), kNeeds.end(),
                                [&](const NeedRow& r) { return needs.*r.need && !(engine.can.*r.need); });
  return row == kNeeds.end() ? nullptr : &*row;
}

const EngineRow* engine_row(std::string_view name) {
  const auto row =
      std::find_if(kEngines.begin(), kEngines.end(), [&](const EngineRow& r) { return r.info.name == name; });
  return row == kEngines.end() ? nullptr : &*row;
}

}  // namespace

std::span<const EngineInfo> engines() {
  static constexpr std::array<EngineInfo, kEngines.size()> infos = [] {
    std::array<EngineInfo, kEngines.size()> list{};
    for (std::size_t i = 0; i < kEngines.size(); ++i) list[i] = kEngines[i].info;
    return list;
  }();
  return infos;
}

Needs needs_of(const config::Plan& plan) {
  const bool http2 = plan.http.version == config::HttpVersion::http_2;
  return {.http1 = !http2,
          .http2 = http2,
          .tls = plan.has_tls(),
          .unix_socket = !plan.addresses.unix_socket.empty(),
          .proxy = plan.http.proxy.has_value()};
}

Result<EngineInfo> choose_engine(std::string_view name, const Needs& needs) {
  if (name == "auto")
    for (const EngineRow& row : kEngines)
      if (lacking(row, needs) == nullptr && row.why_unavailable().empty()) return row.info;
  if (name == "auto") {
    std::string all;
    for (const NeedRow& row : kNeeds)
      if (needs.*row.need) all += fmt::format("{}{}", all.empty() ? "" : ", ", row.asked_by);
    return Error{"no engine can do all that this plan needs: " + all};
  }
  const EngineRow* row = engine_row(name);
  if (row == nullptr) {
    std::string known = "auto";
    for (const EngineRow& r : kEngines) known.append(", ").append(r.info.name);
    return Error{"--engine: there is no engine \"" + std::string(name) + "\"; there are " + known};
  }
  if (const std::string why = row->why_unavailable(); !why.empty())
    return Error{"--engine " + std::string(name) + ": " + why + ". --engine auto takes one that works here."};
  if (const NeedRow* const lack = lacking(*row, needs))
    return Error{fmt::format("--engine {} cannot {}, and {}. --engine auto takes one that can.", name, lack->what,
                             lack->asked_by)};
  return row->info;
}

ShardMain shard_main_of(std::string_view engine, const Needs& needs) {
  const EngineRow& row = *engine_row(engine);
  return needs.tls ? row.tls_shard_main : row.shard_main;
}

double descriptors_of_a_connection(const EngineInfo& engine, const Needs& needs) {
  return engine_row(engine.name)->descriptors(needs);
}

}  // namespace loadgen::run
