#include "engine/resolve.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <openssl/err.h>

namespace loadgen::engine {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string to_text(const Endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

/// Why an address will not do, and whether it was for TLS; empty: it will.
struct Reason {
  std::string text;
  bool tls = false;
};

/// On a blocking socket, each read and write of which takes no longer than timeout.
Reason shake_hands(tcp::socket& socket, const std::string& host, Duration timeout, const TlsOptions& options) {
  const Result<SslContext> context = make_ssl_context(options);
  if (!context) return {context.error(), true};
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(timeout).count();
  const timeval limit{.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
  socket.native_non_blocking(false);
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO})
    ::setsockopt(socket.native_handle(), SOL_SOCKET, direction, &limit, sizeof limit);
  const SslPointer ssl = make_ssl(context->get(), options, host);
  if (!ssl || SSL_set_fd(ssl.get(), socket.native_handle()) != 1) return {"no memory for TLS", true};
  ERR_clear_error();
  errno = 0;
  const int result = SSL_connect(ssl.get());
  const int error = errno;
  switch (SSL_get_error(ssl.get(), result)) {
    case SSL_ERROR_NONE:
      return {};
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {"the TLS handshake did not end in time", true};
    case SSL_ERROR_SYSCALL:
      return {fmt::format("TLS handshake failed: {}", std::generic_category().message(error)), true};
    default:
      return {tls_error_text(ssl.get()), true};
  }
}

Reason knock(const Endpoint& endpoint, const Target& target, Duration timeout, const TlsOptions& tls) {
  asio::io_context io;
  tcp::socket socket(io);
  boost::system::error_code outcome = asio::error::timed_out;
  socket.async_connect(endpoint, [&](boost::system::error_code error) { outcome = error; });
  io.run_for(timeout);
  Reason reason;
  if (outcome)
    reason.text = outcome.message();
  else if (target.tls)
    reason = shake_hands(socket, target.host, timeout, tls);
  if (!reason.text.empty()) reason.text = fmt::format("{}: {}", to_text(endpoint), reason.text);
  return reason;
}

}  // namespace

Result<Target> resolve(const std::string& host, std::uint16_t port) {
  const std::string authority =
      host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
  asio::io_context io;
  boost::system::error_code error;
  const auto answers = tcp::resolver(io).resolve(host, std::to_string(port), tcp::resolver::numeric_service, error);
  if (error)
    return Error{
        fmt::format("cannot resolve \"{}\": {}. Is the name spelt right, and does this machine's resolver know it?",
                    host, error.message())};
  Target target{.authority = authority, .addresses = {}, .host = host};
  for (const auto& answer : answers)
    if (std::find(target.addresses.begin(), target.addresses.end(), answer.endpoint()) == target.addresses.end())
      target.addresses.push_back(answer.endpoint());
  return target;
}

Result<Target> probe(Target target, Duration timeout, const TlsOptions& tls) {
  std::string reasons;
  bool for_tls = false;
  for (auto address = target.addresses.begin(); address != target.addresses.end(); ++address) {
    const Reason reason = knock(*address, target, timeout, tls);
    for_tls |= reason.tls;
    if (reason.text.empty()) {
      std::rotate(target.addresses.begin(), address, address + 1);
      return target;
    }
    reasons += (reasons.empty() ? "" : "; ") + reason.text;
  }
  return Error{fmt::format("cannot connect to {} ({}). {}", target.authority, reasons,
                           for_tls
                               ? "Does that port speak TLS? tls.ca_file (--cacert) names who may sign its "
                                 "certificate, tls.server_name whose it is; tls.verify false (--insecure) asks nothing."
                               : "Is the server running, and listening on that address and port?")};
}

}  // namespace loadgen::engine
