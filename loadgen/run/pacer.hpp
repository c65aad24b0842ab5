#pragma once
// Who sends what when, for one shard: users walk through their thread group's program, and what is due is released,
// oldest first. In a group with arrivals users come by its schedule, take a place for one iteration and go. Pure
// bookkeeping: it is told the time and what became of each request, and never sees a socket.

#include <cstdint>
#include <span>
#include <vector>

#include "base/sample.hpp"
#include "base/time.hpp"
#include "config/plan.hpp"
#include "load/arrivals.hpp"
#include "run/places.hpp"
#include "run/program.hpp"
#include "run/schedule.hpp"

namespace loadgen::run {

/// How far everybody must stop; a higher one wins.
enum class Stop : std::uint8_t {
  none,
  precise_enough,  ///< as graceful, because the figures are as precise as was asked for
  threshold,       ///< as graceful, because a threshold of the plan has failed for its time
  graceful,        ///< nobody starts another request; those in flight may finish
  now,             ///< those in flight are aborted
};

/// Which part of the global schedule a shard runs.
struct ShardIndex {
  std::uint32_t index = 0;
  std::uint32_t count = 1;

  /// This shard's part of a number of things that are dealt in turn.
  std::uint32_t share_of(std::size_t total) const {
    return static_cast<std::uint32_t>(total / count + (index < total % count ? 1 : 0));
  }
};

/// A shard's slots: first those of users, then the places of each group with arrivals.
struct PlaceRange {
  std::uint32_t group;   ///< index into Plan::thread_groups
  std::uint32_t first;   ///< slot
  std::uint32_t count;   ///< this shard's share of max_in_flight, at least 1
  std::uint32_t opened;  ///< of them, how many connect before the start
};
std::vector<PlaceRange> places_of(const config::Plan& plan, std::size_t users, ShardIndex shard);

struct Release {
  std::uint32_t slot;
  std::uint16_t request;
};

/// What the pacer counted; compared with the recorder's own counts in the ledger.
struct PacerCounts {
  std::uint64_t planned = 0;  ///< by the plan where its loops are finite, else requests that fell due
  std::uint64_t released = 0;
  std::uint64_t not_started = 0;     ///< planned, and given up before their release
  std::uint64_t never_sent = 0;      ///< of not_started: of arrivals that were due and had found no place
  std::uint64_t dropped = 0;         ///< of arrivals that found no place and do not wait
  std::uint64_t users_dropped = 0;   ///< those arrivals
  std::uint64_t arrived = 0;         ///< users who came by a schedule and got a place
  std::uint64_t waited = 0;          ///< of them, after waiting for it
  std::uint64_t most_under_way = 0;  ///< users in places at once
  std::uint64_t users = 0;
  std::uint64_t users_started = 0;
  std::uint64_t ramped_started = 0;  ///< of them, those of a ramp
  std::uint64_t users_finished = 0;
  TimePoint first_user_start = kNever;  ///< of ramped users' first requests, as they really started
  TimePoint last_user_start = kUnset;
};

/// The user of a slot, for who tells of single requests.
struct UserSeen {
  std::uint32_t number = 0;           ///< within its thread group, from 0; of an arrival: of its place. Over all shards
  std::uint32_t active_in_group = 0;  ///< users of this shard under way in its group: started, and with more to do
  std::uint32_t active = 0;           ///< the same in all groups
  bool left = false;                  ///< it has nothing more to do, and is none of them
};

class Pacer {
 public:
  /// At most this many releases at once, so that responses are read between them.
  static constexpr std::size_t kBatch = 64;
  /// And at most this many arrivals dropped, which a hopeless rate would otherwise never get to the end of.
  static constexpr std::uint64_t kDropsAtOnce = 4'096;

  Pacer(const config::Plan& plan, const Program& program, std::span<const UserStart> starts, ShardIndex shard,
        TimePoint t0);

  /// What is due by now, oldest first, at most kBatch. Valid until the next call.
  std::span<const Release> release(TimePoint now);

  /// When release() will have something; in the past when it has something now; kNever when nobody waits.
  TimePoint next_due() const;

  /// Stamps the sample's due time and moves its user on. True: the user's connections are to be closed, because the
  /// user is gone or comes back as another visitor.
  bool finish(Sample& sample);

  /// Nobody starts a request any more. now tells which arrivals were due already.
  void stop(TimePoint now);

  bool finished() const { return in_flight_ == 0 && !anybody_waiting(); }
  /// When the last thread group's duration or schedule ends; kNever as long as some group ends by its loops.
  TimePoint end() const { return end_; }
  /// What a failed sample's on_error asks of the whole test.
  Stop stop_wanted() const { return stop_wanted_; }
  const PacerCounts& counts() const { return counts_; }
  /// Who had the request that finish() has just been told of.
  UserSeen user_seen(std::uint32_t slot) const;

 private:
  struct Group {
    const std::vector<Op>* ops;
    TimePoint end;  ///< of its duration
    std::uint64_t requests_an_iteration;
    bool counted_from_plan;  ///< what a user will send is known when it comes: finite loops and no duration, or an
                             ///< arrival
    std::int32_t entrance;   ///< index into entrances_; -1: its users come by the ramp
    bool same_user;
    config::OnError on_error;
    std::uint32_t active = 0;  ///< users under way
  };
  struct User {
    TimePoint due;                  ///< of its next request, or of the one in flight; of a free place: since when
    std::uint64_t iterations_left;  ///< this one included
    Duration waited;                ///< for its place; told with its first request
    std::uint32_t group;
    std::uint32_t number;  ///< within its group, over all shards; of an arrival: of its place
    std::uint32_t pc = 0;  ///< index of its next operation
    bool active = false;   ///< its first request was released, and it has not left
    bool started = false;  ///< its first request has ended
  };
  struct Waiting {
    TimePoint due;
    std::uint32_t slot;
  };

  /// Arrivals of one thread group.
  struct Entrance {
    load::Arrivals arrivals;
    TimePoint begin;  ///< arrivals' offsets count from here
    std::uint32_t group;
    std::uint32_t first_place;  ///< slot
    bool drops;                 ///< at max_in_flight
    bool known_beforehand;      ///< how many come; else each is planned, with all its requests, when it falls due
    Places places;
    bool closed = false;

    TimePoint due() const { return closed || arrivals.due() == Duration::max() ? kNever : begin + arrivals.due(); }
    /// When it can let somebody in, as far as it knows now.
    TimePoint opens() const { return places.any() || drops ? due() : kNever; }
  };

  void add_groups(const config::Plan& plan, const Program& program, TimePoint t0);
  void add_users(const config::Plan& plan, std::span<const UserStart> starts, ShardIndex shard, TimePoint t0);
  void add_entrances(const config::Plan& plan, std::size_t users, ShardIndex shard, TimePoint t0);
  bool anybody_waiting() const;
  Entrance* first_to_open();
  bool let_in(Entrance& entrance, TimePoint now, std::uint32_t& slot);
  void drop(Entrance& entrance);
  void plan_arrivals(const Entrance& entrance, std::uint64_t arrivals);
  void close(Entrance& entrance, TimePoint now);
  Entrance& entrance_of(const User& user);
  bool advance(User& user);
  bool go_on(std::uint32_t slot, bool failed);
  void retire(User& user, bool waiting);
  void skip_iteration(User& user);
  std::uint64_t requests_left_in_iteration(const User& user) const;
  void push_ready(std::uint32_t slot);
  std::uint32_t pop_ready();
  bool take_oldest(TimePoint now, std::uint32_t& slot);

  std::uint32_t shard_;
  std::uint32_t shards_;
  std::vector<Group> groups_;
  std::vector<Entrance> entrances_;
  std::vector<User> users_;           ///< by slot: users of the ramps in order of start, then places
  std::size_t ramped_ = 0;            ///< how many of them come by a ramp
  std::size_t cursor_ = 0;            ///< users_[cursor_ … ramped_] have not started
  std::vector<std::uint32_t> ready_;  ///< ring: users due at their previous response's end, in that order
  std::size_t ready_head_ = 0;
  std::size_t ready_count_ = 0;
  std::vector<Waiting> thinking_;  ///< heap, earliest first
  std::vector<Release> batch_;
  PacerCounts counts_;
  std::uint64_t in_flight_ = 0;
  std::uint32_t active_ = 0;  ///< users under way, in all groups
  TimePoint end_ = kUnset;
  Stop stop_wanted_ = Stop::none;
  bool stopped_ = false;
};

}  // namespace loadgen::run
