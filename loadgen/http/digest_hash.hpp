#pragma once
// The hash functions of Digest authentication. Memory is taken once: hashing takes none.

#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "http/digest_challenge.hpp"

using EVP_MD_CTX = struct evp_md_ctx_st;

namespace loadgen::http {

/// A hash in lower-case hexadecimal digits.
class HexHash {
 public:
  std::string_view text() const { return {digits_.data(), size_}; }

 private:
  friend class DigestHashes;
  std::array<char, 64> digits_{};
  std::size_t size_ = 0;
};

class DigestHashes {
 public:
  /// Throws std::bad_alloc, and std::runtime_error where they are not available.
  DigestHashes();
  /// A sentence where OpenSSL does not have one of them, as by a policy without MD5; empty: they are here.
  static std::string why_unavailable();

  /// Of the parts with a ':' between them.
  HexHash hash(DigestAlgorithm algorithm, std::initializer_list<std::string_view> parts);

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const;
  };
  std::array<std::unique_ptr<EVP_MD_CTX, Free>, 2> contexts_;  ///< by algorithm
};

}  // namespace loadgen::http
