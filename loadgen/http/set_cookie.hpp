#pragma once
// One Set-Cookie header taken apart (RFC 6265 5.2). What a cookie then means is the jar's (http/cookie_jar.hpp).

#include <chrono>
#include <optional>
#include <string_view>

namespace loadgen::http {

/// Views into the header's value. HttpOnly is for scripts, of which there are none here: like an attribute that nobody
/// knows it has no effect.
struct SetCookie {
  std::string_view name;
  std::string_view value;
  std::string_view domain;  ///< as it came, without a leading dot; empty: the host alone
  std::string_view path;    ///< begins with '/'; empty: the default-path
  std::optional<std::chrono::sys_seconds> expires;
  std::optional<std::chrono::seconds> max_age;  ///< beats expires; 0 and less: gone already
  bool secure = false;
};

/// nullopt: it is to be ignored. Control characters make it so, which could not be sent back.
std::optional<SetCookie> parse_set_cookie(std::string_view text);

}  // namespace loadgen::http
