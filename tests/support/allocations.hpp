#pragma once
// "Does not allocate" as a measured statement: a test program that links allocation_counter counts every operator new.

#include <cstdint>

namespace loadgen::support {

/// How often the calling thread has allocated so far.
std::uint64_t allocations();

}  // namespace loadgen::support
