#include "engine/resolve.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "engine/curl_settings.hpp"

namespace loadgen::engine {

namespace asio = boost::asio;
using asio::ip::tcp;
using Socket = asio::generic::stream_protocol::socket;

namespace {

/// Why an address will not do, and whether it was for TLS; empty: it will.
struct Reason {
  std::string text;
  bool tls = false;
};

/// Waits for the socket until OpenSSL may go on with what it wants (SSL_ERROR_...). False: not in time.
bool wait_for(int fd, int wanted, TimePoint until) {
  pollfd ready{.fd = fd, .events = static_cast<short>(wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), .revents = 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now());
  return left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) > 0;
}

Reason shake_hands(Socket& socket, const std::string& host, Duration timeout, const TlsOptions& options) {
  const TimePoint until = SteadyClock::now() + timeout;
  const Result<SslContext> context = make_ssl_context(options);
  if (!context) return {context.error(), true};
  socket.native_non_blocking(true);
  const SslPointer ssl = make_ssl(context->get(), options, host);
  if (!ssl || SSL_set_fd(ssl.get(), socket.native_handle()) != 1) return {"no memory for TLS", true};
  int error = 0, outcome = SSL_ERROR_NONE;
  do {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_connect(ssl.get());
    error = errno;
    outcome = SSL_get_error(ssl.get(), result);
  } while ((outcome == SSL_ERROR_WANT_READ || outcome == SSL_ERROR_WANT_WRITE) &&
           wait_for(socket.native_handle(), outcome, until));
  switch (outcome) {
    case SSL_ERROR_NONE:
      if (!agreed(ssl.get(), options)) return {std::string(info(ErrorKind::no_http2).text)};
      return {};
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {"the TLS handshake did not end in time", true};
    case SSL_ERROR_SYSCALL:
      return {fmt::format("TLS handshake failed: {}", std::generic_category().message(error)), true};
    default:
      return {tls_error_text(ssl.get(), options), true};
  }
}

/// Nobody waits longer than this for the other addresses of a server that has answered.
constexpr auto kPatience = std::chrono::seconds(1);

/// To libcurl no time at all would be any time.
constexpr auto kLeast = std::chrono::milliseconds(1);

/// A connection to an address, on its way.
struct Knock {
  Socket socket;
  boost::system::error_code outcome = asio::error::timed_out;
};

/// Connects to all addresses at once, until all have answered or there was time enough.
std::vector<Knock> knock_at(asio::io_context& io, const Target& target, const ProbeOptions& options) {
  using Clock = std::chrono::steady_clock;
  std::vector<Knock> knocks;
  knocks.reserve(target.addresses.size());  // they are referred to
  Clock::time_point give_up = Clock::now() + options.timeout;
  for (const Endpoint& address : target.addresses) {
    const auto& sources = options.sources.towards(address);
    Knock& knock = knocks.emplace_back(Knock{.socket = Socket(io)});
    const int fd = make_socket({.to = address, .from = sources.empty() ? nullptr : sources.data()}, 0);
    if (fd < 0) {
      knock.outcome = {errno, boost::system::system_category()};
      continue;
    }
    knock.socket.assign(address.protocol(), fd);
    knock.socket.async_connect(address, [&knock, &give_up](boost::system::error_code error) {
      knock.outcome = error;
      if (!error) give_up = std::min(give_up, Clock::now() + kPatience);
    });
  }
  while (io.run_one_until(give_up) != 0) {
  }
  return knocks;
}

/// Empty: the address will do.
Reason reason_of(Knock& knock, const Endpoint& address, const Target& target, const ProbeOptions& options) {
  Reason reason;
  if (knock.outcome)
    reason.text = knock.outcome.message();
  else if (target.proxy)
    std::tie(reason.text, reason.tls) =
        try_handshakes(target, options.tls, knock.socket.native_handle(), options.timeout);
  else if (target.tls)
    reason = shake_hands(knock.socket, target.host, options.timeout, options.tls);
  if (!reason.text.empty()) reason.text = fmt::format("{}: {}", to_text(address), reason.text);
  return reason;
}

/// No address of the target's will do.
Error unreachable(const Target& target, bool for_tls) {
  const std::string reasons = fmt::format("{}", fmt::join(target.refusals, "; "));
  if (target.proxy && !for_tls)
    return Error{
        fmt::format("the proxy {} refuses, or cannot reach {} ({}). Is the proxy running there, of the kind that "
                    "http.proxy (--proxy) says, and are user and password right?",
                    authority_of(target.proxy->host, target.proxy->port), target.authority, reasons)};
  return Error{fmt::format("cannot connect to {} ({}). {}", target.authority, reasons,
                           for_tls
                               ? "Does that port speak TLS? tls.ca_file (--cacert) names who may sign its "
                                 "certificate, tls.server_name whose it is; tls.verify false (--insecure) asks nothing."
                               : "Is the server running, and listening on that address and port?")};
}

std::string_view version_text(IpVersion version) {
  return version == IpVersion::v4 ? " over IPv4" : version == IpVersion::v6 ? " over IPv6" : "";
}

void add(std::vector<Endpoint>& addresses, const Endpoint& address) {
  if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
}

}  // namespace

std::string authority_of(const std::string& host, std::uint16_t port) {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<Target> resolve(const std::string& host, std::uint16_t port, IpVersion version) {
  asio::io_context io;
  tcp::resolver resolver(io);
  boost::system::error_code error;
  const std::string service = std::to_string(port);
  constexpr auto kFlags = tcp::resolver::numeric_service;
  const auto answers = version == IpVersion::any ? resolver.resolve(host, service, kFlags, error)
                                                 : resolver.resolve(version == IpVersion::v4 ? tcp::v4() : tcp::v6(),
                                                                    host, service, kFlags, error);
  if (error)
    return Error{
        fmt::format("cannot resolve \"{}\"{}: {}. Is the name spelt right, and does this machine's resolver know it?",
                    host, version_text(version), error.message())};
  Target target{.authority = authority_of(host, port), .addresses = {}, .host = host};
  for (const auto& answer : answers) add(target.addresses, answer.endpoint());
  return target;
}

Result<Target> pinned(const std::string& host, std::uint16_t port, std::span<const std::string> addresses,
                      IpVersion version) {
  Target target{.authority = authority_of(host, port), .addresses = {}, .host = host};
  for (const std::string& text : addresses) {
    boost::system::error_code error;
    const asio::ip::address address = asio::ip::make_address(text, error);
    if (error) return Error{fmt::format("\"{}\" is no IP address", text)};
    const IpVersion its = address.is_v6() ? IpVersion::v6 : IpVersion::v4;
    if (version == IpVersion::any || version == its) add(target.addresses, tcp::endpoint(address, port));
  }
  if (target.addresses.empty())
    return Error{fmt::format("cannot reach {}{}: none of the addresses that it is resolved to ({}) is one",
                             target.authority, version_text(version), fmt::join(addresses, ", "))};
  return target;
}

Result<Target> unix_target(const std::string& path) {
  using Path = asio::local::stream_protocol::endpoint;
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() > kLongest)
    return Error{
        fmt::format("the unix socket \"{}\" has a name of {} bytes, and {} are the most there can be; a "
                    "relative name may be shorter",
                    path, path.size(), kLongest)};
  return Target{.authority = "unix:" + path, .addresses = {Path(path)}};
}

Result<Target> reachable_from(const Sources& sources, Target target) {
  if (sources.empty()) return target;
  const auto out_of_reach = [&](const Endpoint& address) { return sources.towards(address).empty(); };
  if (std::ranges::all_of(target.addresses, out_of_reach))
    return Error{fmt::format("{} has addresses of {} only, and addresses.interface (--interface) none of those",
                             target.authority, sources.v4.empty() ? "IPv4" : "IPv6")};
  std::erase_if(target.addresses, out_of_reach);
  return target;
}

Result<Target> probe(Target target, const ProbeOptions& options) {
  asio::io_context io;
  std::vector<Knock> knocks = knock_at(io, target, options);
  std::vector<Endpoint> good, bad;
  bool for_tls = false;
  ProbeOptions share = options;
  const TimePoint until = SteadyClock::now() + options.timeout;
  auto stand = std::ranges::count_if(knocks, [](const Knock& knock) { return !knock.outcome; });
  for (std::size_t i = 0; i < knocks.size(); ++i) {
    const Endpoint& address = target.addresses[i];
    if (!knocks[i].outcome) share.timeout = std::max<Duration>(kLeast, (until - SteadyClock::now()) / stand--);
    Reason reason = reason_of(knocks[i], address, target, share);
    for_tls |= reason.tls;
    (reason.text.empty() ? good : bad).push_back(address);
    if (!reason.text.empty()) target.refusals.push_back(std::move(reason.text));
  }
  if (good.empty()) return unreachable(target, for_tls);
  good.insert(good.end(), bad.begin(), bad.end());
  target.addresses = std::move(good);
  return target;
}

}  // namespace loadgen::engine
