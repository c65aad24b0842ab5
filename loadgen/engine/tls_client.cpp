#include "engine/tls_client.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace loadgen::engine {
namespace {

// Names of protocols as ALPN has them, each behind its length (RFC 7301).
constexpr std::string_view kHttp11 = "\x08http/1.1";
constexpr std::string_view kHttp2 = "\x02h2";

bool no_common_protocol(unsigned long code) {
  return ERR_GET_REASON(code) == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL;
}

/// The oldest reason in this thread's queue, which is emptied: what came after it follows from it.
std::string reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const text = ERR_reason_error_string(code);
  return text != nullptr ? text : "no reason given";
}

/// "A:TLS_B:C" -> the names that do, or do not, begin with TLS_.
std::string suites(std::string_view list, bool of_tls_1_3) {
  std::string out;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(':'));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    if ((name.substr(0, 4) == "TLS_") != of_tls_1_3) continue;
    out += (out.empty() ? "" : ":") + std::string(name);
  }
  return out;
}

Error problem(std::string_view key, const std::string& value) {
  return Error{fmt::format("tls.{}: OpenSSL refuses \"{}\": {}", key, value, reason())};
}

/// nullopt: all is well.
std::optional<Error> load_files(SSL_CTX* context, const TlsOptions& o) {
  if (o.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_locations(context, o.ca_file.c_str(), nullptr) != 1) {
    return problem("ca_file", o.ca_file);
  }
  if (!o.client_cert.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context, o.client_cert.c_str()) != 1)
      return problem("client_cert", o.client_cert);
    if (SSL_CTX_use_PrivateKey_file(context, o.client_key.c_str(), SSL_FILETYPE_PEM) != 1)
      return problem("client_key", o.client_key);
  }
  return std::nullopt;
}

/// All that needs no file. nullopt: all is well.
std::optional<Error> set_rules(SSL_CTX* context, const TlsOptions& o) {
  SSL_CTX_set_min_proto_version(context, o.min_version == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  // An idle connection gives its buffers back: 34 kB less for each user who thinks.
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_clear_options(context, SSL_OP_NO_TICKET);  // which libcurl sets
  SSL_CTX_set_verify(context, o.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const std::string older = suites(o.ciphers, false);
  const std::string newer = suites(o.ciphers, true);
  if (!older.empty() && SSL_CTX_set_cipher_list(context, older.c_str()) != 1) return problem("ciphers", older);
  if (!newer.empty() && SSL_CTX_set_ciphersuites(context, newer.c_str()) != 1) return problem("ciphers", newer);
  return std::nullopt;
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

void verify_name(X509_VERIFY_PARAM* param, const std::string& name) {
  if (is_address(name))
    X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str());
  else
    X509_VERIFY_PARAM_set1_host(param, name.c_str(), name.size());
}

}  // namespace

Result<SslContext> make_ssl_context(const TlsOptions& options) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return Error{"OpenSSL cannot be used: " + reason()};
  if (std::optional<Error> error = load_files(context.get(), options)) return *std::move(error);
  if (std::optional<Error> error = set_rules(context.get(), options)) return *std::move(error);
  return context;
}

bool set_up_like(SSL_CTX* like, const TlsOptions& options, const std::string& host, SSL_CTX* context) {
  if (set_rules(context, options)) return false;
  SSL_CTX_set1_cert_store(context, SSL_CTX_get_cert_store(like));
  verify_name(SSL_CTX_get0_param(context), options.server_name.empty() ? host : options.server_name);
  if (options.client_cert.empty()) return true;
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(like, &chain);
  return SSL_CTX_use_certificate(context, SSL_CTX_get0_certificate(like)) == 1 &&
         SSL_CTX_use_PrivateKey(context, SSL_CTX_get0_privatekey(like)) == 1 &&
         (chain == nullptr || SSL_CTX_set1_chain(context, chain) == 1);
}

SslPointer make_ssl(SSL_CTX* context, const TlsOptions& options, const std::string& host) {
  SslPointer ssl(SSL_new(context));
  if (!ssl) return ssl;
  const std::string& name = options.server_name.empty() ? host : options.server_name;
  const std::string_view protocol = options.http2 ? kHttp2 : kHttp11;
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocol.data()),
                      static_cast<unsigned>(protocol.size()));
  verify_name(SSL_get0_param(ssl.get()), name);
  if (!is_address(name))  // what the macro SSL_set_tlsext_host_name stands for
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
  SSL_set_connect_state(ssl.get());
  return ssl;
}

bool agreed(const SSL* ssl, const TlsOptions& options) {
  if (!options.http2) return true;
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &chosen, &size);
  return std::string_view(reinterpret_cast<const char*>(chosen), size) == kHttp2.substr(1);
}

ErrorKind certificate_error(long verified) {
  switch (verified) {
    case X509_V_OK:
      return ErrorKind::tls;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return ErrorKind::certificate_expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return ErrorKind::certificate_name;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return ErrorKind::certificate_self_signed;
    default:
      return ErrorKind::certificate_untrusted;
  }
}

ErrorKind tls_error(const SSL* ssl, const TlsOptions& options) {
  if (options.http2 && no_common_protocol(ERR_peek_error())) return ErrorKind::no_http2;
  if (SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE) return ErrorKind::tls;
  return certificate_error(SSL_get_verify_result(ssl));
}

std::string tls_error_text(const SSL* ssl, const TlsOptions& options) {
  const ErrorKind kind = tls_error(ssl, options);
  if (kind == ErrorKind::no_http2) return ERR_clear_error(), std::string(info(kind).text);
  if (no_common_protocol(ERR_peek_error())) {
    ERR_clear_error();
    return "the server does not speak HTTP/1.1 here; http.version \"2\" (--http2) asks for HTTP/2";
  }
  if (kind == ErrorKind::tls) return "TLS handshake failed: " + reason();
  ERR_clear_error();
  return fmt::format("its certificate is refused: {}", X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
}

}  // namespace loadgen::engine
