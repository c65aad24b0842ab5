#pragma once
// Scripted behaviour, asked for by the query on any path. Grammar:
//
//   query     = rule *("&" rule)
//   rule      = name ["=" value] ["@" K "/" N]
//
// A rule with @K/N strikes the requests whose index i has i mod N = K; without it, every request. i counts, from 0 and
// over all threads, the requests on that path whose query has a rule. The names stand in one table (behaviour_rows);
// to add a behaviour: a value of Behaviour, a row, and its effect in routes.cpp or connection.cpp. Other parameters
// are ignored, so a plan may add its own. Values may be percent-encoded.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/distribution.hpp"

namespace loadgen_server {

enum class Behaviour : std::uint8_t {
  delay,
  serve,
  status,
  size,
  chunked,
  trickle,
  pause,
  close,
  truncate,
  reset,
  malformed,
  never,
};
constexpr std::size_t behaviour_count = 12;

/// One rule as written; what `number`, `distribution` mean depends on `what`.
struct Rule {
  Behaviour what = Behaviour::delay;
  std::optional<std::uint64_t> number;
  Distribution distribution;
  std::uint64_t at = 0;
  std::uint64_t every = 1;
};

struct Rules {
  std::array<Rule, 16> rules;
  std::size_t count = 0;
  bool hold = false;       // hold=1: tell in x-hold-ns how long the request was held
  std::uint64_t seed = 0;  // seed=N, strata=N: see unit_value()
  std::uint64_t strata = 0;

  std::span<const Rule> all() const { return {rules.data(), count}; }
};

struct BehaviourRow {
  std::string_view name;
  std::string_view value;  // how help shows it
  std::string_view what;
  bool (*parse)(std::string_view value, Rule& rule);
};

/// In the order of Behaviour.
std::span<const BehaviourRow> behaviour_rows();

/// Reads the query; on a mistake false, and `problem` is a sentence for the client.
bool parse_rules(std::string_view query, Rules& rules, std::string& problem);

/// What the rules ask of one request.
struct Script {
  Nanos delay{0};
  std::optional<Nanos> serve;
  std::optional<std::uint16_t> status;
  std::optional<std::uint64_t> size;
  std::optional<Nanos> trickle;
  std::optional<Nanos> pause;
  std::optional<std::uint64_t> truncate;  // body bytes sent; none given: half of the body
  std::array<bool, behaviour_count> struck{};

  bool has(Behaviour behaviour) const { return struck[static_cast<std::size_t>(behaviour)]; }
};

Script script_for(const Rules& rules, std::uint64_t index);

}  // namespace loadgen_server
