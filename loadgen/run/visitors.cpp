#include "run/visitors.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/letters.hpp"
#include "base/random.hpp"
#include "config/url.hpp"

namespace loadgen::run {
namespace {

/// 301 to 303 lead on by GET, whatever the method was (as JMeter and Go's client have it; browsers keep a PUT at 301
/// and 302), 307 and 308 by the same request (RFC 9110, 15.4); 300, 304, 305 and 306 do not lead on by themselves.
constexpr std::array<std::uint16_t, 3> kLeadOnByGet{301, 302, 303};
constexpr std::array<std::uint16_t, 2> kLeadOn{307, 308};
constexpr std::uint16_t kUnauthorized = 401;
/// To challenges in a row: one, and another where a nonce has just become too old or a realm is another.
constexpr std::uint8_t kMostAnswers = 2;
/// The random numbers of client nonces.
constexpr std::uint64_t kCnonces = 0x636e6f6e6365;
/// Said to one server only.
constexpr std::array kPrivate{"authorization", "cookie", "host", "proxy-authorization"};
/// About a body that a GET does not have.
constexpr std::array kOfBody{"content-encoding", "content-length", "content-type", "expect", "transfer-encoding"};

template <class T, class List>
bool is_one_of(const T& value, const List& list) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <class List>
bool is_named(const http::Header& header, const List& names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return same_word(header.name, name); });
}

bool same_server(const HostAndPort& target, const config::Url& url) {
  return target.port == url.port && target.tls == url.tls && same_word(target.host, url.host);
}

bool is_whole(const Sample& sample) {
  return sample.error == ErrorKind::none || sample.error == ErrorKind::status || sample.error == ErrorKind::expectation;
}

HostAndPort server_of(const config::Url& url) {
  return {url.host, url.port, url.tls};
}

http::CookieScope scope_of(const config::Url& url) {
  return {.host = url.host, .path = url.path_and_query, .secure = url.tls};
}

/// A few uploads can be more than 32 bits count: then the most they can.
std::uint32_t sum_or_most(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{a} + b, UINT32_MAX));
}

/// The last of the requests so far becomes all of them.
void add_up(const Sample& before, Sample& last) {
  Sample whole = before;
  const TimePoint answered = last.first_byte != kUnset ? last.first_byte : last.finished;
  whole.following_up = answered - before.first_byte;
  whole.finished = last.finished;
  whole.bytes_in += last.bytes_in;
  whole.bytes_out = sum_or_most(whole.bytes_out, last.bytes_out);
  whole.bytes_decoded = sum_or_most(whole.bytes_decoded, last.bytes_decoded);
  whole.status = last.status;
  whole.error = last.error;
  whole.system_error = last.system_error;
  whole.reopened |= last.reopened;
  whole.resent |= last.resent;
  whole.receive_lag_ns = last.receive_lag_ns;
  if (last.new_connection && last.connected != kUnset) ++whole.connected_between;
  last = whole;
}

}  // namespace

std::chrono::sys_seconds Visitors::system_time() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Visitors::Visitors(const config::Plan& plan, const Program& program, std::uint32_t slots, WallClock clock)
    : plan_(plan), program_(program), clock_(std::move(clock)) {
  for (const config::ThreadGroup& group : plan.thread_groups) add_steps(group);
  if (!spaces_.empty()) hashes_.emplace();
  visitors_.resize(slots);
  for (Visitor& visitor : visitors_) visitor.sessions.resize(spaces_.size());
}

/// A user comes back as another one with its group's first request, where it does at all.
void Visitors::add_steps(const config::ThreadGroup& group) {
  const bool another = group.open() || !group.same_user_on_next_iteration;
  const std::size_t first = steps_.size();
  for (const config::Step& step : group.steps) {
    const bool begins = steps_.size() == first;
    StepSeen& seen = steps_.emplace_back(
        StepSeen{.step = &step,
                 .first_of_group = first,
                 .group_size = group.steps.size(),
                 .forgets_cookies = begins && (another || plan_.http.cookies == config::Cookies::iteration),
                 .forgets_nonces = begins && another,
                 .space = {}});
    if (!step.digest) continue;
    const Space space{server_of(step.url), *step.digest};
    seen.space = static_cast<std::size_t>(std::find(spaces_.begin(), spaces_.end(), space) - spaces_.begin());
    if (*seen.space == spaces_.size()) spaces_.push_back(space);
  }
}

const http::PreparedRequest* Visitors::first(std::uint32_t slot, std::uint16_t request) {
  Visitor& visitor = visitors_[slot];
  const StepSeen& seen = steps_[request];
  visitor.asked = &seen.step->url;
  visitor.as_get = false;
  visitor.answered = 0;
  forget(visitor, seen);
  const bool counts = session_of(visitor, seen) != nullptr;
  if (visitor.jar.empty() && !counts) return nullptr;
  if (visitor.own.empty()) visitor.own.resize(seen.group_size);
  Own& own = visitor.own[request - seen.first_of_group];
  if (visitor.jar.next_expiry() != http::CookieJar::Time::max()) visitor.jar.expire(clock_());
  if (counts || own.revision != visitor.jar.revision()) {
    const http::PreparedRequest& planned = program_.requests[request];
    const http::LateHeaders late = late_headers(visitor, seen, seen.step->method);
    own.revision = counts ? 0 : visitor.jar.revision();
    own.differs = !late.cookies.empty() || !late.authorization.empty();
    if (own.differs && own.request.bytes.empty()) own.request = planned;
    if (own.differs) http::set_late_headers(own.request, planned, late);
    own.request.one_off = true;
  }
  return own.differs ? &own.request : nullptr;
}

void Visitors::forget(Visitor& visitor, const StepSeen& seen) {
  if (seen.forgets_cookies) visitor.jar.clear();
  if (!seen.forgets_nonces) return;
  for (http::DigestSession& session : visitor.sessions) session.end();
}

/// The session whose credentials the visitor's next request carries; nullptr: there is none.
http::DigestSession* Visitors::session_of(Visitor& visitor, const StepSeen& seen) const {
  if (!seen.space || !same_server(spaces_[*seen.space].server, *visitor.asked)) return nullptr;
  http::DigestSession& session = visitor.sessions[*seen.space];
  return session.begun() ? &session : nullptr;
}

/// Of the request that goes where visitor.asked says.
http::LateHeaders Visitors::late_headers(Visitor& visitor, const StepSeen& seen, std::string_view method) {
  cookies_.clear();
  authorization_.clear();
  visitor.jar.append_to(cookies_, scope_of(*visitor.asked));
  if (http::DigestSession* session = session_of(visitor, seen))
    session->authorize(authorization_, method, visitor.asked->path_and_query, *hashes_);
  return {.cookies = cookies_, .authorization = authorization_};
}

const http::PreparedRequest* Visitors::next(Sample& sample, const http::KeptHeaders& headers) {
  Visitor& visitor = visitors_[sample.slot];
  keep_cookies(visitor, headers);
  if (visitor.so_far.follow_ups() > 0) add_up(visitor.so_far, sample);
  visitor.so_far = Sample{};
  const Lead lead = lead_of(visitor, sample, headers);
  if (lead == Lead::nowhere) return nullptr;
  if (stopped_) {
    sample.error = ErrorKind::unfinished;
    return nullptr;
  }
  if (lead == Lead::challenge ? !answer(visitor, sample, headers) : !redirect(visitor, sample, headers)) return nullptr;
  visitor.so_far = sample;
  ++(lead == Lead::challenge ? visitor.so_far.challenges : visitor.so_far.redirects);
  prepare(visitor, sample);
  return &visitor.request;
}

void Visitors::keep_cookies(Visitor& visitor, const http::KeptHeaders& headers) {
  if (plan_.http.cookies == config::Cookies::off || headers.cookies.empty()) return;
  const std::chrono::sys_seconds now = clock_();
  for (std::string_view lines = headers.cookies; !lines.empty();) {
    const std::size_t size = lines.find('\n');
    visitor.jar.store(lines.substr(0, size), scope_of(*visitor.asked), now);
    lines.remove_prefix(size + 1);
  }
}

/// Whether a response asks for another request. What the plan expects is asked of the last response only.
Visitors::Lead Visitors::lead_of(const Visitor& visitor, const Sample& sample, const http::KeptHeaders& headers) const {
  if (!is_whole(sample)) return Lead::nowhere;
  if (sample.status == kUnauthorized) {
    const StepSeen& seen = steps_[sample.request];
    const bool known = seen.space && same_server(spaces_[*seen.space].server, *visitor.asked);
    return known ? Lead::challenge : Lead::nowhere;
  }
  const bool elsewhere = is_one_of(sample.status, kLeadOnByGet) || is_one_of(sample.status, kLeadOn);
  const bool followed = plan_.http.follow_redirects && (!headers.location.empty() || headers.lost_location);
  return elsewhere && followed ? Lead::redirect : Lead::nowhere;
}

/// Whether it can be followed; where it cannot, the sample says why.
bool Visitors::redirect(Visitor& visitor, Sample& sample, const http::KeptHeaders& headers) const {
  const auto refuse = [&](ErrorKind kind) {
    sample.error = kind;
    return false;
  };
  if (sample.redirects == kMostRedirects) return refuse(ErrorKind::too_many_redirects);
  if (headers.lost_location) return refuse(ErrorKind::redirect_unusable);
  Result<config::Url> to = config::resolve_reference(*visitor.asked, headers.location);
  if (!to) return refuse(ErrorKind::redirect_unusable);
  const auto is_known = [&](const HostAndPort& known) { return same_server(known, *to); };
  if (std::none_of(program_.targets.begin(), program_.targets.end(), is_known))
    return refuse(ErrorKind::redirect_elsewhere);
  visitor.led_to = std::move(*to);
  visitor.asked = &visitor.led_to;
  visitor.answered = 0;
  visitor.as_get |= is_one_of(sample.status, kLeadOnByGet) && steps_[sample.request].step->method != "HEAD";
  return true;
}

/// Whether a 401 is answered. Not when it is itself the answer to credentials, unless only their nonce was too old or
/// they were meant for another realm.
bool Visitors::answer(Visitor& visitor, Sample& sample, const http::KeptHeaders& headers) {
  const std::size_t space = *steps_[sample.request].space;
  http::DigestSession& session = visitor.sessions[space];
  const std::optional<http::DigestChallenge> challenge = http::find_challenge(headers.challenges);
  if (!challenge) sample.error = ErrorKind::digest_unsupported;
  const bool refused = !challenge || (session.begun() && !challenge->stale && challenge->realm == session.realm());
  if (refused || visitor.answered == kMostAnswers) {
    session.end();
    return false;
  }
  ++visitor.answered;
  // Nobody else's, in no shard: the request's start is in it. Not hidden from whoever knows the seed, since what is
  // loaded is a server under test.
  const auto started = static_cast<std::uint64_t>(sample.started.time_since_epoch().count());
  session.begin(*challenge, spaces_[space].who,
                fmt::format("{:016x}", random_bits(plan_.seed, kCnonces ^ started, cnonces_++)), *hashes_);
  return true;
}

/// The visitor's next request, to where it was led.
void Visitors::prepare(Visitor& visitor, const Sample& sample) {
  const StepSeen& seen = steps_[sample.request];
  const config::Step& step = *seen.step;
  const config::Url& to = *visitor.asked;
  const http::PreparedRequest& planned = program_.requests[sample.request];
  const bool at_home = same_server(server_of(step.url), to);
  std::vector<http::Header> sent = program_.headers[sample.request];
  std::erase_if(sent, [&](const http::Header& header) {
    return (!at_home && is_named(header, kPrivate)) || (visitor.as_get && is_named(header, kOfBody));
  });
  const std::string authority = to.authority();
  const std::string_view method = visitor.as_get ? "GET" : std::string_view(step.method);
  const http::PreparedRequest plain = http::prepare({.method = method,
                                                     .authority = authority,
                                                     .path_and_query = to.path_and_query,
                                                     .headers = std::move(sent),
                                                     .body = visitor.as_get ? std::string_view() : step.body,
                                                     .upload = visitor.as_get ? nullptr : planned.upload,
                                                     .user_agent = plan_.http.user_agent,
                                                     .keep_alive = plan_.http.keep_alive,
                                                     .accept_encoding = plan_.http.accept_encoding});
  visitor.request = plain;
  http::set_late_headers(visitor.request, plain, late_headers(visitor, seen, method));
  const auto target = std::find_if(program_.targets.begin(), program_.targets.end(),
                                   [&](const HostAndPort& known) { return same_server(known, to); });
  visitor.request.target = static_cast<std::uint16_t>(target - program_.targets.begin());
  visitor.request.checks = planned.checks;
  visitor.request.one_off = true;
  visitor.request.keeps_headers = true;
}

}  // namespace loadgen::run
