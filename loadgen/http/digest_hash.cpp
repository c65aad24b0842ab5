#include "http/digest_hash.hpp"

#include <cstddef>
#include <new>
#include <stdexcept>

#include <openssl/evp.h>

namespace loadgen::http {
namespace {

constexpr std::array<const char*, 2> kNames{"MD5", "SHA256"};

struct FreeFunction {
  void operator()(EVP_MD* function) const { EVP_MD_free(function); }
};
using Function = std::unique_ptr<EVP_MD, FreeFunction>;

Function fetch(const char* name) {
  return Function(EVP_MD_fetch(nullptr, name, nullptr));
}

}  // namespace

void DigestHashes::Free::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

DigestHashes::DigestHashes() {
  for (std::size_t i = 0; i < contexts_.size(); ++i) {
    contexts_[i].reset(EVP_MD_CTX_new());
    if (contexts_[i] == nullptr) throw std::bad_alloc();
    const Function function = fetch(kNames[i]);  // the context has a share of it
    if (function == nullptr || EVP_DigestInit_ex2(contexts_[i].get(), function.get(), nullptr) != 1)
      throw std::runtime_error(why_unavailable());
  }
}

std::string DigestHashes::why_unavailable() {
  for (const char* name : kNames)
    if (fetch(name) == nullptr) return std::string("OpenSSL here does not offer ") + name + ", which Digest needs";
  return "";
}

HexHash DigestHashes::hash(DigestAlgorithm algorithm, std::initializer_list<std::string_view> parts) {
  EVP_MD_CTX* context = contexts_[static_cast<std::size_t>(algorithm)].get();
  EVP_DigestInit_ex2(context, nullptr, nullptr);
  std::string_view between;
  for (const std::string_view part : parts) {
    EVP_DigestUpdate(context, between.data(), between.size());
    EVP_DigestUpdate(context, part.data(), part.size());
    between = ":";
  }
  std::array<unsigned char, 32> bytes{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context, bytes.data(), &size);

  constexpr std::string_view kDigits = "0123456789abcdef";
  HexHash out;
  for (unsigned i = 0; i < size; ++i) {
    out.digits_[out.size_++] = kDigits[bytes[i] >> 4U];
    out.digits_[out.size_++] = kDigits[bytes[i] & 15U];
  }
  return out;
}

}  // namespace loadgen::http
