#include "report/jtl.hpp"

#include <array>
#include <iterator>
#include <system_error>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "config/describe.hpp"
#include "http/reason_phrase.hpp"
#include "report/escape.hpp"
#include "report/numbers.hpp"
#include "report/page.hpp"

namespace loadgen::report {
namespace {

using std::chrono::milliseconds;

/// What stands in responseCode and responseMessage where there is no whole response: JMeter writes the Java exception
/// that it met, and readers look for it. Empty: the response's own status.
struct NoResponse {
  ErrorKind kind;
  std::string_view exception;
  std::string_view message;
  bool connecting = false;  ///< the connection did not come about
};

// No text here needs quotes.
constexpr std::array<NoResponse, kErrorKindCount> kNoResponse{{
    {ErrorKind::none, "", ""},
    {ErrorKind::resolve, "java.net.UnknownHostException", "host name could not be resolved", true},
    {ErrorKind::connect_refused, "org.apache.http.conn.HttpHostConnectException", "Connection refused", true},
    {ErrorKind::connect_timeout, "org.apache.http.conn.ConnectTimeoutException", "connect timed out", true},
    {ErrorKind::connect_unreachable, "java.net.NoRouteToHostException", "No route to host", true},
    {ErrorKind::proxy, "org.apache.http.impl.execchain.TunnelRefusedException", "CONNECT refused by proxy", true},
    {ErrorKind::tls, "javax.net.ssl.SSLHandshakeException", "TLS handshake failed", true},
    {ErrorKind::certificate_expired, "javax.net.ssl.SSLHandshakeException", "the certificate has expired", true},
    {ErrorKind::certificate_name, "javax.net.ssl.SSLPeerUnverifiedException", "the certificate is for another name",
     true},
    {ErrorKind::certificate_self_signed, "javax.net.ssl.SSLHandshakeException", "the certificate is self-signed", true},
    {ErrorKind::certificate_untrusted, "javax.net.ssl.SSLHandshakeException", "the certificate is not trusted", true},
    {ErrorKind::no_local_port, "java.net.BindException", "Cannot assign requested address", true},
    {ErrorKind::no_descriptor, "java.net.SocketException", "Too many open files", true},
    {ErrorKind::upload, "java.io.IOException", "a file of the request's body could not be read or has become shorter"},
    {ErrorKind::reset, "java.net.SocketException", "Connection reset"},
    {ErrorKind::no_http2, "java.io.IOException", "the server does not speak HTTP/2"},
    {ErrorKind::stream_reset, "java.net.SocketException", "Stream reset"},
    {ErrorKind::stream_refused, "java.io.IOException", "Stream refused twice"},
    {ErrorKind::closed_before_response, "org.apache.http.NoHttpResponseException", "the target failed to respond"},
    {ErrorKind::closed_mid_body, "org.apache.http.ConnectionClosedException", "Premature end of message body"},
    {ErrorKind::malformed_response, "org.apache.http.client.ClientProtocolException",
     "the response is not HTTP or its body cannot be decoded"},
    {ErrorKind::response_too_large, "java.io.IOException", "the response is larger than http.max_response"},
    {ErrorKind::response_timeout, "java.net.SocketTimeoutException", "Read timed out"},
    {ErrorKind::too_many_redirects, "java.io.IOException", "Exceeded maximum number of redirects: 20"},
    {ErrorKind::redirect_elsewhere, "java.io.IOException", "redirected to a server that no step of the plan goes to"},
    {ErrorKind::redirect_unusable, "java.io.IOException", "redirected to what is no URL or one of more than 8 KiB"},
    {ErrorKind::digest_unsupported, "", ""},
    {ErrorKind::status, "", ""},
    {ErrorKind::expectation, "", ""},
    {ErrorKind::unfinished, "java.net.SocketException", "Socket closed"},
    {ErrorKind::other, "java.io.IOException", "other system error"},
}};

static_assert([] {
  for (std::size_t i = 0; i < kNoResponse.size(); ++i)
    if (static_cast<std::size_t>(kNoResponse[i].kind) != i) return false;
  return true;
}());

struct Response {
  std::string code;
  std::string message;
};

Response response_of(const stats::SampleRow& row) {
  const NoResponse& none = kNoResponse[static_cast<std::size_t>(row.error)];
  const bool of_the_proxy = row.error == ErrorKind::proxy && row.status != 0;  // its own response
  if (none.exception.empty() || of_the_proxy)
    return {fmt::format_int(row.status).str(), std::string(http::reason_phrase(row.status))};
  const std::string message = row.error == ErrorKind::other && row.system_error != 0
                                  ? for_jtl(std::generic_category().message(row.system_error))
                                  : std::string(none.message);
  return {fmt::format("Non HTTP response code: {}", none.exception),
          fmt::format("Non HTTP response message: {}", message)};
}

/// Of what was found wrong with a response that came, as JMeter does of a failed assertion; and of what has no name
/// there, so that it can be told from a failure of the target.
std::string_view failure_of(ErrorKind error) {
  switch (error) {
    case ErrorKind::status:
    case ErrorKind::expectation:
    case ErrorKind::unfinished:
      return info(error).text;
    case ErrorKind::digest_unsupported:  // its text has a comma
      return "401 without a Digest challenge that is understood";
    default:
      return "";
  }
}

}  // namespace

JtlLines::JtlLines(const config::Plan& plan, std::uint32_t shards, Duration epoch) : epoch_(epoch) {
  all_.by_shard.resize(shards);
  const config::Plan shown_plan = config::redacted(plan);
  for (const config::ThreadGroup& group : shown_plan.thread_groups) {
    groups_.push_back(all_);
    std::string user = for_jtl(fmt::format("{} {}-", shown(group.name), groups_.size()));
    std::string after;
    if (user.back() == '"') {
      user.pop_back();
      after = '"';
    }
    for (const config::Step& step : group.steps)
      requests_.push_back({.label = for_jtl(shown(step.name)),
                           .user_before = user,
                           .user_after = after,
                           .url = for_jtl(step.url.origin() + step.url.path_and_query),
                           .group = static_cast<std::uint32_t>(groups_.size() - 1)});
  }
}

void JtlLines::add(std::uint32_t shard, const stats::SampleRow& row, std::string& out) {
  const Constant& request = requests_[row.request];
  Active& group = groups_[request.group];
  group.tell(shard, row.active_in_group);
  all_.tell(shard, row.active);
  // JMeter counts while the user is still there.
  const int itself = row.user_left ? 1 : 0;
  // JMeter's times are differences of clock readings in whole milliseconds, not rounded differences: so the end of a
  // row is timeStamp + elapsed, and means of many short times come out right.
  const auto clock = [&](TimePoint at) {
    return std::chrono::floor<milliseconds>(at.time_since_epoch() + epoch_).count();
  };
  const auto begin = clock(row.started);
  const auto until = [&](TimePoint at) { return at == kUnset ? 0 : clock(at) - begin; };
  // Of a request that was led on these are the first one's times.
  const bool no_connection = row.first_byte == kUnset && kNoResponse[static_cast<std::size_t>(row.error)].connecting;
  const Response response = response_of(row);
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("{},{},{},{},{},{}{}{},text,{},{},{},{},{},{},{},{},0,{}\n"),
                 begin, until(row.finished), request.label, response.code, response.message, request.user_before,
                 row.user + 1, request.user_after, row.error == ErrorKind::none ? "true" : "false",
                 failure_of(row.error), row.bytes_in, row.bytes_out, group.sum + itself, all_.sum + itself, request.url,
                 until(row.first_byte), until(no_connection ? row.finished : row.connected));
}

std::string rows_text(const stats::RowsRecord& rows) {
  const std::string each =
      rows.one_in == 1 ? "one for each request" : fmt::format("for one request in {}", rows.one_in);
  std::string text = fmt::format("{} rows, {}", grouped(rows.written), each);
  if (rows.lost > 0)
    text += fmt::format("; {} more are lost, which came faster than they could be written or found the disk full: {}",
                        grouped(rows.lost), "--jtl-sample 1/100 writes fewer");
  return text;
}

}  // namespace loadgen::report
