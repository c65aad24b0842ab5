#pragma once
// Bytes in less room: zlib streams, for what stands in files beside text.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace loadgen::report {

enum class Effort { fast = 1, usual = 6, most = 9 };  ///< zlib's levels

std::string deflated(std::string_view bytes, Effort effort);
/// Error: damaged, or more than `most` bytes. It takes memory as bytes come out, whatever the stream claims.
Result<std::string> inflated(std::string_view stream, std::size_t most);

}  // namespace loadgen::report
