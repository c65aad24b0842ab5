#include "config/url.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include <boost/url.hpp>
#include <fmt/format.h>

#include "base/letters.hpp"
#include "config/words.hpp"

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

/// Where the path of a reference begins: brackets before it stand round an IPv6 address.
std::size_t path_of(std::string_view reference) {
  const std::size_t slashes = reference.find("//");
  const bool has_authority = slashes == 0 || (is_whole_url(reference) && slashes == reference.find(kScheme) + 1);
  return has_authority ? std::min(reference.find_first_of("/?", slashes + 2), reference.size()) : 0;
}

/// Blanks, letters outside ASCII and what else servers write into a Location though no URL may hold it there: browsers
/// and curl send it all the same.
std::string encode_strangers(std::string_view text) {
  const auto hex = [](std::string_view two) {
    return two.size() == 2 && std::ranges::all_of(two, [](unsigned char c) { return std::isxdigit(c) != 0; });
  };
  const std::size_t path = path_of(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool strange = !graphic(c) || std::string_view(R"("<>\^`{|})").find(c) != std::string_view::npos;
    const bool bracket = i >= path && (c == '[' || c == ']');
    const bool lone = c == '%' && !hex(text.substr(i + 1, 2));
    if (strange || bracket || lone)
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

std::string path_and_query(const urls::url_view& url) {
  std::string text(url.encoded_path());
  if (!text.starts_with('/')) text.insert(0, 1, '/');
  if (url.has_query()) text += '?' + std::string(url.encoded_query());
  return text;
}

struct Server {
  std::string host;
  std::uint16_t port;
};

/// Who is meant by what stands between "//" and the path; usual: the port where none is written.
Result<Server> server_of(const urls::url_view& url, std::uint16_t usual) {
  const bool ipv6 = url.host_type() == urls::host_type::ipv6;
  Server server{.host = std::string(ipv6 ? url.encoded_host_address() : url.encoded_host()), .port = usual};
  if (server.host.empty()) return Error{"has no host; write one as in \"http://localhost:3000\""};
  if (!ipv6 && !is_host_name(server.host))
    return Error{"has a host that is neither a name (letters, digits, '-', '.', '_') nor an address"};
  if (!url.has_port() || url.port().empty()) return server;
  const std::optional<std::uint16_t> port = parse_port(url.port());  // port_number() takes 99999 for 34463
  if (!port) return Error{"has a port outside 1 to 65535"};
  server.port = *port;
  return server;
}

}  // namespace

bool is_whole_url(std::string_view text) {
  const std::size_t scheme = text.find(kScheme);
  return scheme != text.npos && scheme < text.find_first_of("/?#");
}

Result<Url> resolve_reference(const Url& base, std::string_view reference) {
  const std::string encoded = encode_strangers(reference.substr(0, reference.find('#')));
  const auto parsed = urls::parse_uri_reference(encoded);
  if (!parsed) return Error{"is no reference to a URL"};
  const std::string from = base.origin() + base.path_and_query;
  const auto from_parsed = urls::parse_uri(from);
  urls::url whole;
  if (!from_parsed || !urls::resolve(*from_parsed, *parsed, whole)) return Error{"leads nowhere"};
  whole.remove_userinfo();  // a server's to say, and nobody's to log in with
  const bool ours = whole.scheme_id() == urls::scheme::http || whole.scheme_id() == urls::scheme::https;
  if (!ours) return Url{.host = "", .port = 0};
  return parse_url({whole.data(), whole.size()});
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), port);
  if (error != std::errc() || end != digits.end() || port == 0) return std::nullopt;
  return port;
}

std::string in_brackets(const std::string& host) {
  return host.find(':') == host.npos ? host : fmt::format("[{}]", host);
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
  const bool tls = url.scheme_id() == urls::scheme::https;
  Result<Server> server = server_of(url, tls ? kHttpsPort : kHttpPort);
  if (!server) return Error{server.error()};
  return Url{.host = std::move(server->host), .port = server->port, .path_and_query = path_and_query(url), .tls = tls};
}

Result<std::string> parse_path(std::string_view text) {
  if (std::optional<Error> error = unusable(text)) return *error;
  if (!text.starts_with('/'))
    return Error{"is neither a path nor a whole URL; a path starts with '/', a URL with \"http://\" or \"https://\""};
  const auto parsed = urls::parse_origin_form(text);
  if (!parsed) return Error{"has characters that may not stand in a path or query; percent-encode them (%XX)"};
  return path_and_query(*parsed);
}

Result<http::Proxy> parse_proxy(std::string_view text) {
  if (std::optional<Error> error = unusable(text)) return *error;
  const std::string whole = is_whole_url(text) ? std::string(text) : fmt::format("http://{}", text);
  const auto parsed = urls::parse_uri(whole);
  const std::string path = parsed ? std::string(parsed->encoded_path()) : "";
  if (!parsed || (path != "" && path != "/") || parsed->has_query())
    return Error{
        "is not the URL of a proxy; write one such as \"http://user:password@proxy.example:3128\", special "
        "characters of the password as %XX"};
  const urls::url_view& url = *parsed;
  const auto kind =
      std::ranges::find(http::kProxyKinds, lower(std::string(url.scheme())), &http::ProxyKindInfo::scheme);
  if (kind == http::kProxyKinds.end())
    return Error{
        fmt::format("has the scheme \"{}\"; proxies are http, https, socks5 or socks5h", std::string(url.scheme()))};
  Result<Server> server = server_of(url, kind->port);
  if (!server) return Error{server.error()};
  http::Proxy out{.kind = static_cast<http::ProxyKind>(kind - http::kProxyKinds.begin()),
                  .host = std::move(server->host),
                  .port = server->port};
  out.user = url.user();
  out.password = url.password();
  if (out.user.empty() && !out.password.empty()) return Error{"has a password, and no user before it"};
  if (kind->scheme.starts_with("http") && out.user.find(':') != std::string::npos)
    return Error{"has a ':' in the name of the user, which ends it in Basic authentication"};
  return out;
}

std::string to_string(const http::Proxy& proxy) {
  const std::string user = urls::encode(proxy.user, urls::unreserved_chars);
  return fmt::format("{}://{}{}{}{}:{}", http::kProxyKinds[static_cast<std::size_t>(proxy.kind)].scheme, user,
                     proxy.password.empty() ? "" : ":***", user.empty() ? "" : "@", in_brackets(proxy.host),
                     proxy.port);
}

std::string Url::authority() const {
  const std::string text = in_brackets(host);
  return port == (tls ? kHttpsPort : kHttpPort) ? text : fmt::format("{}:{}", text, port);
}

std::string Url::origin() const {
  return (tls ? "https://" : "http://") + authority();
}

}  // namespace loadgen::config
