#include "http/cookie_jar.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <arpa/inet.h>

#include "base/letters.hpp"

namespace loadgen::http {
namespace {

bool is_address(std::string_view host) {
  in6_addr out{};
  const std::string text(host);
  return ::inet_pton(AF_INET, text.c_str(), &out) == 1 || ::inet_pton(AF_INET6, text.c_str(), &out) == 1;
}

/// Whether host ends with domain, behind a dot.
bool below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() && host[host.size() - domain.size() - 1] == '.' &&
         same_word(host.substr(host.size() - domain.size()), domain);
}

std::string_view without_query(std::string_view path) {
  return path.substr(0, path.find('?'));
}

/// RFC 6265 5.1.4
std::string_view default_path(std::string_view path) {
  const std::size_t last = without_query(path).rfind('/');
  return last == 0 || last == std::string_view::npos ? "/" : path.substr(0, last);
}

/// RFC 6265 5.1.4
bool path_matches(std::string_view path, std::string_view cookies) {
  if (!path.starts_with(cookies)) return false;
  return path.size() == cookies.size() || cookies.ends_with('/') || path[cookies.size()] == '/';
}

CookieJar::Time expiry_of(const SetCookie& set, CookieJar::Time now) {
  if (set.max_age) return set.max_age->count() > 0 ? now + *set.max_age : CookieJar::Time::min();
  return set.expires.value_or(CookieJar::Time::max());
}

/// Who gets a cookie: its own host, every host below its domain too, or nobody, because its domain is not the server's.
enum class Reach : std::uint8_t { nobody, host, domain };

/// RFC 6265 5.3, 4 to 6, with a dot inside the domain in place of a list of public suffixes.
Reach reach_of(const SetCookie& set, const CookieScope& from) {
  if (set.domain.empty()) return Reach::host;
  const bool dotted = set.domain.substr(0, set.domain.size() - 1).find('.') != std::string_view::npos;
  const bool to_share = dotted && !is_address(from.host);
  if (same_word(from.host, set.domain)) return to_share ? Reach::domain : Reach::host;
  return to_share && below(from.host, set.domain) ? Reach::domain : Reach::nobody;
}

}  // namespace

bool CookieJar::Cookie::goes_to(const CookieScope& scope) const {
  return (!secure || scope.secure) && (same_word(scope.host, domain) || (!host_only && below(scope.host, domain))) &&
         path_matches(without_query(scope.path), path);
}

void CookieJar::store(std::string_view set_cookie, const CookieScope& from, Time now) {
  if (set_cookie.size() > kLongest) return;
  std::optional<SetCookie> set = parse_set_cookie(set_cookie);
  if (!set) return;
  const Reach reach = reach_of(*set, from);
  if (reach == Reach::nobody) return;
  if (set->domain.empty()) set->domain = from.host;
  if (set->path.empty()) set->path = default_path(from.path);
  if (set->path.size() > kLongest) return;  // redirects to relative references can make a path grow
  const auto known = std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& other) {
    return other.name == set->name && same_word(other.domain, set->domain) && other.path == set->path;
  });
  const Time expires = expiry_of(*set, now);
  const bool host_only = reach == Reach::host;
  const bool said_again = known != cookies_.end() && known->value == set->value && known->secure == set->secure &&
                          known->host_only == host_only;
  if (said_again && expires > now) {  // changes nothing that is sent
    known->expires = expires;
  } else {
    const std::uint64_t created = known != cookies_.end() ? known->created : created_++;
    if (known != cookies_.end()) drop(known);
    if (expires > now)
      insert({.name = std::string(set->name),
              .value = std::string(set->value),
              .domain = lower(set->domain),
              .path = std::string(set->path),
              .created = created,
              .expires = expires,
              .host_only = host_only,
              .secure = set->secure});
  }
  find_next_expiry();
}

void CookieJar::insert(Cookie cookie) {
  make_room(cookie.domain, cookie.size());
  ++revision_;
  bytes_ += cookie.size();
  const auto comes_later = [&](const Cookie& other) {
    return other.path.size() < cookie.path.size() ||
           (other.path.size() == cookie.path.size() && other.created > cookie.created);
  };
  cookies_.insert(std::ranges::find_if(cookies_, comes_later), std::move(cookie));
}

void CookieJar::make_room(std::string_view domain, std::size_t size) {
  const auto drop_oldest = [&](auto&& counts) {
    auto oldest = cookies_.end();
    for (auto it = cookies_.begin(); it != cookies_.end(); ++it)
      if (counts(*it) && (oldest == cookies_.end() || it->created < oldest->created)) oldest = it;
    drop(oldest);
  };
  const auto of_its_domain = [&](const Cookie& other) { return other.domain == domain; };
  const auto many = std::count_if(cookies_.begin(), cookies_.end(), of_its_domain);
  if (static_cast<std::size_t>(many) >= kMostOfADomain) drop_oldest(of_its_domain);
  while (cookies_.size() >= kMost || bytes_ + size > kMostBytes) drop_oldest([](const Cookie&) { return true; });
}

void CookieJar::drop(Place cookie) {
  bytes_ -= cookie->size();
  ++revision_;
  cookies_.erase(cookie);
}

void CookieJar::find_next_expiry() {
  next_expiry_ = Time::max();
  for (const Cookie& cookie : cookies_) next_expiry_ = std::min(next_expiry_, cookie.expires);
}

void CookieJar::expire(Time now) {
  if (now < next_expiry_) return;
  for (std::size_t i = cookies_.size(); i > 0; --i)
    if (const auto place = cookies_.begin() + static_cast<std::ptrdiff_t>(i - 1); place->expires <= now) drop(place);
  find_next_expiry();
}

void CookieJar::clear() {
  if (cookies_.empty()) return;
  cookies_.clear();
  bytes_ = 0;
  ++revision_;
  next_expiry_ = Time::max();
}

void CookieJar::append_to(std::string& out, const CookieScope& to) const {
  const std::size_t before = out.size();
  for (const Cookie& cookie : cookies_) {
    if (!cookie.goes_to(to)) continue;
    const std::size_t size = cookie.name.size() + 1 + cookie.value.size() + (out.size() > before ? 2 : 0);
    if (out.size() - before + size > kMostSent) continue;
    if (out.size() > before) out.append("; ");
    out.append(cookie.name).append("=").append(cookie.value);
  }
}

}  // namespace loadgen::http
