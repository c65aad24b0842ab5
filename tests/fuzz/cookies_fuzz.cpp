// Hostile Set-Cookie headers and challenges: whatever a server sends, what is kept is bounded, and what is sent back is
// one line and bounded. The input's lines are headers: each of Set-Cookie, then all of WWW-Authenticate.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/cookie_jar.hpp"
#include "http/digest.hpp"
#include "http/digest_challenge.hpp"

namespace {

bool breaks_lines(char c) {
  return c == '\r' || c == '\n' || c == '\0';
}

bool is_a_line(std::string_view text, std::size_t most) {
  return text.size() <= most && std::none_of(text.begin(), text.end(), breaks_lines);
}

/// An answer holds realm, nonce and opaque, each letter of which may take a backslash, and some fixed words.
void answer(const loadgen::http::DigestChallenge& challenge, std::size_t size) {
  loadgen::http::DigestHashes hashes;
  loadgen::http::DigestSession session;
  session.begin(challenge, {.user = "a\"b", .password = "p"}, "cnonce", hashes);
  for (const char* path : {"/", "/a?b"}) {
    std::string said;
    session.authorize(said, "GET", path, hashes);
    if (!is_a_line(said, 2 * size + 400)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loadgen::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const CookieScope here{.host = "www.example.com", .path = "/a/b?c", .secure = true};
  const CookieJar::Time now{std::chrono::seconds(1'000'000'000)};
  CookieJar jar;
  std::string before;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t line = std::min(rest.find('\n'), rest.size());
    const std::uint64_t revision = jar.revision();
    jar.store(rest.substr(0, line), here, now);
    std::string sent;
    jar.append_to(sent, here);
    if (!is_a_line(sent, CookieJar::kMostSent) || jar.bytes() > CookieJar::kMostBytes) std::abort();
    if (revision == jar.revision() && sent != before) std::abort();
    before = sent;
    rest.remove_prefix(std::min(line + 1, rest.size()));
  }
  jar.expire(CookieJar::Time::max());
  if (!jar.empty() && jar.next_expiry() != CookieJar::Time::max()) std::abort();
  // A header's lines hold no control characters: the parser of responses sees to that.
  const bool could_come = std::none_of(text.begin(), text.end(), [](char c) { return breaks_lines(c) && c != '\n'; });
  if (const auto challenge = find_challenge(text); challenge && could_come) answer(*challenge, size);
  return 0;
}
