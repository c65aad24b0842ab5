#pragma once
// What a shell can do to the three standard streams, made harmless.

#include <cstdio>

namespace loadgen::cli {

/// Fills the place of a standard stream that was closed (`>&-`), so that no report and no socket gets its number and
/// then what was meant for the stream. To be called before anything is opened.
void hold_standard_descriptors();

/// Whether all that was printed to stdout has got there; flushes it.
inline bool stdout_is_whole() {
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace loadgen::cli
