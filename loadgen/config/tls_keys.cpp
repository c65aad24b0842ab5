// The keys of tls.

#include <fmt/format.h>

#include "config/kinds.hpp"
#include "config/objects.hpp"
#include "config/url.hpp"

namespace loadgen::config {
namespace {

constexpr std::array<std::string_view, 2> kVersions{"1.2", "1.3"};  // in the order of TlsVersion

constexpr Kind<TlsDraft> server_name() {
  return {[] { return string_schema("^[0-9A-Za-z._*-]+$"); },
          [](Reader& reader, const Node& node, TlsDraft& tls) {
            const std::optional<Text> value = reader.text(node);
            if (!value) return;
            if (is_host_name(value->value))
              tls.server_name = value->value;
            else
              reader.problem(node, "the name of a server has letters, digits, '-', '.' and '_', as in \"example.com\"");
          },
          [](const TlsSettings& tls) { return show_given(tls.server_name); }};
}

constexpr std::array kTlsKeys{
    Key<TlsDraft>{"verify", boolean<TlsDraft, &TlsSettings::verify>(),
                  "false: any certificate is believed, whoever signed it, expired or of another name."},
    Key<TlsDraft>{"ca_file", text<TlsDraft, &TlsSettings::ca_file>(),
                  "Certificates that are trusted, in PEM; a relative name starts from the plan's folder.",
                  "the system's"},
    Key<TlsDraft>{"server_name", server_name(), "Name that is asked for (SNI) and that the certificate must have.",
                  "the URL's host"},
    Key<TlsDraft>{"client_cert", text<TlsDraft, &TlsSettings::client_cert>(),
                  "Certificate that loadgen shows the target, in PEM, with its chain; a relative name starts from the "
                  "plan's folder.",
                  "none"},
    Key<TlsDraft>{"client_key", text<TlsDraft, &TlsSettings::client_key>(),
                  "Private key of client_cert, in PEM; may be the same file.", "none"},
    Key<TlsDraft>{"min_version", choice<TlsDraft, &TlsSettings::min_version, kVersions>(),
                  "The oldest version of TLS that is spoken; the newest is 1.3."},
    Key<TlsDraft>{"ciphers", text<TlsDraft, &TlsSettings::ciphers>(),
                  "OpenSSL's list of ciphers for TLS 1.2, and names of TLS 1.3 suites among them, separated by ':'.",
                  "OpenSSL's own"},
    Key<TlsDraft>{"session_reuse", boolean<TlsDraft, &TlsSettings::session_reuse>(),
                  "A user that opens another connection to a target resumes its session there; false: each connection "
                  "is a full handshake."},
};

constexpr std::array<Need, 2> kTlsNeeds{{
    {"client_key", "client_cert", "a key is shown by the certificate that belongs to it"},
    {"client_cert", "client_key", "a certificate is proved by its private key; it may be in the same file"},
}};

}  // namespace

const ObjectKeys<TlsDraft>& tls_keys() {
  static constexpr ObjectKeys<TlsDraft> object{.noun = "tls",
                                               .definition = "tls",
                                               .doc = "How https connections are secured.",
                                               .keys = kTlsKeys,
                                               .rules = {.needs = kTlsNeeds}};
  return object;
}

template void read_object(Reader&, const Node&, const ObjectKeys<TlsDraft>&, TlsDraft&);
template Json show_object(const ObjectKeys<TlsDraft>&, const TlsSettings&);

}  // namespace loadgen::config
