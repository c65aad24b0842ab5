#include "server/self_signed.hpp"

#include <stdexcept>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

bool is_for_host(const SelfSigned& pair, const char* name) {
  return X509_check_host(pair.certificate.get(), name, 0, 0, nullptr) == 1;
}
bool is_for_address(const SelfSigned& pair, const char* address) {
  return X509_check_ip_asc(pair.certificate.get(), address, 0) == 1;
}

TEST(SelfSigned, VouchesForItselfAndForThisMachine) {
  const SelfSigned pair = make_self_signed({});
  EXPECT_EQ(X509_verify(pair.certificate.get(), pair.key.get()), 1);
  EXPECT_TRUE(is_for_host(pair, "localhost"));
  EXPECT_TRUE(is_for_address(pair, "127.0.0.1"));
  EXPECT_TRUE(is_for_address(pair, "::1"));
  EXPECT_FALSE(is_for_host(pair, "example.org"));
  EXPECT_LT(X509_cmp_current_time(X509_get0_notBefore(pair.certificate.get())), 0);
  EXPECT_GT(X509_cmp_current_time(X509_get0_notAfter(pair.certificate.get())), 0);
}

TEST(SelfSigned, SaysWhatItWasAsked) {
  const SelfSigned pair = make_self_signed({.names = {"DNS:other"}, .valid_from = -2h, .valid_to = -1h});
  EXPECT_TRUE(is_for_host(pair, "other"));
  EXPECT_FALSE(is_for_host(pair, "localhost"));
  EXPECT_LT(X509_cmp_current_time(X509_get0_notAfter(pair.certificate.get())), 0) << "expired";
  EXPECT_THROW(make_self_signed({.names = {"IP:no address"}}), std::runtime_error);
}

TEST(SelfSigned, NoTwoAreTheSame) {
  EXPECT_NE(X509_cmp(make_self_signed({}).certificate.get(), make_self_signed({}).certificate.get()), 0);
}

TEST(SelfSigned, IsReadAgainFromPem) {
  const SelfSigned pair = make_self_signed({});
  const std::string text = pem_of(*pair.certificate) + pem_of(*pair.key);
  const std::unique_ptr<BIO, decltype(&BIO_free)> from(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                       BIO_free);
  SelfSigned again;
  again.certificate.reset(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
  again.key.reset(PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr));
  ASSERT_NE(again.certificate, nullptr);
  ASSERT_NE(again.key, nullptr);
  EXPECT_EQ(X509_cmp(again.certificate.get(), pair.certificate.get()), 0);
  EXPECT_EQ(EVP_PKEY_eq(again.key.get(), pair.key.get()), 1);
}

}  // namespace
}  // namespace loadgen_server
