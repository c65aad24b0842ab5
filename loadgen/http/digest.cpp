#include "http/digest.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace loadgen::http {
namespace {

/// A value between quotes (RFC 9110 5.6.4).
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

}  // namespace

void DigestSession::begin(const DigestChallenge& challenge, const DigestCredentials& who, std::string cnonce,
                          DigestHashes& hashes) {
  challenge_ = challenge;
  user_ = escaped(who.user);
  realm_ = escaped(challenge.realm);
  nonce_ = escaped(challenge.nonce);
  opaque_ = escaped(challenge.opaque);
  cnonce_ = std::move(cnonce);
  secret_ = hashes.hash(challenge.algorithm, {who.user, challenge.realm, who.password});  // RFC 7616 3.4.2
  if (challenge.session) secret_ = hashes.hash(challenge.algorithm, {secret_.text(), challenge.nonce, cnonce_});
  count_ = 0;
  begun_ = true;
}

/// RFC 7616 3.4, in the order of its examples.
void DigestSession::authorize(std::string& out, std::string_view method, std::string_view uri, DigestHashes& hashes) {
  const DigestChallenge& c = challenge_;
  std::array<char, 8> digits{};
  fmt::format_to_n(digits.data(), digits.size(), "{:08x}", ++count_);
  const std::string_view nc(digits.data(), digits.size());
  const HexHash request = hashes.hash(c.algorithm, {method, uri});
  const HexHash response =
      c.qop_auth ? hashes.hash(c.algorithm, {secret_.text(), c.nonce, nc, cnonce_, "auth", request.text()})
                 : hashes.hash(c.algorithm, {secret_.text(), c.nonce, request.text()});
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(", ").append(name).append("=\"").append(value).append("\"");
  };
  out.append("Digest username=\"").append(user_).append("\"");
  add("realm", realm_);
  add("uri", uri);
  if (!c.algorithm_word.empty()) out.append(", algorithm=").append(c.algorithm_word);
  add("nonce", nonce_);
  if (c.qop_auth) out.append(", nc=").append(nc);
  if (c.qop_auth || c.session) add("cnonce", cnonce_);
  if (c.qop_auth) out.append(", qop=auth");
  add("response", response.text());
  if (!c.opaque.empty()) add("opaque", opaque_);
}

}  // namespace loadgen::http
