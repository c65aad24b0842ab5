#pragma once
// Files that are read whole, and written whole or not at all.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace loadgen::cli {

/// Error: why it cannot be read, or that it has more than `most` bytes.
Result<std::string> read_whole(const std::string& path, std::uintmax_t most);

/// Writes beside it and renames: whoever reads the file sees the old text or the new one. What went wrong; empty: it is
/// written.
std::string write_whole(const std::string& path, const std::string& text);

}  // namespace loadgen::cli
