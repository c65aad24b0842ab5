#include "http/decoder.hpp"

#include <new>

namespace loadgen::http {
namespace {

// zlib's windowBits (inflateInit2 in zlib.h): the largest window, and which header stands before the data.
constexpr int kRaw = -MAX_WBITS;
constexpr int kZlib = MAX_WBITS;
constexpr int kGzip = MAX_WBITS + 16;

/// HTTP's "deflate" is the zlib format (RFC 9110, 8.4.1.2), but some servers send the bare data. A zlib header's first
/// byte has 8 in its low half (RFC 1950, 2.2). Bare data that begins so would be a stored block whose padding is not
/// zero, which no encoder writes.
int deflate_format(char first) {
  return (static_cast<unsigned char>(first) & 0x0FU) == Z_DEFLATED ? kZlib : kRaw;
}

// Through operator new, where the project's allocations are counted.
void* allocate(void* /*opaque*/, std::size_t size) {
  return ::operator new(size, std::nothrow);
}
voidpf allocate_items(voidpf opaque, uInt items, uInt size) {
  return allocate(opaque, std::size_t{items} * size);
}
void release(void* /*opaque*/, void* memory) {
  ::operator delete(memory);
}

}  // namespace

Decoder::Decoder() {
  stream_.zalloc = allocate_items;
  stream_.zfree = release;
  if (inflateInit2(&stream_, kGzip) != Z_OK) throw std::bad_alloc();
}

void Decoder::begin(ContentCoding coding, std::uint64_t limit) {
  coding_ = coding;
  limit_ = limit;
  state_ = State::whole;
  begun_ = false;
  more_ = false;
  bytes_ = 0;
  stream_.avail_in = 0;
  brotli_.reset();
}

void Decoder::give(std::string_view coded) {
  if (!begun_) {
    begun_ = true;
    state_ = State::need_more;
    if (coding_ == ContentCoding::br)
      brotli_.reset(BrotliDecoderCreateInstance(allocate, release, nullptr));
    else
      inflateReset2(&stream_, coding_ == ContentCoding::gzip ? kGzip : deflate_format(coded.front()));
  }
  stream_.next_in = reinterpret_cast<z_const Bytef*>(const_cast<char*>(coded.data()));  // NOLINT: zlib reads it only
  stream_.avail_in = static_cast<uInt>(coded.size());
}

std::string_view Decoder::take() {
  while (stream_.avail_in > 0 || more_) {
    if (state_ == State::whole && !start_member()) state_ = State::malformed;
    if (state_ != State::need_more) break;
    const std::string_view some = decode_some();
    if (!some.empty()) return some;
  }
  return {};
}

/// Gzip data is a series of members (RFC 1952, 2.2); after a body of another format nothing may follow.
bool Decoder::start_member() {
  if (coding_ != ContentCoding::gzip) return false;
  state_ = State::need_more;
  return inflateReset(&stream_) == Z_OK;
}

std::string_view Decoder::decode_some() {
  const std::size_t size = coding_ == ContentCoding::br ? unbrotli_some() : inflate_some();
  bytes_ += size;
  const bool fits = bytes_ <= limit_;
  if (!fits) {
    state_ = State::too_large;
    bytes_ = limit_;
  }
  if (state_ != State::need_more) brotli_.reset();  // its window is of megabytes, and decoders wait in a pool
  return {decoded_.data(), fits ? size : 0};
}

std::size_t Decoder::inflate_some() {
  stream_.next_out = reinterpret_cast<Bytef*>(decoded_.data());
  stream_.avail_out = static_cast<uInt>(decoded_.size());
  const int result = inflate(&stream_, Z_NO_FLUSH);
  more_ = result == Z_OK && stream_.avail_out == 0;
  if (result == Z_STREAM_END) {
    state_ = State::whole;
  } else if (result != Z_OK && result != Z_BUF_ERROR) {  // the latter: it needs more to go on
    state_ = State::malformed;
  }
  return decoded_.size() - stream_.avail_out;
}

std::size_t Decoder::unbrotli_some() {
  std::size_t coded = stream_.avail_in;
  std::size_t room = decoded_.size();
  const std::uint8_t* in = stream_.next_in;
  auto* out = reinterpret_cast<std::uint8_t*>(decoded_.data());
  const BrotliDecoderResult result =
      brotli_ ? BrotliDecoderDecompressStream(brotli_.get(), &coded, &in, &room, &out, nullptr)
              : BROTLI_DECODER_RESULT_ERROR;  // it had no memory
  stream_.next_in = const_cast<Bytef*>(in);   // NOLINT: read only, as in give()
  stream_.avail_in = static_cast<uInt>(coded);
  more_ = result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  if (result == BROTLI_DECODER_RESULT_SUCCESS) state_ = State::whole;
  if (result == BROTLI_DECODER_RESULT_ERROR) state_ = State::malformed;
  return decoded_.size() - room;
}

}  // namespace loadgen::http
