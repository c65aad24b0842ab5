#pragma once
// One request in flight, or one connection being opened ahead: what it needs only for that long, borrowed from the
// shard's pool. A thinking user costs a socket and 32 bytes; 6,000 users of which ten are in flight keep ten exchanges
// warm in the cache.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/sample.hpp"
#include "engine/connection.hpp"
#include "engine/timing_wheel.hpp"
#include "http/prepared_request.hpp"
#include "http/response_parser.hpp"

namespace loadgen::engine {

struct Exchange : WheelNode {
  Sample sample;
  const http::PreparedRequest* request = nullptr;  ///< nullptr: only connects
  Connection* connection = nullptr;
  http::ResponseParser parser;
  std::string left_over;  ///< bytes that the parser wants to see again with what follows; nearly always empty
  std::size_t sent = 0;   ///< bytes of the request
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
