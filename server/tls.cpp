#include "server/tls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <boost/asio/error.hpp>
#include <fmt/format.h>
#include <openssl/err.h>

#include "server/self_signed.hpp"

namespace loadgen_server {
namespace {

namespace asio = boost::asio;

constexpr std::string_view http_1_1("\x08http/1.1", 9);  // as ALPN has it: a length, and so many bytes

[[noreturn]] void fail(std::string_view what) {
  std::array<char, 256> reason{};
  const unsigned long code = ERR_get_error();
  ERR_error_string_n(code, reason.data(), reason.size());
  throw std::runtime_error(code == 0 ? std::string(what) : fmt::format("{}: {}", what, reason.data()));
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned offered_length, void*) {
  const auto* ours = reinterpret_cast<const unsigned char*>(http_1_1.data());
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, length, ours, static_cast<unsigned>(http_1_1.size()), offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;  // it is HTTP/1.1 all the same, as of a client that offers nothing
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

void use_files(SSL_CTX* context, const Options& options) {
  if (SSL_CTX_use_certificate_chain_file(context, options.tls_cert.c_str()) != 1)
    fail(fmt::format("cannot use --tls-cert {}", options.tls_cert));
  if (SSL_CTX_use_PrivateKey_file(context, options.tls_key.c_str(), SSL_FILETYPE_PEM) != 1)
    fail(fmt::format("cannot use --tls-key {}", options.tls_key));
}

void use_new_pair(SSL_CTX* context, const std::string& file) {
  const SelfSigned pair = make_self_signed({});
  if (SSL_CTX_use_certificate(context, pair.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, pair.key.get()) != 1)
    fail("cannot use the new certificate");
  std::ofstream out(file, std::ios::binary);
  if (!(out << pem_of(*pair.certificate)).flush())
    throw std::runtime_error(fmt::format("cannot write --tls-self-signed {}", file));
}

}  // namespace

TlsContext make_tls(const Options& options) {
  if (!options.tls()) return nullptr;
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) fail("cannot set up TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // Tickets carry what a resumed session needs; a cache would be a lock that all threads share.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (options.tls_self_signed.empty())
    use_files(context.get(), options);
  else
    use_new_pair(context.get(), options.tls_self_signed);
  if (SSL_CTX_check_private_key(context.get()) != 1) fail("--tls-key is not the key of --tls-cert");
  return context;
}

TlsSession::TlsSession(SSL_CTX* context, int socket) : session_(SSL_new(context)) {
  if (session_ == nullptr || SSL_set_fd(session_.get(), socket) != 1) throw std::bad_alloc();
  SSL_set_accept_state(session_.get());
}

TlsStep TlsSession::step_after(int result) {
  const int system_error = errno;
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.waits_for = asio::ip::tcp::socket::wait_read};
    case SSL_ERROR_WANT_WRITE:
      return {.waits_for = asio::ip::tcp::socket::wait_write};
    case SSL_ERROR_ZERO_RETURN:
      return {.error = asio::error::eof};
    case SSL_ERROR_SYSCALL:
      if (system_error != 0) return {.error = {system_error, boost::system::system_category()}};
      return {.error = asio::error::eof};
    default:
      return {.error = asio::error::connection_aborted};
  }
}

TlsStep TlsSession::read(char* room, std::size_t capacity) {
  ERR_clear_error();
  errno = 0;
  std::size_t bytes = 0;
  const int result = SSL_read_ex(session_.get(), room, capacity, &bytes);
  return result == 1 ? TlsStep{.bytes = bytes} : step_after(result);
}

TlsStep TlsSession::write(std::string_view bytes) {
  TlsStep all;
  while (all.bytes < bytes.size()) {  // a record at a time
    ERR_clear_error();
    errno = 0;
    std::size_t written = 0;
    const std::string_view rest = bytes.substr(all.bytes);
    const int result = SSL_write_ex(session_.get(), rest.data(), rest.size(), &written);
    if (result != 1) {
      const TlsStep last = step_after(result);
      all.error = last.error;
      all.waits_for = last.waits_for;
      break;
    }
    all.bytes += written;
  }
  return all;
}

void TlsSession::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(session_.get()) == 1) SSL_shutdown(session_.get());
}

std::optional<bool> TlsSession::take_handshake() {
  if (handshake_told_ || SSL_is_init_finished(session_.get()) != 1) return std::nullopt;
  handshake_told_ = true;
  return SSL_session_reused(session_.get()) == 1;
}

}  // namespace loadgen_server
