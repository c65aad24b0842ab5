#pragma once
// What the tests of visitors share: plans whose users react, servers that ask for it, and what was then sent.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/shard_trial.hpp"

namespace loadgen::run {

using test::Reply;
using test::Started;

/// A GET of http://h/ by one user that follows redirects.
inline config::Plan following() {
  config::Plan plan = plan_of(1, {}, {step("a")});
  plan.http.follow_redirects = true;
  return plan;
}

/// Answers each request 8 ms later: those with a place in the list as it says, all others with 200.
inline test::Behaviour redirecting(std::vector<Reply> replies) {
  for (Reply& reply : replies) reply.after = milliseconds(8);
  return [replies = std::move(replies)](const Started& s) {
    return s.index < replies.size() ? replies[s.index] : Reply{milliseconds(8), ErrorKind::none, 200};
  };
}

inline Reply redirect(std::uint16_t status, std::string location) {
  return {.after = {}, .status = status, .location = std::move(location)};
}

inline std::string first_line(const Started& started) {
  return started.instead.substr(0, started.instead.find('\r'));
}

inline bool says(const Started& started, std::string_view name) {
  return started.instead.find("\r\n" + std::string(name) + ":") != std::string::npos;
}

/// The value of a header of that name in what was sent instead of the plan's request; empty: there is none.
inline std::string value_of(const Started& started, std::string_view name) {
  const std::size_t at = started.instead.find("\r\n" + std::string(name) + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 4;
  return started.instead.substr(begin, started.instead.find('\r', begin) - begin);
}

inline constexpr const char* kAsks = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\n";

inline Reply asks(std::string challenges) {
  return {.after = {}, .error = ErrorKind::status, .status = 401, .challenges = std::move(challenges)};
}

/// Two iterations of a GET of http://h/ by one user who can say who it is.
inline config::Plan with_digest() {
  config::Plan plan = plan_of(1, {}, {step("a")});
  plan.thread_groups[0].loops = 2;
  plan.thread_groups[0].steps[0].digest = http::DigestCredentials{"u", "p"};
  return plan;
}

}  // namespace loadgen::run
