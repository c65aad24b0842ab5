#pragma once
// Why a request failed: one kind for each failure, never two. To add a kind: one enumerator, one table row.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace loadgen {

enum class ErrorKind : std::uint8_t {
  none,
  resolve,
  connect_refused,
  connect_timeout,
  connect_unreachable,
  proxy,
  tls,
  certificate_expired,
  certificate_name,
  certificate_self_signed,
  certificate_untrusted,
  no_local_port,
  no_descriptor,
  upload,
  reset,
  no_http2,
  stream_reset,
  stream_refused,
  closed_before_response,
  closed_mid_body,
  malformed_response,
  response_too_large,
  response_timeout,
  too_many_redirects,
  redirect_elsewhere,
  redirect_unusable,
  digest_unsupported,
  status,
  expectation,
  unfinished,  ///< in flight when the drain ended: neither a success nor a failure, its own line of the ledger
  other,       ///< an errno without a kind of its own; the cause stands in Sample::system_error
};

struct ErrorKindInfo {
  ErrorKind kind;
  std::string_view key;   ///< in run.json
  std::string_view text;  ///< for people
};

inline constexpr std::array<ErrorKindInfo, 31> kErrorKinds{{
    {ErrorKind::none, "none", "no error"},
    {ErrorKind::resolve, "resolve", "host name could not be resolved"},
    {ErrorKind::connect_refused, "connect_refused", "connection refused"},
    {ErrorKind::connect_timeout, "connect_timeout", "connect timed out"},
    {ErrorKind::connect_unreachable, "connect_unreachable", "host or network unreachable"},
    {ErrorKind::proxy, "proxy", "the proxy refused, or did not make the connection to the target"},
    {ErrorKind::tls, "tls", "TLS handshake failed, or the server ended TLS with an alert"},
    {ErrorKind::certificate_expired, "certificate_expired",
     "the server's certificate has expired, or is not valid yet"},
    {ErrorKind::certificate_name, "certificate_name", "the server's certificate is for another name"},
    {ErrorKind::certificate_self_signed, "certificate_self_signed",
     "the server's certificate is signed by itself, or by a root that is not trusted here"},
    {ErrorKind::certificate_untrusted, "certificate_untrusted",
     "the server's certificate is signed by nobody trusted here"},
    {ErrorKind::no_local_port, "no_local_port", "no local port left"},
    {ErrorKind::no_descriptor, "no_descriptor", "no file descriptor left"},
    {ErrorKind::upload, "upload", "a file of the request's body could not be read, or has become shorter"},
    {ErrorKind::reset, "reset", "connection reset by the server"},
    {ErrorKind::no_http2, "no_http2", "the server does not speak HTTP/2 here, and http.version asks for it"},
    {ErrorKind::stream_reset, "stream_reset", "the server reset the request's HTTP/2 stream"},
    {ErrorKind::stream_refused, "stream_refused",
     "the server refused to begin with the request, twice (HTTP/2 REFUSED_STREAM or GOAWAY)"},
    {ErrorKind::closed_before_response, "closed_before_response", "server closed the connection before any response"},
    {ErrorKind::closed_mid_body, "closed_mid_body", "server closed the connection in the middle of a response"},
    {ErrorKind::malformed_response, "malformed_response", "response is not HTTP, or its body cannot be decoded"},
    {ErrorKind::response_too_large, "response_too_large", "response is larger than http.max_response"},
    {ErrorKind::response_timeout, "response_timeout", "response timed out"},
    {ErrorKind::too_many_redirects, "too_many_redirects", "redirected more than 20 times"},
    {ErrorKind::redirect_elsewhere, "redirect_elsewhere",
     "redirected to a server that no step of the plan goes to: ask that one (by a step, or in the URL), or follow "
     "none"},
    {ErrorKind::redirect_unusable, "redirect_unusable", "redirected to what is no URL, or one of more than 8 KiB"},
    {ErrorKind::digest_unsupported, "digest_unsupported",
     "401 without a Digest challenge that is understood: MD5 or SHA-256, with qop auth or none"},
    {ErrorKind::status, "status", "status outside the expected ones"},
    {ErrorKind::expectation, "expectation", "body or header is not what the plan expects"},
    {ErrorKind::unfinished, "unfinished", "still in flight when the run ended"},
    {ErrorKind::other, "other", "other system error"},
}};

inline constexpr std::size_t kErrorKindCount = kErrorKinds.size();

constexpr const ErrorKindInfo& info(ErrorKind kind) {
  return kErrorKinds[static_cast<std::size_t>(kind)];
}

static_assert([] {
  for (std::size_t i = 0; i < kErrorKinds.size(); ++i)
    if (static_cast<std::size_t>(kErrorKinds[i].kind) != i) return false;
  return true;
}());

}  // namespace loadgen
