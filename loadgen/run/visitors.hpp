#pragma once
// What users do about responses, beyond the plan's next step: they follow redirects, keep cookies and answer a server
// that wants to know who they are. One object a shard, made only for plans that want that; other plans pay nothing for
// it.
//
// What a response leads on to stays the same request and the same sample, as in JMeter: it begins with the first of its
// requests and ends with the last one's response, and what was sent and received is summed.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/sample.hpp"
#include "config/plan.hpp"
#include "http/cookie_jar.hpp"
#include "http/digest.hpp"
#include "http/kept_headers.hpp"
#include "http/prepared_request.hpp"
#include "run/program.hpp"

namespace loadgen::run {

/// As many as JMeter follows (httpsampler.max_redirects); ErrorKind::too_many_redirects says the number.
inline constexpr std::uint8_t kMostRedirects = 20;

class Visitors {
 public:
  /// Cookies expire by it.
  using WallClock = std::function<std::chrono::sys_seconds()>;
  static std::chrono::sys_seconds system_time();

  static bool wanted(const config::Plan& plan) { return reacts(plan); }

  /// Both must outlive it.
  Visitors(const config::Plan& plan, const Program& program, std::uint32_t slots, WallClock clock = &system_time);

  /// What a user sends that begins a request of the plan now: it stays as it is until the request's sample is told of.
  /// nullptr: just what the plan has. Takes memory only where its cookies have changed.
  const http::PreparedRequest* first(std::uint32_t slot, std::uint16_t request);

  /// Told of every completed sample. What its response leads to, to be sent at once under the sample's request: it
  /// stays as it is until that is told of in turn. nullptr: the sample is over, and holds all that belongs to it.
  const http::PreparedRequest* next(Sample& sample, const http::KeptHeaders& headers);

  /// Nothing more can be sent: what would lead on is unfinished.
  void stop() { stopped_ = true; }

 private:
  /// What a user sends in place of one request of the plan.
  struct Own {
    http::PreparedRequest request;
    std::uint64_t revision = 0;  ///< of the cookies that it was made with; 0: it is made anew each time
    bool differs = false;        ///< from the plan's
  };
  struct Visitor {
    Sample so_far;                       ///< of the request under way, where there were further ones
    const config::Url* asked = nullptr;  ///< where the last of them went: a step's URL, or led_to
    config::Url led_to;
    bool as_get = false;            ///< a redirect made it a GET
    std::uint8_t answered = 0;      ///< challenges in a row
    http::PreparedRequest request;  ///< of what a response led to
    http::CookieJar jar;
    std::vector<Own> own;                         ///< by step of its thread group
    std::vector<http::DigestSession> sessions{};  ///< by Space
  };
  /// Where one user's Digest credentials are good: a server, and who they say.
  struct Space {
    HostAndPort server;
    http::DigestCredentials who;
    bool operator==(const Space&) const = default;
  };
  struct StepSeen {
    const config::Step* step;
    std::size_t first_of_group;  ///< request
    std::size_t group_size;
    bool forgets_cookies;  ///< with this one the user begins anew
    bool forgets_nonces;
    std::optional<std::size_t> space;
  };
  enum class Lead : std::uint8_t { nowhere, redirect, challenge };

  void add_steps(const config::ThreadGroup& group);
  static void forget(Visitor& visitor, const StepSeen& seen);
  void keep_cookies(Visitor& visitor, const http::KeptHeaders& headers);
  http::DigestSession* session_of(Visitor& visitor, const StepSeen& seen) const;
  http::LateHeaders late_headers(Visitor& visitor, const StepSeen& seen, std::string_view method);
  Lead lead_of(const Visitor& visitor, const Sample& sample, const http::KeptHeaders& headers) const;
  bool redirect(Visitor& visitor, Sample& sample, const http::KeptHeaders& headers) const;
  bool answer(Visitor& visitor, Sample& sample, const http::KeptHeaders& headers);
  void prepare(Visitor& visitor, const Sample& sample);

  const config::Plan& plan_;
  const Program& program_;
  WallClock clock_;
  std::vector<StepSeen> steps_;  ///< by request
  std::vector<Space> spaces_;
  std::vector<Visitor> visitors_;  ///< by slot
  std::optional<http::DigestHashes> hashes_;
  std::uint64_t cnonces_ = 0;
  std::string cookies_, authorization_;  ///< of one request at a time
  bool stopped_ = false;
};

}  // namespace loadgen::run
