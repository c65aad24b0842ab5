#include "http/prepared_request.hpp"

#include <gtest/gtest.h>

namespace loadgen::http {
namespace {

TEST(Prepare, Get) {
  const PreparedRequest r = prepare({.method = "GET",
                                     .authority = "localhost:3000",
                                     .path_and_query = "/async",
                                     .headers = {},
                                     .body = {},
                                     .user_agent = "loadgen/1"});
  EXPECT_EQ(r.bytes,
            "GET /async HTTP/1.1\r\nHost: localhost:3000\r\nConnection: keep-alive\r\nUser-Agent: loadgen/1\r\n\r\n");
  EXPECT_TRUE(r.idempotent);
  EXPECT_FALSE(r.head);
}

TEST(Prepare, PostHasALengthEvenWhenEmpty) {
  const PreparedRequest r =
      prepare({.method = "POST", .authority = "a", .path_and_query = "/", .headers = {}, .body = {}, .user_agent = {}});
  EXPECT_EQ(r.bytes, "POST / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(r.idempotent);
}

TEST(Prepare, ThePlansHeaderReplacesOurs) {
  const PreparedRequest r = prepare({.method = "PUT",
                                     .authority = "a",
                                     .path_and_query = "/",
                                     .headers = {{"host", "b"}, {"X-A", "1"}},
                                     .body = "abc",
                                     .user_agent = "u",
                                     .keep_alive = false});
  EXPECT_EQ(
      r.bytes,
      "PUT / HTTP/1.1\r\nConnection: close\r\nUser-Agent: u\r\nhost: b\r\nX-A: 1\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_FALSE(r.keep_alive);
}

TEST(Prepare, PartsAreFoundInTheBytesOfACopyToo) {
  const PreparedRequest copy = [] {
    return PreparedRequest(prepare({.method = "POST",
                                    .authority = "a:8",
                                    .path_and_query = "/x?y=1",
                                    .headers = {{"X-Empty", ""}},
                                    .body = "abc",
                                    .user_agent = {}}));
  }();
  EXPECT_EQ(copy.text_of(copy.method), "POST");
  EXPECT_EQ(copy.text_of(copy.path_and_query), "/x?y=1");
  EXPECT_EQ(copy.text_of(copy.headers), "Host: a:8\r\nConnection: keep-alive\r\nX-Empty:\r\nContent-Length: 3\r\n");
  EXPECT_EQ(copy.text_of(copy.body), "abc");
  EXPECT_EQ(copy.authority, "a:8");
}

TEST(Prepare, LateHeadersInACopy) {
  const auto with = [](std::vector<Header> headers, const LateHeaders& late) {
    const PreparedRequest of = prepare({.method = "POST",
                                        .authority = "a",
                                        .path_and_query = "/",
                                        .headers = std::move(headers),
                                        .body = "abc",
                                        .user_agent = {}});
    PreparedRequest copy = of;
    set_late_headers(copy, of, {"an earlier one", "and a longer one than that which follows"});
    set_late_headers(copy, of, late);
    EXPECT_EQ(copy.text_of(copy.body), "abc");
    EXPECT_TRUE(copy.bytes.ends_with("\r\n\r\nabc"));
    EXPECT_EQ(copy.headers.at + copy.headers.size + 2, copy.body.at);
    return std::string(copy.text_of(copy.headers));
  };
  const std::string start = "Host: a\r\nConnection: keep-alive\r\n";
  const std::string end = "Content-Length: 3\r\n";
  EXPECT_EQ(with({}, {}), start + end);
  EXPECT_EQ(with({}, {"c=1; d=2", {}}), start + end + "Cookie: c=1; d=2\r\n");
  EXPECT_EQ(with({}, {"c=1", "Digest x"}), start + end + "Cookie: c=1\r\nAuthorization: Digest x\r\n");
  EXPECT_EQ(with({{"X-Cookie", "z"}, {"cookie", "own=0"}, {"Cookies", "z"}}, {"c=1", {}}),
            start + "X-Cookie: z\r\ncookie: own=0; c=1\r\nCookies: z\r\n" + end);
  EXPECT_EQ(with({{"Cookie", "own=0"}}, {}), start + "Cookie: own=0\r\n" + end);
}

TEST(Prepare, HeadIsKnown) {
  const PreparedRequest r =
      prepare({.method = "HEAD", .authority = "a", .path_and_query = "/", .headers = {}, .body = {}, .user_agent = {}});
  EXPECT_TRUE(r.head);
  EXPECT_TRUE(r.idempotent);
}

}  // namespace
}  // namespace loadgen::http
