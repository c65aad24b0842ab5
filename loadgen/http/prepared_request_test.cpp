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

TEST(Prepare, HeadIsKnown) {
  const PreparedRequest r =
      prepare({.method = "HEAD", .authority = "a", .path_and_query = "/", .headers = {}, .body = {}, .user_agent = {}});
  EXPECT_TRUE(r.head);
  EXPECT_TRUE(r.idempotent);
}

}  // namespace
}  // namespace loadgen::http
