#pragma once
// What of a response's header outlives it, where its request asks for that: where it leads to, the cookies it sets, and
// who it wants to be told.

#include <cstddef>
#include <string>
#include <string_view>

namespace loadgen::http {

struct KeptHeaders {
  /// Bytes of each of the three: a server does not get to fill the generator's memory, nor its cookies to take the
  /// place of the rest.
  static constexpr std::size_t kMost = 8U << 10;

  std::string location;        ///< of the last Location; empty: there was none
  std::string cookies;         ///< the values of Set-Cookie, each followed by a line feed, which none can hold
  std::string challenges;      ///< the values of WWW-Authenticate, likewise
  bool lost_location = false;  ///< there was one, and it did not fit

  void clear();
  void on_header(std::string_view name, std::string_view value);
};

}  // namespace loadgen::http
