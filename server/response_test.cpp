#include "server/response.hpp"

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string head_of(const Reply& reply) {
  std::string out;
  append_head(out, reply, date, std::nullopt);
  return out;
}

std::string body_of(const Reply& reply, int* pieces = nullptr) {
  std::string out;
  if (!BodyCursor::has_body(reply)) return out;
  BodyCursor cursor;
  int count = 1;
  while (cursor.append_next(out, reply)) ++count;
  if (pieces != nullptr) *pieces = count;
  return out;
}

TEST(Response, HeadsAreWholeAndExact) {
  Reply reply;
  reply.set_text("OK");
  EXPECT_EQ(head_of(reply),
            "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-type: text/plain\r\n"
            "content-length: 2\r\n\r\n");
  reply.keep_alive = false;
  reply.status = 405;
  reply.allow = "GET, HEAD";
  EXPECT_EQ(head_of(reply),
            "HTTP/1.1 405 Method Not Allowed\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "content-type: text/plain\r\ncontent-length: 2\r\nallow: GET, HEAD\r\n"
            "connection: close\r\n\r\n");
  reply = Reply{};
  reply.status = 204;
  EXPECT_EQ(head_of(reply), "HTTP/1.1 204 No Content\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
  reply = Reply{};
  reply.http_1_0 = true;
  EXPECT_NE(head_of(reply).find("connection: keep-alive\r\n"), std::string::npos);
  std::string held;
  append_head(held, Reply{}, date, Nanos{1234});
  EXPECT_NE(held.find("x-hold-ns: 1234\r\n"), std::string::npos);
}

TEST(Response, DatesAreImfFixdate) {
  EXPECT_EQ(http_date(784111777), date);
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Response, FillerIsTheAlphabetAtEveryPosition) {
  Reply reply;
  reply.set_filler(200'001);
  int pieces = 0;
  const std::string body = body_of(reply, &pieces);
  ASSERT_EQ(body.size(), 200'001U);
  for (std::size_t i = 0; i < body.size(); ++i) ASSERT_EQ(body[i], static_cast<char>('a' + i % 26)) << i;
  EXPECT_EQ(pieces, 4) << "64 KiB at a time";
}

TEST(Response, ChunkedBodiesAreFramed) {
  Reply reply;
  reply.set_text("hello");
  reply.chunked = true;
  EXPECT_EQ(body_of(reply), "5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(head_of(reply).find("content-length"), std::string::npos);
  EXPECT_NE(head_of(reply).find("transfer-encoding: chunked\r\n"), std::string::npos);
  reply.set_text("");
  EXPECT_EQ(body_of(reply), "0\r\n\r\n");
  reply.set_text("hello");
  reply.trickle = Nanos{1};
  EXPECT_EQ(body_of(reply), "1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n");
  reply.http_1_0 = true;
  EXPECT_EQ(body_of(reply), "hello") << "HTTP/1.0 knows no chunks";
  EXPECT_EQ(head_of(reply).find("transfer-encoding"), std::string::npos);
}

TEST(Response, APauseHalvesTheBody) {
  Reply reply;
  reply.set_text("hello");
  reply.pause = Nanos{7};
  BodyCursor cursor;
  std::string out;
  EXPECT_EQ(cursor.wait(reply), Nanos{0}) << "not before the first half";
  EXPECT_TRUE(cursor.append_next(out, reply));
  EXPECT_EQ(out, "hel");
  EXPECT_EQ(cursor.wait(reply), Nanos{7});
  EXPECT_FALSE(cursor.append_next(out, reply));
  EXPECT_EQ(out, "hello");

  reply.set_filler(200'001);
  int pieces = 0;
  EXPECT_EQ(body_of(reply, &pieces).size(), 200'001U);
  EXPECT_EQ(pieces, 4) << "100,001 and 100,000 bytes, 64 KiB at a time";
  reply.chunked = true;
  reply.set_text("hello");
  EXPECT_EQ(body_of(reply), "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
  reply.set_text("h");
  EXPECT_EQ(body_of(reply), "1\r\nh\r\n0\r\n\r\n") << "a single byte has no halves";
}

TEST(Response, TruncatedBodiesStopShort) {
  Reply reply;
  reply.set_text("hello");
  reply.ending = Reply::Ending::truncated;
  reply.send_only = 3;
  EXPECT_EQ(body_of(reply), "hel");
  EXPECT_NE(head_of(reply).find("content-length: 5\r\n"), std::string::npos);
  reply.chunked = true;
  EXPECT_EQ(body_of(reply), "3\r\nhel\r\n") << "and no last chunk";
  reply.chunked = false;
  reply.send_only = 0;
  EXPECT_FALSE(BodyCursor::has_body(reply));
}

TEST(Response, AnsweringHeadSendsNoBody) {
  Reply reply;
  reply.set_filler(100);
  reply.head_only = true;
  EXPECT_FALSE(BodyCursor::has_body(reply));
  EXPECT_NE(head_of(reply).find("content-length: 100\r\n"), std::string::npos);
}

TEST(Response, ATextMadeForTheReplySurvivesMoving) {
  Reply reply;
  reply.set_own_text("short");
  const Reply moved = std::move(reply);
  EXPECT_EQ(body_of(moved), "short");
}

}  // namespace
}  // namespace loadgen_server
