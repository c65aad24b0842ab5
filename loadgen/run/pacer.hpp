#pragma once
// Who sends what when, for one shard: users walk through their thread group's program, and what is due is released,
// oldest first. Pure bookkeeping: it is told the time and what became of each request, and never sees a socket.

#include <cstdint>
#include <span>
#include <vector>

#include "base/sample.hpp"
#include "base/time.hpp"
#include "config/plan.hpp"
#include "run/program.hpp"
#include "run/schedule.hpp"

namespace loadgen::run {

/// How far everybody must stop; a higher one wins.
enum class Stop : std::uint8_t {
  none,
  graceful,  ///< nobody starts another request; those in flight may finish
  now,       ///< those in flight are aborted
};

/// Which part of the global schedule a shard runs.
struct ShardIndex {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
};

struct Release {
  std::uint32_t slot;
  std::uint16_t request;
};

/// What the pacer counted; compared with the recorder's own counts in the ledger.
struct PacerCounts {
  std::uint64_t planned = 0;  ///< by the plan where its loops are finite, else requests that fell due
  std::uint64_t released = 0;
  std::uint64_t not_started = 0;  ///< planned, and given up before their release
  std::uint64_t users = 0;
  std::uint64_t users_started = 0;
  std::uint64_t users_finished = 0;
  TimePoint first_user_start = kNever;  ///< of the users' first requests, as they really started
  TimePoint last_user_start = kUnset;
};

class Pacer {
 public:
  /// At most this many releases at once, so that responses are read between them.
  static constexpr std::size_t kBatch = 64;

  Pacer(const config::Plan& plan, const Program& program, std::span<const UserStart> starts, ShardIndex shard,
        TimePoint t0);

  /// What is due by now, oldest first, at most kBatch. Valid until the next call.
  std::span<const Release> release(TimePoint now);

  /// When release() will have something; in the past when it has something now; kNever when nobody waits.
  TimePoint next_due() const;

  /// Stamps the sample's due time and moves its user on. True: the user's connections are to be closed, because the
  /// user is gone or comes back as another visitor.
  bool finish(Sample& sample);

  /// Nobody starts a request any more.
  void stop();

  bool finished() const { return in_flight_ == 0 && !anybody_waiting(); }
  /// When the last thread group's duration ends; kNever as long as some group ends by its loops.
  TimePoint end() const { return end_; }
  /// What a failed sample's on_error asks of the whole test.
  Stop stop_wanted() const { return stop_wanted_; }
  const PacerCounts& counts() const { return counts_; }

 private:
  struct Group {
    const std::vector<Op>* ops;
    TimePoint end;  ///< of its duration
    std::uint64_t requests_an_iteration;
    bool counted_from_plan;  ///< finite loops and no duration: what is planned is known beforehand
    bool same_user;
    config::OnError on_error;
  };
  struct User {
    TimePoint due;                  ///< of its next request, or of the one in flight
    std::uint64_t iterations_left;  ///< this one included
    std::uint32_t group;
    std::uint32_t pc;  ///< index of its next operation
    bool started;
  };
  struct Waiting {
    TimePoint due;
    std::uint32_t slot;
  };

  bool anybody_waiting() const { return cursor_ < users_.size() || ready_count_ != 0 || !thinking_.empty(); }
  bool advance(User& user);
  bool go_on(std::uint32_t slot, bool failed);
  void retire(const User& user, bool waiting);
  void skip_iteration(User& user);
  std::uint64_t requests_left_in_iteration(const User& user) const;
  void push_ready(std::uint32_t slot);
  std::uint32_t pop_ready();
  bool take_oldest(TimePoint now, std::uint32_t& slot);

  std::vector<Group> groups_;
  std::vector<User> users_;           ///< by slot, in order of start
  std::size_t cursor_ = 0;            ///< users_[cursor_…] have not started
  std::vector<std::uint32_t> ready_;  ///< ring: users due at their previous response's end, in that order
  std::size_t ready_head_ = 0;
  std::size_t ready_count_ = 0;
  std::vector<Waiting> thinking_;  ///< heap, earliest first
  std::vector<Release> batch_;
  PacerCounts counts_;
  std::uint64_t in_flight_ = 0;
  TimePoint end_ = kUnset;
  Stop stop_wanted_ = Stop::none;
  bool stopped_ = false;
};

}  // namespace loadgen::run
