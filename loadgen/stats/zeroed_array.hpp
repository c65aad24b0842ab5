#pragma once
// Large arrays of zeros of which only what is written becomes memory: hundreds of histograms cost what they hold and
// not what they could hold. Straight from the kernel, since calloc keeps that promise only until the first large block
// was freed: then it hands out used memory and writes zeros all over it. Without huge pages, which would make 2 MiB of
// memory of one value.

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

#include <sys/mman.h>

namespace loadgen::stats {

template <std::size_t kBytes>
struct Unmap {
  void operator()(void* memory) const noexcept { munmap(memory, kBytes); }
};

template <class T, std::size_t kCount>
using ZeroedArray = std::unique_ptr<T[], Unmap<kCount * sizeof(T)>>;

template <class T, std::size_t kCount>
ZeroedArray<T, kCount> zeroed_array() {
  static_assert(std::is_trivial_v<T>);
  constexpr std::size_t kBytes = kCount * sizeof(T);
  void* const memory =
      mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  madvise(memory, kBytes, MADV_NOHUGEPAGE);  // refused where the kernel has none: as well
  return ZeroedArray<T, kCount>(static_cast<T*>(memory));
}

}  // namespace loadgen::stats
