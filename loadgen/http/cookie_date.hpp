#pragma once
// The time in a cookie's Expires, read as RFC 6265 5.1.1 reads it: by what its words look like, not by their order.

#include <chrono>
#include <optional>
#include <string_view>

namespace loadgen::http {

/// nullopt: no time can be found in it.
std::optional<std::chrono::sys_seconds> parse_cookie_date(std::string_view text);

}  // namespace loadgen::http
