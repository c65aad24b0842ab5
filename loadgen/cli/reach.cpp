#include "cli/reach.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <sys/socket.h>

#include "base/letters.hpp"
#include "config/addresses.hpp"
#include "config/words.hpp"

namespace loadgen::cli {
namespace {

engine::IpVersion engine_word(config::IpVersion version) {
  switch (version) {
    case config::IpVersion::v4:
      return engine::IpVersion::v4;
    case config::IpVersion::v6:
      return engine::IpVersion::v6;
    case config::IpVersion::any:
      break;
  }
  return engine::IpVersion::any;
}

/// Both addresses of localhost are seldom listened at, and nobody means the other one.
bool is_worth_telling(const engine::Target& target) {
  return !target.refusals.empty() && target.host != "localhost";
}

std::string refusal_warning(const engine::Target& target) {
  return fmt::format("{} of {} addresses of {} did not answer and are last resorts ({})", target.refusals.size(),
                     target.addresses.size(), target.authority, fmt::join(target.refusals, "; "));
}

Result<engine::Target> located(const config::Destination& to, engine::IpVersion version) {
  if (!to.unix_socket.empty()) return engine::unix_target(to.unix_socket);
  return to.addresses.empty() ? engine::resolve(to.host, to.port, version)
                              : engine::pinned(to.host, to.port, to.addresses, version);
}

/// The proxy's addresses, and what it is asked for. connect_to is about targets, and so not about the proxy.
Result<engine::Target> through(const http::Proxy& proxy, const config::Destination& to,
                               const config::AddressSettings& addresses) {
  const engine::IpVersion version = engine_word(addresses.ip_version);
  Result<engine::Target> target =
      located(config::destination_of({.resolve = addresses.resolve}, proxy.host, proxy.port), version);
  if (!target) return Error{"http.proxy: " + target.error()};
  target->authority = target->asked_of_proxy = engine::authority_of(to.host, to.port);
  if (proxy.kind != http::ProxyKind::socks5) return target;
  const Result<engine::Target> here = located(to, version);
  if (!here) return here;
  target->asked_of_proxy = engine::to_text(here->addresses.front());
  return target;
}

bool is_unix(const engine::Target& target) {
  return target.addresses.front().protocol().family() == AF_UNIX;
}

}  // namespace

engine::TlsOptions tls_options(const config::Plan& plan) {
  const config::TlsSettings& tls = plan.tls;
  return {.verify = tls.verify,
          .ca_file = tls.ca_file,
          .server_name = tls.server_name,
          .client_cert = tls.client_cert,
          .client_key = tls.client_key,
          .min_version =
              tls.min_version == config::TlsVersion::tls_1_3 ? engine::TlsVersion::v1_3 : engine::TlsVersion::v1_2,
          .ciphers = tls.ciphers,
          .http2 = plan.http.version == config::HttpVersion::http_2,
          .session_reuse = tls.session_reuse};
}

Result<engine::Target> find_target(const run::HostAndPort& at, const config::AddressSettings& addresses,
                                   const std::optional<http::Proxy>& proxy) {
  const config::Destination to = config::destination_of(addresses, at.host, at.port);
  const bool elsewhere = !to.unix_socket.empty() || to.host != lower(at.host) || to.port != at.port;
  Result<engine::Target> target =
      proxy ? through(*proxy, to, addresses) : located(to, engine_word(addresses.ip_version));
  if (!target) return target;
  if (proxy) {
    target->proxy = *proxy;
    if (proxy->speaks_http() && !at.tls && !elsewhere) target->asked_of_proxy.clear();
  }
  if (elsewhere) target->authority += fmt::format(" for {}:{}", at.host, at.port);
  target->host = at.host;
  target->tls = at.tls;
  return target;
}

Result<Reached> reach(const run::Program& program, const config::Plan& plan, bool probe) {
  auto sources = engine::find_sources(plan.addresses.interfaces);
  if (!sources) return Error{sources.error()};
  Reached out{.targets = {}, .sources = std::move(*sources)};
  const engine::ProbeOptions options{
      .timeout = plan.http.connect_timeout, .tls = tls_options(plan), .sources = out.sources};
  for (const run::HostAndPort& at : program.targets) {
    auto target = find_target(at, plan.addresses, plan.http.proxy);
    if (target) target = engine::reachable_from(out.sources, std::move(*target));
    if (target && probe) target = engine::probe(std::move(*target), options);
    if (!target) return Error{target.error()};
    if (is_worth_telling(*target)) out.warnings.push_back(refusal_warning(*target));
    out.targets.push_back(std::move(*target));
  }
  return out;
}

std::size_t far_ends(const Reached& reached) {
  std::set<std::string> ends;
  for (const engine::Target& target : reached.targets) ends.insert(engine::to_text(target.addresses.front()));
  return std::max<std::size_t>(1, ends.size());
}

std::uint32_t address_pairs(const Reached& reached) {
  std::size_t fewest = 0;
  for (const engine::Target& target : reached.targets) {
    if (is_unix(target)) continue;
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < target.in_turn(); ++i)
      pairs += std::max<std::size_t>(1, reached.sources.towards(target.addresses[i]).size());
    fewest = fewest == 0 ? pairs : std::min(fewest, pairs);
  }
  return static_cast<std::uint32_t>(fewest);
}

}  // namespace loadgen::cli
