#pragma once
// Bytes as text (RFC 4648): credentials in a header, and what stands in files beside text.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace loadgen::http {

std::string base64(std::string_view bytes);
/// Error: what makes it no base64.
Result<std::string> bytes_of_base64(std::string_view text);

}  // namespace loadgen::http
