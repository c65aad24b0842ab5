#pragma once
// A chunked request body (RFC 9112 7.1), decoded in place: the payload is moved to the front of the bytes it arrived
// in. No I/O; the result is the same wherever the bytes were split.

#include <cstddef>
#include <cstdint>

namespace loadgen_server {

class ChunkDecoder {
 public:
  enum class Result : std::uint8_t { need_more, complete, malformed, too_large };

  struct Progress {
    Result result;
    std::size_t consumed;  // bytes read; the rest belongs to the next request
    std::size_t produced;  // payload bytes, now at the front
  };

  static constexpr std::uint32_t max_overhead_line = 4096;  // a size line with its extensions, or one trailer field
  static constexpr std::uint32_t max_trailers = 16 * 1024;

  explicit ChunkDecoder(std::uint64_t max_body = 0) : room_(max_body) {}

  /// `data`: bytes not yet given to the decoder.
  Progress decode(char* data, std::size_t size);

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_first,
    trailer,
    trailer_lf,
    end_lf,
    complete
  };

  Result take(char c);
  Result take_size_digit(char c);
  Result take_trailer(char c);
  Result go(State next);

  std::uint64_t room_;      // payload bytes still allowed
  std::uint64_t left_ = 0;  // of the current chunk
  std::uint32_t line_ = 0;
  std::uint32_t trailers_ = 0;
  State state_ = State::size_first;
};

}  // namespace loadgen_server
