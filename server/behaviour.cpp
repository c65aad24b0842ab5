#include "server/behaviour.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "server/response.hpp"

namespace loadgen_server {
namespace {

bool number_between(std::string_view value, std::uint64_t low, std::uint64_t high, Rule& rule) {
  rule.number = parse_number(value);
  return rule.number && *rule.number >= low && *rule.number <= high;
}

bool take_delay(std::string_view value, Rule& rule) {
  const auto distribution = parse_distribution(value);
  if (distribution) rule.distribution = *distribution;
  return distribution.has_value();
}

bool take_status(std::string_view value, Rule& rule) {
  return number_between(value, 200, 599, rule);
}
bool take_size(std::string_view value, Rule& rule) {
  return number_between(value, 0, max_body_size, rule);
}

bool take_trickle(std::string_view value, Rule& rule) {
  return take_delay(value, rule) && rule.distribution.shape == Distribution::Shape::fixed;
}

bool take_truncate(std::string_view value, Rule& rule) {
  return value.empty() || number_between(value, 0, max_body_size, rule);
}

/// For those that are only switched on: "close" and "close=1" are the same.
bool take_switch(std::string_view value, Rule&) {
  return value.empty() || value == "1";
}

constexpr std::array<BehaviourRow, behaviour_count> rows{{
    {"delay", distribution_help, "answer that much later", take_delay},
    {"serve", distribution_help, "as if the path had one server: work that long on each request, in turn", take_delay},
    {"status", "200..599", "answer with this status", take_status},
    {"size", "BYTES", "answer with a body of that size", take_size},
    {"chunked", "1", "send the body in chunks (to HTTP/1.0: until the connection closes)", take_switch},
    {"trickle", "PAUSE", "send the body byte by byte with a pause before each", take_trickle},
    {"pause", distribution_help, "between the two halves of the body", take_delay},
    {"close", "1", "close the connection after the answer, and say so", take_switch},
    {"truncate", "[BYTES]", "announce the whole body, send only BYTES of it (or half), close", take_truncate},
    {"reset", "1", "reset the connection (RST) instead of an answer", take_switch},
    {"malformed", "1", "answer with bytes that are not HTTP, close", take_switch},
    {"never", "1", "never answer; the connection stays open", take_switch},
}};

bool percent_decode(std::string_view text, std::string& decoded) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 32);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  decoded.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return false;
    decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return true;
}

bool parse_selector(std::string_view text, Rule& rule) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const auto at = parse_number(text.substr(0, slash));
  const auto every = parse_number(text.substr(slash + 1));
  if (!at || !every || *at >= *every) return false;
  rule.at = *at;
  rule.every = *every;
  return true;
}

bool parse_setting(std::string_view name, std::string_view value, Rules& rules, bool& is_setting) {
  constexpr std::uint64_t max_strata = 1'000'000'000;  // index * step must fit 64 bits
  is_setting = name == "hold" || name == "seed" || name == "strata";
  if (!is_setting) return true;
  const auto number = parse_number(value);
  if (name == "hold") rules.hold = value == "1";
  if (name == "hold") return value == "1" || value == "0";
  (name == "seed" ? rules.seed : rules.strata) = number.value_or(0);
  return number && (name == "seed" || (*number >= 1 && *number <= max_strata));
}

bool parse_parameter(std::string_view parameter, Rules& rules, std::string& problem) {
  const auto selector_at = parameter.rfind('@');
  const auto plain = parameter.substr(0, selector_at);
  const auto equals = plain.find('=');
  const auto name = plain.substr(0, equals);
  const auto value = equals == std::string_view::npos ? std::string_view{} : plain.substr(equals + 1);

  bool is_setting = false;
  if (!parse_setting(name, value, rules, is_setting)) {
    problem =
        fmt::format("{0}={1} is not understood; write hold=1, seed=NUMBER, strata=NUMBER (1 to 10^9)\n", name, value);
    return false;
  }
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const BehaviourRow& r) { return r.name == name; });
  if (is_setting || row == rows.end()) return true;

  Rule rule;
  rule.what = static_cast<Behaviour>(row - rows.begin());
  if (!row->parse(value, rule)) {
    problem = fmt::format("{} is not understood; write {}={} ({})\n", parameter, name, row->value, row->what);
    return false;
  }
  if (selector_at != std::string_view::npos && !parse_selector(parameter.substr(selector_at + 1), rule)) {
    problem = fmt::format("{}: after @ comes K/N with K < N, for the requests with index mod N = K\n", parameter);
    return false;
  }
  if (rules.count == rules.rules.size()) {
    problem = fmt::format("more than {} rules in one query\n", rules.rules.size());
    return false;
  }
  rules.rules[rules.count++] = rule;
  return true;
}

}  // namespace

std::span<const BehaviourRow> behaviour_rows() {
  return rows;
}

bool parse_rules(std::string_view query, Rules& rules, std::string& problem) {
  std::string decoded;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const bool encoded = parameter.find('%') != std::string_view::npos;
    if (encoded && !percent_decode(parameter, decoded)) {
      problem = "after % come two hexadecimal digits\n";
      return false;
    }
    if (!parse_parameter(encoded ? std::string_view(decoded) : parameter, rules, problem)) return false;
  }
  return true;
}

Script script_for(const Rules& rules, std::uint64_t index) {
  Script script;
  for (const Rule& rule : rules.all()) {
    if (index % rule.every != rule.at) continue;
    const Nanos time = rule.distribution.at(unit_value(rules.seed, index, rules.strata));
    script.struck[static_cast<std::size_t>(rule.what)] = true;
    switch (rule.what) {
      case Behaviour::delay:
        script.delay = time;
        break;
      case Behaviour::serve:
        script.serve = time;
        break;
      case Behaviour::status:
        script.status = static_cast<std::uint16_t>(*rule.number);
        break;
      case Behaviour::size:
        script.size = rule.number;
        break;
      case Behaviour::trickle:
        script.trickle = time;
        break;
      case Behaviour::pause:
        script.pause = time;
        break;
      case Behaviour::truncate:
        script.truncate = rule.number;
        break;
      default:
        break;  // a switch: `struck` says it all
    }
  }
  return script;
}

}  // namespace loadgen_server
