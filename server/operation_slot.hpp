#pragma once
// Memory for the one pending operation of a connection, next to the connection itself: Asio takes it from there through
// the handler's allocator, so waiting for input allocates nothing.

#include <array>
#include <cstddef>
#include <new>
#include <utility>

#include <boost/system/error_code.hpp>

namespace loadgen_server {

class OperationSlot {
 public:
  void* take(std::size_t size) {
    if (used_ || size > memory_.size()) return ::operator new(size);
    used_ = true;
    return memory_.data();
  }
  void give_back(void* pointer) {
    if (pointer == memory_.data())
      used_ = false;
    else
      ::operator delete(pointer);
  }

 private:
  alignas(std::max_align_t) std::array<std::byte, 192> memory_;
  bool used_ = false;
};

/// Places the pending operation into the connection's own slot.
template <typename T>
struct SlotAllocator {
  using value_type = T;

  explicit SlotAllocator(OperationSlot& s) : slot(&s) {}
  template <typename U>
  SlotAllocator(const SlotAllocator<U>& other) : slot(other.slot) {}

  T* allocate(std::size_t n) { return static_cast<T*>(slot->take(n * sizeof(T))); }
  void deallocate(T* pointer, std::size_t) { slot->give_back(pointer); }
  template <typename U>
  bool operator==(const SlotAllocator<U>& other) const {
    return slot == other.slot;
  }

  OperationSlot* slot;
};

template <typename Function>
struct SlotHandler {
  using allocator_type = SlotAllocator<void>;
  allocator_type get_allocator() const { return allocator_type(slot); }
  /// Of an operation that moved bytes, or of one that waited.
  template <typename... Bytes>
  void operator()(boost::system::error_code error, Bytes... bytes) {
    function(error, bytes...);
  }

  OperationSlot& slot;
  Function function;
};

template <typename Function>
SlotHandler<Function> in_slot(OperationSlot& slot, Function function) {
  return {slot, std::move(function)};
}

}  // namespace loadgen_server
