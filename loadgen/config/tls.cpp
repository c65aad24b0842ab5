#include "config/tls.hpp"

namespace loadgen::config {

void apply(const TlsOverrides& overrides, TlsSettings& tls) {
  if (overrides.insecure) tls.verify = false;
  tls.ca_file = overrides.ca_file.value_or(tls.ca_file);
  tls.client_cert = overrides.client_cert.value_or(tls.client_cert);
  tls.client_key = overrides.client_key.value_or(tls.client_key);
}

std::string tls_mistake(const TlsSettings& tls) {
  if (tls.client_cert.empty() == tls.client_key.empty()) return "";
  return tls.client_key.empty() ? "--cert needs --key FILE, the certificate's private key; it may be the same file"
                                : "--key needs --cert FILE, the certificate that the key belongs to";
}

}  // namespace loadgen::config
