#pragma once
// One request in flight, or one connection being opened ahead: what it needs only for that long, borrowed from the
// shard's pool. A thinking user costs a socket and 32 bytes; 6,000 users of which ten are in flight keep ten exchanges
// warm in the cache.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/sample.hpp"
#include "engine/connection.hpp"
#include "engine/timing_wheel.hpp"
#include "engine/transport.hpp"
#include "http/prepared_request.hpp"
#include "http/response_parser.hpp"

namespace loadgen::engine {

/// A piece of a request that is not sent as one string: read into this memory, sent from there, and the next one read
/// over it. Made at the first use and kept.
class Chunk {
 public:
  void clear() { at_ = size_ = 0; }

  /// Reads request's bytes from `from` on, not those behind `end`, unless some of them are still here. 0, or errno.
  int fill(const http::PreparedRequest& request, std::uint64_t from, std::uint64_t end) {
    if (from < at_ + size_) return 0;
    if (!memory_) memory_ = std::make_unique_for_overwrite<char[]>(kPieceSize);
    const ssize_t n = request.read(from, {memory_.get(), std::min<std::uint64_t>(kPieceSize, end - from)});
    at_ = from;
    size_ = static_cast<std::size_t>(std::max<ssize_t>(0, n));
    return n < 0 ? static_cast<int>(-n) : 0;
  }
  /// Those that are here, after fill().
  std::string_view bytes(std::uint64_t from) const { return {memory_.get() + (from - at_), at_ + size_ - from}; }

 private:
  std::unique_ptr<char[]> memory_;
  std::uint64_t at_ = 0;  ///< of the request's byte that stands first
  std::size_t size_ = 0;
};

struct Exchange : WheelNode {
  Sample sample;
  const http::PreparedRequest* request = nullptr;  ///< nullptr: only connects
  Connection* connection = nullptr;
  http::ResponseParser parser;
  std::string left_over;   ///< bytes that the parser wants to see again with what follows; nearly always empty
  std::uint64_t sent = 0;  ///< bytes of the request
  Chunk chunk;             ///< of a request that is sent in pieces
  TimePoint answer_by;     ///< of a request that has asked whether to go on: the deadline behind the present one
  bool held = false;       ///< its body waits for the answer to that
  std::uint16_t target = 0;
  std::uint32_t attempt = 0;  ///< at the target's addresses, while connecting
};

/// Exchanges by the shard's high-water mark: grows by chunks, never shrinks, hands out the warmest.
class ExchangePool {
 public:
  Exchange& borrow() {
    if (free_.empty()) grow();
    Exchange& exchange = *free_.back();
    free_.pop_back();
    return exchange;
  }

  void give_back(Exchange& exchange) { free_.push_back(&exchange); }

 private:
  void grow() {
    constexpr std::size_t kChunk = 64;
    chunks_.push_back(std::make_unique<Exchange[]>(kChunk));
    free_.reserve(chunks_.size() * kChunk);
    for (std::size_t i = kChunk; i-- > 0;) free_.push_back(&chunks_.back()[i]);
  }

  std::vector<std::unique_ptr<Exchange[]>> chunks_;
  std::vector<Exchange*> free_;
};

}  // namespace loadgen::engine
