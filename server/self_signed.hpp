#pragma once
// Certificates that vouch for themselves, for tests: made in a moment, trusted by whoever is given them.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace loadgen_server {

struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

struct SelfSigned {
  std::unique_ptr<X509, CertificateDeleter> certificate;
  std::unique_ptr<EVP_PKEY, CertificateDeleter> key;  ///< on the curve P-256
};

/// What a certificate says.
struct Identity {
  std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1", "IP:::1"};  ///< as OpenSSL writes them
  std::chrono::seconds valid_from = std::chrono::hours(-1);                      ///< from now
  std::chrono::seconds valid_to = std::chrono::hours(24 * 365);                  ///< from now
};

/// Throws std::runtime_error when OpenSSL refuses, for a name that it does not understand as a rule.
SelfSigned make_self_signed(const Identity& identity);

std::string pem_of(X509& certificate);
/// Without a password.
std::string pem_of(EVP_PKEY& key);

}  // namespace loadgen_server
