#pragma once
// The cookies of one user (RFC 6265), without a list of public suffixes: in its place a Domain without a dot is
// believed of the host of that name only. Bounded, because servers fill it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/set_cookie.hpp"

namespace loadgen::http {

/// What of a request cookies depend on. Not its port (RFC 6265 8.5).
struct CookieScope {
  std::string_view host;  ///< without brackets, in any case
  std::string_view path;  ///< begins with '/'; a query behind it is passed over
  bool secure = false;    ///< https
};

class CookieJar {
 public:
  using Time = std::chrono::sys_seconds;

  static constexpr std::size_t kMostOfADomain = 50;  ///< as RFC 6265 6.1 wants at least; the oldest one goes
  static constexpr std::size_t kMost = 200;
  static constexpr std::size_t kMostBytes = 64U << 10;  ///< of all cookies together
  static constexpr std::size_t kLongest = 4'096;        ///< a longer Set-Cookie, or path, is ignored
  static constexpr std::size_t kMostSent = 8U << 10;    ///< with one request; what does not fit is left out

  /// Takes over what the value of a Set-Cookie header says that came in answer to a request there.
  void store(std::string_view set_cookie, const CookieScope& from, Time now);
  /// Lets go of what has expired by now.
  void expire(Time now);
  void clear();

  /// Appends "a=1; b=2": those that belong to a request there, longer paths first, then older ones.
  void append_to(std::string& out, const CookieScope& to) const;

  bool empty() const { return cookies_.empty(); }
  std::size_t bytes() const { return bytes_; }  ///< of names, values, domains and paths: at most kMostBytes
  /// When the first of them expires; Time::max() when none does.
  Time next_expiry() const { return next_expiry_; }
  /// Another number whenever append_to() may give another text. Never 0.
  std::uint64_t revision() const { return revision_; }

 private:
  struct Cookie {
    std::string name;
    std::string value{};
    std::string domain;  ///< lower case
    std::string path;
    std::uint64_t created;  ///< in this order
    Time expires = Time::max();
    bool host_only = true;
    bool secure = false;

    std::size_t size() const { return name.size() + value.size() + domain.size() + path.size(); }
    bool goes_to(const CookieScope& scope) const;
  };
  using Place = std::vector<Cookie>::iterator;

  void insert(Cookie cookie);
  void make_room(std::string_view domain, std::size_t size);
  void drop(Place cookie);
  void find_next_expiry();

  std::vector<Cookie> cookies_;  ///< as append_to() wants them
  std::size_t bytes_ = 0;
  std::uint64_t created_ = 0;
  std::uint64_t revision_ = 1;
  Time next_expiry_ = Time::max();
};

}  // namespace loadgen::http
