#include "config/addresses.hpp"

#include <algorithm>

#include <boost/url.hpp>
#include <fmt/format.h>

#include "base/letters.hpp"
#include "config/plan.hpp"
#include "config/url.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

constexpr std::string_view kConnectToGrammar =
    "write HOST1:PORT1:HOST2:PORT2, as \"shop.example:443:10.0.0.7:8443\"; each may be empty, and IPv6 addresses stand "
    "in brackets";
constexpr std::string_view kResolveGrammar =
    "write HOST:PORT:ADDRESS[,ADDRESS]…, as \"shop.example:443:10.0.0.7,10.0.0.8\"; HOST may be *";

/// Takes the text up to the next ':' that is not within brackets, and that ':'. The brackets stay.
std::string_view take_field(std::string_view& rest) {
  const std::size_t from = rest.starts_with('[') ? std::min(rest.find(']'), rest.size()) : 0;
  const std::size_t end = std::min(rest.find(':', from), rest.size());
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return field;
}

bool is_ipv6(std::string_view text) {
  return boost::urls::parse_ipv6_address(text).has_value();
}

/// Or one that was hidden, whose plan is to be read again (config/describe).
bool is_address(std::string_view text) {
  return is_ipv6(text) || boost::urls::parse_ipv4_address(text).has_value() || text == "***";
}

/// A host's name or address without brackets, lower case; nothing: it is none.
std::optional<std::string> host_of(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
    return is_ipv6(text) ? std::optional(lower(text)) : std::nullopt;
  }
  return is_host_name(text) ? std::optional(lower(text)) : std::nullopt;
}

std::string port_text(std::uint16_t port) {
  return port == 0 ? "" : std::to_string(port);
}

Error mistake(std::string_view text, std::string_view what, std::string_view grammar) {
  return Error{fmt::format("{} {}; {}", in_quotes(text), what, grammar)};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

bool fits(const ConnectTo& rule, const std::string& host, std::uint16_t port) {
  return (rule.from_host.empty() || rule.from_host == host) && (rule.from_port == 0 || rule.from_port == port);
}

bool fits(const ResolveTo& rule, const std::string& host, std::uint16_t port) {
  return rule.host == host && rule.port == port;
}

/// The last that names the host, or else the last for any.
const ResolveTo* rule_for(const AddressSettings& settings, const std::string& host, std::uint16_t port) {
  const auto last = [&](const std::string& name) {
    return std::find_if(settings.resolve.rbegin(), settings.resolve.rend(),
                        [&](const ResolveTo& rule) { return fits(rule, name, port); });
  };
  auto found = last(host);
  if (found == settings.resolve.rend()) found = last("*");
  return found == settings.resolve.rend() ? nullptr : &*found;
}

/// The host and port that are looked up for those of a URL.
ConnectTo led_to(const AddressSettings& settings, const std::string& host, std::uint16_t port) {
  ConnectTo out{.from_host = lower(host), .from_port = port, .to_host = lower(host), .to_port = port};
  const auto rule = std::ranges::find_if(
      settings.connect_to, [&](const ConnectTo& each) { return fits(each, out.from_host, out.from_port); });
  if (rule == settings.connect_to.end()) return out;
  if (!rule->to_host.empty()) out.to_host = rule->to_host;
  if (rule->to_port != 0) out.to_port = rule->to_port;
  return out;
}

}  // namespace

Result<ConnectTo> parse_connect_to(std::string_view text) {
  std::string_view rest = text;
  if (std::ranges::count(text, ':') < 3) return mistake(text, "has not four parts", kConnectToGrammar);
  ConnectTo out;
  for (const auto& [host, port] : {std::pair(&out.from_host, &out.from_port), std::pair(&out.to_host, &out.to_port)}) {
    if (const std::string_view field = take_field(rest); !field.empty()) {
      const auto name = host_of(field);
      if (!name) return mistake(text, "has a host that is neither a name nor an address", kConnectToGrammar);
      *host = *name;
    }
    if (const std::string_view field = take_field(rest); !field.empty()) {
      const auto number = parse_port(field);
      if (!number) return mistake(text, "has a port outside 1 to 65535", kConnectToGrammar);
      *port = *number;
    }
  }
  if (!rest.empty()) return mistake(text, "has more than four parts", kConnectToGrammar);
  return out;
}

Result<ResolveTo> parse_resolve(std::string_view text) {
  std::string_view rest = text;
  const std::string_view host = take_field(rest), port = take_field(rest);
  ResolveTo out;
  const auto name = host_of(host);
  if (host != "*" && !name) return mistake(text, "has a host that is neither a name nor an address", kResolveGrammar);
  const auto number = parse_port(port);
  if (!number) return mistake(text, "has a port outside 1 to 65535", kResolveGrammar);
  out.host = host == "*" ? "*" : *name;
  out.port = *number;
  for (std::string_view address : split(rest, ',')) {
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    if (!is_address(address))
      return mistake(text, fmt::format("has {}, which is no IP address", in_quotes(address)), kResolveGrammar);
    out.addresses.emplace_back(address);
  }
  return out;
}

Result<std::vector<std::string>> parse_interfaces(std::string_view text) {
  const auto strange = [](unsigned char c) { return c <= 0x20 || c == 0x7F; };
  std::vector<std::string> out;
  for (const std::string_view name : split(text, ',')) {
    if (name.empty() || std::ranges::any_of(name, strange))
      return Error{
          fmt::format("{} is no list of addresses and interfaces; write them with commas and no blanks, as "
                      "\"10.0.0.7,10.0.0.8\" or \"eth0\"",
                      in_quotes(text))};
    out.emplace_back(name);
  }
  return out;
}

std::string to_string(const ConnectTo& rule) {
  return fmt::format("{}:{}:{}:{}", in_brackets(rule.from_host), port_text(rule.from_port), in_brackets(rule.to_host),
                     port_text(rule.to_port));
}

std::string to_string(const ResolveTo& rule) {
  return fmt::format("{}:{}:{}", in_brackets(rule.host), rule.port, fmt::join(rule.addresses, ","));
}

Destination destination_of(const AddressSettings& settings, const std::string& host, std::uint16_t port) {
  if (!settings.unix_socket.empty())
    return {.unix_socket = settings.unix_socket, .host = host, .port = port, .addresses = {}};
  const ConnectTo led = led_to(settings, host, port);
  Destination out{.unix_socket = "", .host = led.to_host, .port = led.to_port, .addresses = {}};
  if (const ResolveTo* const rule = rule_for(settings, out.host, out.port)) out.addresses = rule->addresses;
  return out;
}

void apply(const AddressOverrides& overrides, AddressSettings& settings) {
  if (overrides.unix_socket) settings = {.unix_socket = *overrides.unix_socket};
  const bool others = !overrides.connect_to.empty() || !overrides.resolve.empty() || !overrides.interfaces.empty() ||
                      overrides.ip_version.has_value();
  if (others && !overrides.unix_socket) settings.unix_socket.clear();
  if (!overrides.connect_to.empty()) settings.connect_to = overrides.connect_to;
  if (!overrides.resolve.empty()) settings.resolve = overrides.resolve;
  if (!overrides.interfaces.empty()) settings.interfaces = overrides.interfaces;
  settings.ip_version = overrides.ip_version.value_or(settings.ip_version);
}

std::vector<std::string> idle_rules(const Plan& plan) {
  const AddressSettings& settings = plan.addresses;
  const std::optional<http::Proxy>& proxy = plan.http.proxy;
  std::vector<bool> connects(settings.connect_to.size()), resolves(settings.resolve.size());
  const auto look_up = [&](const std::string& host, std::uint16_t port) {
    const ResolveTo* const rule = rule_for(settings, host, port);
    if (rule != nullptr) resolves[static_cast<std::size_t>(rule - settings.resolve.data())] = true;
  };
  if (proxy) look_up(lower(proxy->host), proxy->port);
  for (const ThreadGroup& group : plan.thread_groups)
    for (const Step& step : group.steps) {
      const ConnectTo led = led_to(settings, step.url.host, step.url.port);
      const auto asked = std::ranges::find_if(
          settings.connect_to, [&](const ConnectTo& rule) { return fits(rule, led.from_host, led.from_port); });
      if (asked != settings.connect_to.end())
        connects[static_cast<std::size_t>(asked - settings.connect_to.begin())] = true;
      if (!proxy || proxy->kind == http::ProxyKind::socks5) look_up(led.to_host, led.to_port);  // others ask by name
    }
  std::vector<std::string> out;
  const auto tell = [&](std::string_view what, const std::string& rule) {
    out.push_back(fmt::format("{} {} changes nothing: nothing of the plan connects to that host and port", what, rule));
  };
  for (std::size_t i = 0; i < connects.size(); ++i)
    if (!connects[i]) tell("connect_to", to_string(settings.connect_to[i]));
  for (std::size_t i = 0; i < resolves.size(); ++i)
    if (!resolves[i]) tell("resolve", to_string(settings.resolve[i]));
  return out;
}

}  // namespace loadgen::config
