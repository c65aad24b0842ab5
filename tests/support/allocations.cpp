#include "tests/support/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t count = 0;

// Not inlined: GCC 12 would see free() meet somebody's new, and warn of a mismatch that these functions make right.
[[gnu::noinline]] void* take(std::size_t size) noexcept {
  ++count;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void give_back(void* memory) {
  std::free(memory);
}

}  // namespace

// operator new[] and delete[] come here as well: the standard library's own call these.
void* operator new(std::size_t size) {
  if (void* const memory = take(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void operator delete(void* memory) noexcept {
  give_back(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  give_back(memory);
}

namespace loadgen::support {

std::uint64_t allocations() {
  return count;
}

}  // namespace loadgen::support
