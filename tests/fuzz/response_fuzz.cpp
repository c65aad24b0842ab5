// A hostile server: whatever it sends and however it is cut, the parser ends in one state, and the cuts change nothing.
// The first byte says what was asked for: bit 0 a HEAD, bit 1 gzip, bit 2 deflate, bit 3 br; the rest is the response.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/response_parser.hpp"

using loadgen::ErrorKind;
using loadgen::http::ResponseParser;

namespace {

constexpr std::uint32_t kHeaderLimit = 512;
constexpr std::uint64_t kBodyLimit = 4'096;

struct Outcome {
  ResponseParser::State state;
  ErrorKind error;
};

/// Feeds text in pieces of the given size, as the engine does: what is not taken stands before the next piece.
Outcome parse(const loadgen::http::PreparedRequest& request, std::string_view text, std::size_t piece) {
  ResponseParser parser;
  parser.begin(request, {.header = kHeaderLimit, .body = kBodyLimit});
  std::string pending;
  for (std::size_t at = 0; at < text.size() && parser.state() == ResponseParser::State::need_more; at += piece) {
    pending.append(text.substr(at, piece));
    const std::size_t taken = parser.feed(pending);
    if (taken > pending.size()) std::abort();
    pending.erase(0, taken);
  }
  parser.feed_eof();
  if (parser.bytes_decoded() > kBodyLimit) std::abort();
  return {parser.state(), parser.error()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool head = (data[0] & 1) != 0;
  loadgen::http::ContentCodings codings;
  if ((data[0] & 2) != 0) codings.add(loadgen::http::ContentCoding::gzip);
  if ((data[0] & 4) != 0) codings.add(loadgen::http::ContentCoding::deflate);
  if ((data[0] & 8) != 0) codings.add(loadgen::http::ContentCoding::br);
  loadgen::http::PreparedRequest request = loadgen::http::prepare({.method = head ? "HEAD" : "GET",
                                                                   .authority = "a",
                                                                   .path_and_query = "/",
                                                                   .headers = {},
                                                                   .body = {},
                                                                   .user_agent = {},
                                                                   .accept_encoding = codings});
  request.checks.body_contains.emplace("OK");
  request.checks.headers = {{"X-A", "1"}};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = parse(request, text, text.size() + 1);
  if (whole.state == ResponseParser::State::need_more) std::abort();  // the server has closed: there is no more
  const Outcome cut = parse(request, text, 1);
  // A limit or a syntax error may strike first, by how much was there at once; success and failure may not differ.
  // Beast counts the lines of a header that comes at once each by itself, so that one just past the limit may pass.
  const bool limits_decide = text.size() > kHeaderLimit && (cut.error == ErrorKind::response_too_large ||
                                                            whole.error == ErrorKind::response_too_large);
  if (cut.state != whole.state && !limits_decide) std::abort();
  if (cut.state == ResponseParser::State::done && cut.error != whole.error) std::abort();
  return 0;
}
