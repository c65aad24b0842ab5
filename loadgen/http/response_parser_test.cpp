#include "http/response_parser.hpp"

#include <gtest/gtest.h>

namespace loadgen::http {
namespace {

using State = ResponseParser::State;

struct Outcome {
  State state;
  ErrorKind error;
  int status;
  bool keep_alive;
  std::size_t left_over;
  bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& o, std::ostream* out) {
  *out << "{state " << static_cast<int>(o.state) << ", " << info(o.error).key << ", status " << o.status
       << ", keep-alive " << o.keep_alive << ", left over " << o.left_over << "}";
}

/// Feeds text cut at the given places, as a connection would: what is not taken stands before the next piece.
Outcome feed(const PreparedRequest& request, std::string_view text, std::initializer_list<std::size_t> cuts, bool eof,
             ResponseLimits limits = {}) {
  ResponseParser parser;
  parser.begin(request, limits);
  std::string pending;
  std::size_t at = 0;
  const auto feed_to = [&](std::size_t end) {
    pending.append(text.substr(at, end - at));
    at = end;
    if (parser.state() == State::need_more) pending.erase(0, parser.feed(pending));
  };
  for (const std::size_t cut : cuts) feed_to(std::min(cut, text.size()));
  feed_to(text.size());
  if (eof) parser.feed_eof();
  const bool keep = parser.state() == State::done && parser.keep_alive();
  return {parser.state(), parser.error(), parser.status(), keep, pending.size()};
}

PreparedRequest request_for(std::string_view method) {
  return prepare(
      {.method = method, .authority = "a", .path_and_query = "/", .headers = {}, .body = {}, .user_agent = {}});
}

struct Case {
  const char* name;
  const char* method;
  std::string text;
  bool eof;
  Outcome expected;
};

const std::vector<Case>& cases() {
  constexpr auto done = State::done, failed = State::failed, more = State::need_more;
  constexpr auto none = ErrorKind::none, malformed = ErrorKind::malformed_response;
  static const std::vector<Case> table = {
      {"content-length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", false, {done, none, 200, true, 0}},
      {"empty body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, {done, none, 200, true, 0}},
      {"no reason phrase", "GET", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", false, {done, none, 200, true, 0}},
      {"connection close",
       "GET",
       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK",
       false,
       {done, none, 200, false, 0}},
      {"1.0 closes", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nOK", false, {done, none, 200, false, 0}},
      {"1.0 keep-alive",
       "GET",
       "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nOK",
       false,
       {done, none, 200, true, 0}},
      {"chunked",
       "GET",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nO\r\n1;x=y\r\nK\r\n0\r\n\r\n",
       false,
       {done, none, 200, true, 0}},
      {"chunked with trailer",
       "GET",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\nX-T: 1\r\n\r\n",
       false,
       {done, none, 200, true, 0}},
      {"until close", "GET", "HTTP/1.1 200 OK\r\n\r\nOK", true, {done, none, 200, false, 0}},
      {"until close, still open", "GET", "HTTP/1.1 200 OK\r\n\r\nOK", false, {more, none, 200, false, 0}},
      {"HEAD has no body",
       "HEAD",
       "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
       false,
       {done, none, 200, true, 0}},
      {"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", false, {done, none, 204, true, 0}},
      {"304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, {done, none, 304, true, 0}},
      {"100 then 200",
       "GET",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
       false,
       {done, none, 200, true, 0}},
      {"103 twice",
       "GET",
       "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 204 N\r\n\r\n",
       false,
       {done, none, 204, true, 0}},
      {"101 is final",
       "GET",
       "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
       false,
       {done, ErrorKind::status, 101, true, 0}},
      {"500", "GET", "HTTP/1.1 500 Oh\r\nContent-Length: 1\r\n\r\nx", false, {done, ErrorKind::status, 500, true, 0}},
      {"bytes after the response",
       "GET",
       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOKextra",
       false,
       {done, none, 200, true, 5}},
      {"nothing, closed", "GET", "", true, {failed, ErrorKind::closed_before_response, 0, false, 0}},
      {"closed in the status line", "GET", "HTTP/1.1 2", true, {failed, ErrorKind::closed_mid_body, 0, false, 10}},
      {"closed in the header",
       "GET",
       "HTTP/1.1 200 OK\r\nContent-",
       true,
       {failed, ErrorKind::closed_mid_body, 200, false, 8}},
      {"closed in the body",
       "GET",
       "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nOK",
       true,
       {failed, ErrorKind::closed_mid_body, 200, false, 0}},
      {"closed between chunks",
       "GET",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n",
       true,
       {failed, ErrorKind::closed_mid_body, 200, false, 2}},
      {"not HTTP", "GET", "SSH-2.0-OpenSSH_9.2\r\n\r\n", false, {failed, malformed, 0, false, 23}},
      {"HTTP/2 preface", "GET", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false, {failed, malformed, 0, false, 24}},
      {"HTTP/3.0", "GET", "HTTP/3.0 200 OK\r\n\r\n", false, {failed, malformed, 0, false, 19}},
      {"two lengths",
       "GET",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nOK",
       false,
       {failed, malformed, 200, false, 0}},
      {"negative length",
       "GET",
       "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nOK",
       false,
       {failed, malformed, 200, false, 0}},
      {"length and chunked",
       "GET",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       false,
       {failed, malformed, 200, false, 0}},
      {"bad chunk size",
       "GET",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nOK\r\n",
       false,
       {failed, malformed, 200, false, 0}},
      {"bare header name", "GET", "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n", false, {failed, malformed, 200, false, 0}},
  };
  return table;
}

TEST(ResponseParser, ConformanceTableCutAtEveryByte) {
  for (const Case& c : cases()) {
    const PreparedRequest request = request_for(c.method);
    for (std::size_t cut = 0; cut <= c.text.size(); ++cut) {
      Outcome outcome = feed(request, c.text, {cut}, c.eof);
      Outcome expected = c.expected;
      // How much of a failed response was read before the failure depends on the cut; what it failed for does not.
      if (expected.state == State::failed) {
        outcome.left_over = expected.left_over = 0;
        outcome.status = expected.status = 0;
      }
      EXPECT_EQ(outcome, expected) << c.name << " cut at " << cut;
    }
  }
}

TEST(ResponseParser, ConformanceTableByteByByte) {
  for (const Case& c : cases()) {
    const PreparedRequest request = request_for(c.method);
    ResponseParser parser;
    parser.begin(request, {});
    std::string pending;
    for (const char byte : c.text) {
      pending.push_back(byte);
      if (parser.state() == State::need_more) pending.erase(0, parser.feed(pending));
    }
    if (c.eof) parser.feed_eof();
    EXPECT_EQ(parser.state(), c.expected.state) << c.name;
    EXPECT_EQ(parser.error(), c.expected.error) << c.name;
  }
}

TEST(ResponseParser, Limits) {
  const PreparedRequest request = request_for("GET");
  const ResponseLimits limits{.header = 100, .body = 10};
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const Outcome too_large{State::failed, ErrorKind::response_too_large, 200, false, 0};
  const auto judged = [&](const std::string& text) {
    Outcome o = feed(request, text, {20, 40}, false, limits);
    o.left_over = 0;
    return o;
  };
  EXPECT_EQ(judged(head + "Content-Length: 10\r\n\r\n0123456789"),
            (Outcome{State::done, ErrorKind::none, 200, true, 0}));
  EXPECT_EQ(judged(head + "Content-Length: 11\r\n\r\n"), too_large);
  EXPECT_EQ(judged(head + "Transfer-Encoding: chunked\r\n\r\nb\r\n0123456789x\r\n0\r\n\r\n").error,
            ErrorKind::response_too_large);
  EXPECT_EQ(judged(head + "\r\n" + std::string(11, 'x')).error, ErrorKind::response_too_large);
  EXPECT_EQ(judged(head + "X: " + std::string(200, 'x') + "\r\n\r\n").error, ErrorKind::response_too_large);
  EXPECT_EQ(judged(std::string(300, 'x')).error, ErrorKind::malformed_response);
}

TEST(ResponseParser, EndlessNewsOfAResponseToComeIsNoResponse) {
  const PreparedRequest request = request_for("GET");
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(feed(request, flood + "HTTP/1.1 204 N\r\n\r\n", {}, false).status, 204);
  EXPECT_EQ(feed(request, flood + "HTTP/1.1 100 Continue\r\n\r\n", {}, false).error, ErrorKind::response_too_large);
}

TEST(ResponseParser, A100IsToldOnceAndNoOtherNews) {
  const PreparedRequest request = request_for("POST");
  ResponseParser parser;
  parser.begin(request, {});
  parser.feed("HTTP/1.1 103 Early Hints\r\n\r\n");
  EXPECT_FALSE(parser.take_continue());
  parser.feed("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(parser.state(), State::need_more);
  EXPECT_TRUE(parser.take_continue());
  EXPECT_FALSE(parser.take_continue());
  parser.feed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 N\r\n\r\n");
  EXPECT_EQ(parser.status(), 204);
  parser.begin(request, {});
  EXPECT_FALSE(parser.take_continue()) << "that was the request before";
}

TEST(ResponseParser, AnythingAfterTheLastChunkIsATrailerOrMalformedHoweverItIsCut) {
  const PreparedRequest request = request_for("GET");
  const std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nO\r\n1;x=y\r\n\r\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    EXPECT_NE(feed(request, text, {cut, cut + 1, cut + 2}, true).state, State::need_more) << cut;
}

TEST(ResponseParser, ExpectationsAreCheckedAsTheBytesPass) {
  PreparedRequest request = request_for("GET");
  request.checks.body_equals = "OK";
  request.checks.headers = {{"X-A", "1"}};
  const std::string good =
      "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nO\r\n1\r\nK\r\n0\r\n\r\n";
  const std::string trailer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\nX-A: 1\r\n\r\n";
  for (std::size_t cut = 0; cut <= good.size(); ++cut)
    EXPECT_EQ(feed(request, good, {cut}, false).error, ErrorKind::none) << cut;
  EXPECT_EQ(feed(request, trailer, {}, false).error, ErrorKind::expectation) << "a trailer is no header";
  EXPECT_EQ(feed(request, "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nKO", {}, false).error,
            ErrorKind::expectation);
}

}  // namespace
}  // namespace loadgen::http
