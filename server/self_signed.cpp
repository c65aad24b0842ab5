#include "server/self_signed.hpp"

#include <stdexcept>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace loadgen_server {
namespace {

void must(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

void add_extension(X509& certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
  must(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1, value.c_str());
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ",") + name;
  return all;
}

/// Two made in one second must not be taken for the same.
void set_random_serial(X509& certificate) {
  std::uint64_t serial = 0;
  must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "no random numbers");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(&certificate), serial >> 1);
}

template <class Write>
std::string written_by(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  must(memory != nullptr && write(memory.get()) == 1, "it cannot be written");
  char* begin = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &begin);
  return {begin, static_cast<std::size_t>(size)};
}

}  // namespace

SelfSigned make_self_signed(const Identity& identity) {
  SelfSigned pair;
  pair.certificate.reset(X509_new());
  pair.key.reset(EVP_EC_gen("P-256"));
  must(pair.certificate != nullptr && pair.key != nullptr, "no key");
  X509& certificate = *pair.certificate;
  X509_set_version(&certificate, X509_VERSION_3);
  set_random_serial(certificate);
  X509_gmtime_adj(X509_getm_notBefore(&certificate), static_cast<long>(identity.valid_from.count()));
  X509_gmtime_adj(X509_getm_notAfter(&certificate), static_cast<long>(identity.valid_to.count()));
  X509_set_pubkey(&certificate, pair.key.get());
  X509_NAME* const name = X509_get_subject_name(&certificate);
  constexpr std::string_view who = "loadgen-server";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(who.data()),
                             static_cast<int>(who.size()), -1, 0);
  X509_set_issuer_name(&certificate, name);
  add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, NID_subject_alt_name, joined(identity.names));
  must(X509_sign(&certificate, pair.key.get(), EVP_sha256()) > 0, "it cannot be signed");
  return pair;
}

std::string pem_of(X509& certificate) {
  return written_by([&](BIO* to) { return PEM_write_bio_X509(to, &certificate); });
}

std::string pem_of(EVP_PKEY& key) {
  return written_by([&](BIO* to) { return PEM_write_bio_PrivateKey(to, &key, nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace loadgen_server
