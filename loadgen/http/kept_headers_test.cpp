#include "http/kept_headers.hpp"

#include <gtest/gtest.h>

#include "http/response_parser.hpp"

namespace loadgen::http {
namespace {

/// What is kept of a response, cut in two at every place: the same each time.
KeptHeaders kept_of(const std::string& text) {
  PreparedRequest request =
      prepare({.method = "GET", .authority = "a", .path_and_query = "/", .headers = {}, .body = {}, .user_agent = {}});
  std::optional<KeptHeaders> first;
  for (std::size_t cut = 0; cut <= text.size(); cut += 1 + text.size() / 200) {
    KeptHeaders kept{.location = "of another response", .cookies = "a=b\n", .challenges = "c\n"};
    ResponseParser parser;
    parser.begin(request, {}, &kept);
    std::string pending = text.substr(0, cut);
    pending.erase(0, parser.feed(pending));
    pending += text.substr(cut);
    parser.feed(pending);
    EXPECT_EQ(parser.state(), ResponseParser::State::done) << cut;
    if (!first) first = kept;
    EXPECT_EQ(kept.location, first->location) << cut;
    EXPECT_EQ(kept.cookies, first->cookies) << cut;
    EXPECT_EQ(kept.challenges, first->challenges) << cut;
    EXPECT_EQ(kept.lost_location, first->lost_location) << cut;
  }
  return *first;
}

TEST(KeptHeaders, Challenges) {
  const KeptHeaders kept = kept_of(
      "HTTP/1.1 401 x\r\nWWW-Authenticate: Digest nonce=\"n\"\r\nProxy-Authenticate: Basic\r\nwww-authenticate: "
      "Basic\r\n"
      "WWW-Authenticate: " +
      std::string(KeptHeaders::kMost, 'x') + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(kept.challenges, "Digest nonce=\"n\"\nBasic\n");
}

TEST(KeptHeaders, LocationAndCookiesAsTheyCame) {
  const KeptHeaders kept = kept_of(
      "HTTP/1.1 302 Found\r\nlocation: /next?a=b\r\nSet-Cookie: a=1; Path=/\r\nX: y\r\nSET-COOKIE: b=2\r\n"
      "Content-Length: 0\r\n\r\n");
  EXPECT_EQ(kept.location, "/next?a=b");
  EXPECT_EQ(kept.cookies, "a=1; Path=/\nb=2\n");
  EXPECT_FALSE(kept.lost_location);
}

TEST(KeptHeaders, NothingOfNewsBeforeTheResponseNorOfATrailer) {
  const KeptHeaders kept = kept_of(
      "HTTP/1.1 103 Early Hints\r\nLocation: /early\r\nSet-Cookie: early=1\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nLocation: /late\r\n\r\n");
  EXPECT_EQ(kept.location, "");
  EXPECT_EQ(kept.cookies, "");
}

TEST(KeptHeaders, WhatDoesNotFitIsLeftOutAndALostLocationIsTold) {
  const std::string head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n";
  const std::string longest(KeptHeaders::kMost, 'x');
  EXPECT_EQ(kept_of(head + "Location: " + longest + "\r\n\r\n").location, longest);
  const KeptHeaders lost = kept_of(head + "Location: " + longest + "x\r\n\r\n");
  EXPECT_EQ(lost.location, "");
  EXPECT_TRUE(lost.lost_location);
  const std::string chunk = "Set-Cookie: a=" + std::string(4'060, 'x') + "\r\n";
  EXPECT_EQ(kept_of(head + chunk + chunk + "WWW-Authenticate: y\r\nLocation: /a\r\n\r\n").location, "/a")
      << "none of the three takes the place of another";
  const KeptHeaders some = kept_of(head + "Location: /a\r\nSet-Cookie: a=" + longest + "\r\nSet-Cookie: b=2\r\n\r\n");
  EXPECT_EQ(some.location, "/a");
  EXPECT_EQ(some.cookies, "b=2\n") << "a cookie that does not fit does not keep a later one out";
}

}  // namespace
}  // namespace loadgen::http
