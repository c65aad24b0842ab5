#include "server/chunk_decoder.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using Result = ChunkDecoder::Result;

struct Decoded {
  Result result = Result::need_more;
  std::string payload;
  std::size_t consumed = 0;
};

/// Feeds `bytes` in two parts, or in parts of one byte when `split` is npos.
Decoded decode(const std::string& bytes, std::size_t split, std::uint64_t max_body = 1000) {
  ChunkDecoder decoder(max_body);
  Decoded all;
  while (all.result == Result::need_more && all.consumed < bytes.size()) {
    const std::size_t part = split == std::string::npos ? 1
                             : all.consumed < split     ? split - all.consumed
                                                        : bytes.size() - all.consumed;
    std::string piece = bytes.substr(all.consumed, part);
    const auto progress = decoder.decode(piece.data(), piece.size());
    all.result = progress.result;
    all.consumed += progress.consumed;
    all.payload += piece.substr(0, progress.produced);
  }
  return all;
}

struct Case {
  std::string bytes;
  Result result;
  std::string payload;
};

const Case cases[] = {
    {"5\r\nhello\r\n0\r\n\r\n", Result::complete, "hello"},
    {"0\r\n\r\n", Result::complete, ""},
    {"3;a=b\r\nabc\r\n00A \r\n0123456789\r\n0\r\nTrailer: x\r\nother:\r\n\r\n", Result::complete, "abc0123456789"},
    {"1\r\n\r\r\n1\r\n\n\r\n0\r\n\r\n", Result::complete, "\r\n"},
    {"5\r\nhel", Result::need_more, "hel"},
    {"g\r\n", Result::malformed, ""},
    {"\r\n", Result::malformed, ""},
    {"-1\r\n", Result::malformed, ""},
    {"5\nhello", Result::malformed, ""},
    {"5\r\nhelloX", Result::malformed, "hello"},
    {"0\r\n\rX", Result::malformed, ""},
    {"0\r\n folded\r\n\r\n", Result::malformed, ""},
    {"00000000000000001\r\n", Result::malformed, ""},
    {"3e9\r\n", Result::too_large, ""},
    {"ffffffffffffffff\r\n", Result::too_large, ""},
    {"1f4\r\n" + std::string(500, 'x') + "\r\n1f5\r\n", Result::too_large, std::string(500, 'x')},
    {"0;" + std::string(ChunkDecoder::max_overhead_line, 'x'), Result::malformed, ""},
    {"0\r\n" + std::string(ChunkDecoder::max_trailers + 1, 'x'), Result::malformed, ""},
};

TEST(ChunkDecoder, DecodesTheTableWhereverItIsSplit) {
  for (const Case& c : cases) {
    const std::string name = c.bytes.substr(0, 60);
    for (std::size_t split = 0; split <= std::min<std::size_t>(c.bytes.size(), 100); ++split) {
      const Decoded decoded = decode(c.bytes, split);
      EXPECT_EQ(decoded.result, c.result) << name << " split at " << split;
      EXPECT_EQ(decoded.payload, c.payload) << name << " split at " << split;
    }
    EXPECT_EQ(decode(c.bytes, std::string::npos).result, c.result) << name;
    EXPECT_EQ(decode(c.bytes, std::string::npos).payload, c.payload) << name;
  }
}

TEST(ChunkDecoder, LeavesTheNextRequestAlone) {
  const std::string body = "2\r\nab\r\n0\r\n\r\n";
  EXPECT_EQ(decode(body + "GET / HTTP/1.1\r\n", 0).consumed, body.size());
}

}  // namespace
}  // namespace loadgen_server
