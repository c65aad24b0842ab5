#pragma once
// A body's content coding undone, piece by piece as it comes, by zlib and Brotli. Of zlib's codings it allocates when
// it is made and in the first body (48 KB in all), and never after that: begin() resets zlib's state and keeps its
// memory. Brotli's state cannot be reset: each of its bodies allocates.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include <brotli/decode.h>
#include <zlib.h>

#include "http/content_coding.hpp"

namespace loadgen::http {

class Decoder {
 public:
  enum class State : std::uint8_t { need_more, whole, malformed, too_large };

  Decoder();
  ~Decoder() { inflateEnd(&stream_); }
  Decoder(const Decoder&) = delete;  // zlib's state points back at it
  Decoder& operator=(const Decoder&) = delete;

  /// Starts on another body; more than limit bytes of it, decoded, are too_large.
  void begin(ContentCoding coding, std::uint64_t limit);
  /// The body's next coded bytes, at least one. They must stay where they are until take() has returned nothing.
  void give(std::string_view coded);
  /// The next decoded bytes, until the next call; nothing: no more come out of what was given, or it failed.
  std::string_view take();

  /// whole: what was given ends where it may end. So does a body of no bytes: servers say "gzip" of those too.
  State state() const { return state_; }
  std::uint64_t bytes() const { return bytes_; }  ///< decoded so far, at most limit

 private:
  struct BrotliFree {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };

  bool start_member();
  std::string_view decode_some();
  std::size_t inflate_some();
  std::size_t unbrotli_some();

  z_stream stream_{};  ///< also says what is left of the coded bytes, whatever their coding
  std::unique_ptr<BrotliDecoderState, BrotliFree> brotli_;  ///< of the body under way
  ContentCoding coding_ = ContentCoding::gzip;
  State state_ = State::whole;
  bool begun_ = false;  ///< its first byte came
  bool more_ = false;   ///< more may come out though all was read
  std::uint64_t limit_ = 0;
  std::uint64_t bytes_ = 0;
  std::array<char, 16U << 10> decoded_;  ///< NOLINT: written before it is read
};

}  // namespace loadgen::http
