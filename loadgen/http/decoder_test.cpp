#include "http/decoder.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/prepared_request.hpp"
#include "http/response_parser.hpp"
#include "tests/support/coded_bodies.hpp"

namespace loadgen::http {
namespace {

using support::brotli_compressed, support::compressed, support::kGzipFormat, support::kRawFormat, support::kZlibFormat;
using State = Decoder::State;

struct Outcome {
  State state;
  std::string text;
};

/// Gives the decoder the coded bytes in pieces of the given size.
Outcome decode(Decoder& decoder, std::string_view coded, std::size_t piece) {
  std::string text;
  for (; !coded.empty(); coded.remove_prefix(std::min(piece, coded.size()))) {
    decoder.give(coded.substr(0, piece));
    for (std::string_view some = decoder.take(); !some.empty(); some = decoder.take()) text += some;
  }
  return {decoder.state(), text};
}

constexpr std::uint64_t kNoLimit = 1ULL << 30;

/// Text that does not fit into any of the buffers on the way, and is no repetition.
std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 200'000; ++i) text += std::to_string(i * i) + ' ';
  return text;
}

TEST(Decoder, UndoesEachFormatHoweverItIsCut) {
  const std::string text = long_text();
  const struct {
    const char* name;
    ContentCoding coding;
    std::string coded;
  } formats[] = {{"gzip", ContentCoding::gzip, compressed(text, kGzipFormat)},
                 {"zlib", ContentCoding::deflate, compressed(text, kZlibFormat)},
                 {"raw", ContentCoding::deflate, compressed(text, kRawFormat)},
                 {"br", ContentCoding::br, brotli_compressed(text)}};
  Decoder decoder;
  for (const auto& [name, coding, coded] : formats) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1'000}, coded.size()}) {
      decoder.begin(coding, kNoLimit);
      const Outcome outcome = decode(decoder, coded, piece);
      EXPECT_EQ(outcome.state, State::whole) << name << " by " << piece;
      EXPECT_EQ(outcome.text, text) << name << " by " << piece;
      EXPECT_EQ(decoder.bytes(), text.size());
    }
  }
}

TEST(Decoder, ReadsGzipOfSeveralMembers) {
  Decoder decoder;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000}}) {
    decoder.begin(ContentCoding::gzip, kNoLimit);
    const Outcome outcome = decode(decoder, compressed("one, ", kGzipFormat) + compressed("two", kGzipFormat), piece);
    EXPECT_EQ(outcome.state, State::whole);
    EXPECT_EQ(outcome.text, "one, two");
  }
}

TEST(Decoder, TellsWhatIsNoWholeBody) {
  const std::string gzip = compressed("a body", kGzipFormat);
  const std::string zlib = compressed("a body", kZlibFormat);
  const std::string brotli = brotli_compressed("a body");
  std::string wrong_sum = gzip;
  wrong_sum[wrong_sum.size() - 8] ^= 1;  // RFC 1952, 2.3.1: CRC32, then the size, four bytes each
  const struct {
    const char* name;
    ContentCoding coding;
    std::string coded;
    State state;
  } cases[] = {{"nothing came", ContentCoding::gzip, "", State::whole},
               {"cut in the data", ContentCoding::gzip, gzip.substr(0, 12), State::need_more},
               {"cut in the sum", ContentCoding::gzip, gzip.substr(0, gzip.size() - 1), State::need_more},
               {"another sum", ContentCoding::gzip, wrong_sum, State::malformed},
               {"plain text", ContentCoding::gzip, "a body", State::malformed},
               {"more after gzip", ContentCoding::gzip, gzip + "more", State::malformed},
               {"more after zlib", ContentCoding::deflate, zlib + "more", State::malformed},
               {"gzip called deflate", ContentCoding::deflate, gzip, State::malformed},
               {"no br came", ContentCoding::br, "", State::whole},
               {"br cut", ContentCoding::br, brotli.substr(0, brotli.size() - 1), State::need_more},
               {"more after br", ContentCoding::br, brotli + "more", State::malformed},
               {"zlib called br", ContentCoding::br, zlib, State::malformed}};
  Decoder decoder;
  for (const auto& c : cases) {
    decoder.begin(c.coding, kNoLimit);
    EXPECT_EQ(decode(decoder, c.coded, 1'000).state, c.state) << c.name;
    decoder.begin(c.coding, kNoLimit);
    EXPECT_EQ(decode(decoder, c.coded, 1).state, c.state) << c.name << ", byte by byte";
  }
}

TEST(Decoder, StopsABombAtTheLimit) {
  const std::string text(10'000'000, 'x');
  const std::string bomb = compressed(text, kGzipFormat);
  ASSERT_LT(bomb.size(), 20'000u);
  Decoder decoder;
  decoder.begin(ContentCoding::gzip, text.size());
  EXPECT_EQ(decode(decoder, bomb, bomb.size()).state, State::whole);
  decoder.begin(ContentCoding::gzip, text.size() - 1);
  EXPECT_EQ(decode(decoder, bomb, bomb.size()).state, State::too_large);
  for (const ContentCoding coding : {ContentCoding::gzip, ContentCoding::br}) {
    decoder.begin(coding, 50'000);
    const Outcome outcome = decode(decoder, coding == ContentCoding::br ? brotli_compressed(text) : bomb, 100);
    EXPECT_EQ(outcome.state, State::too_large);
    EXPECT_LE(outcome.text.size(), 50'000u);
    EXPECT_EQ(decoder.bytes(), 50'000u);
  }
}

// ---- of a whole response ----------------------------------------------------------------------------------------

constexpr std::string_view kText = "All is OK with this body, OK?";

PreparedRequest asking(std::string_view method, std::initializer_list<ContentCoding> codings) {
  ContentCodings accepted;
  for (const ContentCoding coding : codings) accepted.add(coding);
  PreparedRequest request = prepare({.method = method,
                                     .authority = "a",
                                     .path_and_query = "/",
                                     .headers = {},
                                     .body = {},
                                     .user_agent = {},
                                     .accept_encoding = accepted});
  request.checks.body_equals = std::string(kText);
  return request;
}

std::string response(std::string_view encoding, std::string_view body, std::string_view status = "200 OK") {
  return std::string("HTTP/1.1 ")
      .append(status)
      .append("\r\n")
      .append(encoding)
      .append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

void read(ResponseParser& parser, const PreparedRequest& request, std::string_view text, ResponseLimits limits = {}) {
  parser.begin(request, limits);
  parser.feed(text);
}

TEST(DecodedResponse, IsJudgedByItsDecodedBody) {
  const std::string gzip = compressed(kText, kGzipFormat);
  const PreparedRequest both = asking("GET", {ContentCoding::gzip, ContentCoding::deflate});
  ResponseParser parser;
  const std::string good[] = {
      response("Content-Encoding: gzip\r\n", gzip), response("content-encoding: X-GZip \r\n", gzip),
      response("Content-Encoding: deflate\r\n", compressed(kText, kZlibFormat)),
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + gzip.substr(0, 5) +
          "\r\n" + "A\r\n" + gzip.substr(5, 10) + "\r\n1F\r\n" + gzip.substr(15) + "\r\n0\r\n\r\n"};
  ASSERT_EQ(gzip.size(), 46u) << "the chunks above are cut for this";
  for (const std::string& text : good) {
    read(parser, both, text);
    EXPECT_EQ(parser.state(), ResponseParser::State::done) << text;
    EXPECT_EQ(parser.error(), ErrorKind::none) << text;
    EXPECT_EQ(parser.bytes_decoded(), kText.size());
  }
  const PreparedRequest brotli = asking("GET", {ContentCoding::br});
  read(parser, brotli, response("Content-Encoding: br\r\n", brotli_compressed(kText)));
  EXPECT_EQ(parser.error(), ErrorKind::none);
  EXPECT_EQ(parser.bytes_decoded(), kText.size());
  read(parser, both, response("Content-Encoding: gzip\r\n", compressed("another body", kGzipFormat)));
  EXPECT_EQ(parser.error(), ErrorKind::expectation);
  EXPECT_EQ(parser.bytes_decoded(), 12u);
}

TEST(DecodedResponse, LeavesWhatWasNotAskedForAsItCame) {
  const std::string gzip = compressed(kText, kGzipFormat);
  const PreparedRequest deflate = asking("GET", {ContentCoding::deflate});
  const PreparedRequest both = asking("GET", {ContentCoding::gzip, ContentCoding::deflate});
  const struct {
    const PreparedRequest& request;
    std::string text;
  } cases[] = {{deflate, response("Content-Encoding: gzip\r\n", kText)},
               {both, response("", kText)},
               {both, response("Content-Encoding: identity\r\n", kText)},
               {both, response("Content-Encoding: br\r\n", kText)},
               {both, response("Content-Encoding: deflate, gzip\r\n", kText)},
               {both, response("Content-Encoding: deflate\r\nContent-Encoding: gzip\r\n", kText)},
               {both, response("Content-Encoding: gzip\r\n", kText, "206 Partial Content")}};
  ResponseParser parser;
  for (const auto& c : cases) {
    read(parser, both, response("Content-Encoding: gzip\r\n", gzip));  // and the one before leaves no trace
    EXPECT_EQ(parser.bytes_decoded(), kText.size());
    read(parser, c.request, c.text);
    EXPECT_EQ(parser.error(), ErrorKind::none) << c.text;
    EXPECT_EQ(parser.bytes_decoded(), 0u) << c.text;
  }
}

TEST(DecodedResponse, WithoutABodyNeedsNone) {
  PreparedRequest request = asking("HEAD", {ContentCoding::gzip});
  request.checks.body_equals.reset();
  ResponseParser parser;
  read(parser, request, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 46\r\n\r\n");
  EXPECT_EQ(parser.error(), ErrorKind::none);
  request.head = false;
  read(parser, request, response("Content-Encoding: gzip\r\n", ""));
  EXPECT_EQ(parser.state(), ResponseParser::State::done);
  EXPECT_EQ(parser.error(), ErrorKind::none);
}

TEST(DecodedResponse, FailsByItsBody) {
  const PreparedRequest request = asking("GET", {ContentCoding::gzip});
  const std::string gzip = compressed(kText, kGzipFormat);
  ResponseParser parser;
  for (const std::string& body : {gzip.substr(0, 20), std::string("plain text"), gzip + gzip.substr(0, 3)}) {
    read(parser, request, response("Content-Encoding: gzip\r\n", body));
    EXPECT_EQ(parser.state(), ResponseParser::State::failed);
    EXPECT_EQ(parser.error(), ErrorKind::malformed_response);
  }
  read(parser, request, response("Content-Encoding: gzip\r\n", compressed(std::string(5'000, 'x'), kGzipFormat)),
       {.body = 4'999});
  EXPECT_EQ(parser.state(), ResponseParser::State::failed);
  EXPECT_EQ(parser.error(), ErrorKind::response_too_large);
}

TEST(DecodedResponse, IsNoneWhereTheHeaderBreaksOffBehindTheCodingsName) {
  const PreparedRequest request = asking("GET", {ContentCoding::gzip});
  const std::string broken = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nno header line\r\n\r\n";
  ResponseParser parser;
  read(parser, request, broken);
  EXPECT_EQ(parser.error(), ErrorKind::malformed_response);
  EXPECT_EQ(parser.bytes_decoded(), 0u);
  read(parser, request, response("Content-Encoding: gzip\r\n", compressed(kText, kGzipFormat)));
  EXPECT_EQ(parser.bytes_decoded(), kText.size());
  read(parser, request, broken);
  EXPECT_EQ(parser.bytes_decoded(), 0u) << "not those of the response before";
}

TEST(AcceptEncoding, IsAHeaderUnlessTheStepHasItsOwn) {
  EXPECT_NE(
      asking("GET", {ContentCoding::deflate, ContentCoding::gzip}).bytes.find("\r\nAccept-Encoding: gzip, deflate\r\n"),
      std::string::npos);
  EXPECT_NE(asking("GET", {ContentCoding::deflate}).bytes.find("\r\nAccept-Encoding: deflate\r\n"), std::string::npos);
  EXPECT_EQ(asking("GET", {}).bytes.find("Accept-Encoding"), std::string::npos);
  ContentCodings gzip;
  gzip.add(ContentCoding::gzip);
  const PreparedRequest own = prepare({.method = "GET",
                                       .authority = "a",
                                       .path_and_query = "/",
                                       .headers = {{"accept-encoding", "br"}},
                                       .body = {},
                                       .user_agent = {},
                                       .accept_encoding = gzip});
  EXPECT_EQ(own.bytes, "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\naccept-encoding: br\r\n\r\n");
  EXPECT_TRUE(own.decodes.contains(ContentCoding::gzip));
}

}  // namespace
}  // namespace loadgen::http
