// Expectations: the examples of RFC 7616 3.9.1 and of RFC 2069 2.4 (as its errata correct it), and otherwise Python's
// hashlib over RFC 7616 3.4.

#include "http/digest.hpp"

#include <gtest/gtest.h>

namespace loadgen::http {
namespace {

constexpr const char* kExample =
    "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"\n"
    "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"\n";
constexpr const char* kCnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
const DigestCredentials kMufasa{"Mufasa", "Circle of Life"};

std::vector<std::string> answers(std::string_view challenges, const DigestCredentials& who, int count) {
  DigestHashes hashes;
  DigestSession session;
  const auto challenge = find_challenge(challenges);
  if (!challenge) return {};
  session.begin(*challenge, who, kCnonce, hashes);
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) session.authorize(out.emplace_back(), "GET", "/dir/index.html", hashes);
  return out;
}

std::string response_in(const std::string& answer) {
  const std::size_t at = answer.find("response=\"");
  return at == std::string::npos ? "" : answer.substr(at + 10, answer.find('"', at + 10) - at - 10);
}

TEST(Digest, TheExamplesOfTheRfc) {
  const std::string_view both = kExample;
  const std::string_view second = both.substr(both.find('\n') + 1);
  EXPECT_EQ(answers(both, kMufasa, 1).at(0),
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=SHA-256, "
            "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
            "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
            "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", "
            "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
  EXPECT_EQ(response_in(answers(second, kMufasa, 1).at(0)), "8ca523f5e9506fed4657c9700eebdbec");
}

TEST(Digest, SessionsCountTheirRequests) {
  std::string md5 = kExample;
  md5.erase(0, md5.find('\n') + 1);
  std::string sha = kExample;
  md5.replace(md5.find("=MD5"), 4, "=md5-SESS");
  sha.replace(sha.find("=SHA-256"), 8, "=SHA-256-sess");
  const auto second = answers(md5, kMufasa, 2).at(1);
  EXPECT_NE(second.find(" nc=00000002,"), std::string::npos);
  EXPECT_NE(second.find(" algorithm=md5-SESS,"), std::string::npos) << "as the server spells it";
  EXPECT_EQ(response_in(second), "6914b51e16f9459d9abc967ad41c4599");
  EXPECT_EQ(response_in(answers(sha, kMufasa, 2).at(1)),
            "6bb0010aa4bdf46422a798c509ea32e256f27bd37de5cc3bdf8ed51e1d77d650");
}

TEST(Digest, AServerWithoutQop) {
  const std::string answer =
      answers("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
              {"Mufasa", "CircleOfLife"}, 1)
          .at(0);
  EXPECT_EQ(answer,
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", uri=\"/dir/index.html\", "
            "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", response=\"1949323746fe6a43ef61f9606e7febea\"");
}

TEST(Digest, QuotesAreEscapedAndTheirTextIsHashed) {
  DigestHashes hashes;
  DigestSession session;
  session.begin(*find_challenge(R"(Digest realm="r", nonce="n")"), {"a\"b\\", "p"}, "c", hashes);
  std::string out;
  session.authorize(out, "GET", "/", hashes);
  EXPECT_TRUE(out.starts_with(R"(Digest username="a\"b\\", realm="r", )")) << out;
  EXPECT_EQ(response_in(out), "7411842b0634d38fdc0327bd3d129834");
  EXPECT_EQ(find_challenge(R"(Digest realm="a \"b\" \\", nonce=n)")->realm, R"(a "b" \)");
}

TEST(DigestChallenge, TheFirstThatCanBeAnswered) {
  struct Row {
    const char* lines;
    const char* realm;  ///< nullptr: none
  };
  for (const Row& row :
       {Row{"", nullptr}, Row{"Basic realm=\"b\"", nullptr}, Row{"Digest realm=\"d\"", nullptr}, Row{"Digest", nullptr},
        Row{"Digest realm=\"d\", nonce=\"\"", nullptr},
        Row{"Digest realm=\"d\", nonce=\"n\", algorithm=SHA-512-256", nullptr},
        Row{"Digest realm=\"d\", nonce=\"n\", qop=\"auth-int\"", nullptr},
        Row{"Digest realm=\"d\", nonce=\"n\", qop=\"\"", "d"}, Row{"digest REALM=d ,nonce = n, QOP=auth", "d"},
        Row{"Digest realm=\"d, nonce=\\\"n", nullptr},
        Row{"Negotiate, Basic realm=\"b\", Digest realm=\"d\", nonce=\"n\", NewAuth x=y, realm=z", "d"},
        Row{"Digest realm=\"a\", nonce=n, qop=auth-int, Digest realm=\"b\", nonce=n", "b"},
        Row{"Digest realm=\"a\", nonce=n, algorithm=x\nDigest realm=\"b\", nonce=n", "b"},
        Row{"=,=\"\n\n Digest realm=\"b\", nonce=n,,", "b"}}) {
    const auto found = find_challenge(row.lines);
    ASSERT_EQ(found.has_value(), row.realm != nullptr) << row.lines;
    if (found) {
      EXPECT_EQ(found->realm, row.realm) << row.lines;
    }
  }
  EXPECT_TRUE(find_challenge("Digest nonce=n, stale=TRUE")->stale);
  EXPECT_FALSE(find_challenge("Digest nonce=n, stale=false")->stale);
}

}  // namespace
}  // namespace loadgen::http
