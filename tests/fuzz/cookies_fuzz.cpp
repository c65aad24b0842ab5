// Hostile Set-Cookie headers and challenges: whatever a server sends, what is sent back stays one line and bounded.
// The input's lines are headers in turn: of Set-Cookie, then the same as a WWW-Authenticate.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/cookie_jar.hpp"
#include "http/digest_challenge.hpp"

namespace {

bool breaks_lines(char c) {
  return c == '\r' || c == '\n' || c == '\0';
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
    if (sent.size() > CookieJar::kMostSent || std::any_of(sent.begin(), sent.end(), breaks_lines)) std::abort();
    if (revision == jar.revision() && sent != before) std::abort();
    before = sent;
    rest.remove_prefix(std::min(line + 1, rest.size()));
  }
  jar.expire(CookieJar::Time::max());
  if (!jar.empty() && jar.next_expiry() != CookieJar::Time::max()) std::abort();
  if (const auto challenge = find_challenge(text); challenge && challenge->nonce.empty()) std::abort();
  return 0;
}
