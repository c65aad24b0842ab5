#pragma once
// Files that are read whole, and written whole or not at all.

#include <cstddef>
#include <cstdio>
#include <string>

#include "base/result.hpp"

namespace loadgen::cli {

/// What is left in an open file; of a device or a pipe as well, of which nobody knows how much that is.
/// Error: why it cannot be read, or that it has more than `most` bytes.
Result<std::string> read_all(std::FILE* in, std::size_t most);
/// The same of a file by name.
Result<std::string> read_whole(const std::string& path, std::size_t most);

/// Writes beside it and renames: whoever reads the file sees the old text or the new one. A link stays a link to the
/// new text. What went wrong (also: it is a device, or another thing that is no file); empty: it is written.
std::string write_whole(const std::string& path, const std::string& text);

}  // namespace loadgen::cli
