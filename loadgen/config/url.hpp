#pragma once
// http and https URLs and paths, checked before anything is sent. No message repeats the URL: it might hold a password.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/plan.hpp"

namespace loadgen::config {

/// True for "http://…", "https://…", "ftp://…": a whole URL rather than a path.
bool is_whole_url(std::string_view text);

/// Of "http://host:port/path?query" or the same with https. Error: a clause that says what is wrong and what to write.
Result<Url> parse_url(std::string_view text);

/// Where reference leads to from base (RFC 3986, section 5), its fragment left out. What may not stand in a URL is
/// percent-encoded first, as browsers do, a user name or password left out. One of another scheme than http and https
/// has port 0, as no other URL has.
Result<Url> resolve_reference(const Url& base, std::string_view reference);

/// 1 to 65535, digits alone; nothing: it is none.
std::optional<std::uint16_t> parse_port(std::string_view digits);

/// As it stands before a port: an IPv6 address in brackets, another host as it is.
std::string in_brackets(const std::string& host);

/// Whether the text is written as a name or an IPv4 address is: letters, digits, '-', '.' and '_'.
bool is_host_name(std::string_view text);

/// A path with an optional query, "/async?n=1", as it will stand in the request line.
Result<std::string> parse_path(std::string_view text);

/// Of "http://user:password@host:port" or another scheme of http::kProxyKinds; without a scheme it is http, without a
/// port the one that curl takes. Error: as parse_url.
Result<http::Proxy> parse_proxy(std::string_view text);
/// The same again, with "***" for the password.
std::string to_string(const http::Proxy& proxy);

}  // namespace loadgen::config
