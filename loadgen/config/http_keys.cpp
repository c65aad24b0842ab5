// The keys of http.

#include <algorithm>

#include <fmt/format.h>

#include "config/kinds.hpp"
#include "config/objects.hpp"
#include "config/url.hpp"

namespace loadgen::config {
namespace {

constexpr std::array<std::string_view, 2> kVersions{"1.1", "2"};  // in the order of HttpVersion

/// Sample::bytes_decoded has 32 bits.
constexpr std::uint64_t kMostDecoded = UINT32_MAX;

/// Shown only where it says something: of HTTP/2.
constexpr Kind<HttpDraft> streams_per_connection() {
  constexpr Kind<HttpDraft> any = count<HttpDraft, &HttpSettings::streams_per_connection, kStreams.min, kStreams.max>();
  return {any.schema, any.store, [](const HttpSettings& http) {
            return http.version == HttpVersion::http_2 ? Json(http.streams_per_connection) : Json();
          }};
}

constexpr Kind<HttpDraft> user_agent() {
  return {[] {
            return Json{{"type", "string"}, {"minLength", 1}, {"not", {{"pattern", kLineBreakers}}}};
          },
          [](Reader& reader, const Node& node, HttpDraft& http) {
            const std::optional<Text> value = reader.text(node);
            if (!value) return;
            const std::string mistake = header_mistake({"User-Agent", value->value}, Side::request);
            if (!mistake.empty() || value->value.empty())
              reader.problem(node, mistake.empty() ? "the text is empty; write some or take the key away" : mistake);
            else
              http.user_agent = value->value;
          },
          [](const HttpSettings& http) { return show_given(http.user_agent); }};
}

void read_coding(Reader& reader, const Node& node, http::ContentCodings& codings) {
  const std::optional<Text> name = reader.text(node);
  if (!name) return;
  const auto known = std::ranges::find(http::kContentCodings, std::string_view(name->value));
  if (known != http::kContentCodings.end())
    codings.add(static_cast<http::ContentCoding>(known - http::kContentCodings.begin()));
  else
    reader.problem(node, fmt::format("{}: this version decodes gzip, deflate and br only{}", in_quotes(node.text),
                                     name->replaced ? "" : did_you_mean(name->value, http::kContentCodings)));
}

constexpr Kind<HttpDraft> accept_encoding() {
  return {[] {
            const Json variable{{"type", "string"}, {"pattern", kVariablePattern}};
            return Json{{"type", "array"}, {"items", {{"anyOf", {{{"enum", http::kContentCodings}}, variable}}}}};
          },
          [](Reader& reader, const Node& node, HttpDraft& http) {
            if (!reader.is(node, Node::Kind::array)) return;
            for (const Node& item : node.items) read_coding(reader, item, http.accept_encoding);
          },
          [](const HttpSettings& http) {
            Json out;
            for (std::size_t i = 0; i < http::kContentCodings.size(); ++i)
              if (http.accept_encoding.contains(static_cast<http::ContentCoding>(i)))
                out.push_back(http::kContentCodings[i]);
            return out;
          }};
}

/// No problem repeats what stands there: it may hold a password.
constexpr Kind<HttpDraft> proxy() {
  return {[] { return string_schema("^(([Hh][Tt][Tt][Pp][Ss]?|[Ss][Oo][Cc][Kk][Ss]5[Hh]?)://)?[^/]+/?$"); },
          [](Reader& reader, const Node& node, HttpDraft& http) {
            const std::optional<Text> value = reader.text(node);
            if (!value) return;
            Result<http::Proxy> proxy = parse_proxy(value->value);
            if (!proxy) return reader.problem(node, proxy.error());
            http.proxy = std::move(*proxy);
          },
          [](const HttpSettings& http) { return http.proxy ? Json(to_string(*http.proxy)) : Json(); }};
}

constexpr std::array kHttpKeys{
    Key<HttpDraft>{"version", choice<HttpDraft, &HttpSettings::version, kVersions>(),
                   "\"2\": HTTP/2, chosen by ALPN over https, and spoken without asking over http (prior knowledge)."},
    Key<HttpDraft>{"streams_per_connection", streams_per_connection(),
                   "HTTP/2: so many users share a connection to a target, each request a stream of it.", "1"},
    Key<HttpDraft>{"keep_alive", boolean<HttpDraft, &HttpSettings::keep_alive>(),
                   "false: a new connection for each request."},
    Key<HttpDraft>{"follow_redirects", boolean<HttpDraft, &HttpSettings::follow_redirects>(),
                   "true: status 301, 302, 303, 307 and 308 lead on to their Location, at most 20 times and only to "
                   "servers that some step goes to; the step's one result is the last response's, its times and bytes "
                   "are of all. false: such a response is a result like any other."},
    Key<HttpDraft>{
        "cookies", choice<HttpDraft, &HttpSettings::cookies, kCookies>(),
        "user: each user keeps the cookies that it is given, and sends them where they belong; iteration: the "
        "same, and forgets them at the start of each iteration; off: they are passed over."},
    Key<HttpDraft>{"connect_timeout", duration<HttpDraft, &HttpSettings::connect_timeout, Zero::refused>(),
                   "How long opening a connection may take."},
    Key<HttpDraft>{"response_timeout", duration<HttpDraft, &HttpSettings::response_timeout, Zero::refused>(),
                   "From the moment the request is sent to the response's last byte."},
    Key<HttpDraft>{"continue_timeout", duration<HttpDraft, &HttpSettings::continue_timeout, Zero::refused>(),
                   "How long a request whose headers say Expect: 100-continue waits for that before its body goes "
                   "anyway."},
    Key<HttpDraft>{"max_response", bytes<HttpDraft, &HttpSettings::max_response, 1ULL << 40>(),
                   "A longer body is a failure of the kind response_too_large."},
    Key<HttpDraft>{"max_response_header", bytes<HttpDraft, &HttpSettings::max_response_header, 1ULL << 30>(),
                   "The same for status line and headers together."},
    Key<HttpDraft>{"user_agent", user_agent(), "The User-Agent header.", "loadgen/ and the version"},
    Key<HttpDraft>{"proxy", proxy(),
                   "Through which all connections go: \"http://user:password@host:port\", or https, socks5 (names are "
                   "resolved here) or socks5h (by the proxy). No output shows the password; proxies that the "
                   "environment names are not used.",
                   "none"},
    Key<HttpDraft>{"accept_encoding", accept_encoding(),
                   "Content codings to ask for with an Accept-Encoding header, \"gzip\", \"deflate\" and \"br\" "
                   "(Brotli). Bodies that come in one of them are decoded, and checked and limited by max_response as "
                   "decoded; others are left as they come.",
                   "none"},
};

}  // namespace

std::string http_mistake(const HttpSettings& http) {
  if (http.accept_encoding.any() && http.max_response > kMostDecoded)
    return "with accept_encoding, max_response must be less than 4GiB";
  if (http.streams_per_connection > 1 && http.version != HttpVersion::http_2)
    return "streams_per_connection (--streams) is about HTTP/2, so set version to \"2\" (--http2)";
  if (http.streams_per_connection > 1 && !http.keep_alive)
    return "streams_per_connection (--streams) shares a connection among users, and without keep_alive "
           "(--no-keep-alive) each request has its own; take one of them away";
  return {};
}

const ObjectKeys<HttpDraft>& http_keys() {
  static constexpr ObjectKeys<HttpDraft> object{.noun = "http",
                                                .definition = "http",
                                                .doc = "How connections and responses are treated.",
                                                .keys = kHttpKeys,
                                                .rules = {}};
  return object;
}

template void read_object(Reader&, const Node&, const ObjectKeys<HttpDraft>&, HttpDraft&);
template Json show_object(const ObjectKeys<HttpDraft>&, const HttpSettings&);

}  // namespace loadgen::config
