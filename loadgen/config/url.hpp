#pragma once
// http and https URLs and paths, checked before anything is sent. No message repeats the URL: it might hold a password.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/plan.hpp"

namespace loadgen::config {

/// True for "http://…", "https://…", "ftp://…": a whole URL rather than a path.
bool is_whole_url(std::string_view text);

/// Of "http://host:port/path?query" or the same with https. Error: a clause that says what is wrong and what to write.
Result<Url> parse_url(std::string_view text);

/// Whether the text is written as a name or an IPv4 address is: letters, digits, '-', '.' and '_'.
bool is_host_name(std::string_view text);

/// A path with an optional query, "/async?n=1", as it will stand in the request line.
Result<std::string> parse_path(std::string_view text);

}  // namespace loadgen::config
