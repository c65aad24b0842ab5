#include "config/url.hpp"

#include <algorithm>

#include <boost/url.hpp>
#include <fmt/format.h>

namespace loadgen::config {
namespace {

namespace urls = boost::urls;

constexpr std::string_view kScheme = "://";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool graphic(char c) {
  return c > 0x20 && c < 0x7F;
}

/// No name has a '*', but a host that was hidden does, and its plan is to be read again (config/describe).
bool host_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '*';
}

/// What every URL and path must be before its parts are worth looking at.
std::optional<Error> unusable(std::string_view text) {
  if (text.empty()) return Error{"is empty"};
  const auto bad = std::ranges::find_if_not(text, graphic);
  if (bad != text.end())
    return Error{
        fmt::format("holds a blank, a control character or a letter outside ASCII; percent-encode it (%{:02X})",
                    static_cast<unsigned char>(*bad))};
  if (text.find('#') != text.npos)
    return Error{"has a fragment (#…), which is never sent to a server; take it away, or write %23"};
  return std::nullopt;
}

std::string path_and_query(const urls::url_view& url) {
  std::string text(url.encoded_path());
  if (!text.starts_with('/')) text.insert(0, 1, '/');
  if (url.has_query()) text += '?' + std::string(url.encoded_query());
  return text;
}

}  // namespace

bool is_whole_url(std::string_view text) {
  const std::size_t scheme = text.find(kScheme);
  return scheme != text.npos && scheme < text.find_first_of("/?#");
}

bool is_host_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, host_character);
}

Result<Url> parse_url(std::string_view text) {
  if (std::optional<Error> error = unusable(text)) return *error;
  if (!is_whole_url(text)) return Error{"is not a whole URL; write one such as \"http://localhost:3000\""};
  const auto parsed = urls::parse_uri(text);
  if (!parsed) return Error{"is not a URL; write one such as \"http://localhost:3000/path\""};
  const urls::url_view& url = *parsed;
  if (url.scheme_id() != urls::scheme::http && url.scheme_id() != urls::scheme::https)
    return Error{fmt::format("has the scheme \"{}\"; http and https are supported", std::string(url.scheme()))};
  if (url.has_userinfo())
    return Error{
        "has a user name or password before '@', which would show in reports; send an Authorization header "
        "with ${env:NAME} instead"};
  // this version of Boost.URL lets "http://host:90x/" pass, with "x/" for a path
  if (!url.encoded_path().empty() && url.encoded_path().front() != '/')
    return Error{"has something other than a port number behind the host"};
  const bool ipv6 = url.host_type() == urls::host_type::ipv6;
  Url out;
  out.tls = url.scheme_id() == urls::scheme::https;
  out.port = out.tls ? kHttpsPort : kHttpPort;
  out.host = ipv6 ? std::string(url.encoded_host_address()) : std::string(url.encoded_host());
  if (out.host.empty()) return Error{"has no host; write one such as \"http://localhost:3000\""};
  if (!ipv6 && !is_host_name(out.host))
    return Error{"has a host that is neither a name (letters, digits, '-', '.', '_') nor an address"};
  if (url.has_port() && !url.port().empty()) {
    out.port = url.port_number();  // 0 when the digits do not fit
    if (out.port == 0) return Error{"has a port outside 1 to 65535"};
  }
  out.path_and_query = path_and_query(url);
  return out;
}

Result<std::string> parse_path(std::string_view text) {
  if (std::optional<Error> error = unusable(text)) return *error;
  if (!text.starts_with('/'))
    return Error{"is neither a path nor a whole URL; a path starts with '/', a URL with \"http://\" or \"https://\""};
  const auto parsed = urls::parse_origin_form(text);
  if (!parsed) return Error{"has characters that may not stand in a path or query; percent-encode them (%XX)"};
  return path_and_query(*parsed);
}

std::string Url::authority() const {
  std::string text = host.find(':') == host.npos ? host : fmt::format("[{}]", host);
  return port == (tls ? kHttpsPort : kHttpPort) ? text : fmt::format("{}:{}", text, port);
}

std::string Url::origin() const {
  return (tls ? "https://" : "http://") + authority();
}

}  // namespace loadgen::config
