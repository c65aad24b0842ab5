#include "server/request_parser.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using Result = RequestParser::Result;

struct Case {
  const char* name;
  std::string bytes;
  Result result = Result::complete;
  int rejection = 0;
};

std::string get(const std::string& target, const std::string& fields = "", const std::string& version = "HTTP/1.1") {
  return "GET " + target + " " + version + "\r\nHost: h\r\n" + fields + "\r\n";
}

std::string many_fields(unsigned count) {
  std::string fields;
  for (unsigned i = 0; i < count; ++i) fields += "x: y\r\n";
  return fields;
}

const std::vector<Case>& cases() {
  const auto bad = [](const char* name, std::string bytes, int status) {
    return Case{name, std::move(bytes), Result::rejected, status};
  };
  static const std::vector<Case> all{
      {"plain", get("/")},
      {"query", get("/a/b?x=1&y=2?z")},
      {"absolute form", get("http://example.test:80/async?q")},
      {"absolute form without a path", get("http://example.test")},
      {"empty line first", "\r\n" + get("/")},
      {"options star", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"1.0 without host", "GET / HTTP/1.0\r\n\r\n"},
      {"1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"},
      {"close in a list", get("/", "CONNECTION: foo, Close\r\n")},
      {"body", "POST /echo HTTP/1.1\r\nhost:h\r\ncontent-length: 5\r\n\r\nhello"},
      {"chunked", "POST /echo HTTP/1.1\r\nhost:h\r\nTransfer-Encoding: CHUNKED\r\n\r\n"},
      {"expect", "POST /echo HTTP/1.1\r\nhost:h\r\nExpect: 100-Continue\r\ncontent-length: 5\r\n\r\n"},
      {"as many fields as allowed", get("/", many_fields(RequestParser::max_fields - 1))},
      {"tabs and bytes above ASCII in a value", get("/", "x:\t \xC3\xA4\tb \t\r\n")},
      {"not whole", "GET / HTTP/1.1\r\nHost: h\r\n", Result::need_more},
      {"nothing", "", Result::need_more},
      bad("tls hello", std::string("\x16\x03\x01\x02", 4), 400),
      bad("space first", " GET / HTTP/1.1\r\n", 400),
      bad("bare line feed", "GET / HTTP/1.1\nHost: h\n\n", 400),
      bad("bare line feed in a field", "GET / HTTP/1.1\r\nHost: h\n\r\n", 400),
      bad("no target", "GET HTTP/1.1\r\n\r\n", 400),
      bad("empty target", "GET  HTTP/1.1\r\n\r\n", 400),
      bad("space in the target", "GET /a b HTTP/1.1\r\n\r\n", 400),
      bad("control byte in the target", "GET /a\x01 HTTP/1.1\r\n\r\n", 400),
      bad("relative target", "GET a HTTP/1.1\r\n\r\n", 400),
      bad("fragment", "GET /a#b HTTP/1.1\r\n\r\n", 400),
      bad("no such version", "GET / HTTP/2.0\r\n\r\n", 505),
      bad("no version", "GET / HTTQ/1.1\r\n\r\n", 400),
      bad("lower-case method", "get / HTTP/1.1\r\n\r\n", 501),
      bad("unknown method", "BREW /pot HTTP/1.1\r\n\r\n", 501),
      bad("method with a comma", "G,T / HTTP/1.1\r\n\r\n", 400),
      bad("no host", "GET / HTTP/1.1\r\n\r\n", 400),
      bad("two hosts", get("/", "hOST: i\r\n"), 400),
      bad("no colon", get("/", "abc\r\n"), 400),
      bad("space before the colon", get("/", "abc : d\r\n"), 400),
      bad("folded line", get("/", "abc: d\r\n e\r\n"), 400),
      bad("empty name", get("/", ": d\r\n"), 400),
      bad("zero byte in a value", get("/", std::string("a: b\0c\r\n", 8)), 400),
      bad("carriage return in a value", get("/", "a: b\rc\r\n"), 400),
      bad("content-length signed", get("/", "content-length: +5\r\n"), 400),
      bad("content-length empty", get("/", "content-length:\r\n"), 400),
      bad("content-length beyond 64 bits", get("/", "content-length: 18446744073709551616\r\n"), 400),
      bad("content-length twice", get("/", "content-length: 5\r\nContent-Length: 5\r\n"), 400),
      bad("content-length list", get("/", "content-length: 5, 5\r\n"), 400),
      bad("both framings", get("/", "content-length: 5\r\ntransfer-encoding: chunked\r\n"), 400),
      bad("both framings, other order", get("/", "transfer-encoding: chunked\r\ncontent-length: 5\r\n"), 400),
      bad("gzip coding", get("/", "transfer-encoding: gzip, chunked\r\n"), 501),
      bad("chunked twice", get("/", "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n"), 501),
      bad("chunked in 1.0", "GET / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n", 400),
      bad("other expectation", get("/", "expect: tea\r\n"), 417),
      bad("too many fields", get("/", many_fields(RequestParser::max_fields)), 431),
      bad("head too large", get("/", "x: " + std::string(RequestParser::max_head, 'a') + "\r\n"), 431),
      bad("head too large, in lines",
          get("/", "x: " + std::string(9000, 'a') + "\r\ny: " + std::string(9000, 'b') + "\r\n"), 431),
      bad("target too long", get("/" + std::string(RequestParser::max_head, 'a')), 414),
      bad("endless line", std::string(RequestParser::max_head + 1, 'A'), 414),
  };
  return all;
}

/// Everything a result says, as text.
std::string told(const RequestParser& parser, Result result, const std::string& bytes) {
  if (result == Result::need_more) return "need more";
  if (result == Result::rejected) return "rejected " + std::to_string(parser.rejection());
  const RequestHead& h = parser.head();
  const char* data = bytes.data();
  return "method " + std::to_string(static_cast<int>(h.method)) + " path " + std::string(h.path.in(data)) + " query " +
         std::string(h.query.in(data)) + " length " + std::to_string(h.content_length) + " size " +
         std::to_string(h.size) + (h.http_1_0 ? " 1.0" : " 1.1") + (h.keep_alive ? " keep" : " close") +
         (h.chunked ? " chunked" : "") + (h.expects_continue ? " expect" : "");
}

std::string whole(const std::string& bytes) {
  RequestParser parser;
  const Result result = parser.parse(bytes);
  return told(parser, result, bytes);
}

TEST(RequestParser, AcceptsAndRejectsByTheTable) {
  for (const Case& c : cases()) {
    RequestParser parser;
    EXPECT_EQ(parser.parse(c.bytes), c.result) << c.name;
    EXPECT_EQ(parser.rejection(), c.rejection) << c.name;
  }
}

TEST(RequestParser, TheSplitDoesNotMatter) {
  for (const Case& c : cases()) {
    const std::string expected = whole(c.bytes);
    for (std::size_t at = 0; at <= c.bytes.size(); ++at) {
      RequestParser parser;
      Result result = parser.parse(std::string_view(c.bytes).substr(0, at));
      if (result == Result::need_more) result = parser.parse(c.bytes);
      ASSERT_EQ(told(parser, result, c.bytes), expected) << c.name << " split at " << at;
    }
  }
}

TEST(RequestParser, ByteByByteFromABufferThatMoves) {
  for (const Case& c : cases()) {
    RequestParser parser;
    Result result = Result::need_more;
    for (std::size_t n = 1; n <= c.bytes.size() && result == Result::need_more; ++n) {
      const std::string elsewhere = c.bytes.substr(0, n);
      result = parser.parse(elsewhere);
    }
    EXPECT_EQ(told(parser, result, c.bytes), whole(c.bytes)) << c.name;
  }
}

TEST(RequestParser, TellsTheParts) {
  EXPECT_EQ(whole(get("/a/b?x=1&y=2?z")), "method 0 path /a/b query x=1&y=2?z length 0 size 40 1.1 keep");
  EXPECT_EQ(whole(get("http://example.test:80/async?q")), "method 0 path /async query q length 0 size 56 1.1 keep");
  EXPECT_EQ(whole(get("http://example.test?q")), "method 0 path  query q length 0 size 47 1.1 keep");
  EXPECT_EQ(whole("GET / HTTP/1.0\r\n\r\n"), "method 0 path / query  length 0 size 18 1.0 close");
  EXPECT_EQ(whole("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
            "method 0 path / query  length 0 size 42 1.0 keep");
  EXPECT_EQ(whole(get("/", "CONNECTION: foo, Close\r\n")), "method 0 path / query  length 0 size 51 1.1 close");
  EXPECT_EQ(whole("POST /echo HTTP/1.1\r\nhost:h\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\nhello"),
            "method 2 path /echo query  length 5 size 72 1.1 keep expect");
  EXPECT_EQ(whole("PUT /echo HTTP/1.1\r\nhost:h\r\nTransfer-Encoding: CHUNKED\r\n\r\n"),
            "method 3 path /echo query  length 0 size 58 1.1 keep chunked");
}

TEST(RequestParser, StopsAtTheEndOfOneRequest) {
  const std::string two = get("/first") + get("/second");
  RequestParser parser;
  ASSERT_EQ(parser.parse(two), Result::complete);
  EXPECT_EQ(parser.head().size, get("/first").size());
  const std::string_view rest = std::string_view(two).substr(parser.head().size);
  parser.clear();
  ASSERT_EQ(parser.parse(rest), Result::complete);
  EXPECT_EQ(parser.head().path.in(rest.data()), "/second");
}

}  // namespace
}  // namespace loadgen_server
