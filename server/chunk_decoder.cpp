#include "server/chunk_decoder.hpp"

#include <algorithm>
#include <cstring>

namespace loadgen_server {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

}  // namespace

ChunkDecoder::Progress ChunkDecoder::decode(char* data, std::size_t size) {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  while (consumed < size) {
    if (state_ == State::data) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size - consumed));
      std::memmove(data + produced, data + consumed, part);
      consumed += part;
      produced += part;
      left_ -= part;
      if (left_ == 0) go(State::data_cr);
      continue;
    }
    const Result result = take(data[consumed++]);
    if (result != Result::need_more) return {result, consumed, produced};
  }
  return {Result::need_more, consumed, produced};
}

ChunkDecoder::Result ChunkDecoder::go(State next) {
  state_ = next;
  return Result::need_more;
}

ChunkDecoder::Result ChunkDecoder::take(char c) {
  switch (state_) {
    case State::size_first:
    case State::size:
      return take_size_digit(c);
    case State::extension:
      if (++line_ > max_overhead_line || (is_control(c) && c != '\r')) return Result::malformed;
      return c == '\r' ? go(State::size_lf) : Result::need_more;
    case State::size_lf:
      if (c != '\n') return Result::malformed;
      line_ = 0;
      return go(left_ == 0 ? State::trailer_first : State::data);
    case State::data_cr:
      return c == '\r' ? go(State::data_lf) : Result::malformed;
    case State::data_lf:
      return c == '\n' ? go(State::size_first) : Result::malformed;
    default:
      return take_trailer(c);
  }
}

ChunkDecoder::Result ChunkDecoder::take_size_digit(char c) {
  const int digit = hex_value(c);
  if (digit >= 0) {
    if (++line_ > 16) return Result::malformed;  // more digits than a 64-bit size has
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return go(State::size);
  }
  if (state_ == State::size_first) return Result::malformed;
  if (left_ > room_) return Result::too_large;
  room_ -= left_;
  if (c == '\r') return go(State::size_lf);
  return c == ';' || c == ' ' || c == '\t' ? go(State::extension) : Result::malformed;
}

ChunkDecoder::Result ChunkDecoder::take_trailer(char c) {
  if (++trailers_ > max_trailers) return Result::malformed;
  switch (state_) {
    case State::trailer_first:
      if (c == '\r') return go(State::end_lf);
      return is_control(c) || c == ':' || c == ' ' ? Result::malformed : go(State::trailer);
    case State::trailer:
      if (c == '\r') return go(State::trailer_lf);
      return is_control(c) ? Result::malformed : Result::need_more;
    case State::trailer_lf:
      return c == '\n' ? go(State::trailer_first) : Result::malformed;
    case State::end_lf:
      if (c != '\n') return Result::malformed;
      state_ = State::complete;
      return Result::complete;
    default:
      return Result::malformed;  // fed after it was complete
  }
}

}  // namespace loadgen_server
