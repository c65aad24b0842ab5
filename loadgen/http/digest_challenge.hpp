#pragma once
// What a server asks for with WWW-Authenticate: Digest (RFC 7616 3.3, and RFC 2069 where it says no qop).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loadgen::http {

enum class DigestAlgorithm : std::uint8_t { md5, sha256 };

struct DigestChallenge {
  std::string realm;
  std::string nonce;
  std::string opaque;          ///< sent back as it came; empty: there was none
  std::string algorithm_word;  ///< as it came, to be sent back; empty: there was none
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  bool session = false;  ///< "-sess": the hash of user and password is salted once with both nonces
  bool qop_auth = false;
  bool stale = false;  ///< the credentials were right, their nonce is too old
};

/// The first Digest challenge that can be answered, as servers name the one they like best first: MD5 or SHA-256, with
/// qop auth or none. Each line of `lines` is the value of a WWW-Authenticate header, which may hold several challenges.
std::optional<DigestChallenge> find_challenge(std::string_view lines);

}  // namespace loadgen::http
