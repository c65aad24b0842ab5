#include "engine/curl_settings.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace loadgen::engine {
namespace {

using http::Proxy;
using http::ProxyKind;

/// By ProxyKind. Where the name is resolved is decided before libcurl sees it.
constexpr std::array<long, 4> kProxyTypes{CURLPROXY_HTTP, CURLPROXY_HTTPS, CURLPROXY_SOCKS5, CURLPROXY_SOCKS5_HOSTNAME};

/// OpenSSL's SSL_CTX_set_info_callback. value: the alert's level, and in the low byte what it says.
void note_alert(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_ALERT) == 0) return;
  CurlHandshake& h = *static_cast<CurlHandshake*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const bool close_notify = (value & 0xFF) == SSL_AD_CLOSE_NOTIFY;
  h.notified |= close_notify && where == SSL_CB_READ_ALERT;
  h.alerted |= !close_notify && value >> 8 == SSL3_AL_FATAL;
}

/// libcurl's CURLOPT_SSL_CTX_FUNCTION: a handshake is about to begin, first with an https proxy, then with the target.
CURLcode on_context(CURL* /*easy*/, void* ssl_context, void* handshake) {
  auto* const context = static_cast<SSL_CTX*>(ssl_context);
  CurlHandshake& h = *static_cast<CurlHandshake*>(handshake);
  const Target& target = *h.target;
  const bool proxy_first = target.proxy && target.proxy->kind == ProxyKind::https;
  SSL_CTX_set_app_data(context, &h);
  SSL_CTX_set_info_callback(context, &note_alert);
  if (proxy_first && !std::exchange(h.with_proxy, true)) {
    const TlsOptions of_proxy{.verify = h.options->verify, .min_version = h.options->min_version};
    return set_up_like(h.like, of_proxy, target.proxy->host, context) ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  }
  h.connected = SteadyClock::now();
  return set_up_like(h.like, *h.options, target.host, context) ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

void set_proxy(CURL* easy, const std::optional<Proxy>& proxy, CurlList& pinned) {
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  set(CURLOPT_NOPROXY, "");
  if (!proxy) return set(CURLOPT_PROXY, "");  // not what the environment says
  const bool ipv6 = proxy->host.find(':') != std::string::npos;
  set(CURLOPT_PROXY, (ipv6 ? '[' + proxy->host + ']' : proxy->host).c_str());
  set(CURLOPT_PROXYPORT, static_cast<long>(proxy->port));
  set(CURLOPT_PROXYTYPE, kProxyTypes[static_cast<std::size_t>(proxy->kind)]);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_SOCKS5_AUTH, static_cast<long>(CURLAUTH_BASIC));
  // Any address: the socket is made elsewhere.
  if (!ipv6) pinned.reset(curl_slist_append(nullptr, fmt::format("{}:{}:127.0.0.1", proxy->host, proxy->port).c_str()));
  set(CURLOPT_RESOLVE, pinned.get());
  if (proxy->user.empty()) return;
  set(CURLOPT_PROXYUSERNAME, proxy->user.c_str());
  set(CURLOPT_PROXYPASSWORD, proxy->password.c_str());
}

}  // namespace

CurlSettings::CurlSettings(std::span<const Target> targets, const TlsOptions& options) : options_(options) {
  if (std::ranges::none_of(targets, &Target::shakes_hands)) return;
  Result<SslContext> context = make_ssl_context(options);
  if (!context) throw std::runtime_error(context.error());
  context_ = std::move(*context);
}

void CurlSettings::apply_to(CURL* easy, const Target& target, CurlHandshake& handshake) const {
  handshake.target = &target;
  handshake.options = &options_;
  handshake.like = context_.get();
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  set_proxy(easy, target.proxy, handshake.proxy_address);
  set(CURLOPT_SSL_CTX_FUNCTION, &on_context);
  set(CURLOPT_SSL_CTX_DATA, &handshake);
  set(CURLOPT_SSL_SESSIONID_CACHE, options_.session_reuse ? 1L : 0L);
  // OpenSSL verifies as on_context says. libcurl would read the system's certificates anew for each connection.
  for (const CURLoption option :
       {CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYHOST})
    set(option, 0L);
  for (const CURLoption option : {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH})
    set(option, static_cast<const char*>(nullptr));
}

std::string origin_of(const Target& target, const std::string& authority, const TlsOptions& options) {
  if (!target.tls) return "http://" + authority;
  const std::string& name = options.server_name.empty() ? target.host : options.server_name;
  return "https://" + (name.find(':') == std::string::npos ? name : '[' + name + ']');
}

bool resumed(CURL* easy) {
  curl_tlssessioninfo* info = nullptr;
  curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info);
  return info != nullptr && info->backend == CURLSSLBACKEND_OPENSSL && info->internals != nullptr &&
         SSL_session_reused(static_cast<const SSL*>(info->internals)) == 1;
}

ErrorKind handshake_error(CURL* easy, CURLcode code, const CurlHandshake& handshake) {
  if (handshake.target->proxy && handshake.connected == kUnset) return ErrorKind::proxy;
  if (code != CURLE_PEER_FAILED_VERIFICATION) return ErrorKind::tls;
  long verified = 0;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  return certificate_error(verified);
}

std::pair<std::string, bool> try_handshakes(const Target& target, const TlsOptions& options, int fd, Duration timeout) {
  if (!target.shakes_hands()) return {};
  std::array<char, CURL_ERROR_SIZE> text{};
  const CurlSettings settings({&target, 1}, options);
  CurlHandshake handshake;
  const std::unique_ptr<CURL, CurlFree> easy(curl_easy_init());
  const CurlList to(curl_slist_append(nullptr, ("::" + target.asked_of_proxy).c_str()));
  if (!easy || !to) return {"no memory for libcurl", false};
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy.get(), option, value); };
  settings.apply_to(easy.get(), target, handshake);
  set(CURLOPT_URL, origin_of(target, target.authority, options).c_str());
  if (!target.asked_of_proxy.empty()) set(CURLOPT_CONNECT_TO, to.get());
  set(CURLOPT_CONNECT_ONLY, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(timeout).count()));
  set(CURLOPT_ERRORBUFFER, text.data());
  set(CURLOPT_OPENSOCKETDATA, &fd);
  set(
      CURLOPT_OPENSOCKETFUNCTION,
      +[](void* of, curlsocktype, curl_sockaddr*) -> curl_socket_t { return ::dup(*static_cast<const int*>(of)); });
  set(
      CURLOPT_SOCKOPTFUNCTION,
      +[](void*, curl_socket_t, curlsocktype) -> int { return CURL_SOCKOPT_ALREADY_CONNECTED; });
  const CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_OK) return {};
  return {text.front() != '\0' ? text.data() : curl_easy_strerror(code), handshake.connected != kUnset};
}

}  // namespace loadgen::engine
