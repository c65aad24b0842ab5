#pragma once
// Digest authentication (RFC 7616; RFC 2069 towards servers that say no qop): a user's answers to a server's challenge.
// qop auth-int, which hashes bodies, and userhash, which hides the user's name, are not spoken.

#include <cstdint>
#include <string>
#include <string_view>

#include "http/digest_challenge.hpp"
#include "http/digest_hash.hpp"

namespace loadgen::http {

struct DigestCredentials {
  std::string user;  ///< in UTF-8, without a colon
  std::string password;
  bool operator==(const DigestCredentials&) const = default;
};

/// What one user and one server have agreed on. Until there was a challenge nothing is said.
class DigestSession {
 public:
  /// From now on requests answer this challenge. cnonce: this user's own, hard to guess or not.
  void begin(const DigestChallenge& challenge, const DigestCredentials& who, std::string cnonce, DigestHashes& hashes);
  /// The server does not want the credentials: the next request waits for a challenge again.
  void end() { begun_ = false; }

  bool begun() const { return begun_; }
  const std::string& realm() const { return challenge_.realm; }

  /// Appends the value of the next request's Authorization header, with a count of its own.
  void authorize(std::string& out, std::string_view method, std::string_view uri, DigestHashes& hashes);

 private:
  DigestChallenge challenge_;
  std::string user_, realm_, nonce_, opaque_;  ///< as they stand between quotes
  std::string cnonce_;
  HexHash secret_;  ///< H(A1)
  std::uint32_t count_ = 0;
  bool begun_ = false;
};

}  // namespace loadgen::http
