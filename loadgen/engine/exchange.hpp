#pragma once
// One request in flight: what it needs only while it is in flight, borrowed from the shard's pool. A thinking user
// costs a socket and a pointer; 6,000 users of which ten are in flight keep ten exchanges warm in the cache.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

#include "base/sample.hpp"
#include "engine/timing_wheel.hpp"
#include "http/prepared_request.hpp"
#include "http/response_parser.hpp"

namespace loadgen::engine {

/// Room for Asio's operation objects, so that starting one allocates nothing. An exchange has one operation at a time;
/// a second one (a cancelled timer's beside the new one's) falls back to the heap.
class OperationMemory {
 public:
  void* allocate(std::size_t size) {
    if (taken_ || size > sizeof storage_) return ::operator new(size);
    taken_ = true;
    return storage_;
  }
  void deallocate(void* memory) noexcept {
    if (memory == storage_)
      taken_ = false;
    else
      ::operator delete(memory);
  }

 private:
  alignas(std::max_align_t) std::byte storage_[256];
  bool taken_ = false;
};

/// The standard allocator interface to it, which Asio finds on a handler.
template <class T>
struct OperationAllocator {
  using value_type = T;
  OperationMemory* memory;

  explicit OperationAllocator(OperationMemory& m) noexcept : memory(&m) {}
  template <class U>
  OperationAllocator(const OperationAllocator<U>& other) noexcept : memory(other.memory) {}  // NOLINT: rebinding
  T* allocate(std::size_t n) { return static_cast<T*>(memory->allocate(n * sizeof(T))); }
  void deallocate(T* p, std::size_t) noexcept { memory->deallocate(p); }
  template <class U>
  bool operator==(const OperationAllocator<U>& other) const noexcept {
    return memory == other.memory;
  }
};

struct Connection;

struct Exchange : WheelNode {
  static constexpr std::size_t kSmall = 1'024;  ///< most responses fit; a read that fills it moves to a large buffer

  enum class Phase : std::uint8_t { idle, connecting, transferring };

  Sample sample;
  const http::PreparedRequest* request = nullptr;
  Connection* connection = nullptr;
  http::ResponseParser parser;
  std::size_t sent = 0;           ///< bytes of the request
  std::size_t filled = 0;         ///< bytes in the buffer that the parser has not taken
  std::unique_ptr<char[]> large;  ///< in use when not null
  std::size_t large_size = 0;
  std::uint32_t address = 0;  ///< of the target's addresses, while connecting
  Phase phase = Phase::idle;
  bool pending = false;    ///< an Asio operation has yet to call back
  bool abandoned = false;  ///< its sample is out (timeout, abort); goes back to the pool when the operation calls back
  OperationMemory memory;
  char small[kSmall];

  char* buffer() { return large ? large.get() : small; }
  std::size_t capacity() const { return large ? large_size : kSmall; }
  char* free_space() { return buffer() + filled; }
  std::size_t free_size() const { return capacity() - filled; }
  std::string_view unread() { return {buffer(), filled}; }
  /// The parser took the first n bytes.
  void consume(std::size_t n) {
    filled -= n;
    if (filled != 0 && n != 0) std::memmove(buffer(), buffer() + n, filled);
  }
};

/// Exchanges and large buffers by the shard's high-water mark: grows by chunks, never shrinks, hands out the warmest.
class ExchangePool {
 public:
  explicit ExchangePool(std::size_t large_size) : large_size_(large_size) {}

  Exchange& borrow() {
    if (free_.empty()) grow();
    Exchange& exchange = *free_.back();
    free_.pop_back();
    return exchange;
  }

  void give_back(Exchange& exchange) {
    if (exchange.large) free_large_.push_back(std::move(exchange.large));
    free_.push_back(&exchange);
  }

  /// Moves the exchange's unread bytes to a large buffer.
  void enlarge(Exchange& exchange) {
    std::unique_ptr<char[]> large;
    if (free_large_.empty()) {
      large = std::make_unique_for_overwrite<char[]>(large_size_);
    } else {
      large = std::move(free_large_.back());
      free_large_.pop_back();
    }
    std::memcpy(large.get(), exchange.buffer(), exchange.filled);
    exchange.large = std::move(large);
    exchange.large_size = large_size_;
  }

 private:
  void grow() {
    constexpr std::size_t kChunk = 64;
    chunks_.push_back(std::make_unique_for_overwrite<Exchange[]>(kChunk));
    free_.reserve(chunks_.size() * kChunk);
    free_large_.reserve(chunks_.size() * kChunk);
    for (std::size_t i = kChunk; i-- > 0;) free_.push_back(&chunks_.back()[i]);
  }

  std::size_t large_size_;
  std::vector<std::unique_ptr<Exchange[]>> chunks_;
  std::vector<Exchange*> free_;
  std::vector<std::unique_ptr<char[]>> free_large_;
};

}  // namespace loadgen::engine
