#include "run/pacer.hpp"

#include <algorithm>
#include <utility>

namespace loadgen::run {
namespace {

constexpr auto kLater = [](const auto& a, const auto& b) { return a.due > b.due; };

std::uint64_t requests_in(std::span<const Op> ops) {
  return static_cast<std::uint64_t>(
      std::count_if(ops.begin(), ops.end(), [](const Op& op) { return op.kind == OpKind::request; }));
}

}  // namespace

std::vector<PlaceRange> places_of(const config::Plan& plan, std::size_t users, ShardIndex shard) {
  std::vector<PlaceRange> ranges;
  std::uint32_t first = shard.share_of(users);
  for (std::uint32_t g = 0; g < plan.thread_groups.size(); ++g) {
    const config::ThreadGroup& group = plan.thread_groups[g];
    if (!group.open()) continue;
    const std::uint32_t count = std::max(1U, shard.share_of(group.max_in_flight));
    ranges.push_back({g, first, count, std::min(count, shard.share_of(group.connections))});
    first += count;
  }
  return ranges;
}

Pacer::Pacer(const config::Plan& plan, const Program& program, std::span<const UserStart> starts, ShardIndex shard,
             TimePoint t0)
    : shard_(shard.index), shards_(shard.count) {
  add_groups(plan, program, t0);
  add_users(plan, starts, shard, t0);
  add_entrances(plan, starts.size(), shard, t0);
  ready_.resize(users_.size());
  thinking_.reserve(users_.size());
  batch_.reserve(kBatch);
}

void Pacer::add_groups(const config::Plan& plan, const Program& program, TimePoint t0) {
  for (std::size_t g = 0; g < plan.thread_groups.size(); ++g) {
    const config::ThreadGroup& group = plan.thread_groups[g];
    const TimePoint end = group.duration ? t0 + group.startup_delay + *group.duration : kNever;
    const bool known = group.open() || (!group.for_ever() && !group.duration);
    groups_.push_back({.ops = &program.groups[g],
                       .end = end,
                       .requests_an_iteration = requests_in(program.groups[g]),
                       .counted_from_plan = known,
                       .entrance = -1,
                       .same_user = group.open() || group.same_user_on_next_iteration,
                       .on_error = group.on_error});
    if (!group.open()) end_ = std::max(end_, end);
  }
}

void Pacer::add_users(const config::Plan& plan, std::span<const UserStart> starts, ShardIndex shard, TimePoint t0) {
  users_.reserve(shard.share_of(starts.size()));
  for (std::size_t i = shard.index; i < starts.size(); i += shard.count) {
    const UserStart& start = starts[i];
    const config::ThreadGroup& group = plan.thread_groups[start.group];
    const std::uint64_t iterations = group.for_ever() ? UINT64_MAX : group.iterations_of(start.number);
    User user{.due = t0 + start.offset,
              .iterations_left = iterations,
              .waited = {},
              .group = start.group,
              .number = start.number};
    ++counts_.users;
    if (groups_[user.group].counted_from_plan)
      counts_.planned += iterations * groups_[user.group].requests_an_iteration;
    // A user with nothing to do, or whose start lies behind its group's end, never comes (as in JMeter).
    if (iterations == 0 || !advance(user) || user.due >= groups_[user.group].end) {
      ++counts_.users_finished;
      continue;
    }
    if (!groups_[user.group].counted_from_plan) ++counts_.planned;
    users_.push_back(user);
  }
  // A think time before the first request delays it, so that starts need not be in the order of the ramp any more.
  std::stable_sort(users_.begin(), users_.end(), [](const User& a, const User& b) { return a.due < b.due; });
  ramped_ = users_.size();
}

void Pacer::add_entrances(const config::Plan& plan, std::size_t users, ShardIndex shard, TimePoint t0) {
  for (const PlaceRange& range : places_of(plan, users, shard)) {
    const config::ThreadGroup& group = plan.thread_groups[range.group];
    const TimePoint begin = t0 + group.startup_delay;
    const load::LoadProfile profile(group.arrivals);
    end_ = std::max(end_, begin + profile.length());
    users_.resize(range.first + range.count);
    groups_[range.group].entrance = static_cast<std::int32_t>(entrances_.size());
    entrances_.push_back(
        {.arrivals = load::Arrivals(profile, group.spacing, plan.seed, range.group, shard.index, shard.count),
         .begin = begin,
         .group = range.group,
         .first_place = range.first,
         .drops = group.at_limit == config::AtLimit::drop,
         .known_beforehand = group.spacing == load::Spacing::uniform,
         .places = Places(range.first, range.count, range.opened)});
    plan_arrivals(entrances_.back(), entrances_.back().arrivals.planned());
  }
}

bool Pacer::anybody_waiting() const {
  return cursor_ < ramped_ || ready_count_ != 0 || !thinking_.empty() ||
         std::any_of(entrances_.begin(), entrances_.end(), [](const Entrance& e) { return e.due() != kNever; });
}

Pacer::Entrance& Pacer::entrance_of(const User& user) {
  return entrances_[static_cast<std::size_t>(groups_[user.group].entrance)];
}

/// Moves the user to its next request, adding up the pauses on the way; false when it has none left.
bool Pacer::advance(User& user) {
  const std::vector<Op>& ops = *groups_[user.group].ops;
  for (;;) {
    if (user.pc == ops.size()) {
      if (--user.iterations_left == 0) return false;
      user.pc = 0;
    }
    const Op& op = ops[user.pc];
    switch (op.kind) {
      case OpKind::request:
        return true;
      case OpKind::pause:
        user.due += op.pause;
        ++user.pc;
        break;
    }
  }
}

TimePoint Pacer::next_due() const {
  TimePoint earliest = kNever;
  if (ready_count_ != 0) earliest = users_[ready_[ready_head_]].due;
  if (cursor_ < ramped_) earliest = std::min(earliest, users_[cursor_].due);
  if (!thinking_.empty()) earliest = std::min(earliest, thinking_.front().due);
  for (const Entrance& entrance : entrances_) earliest = std::min(earliest, entrance.opens());
  return earliest;
}

Pacer::Entrance* Pacer::first_to_open() {
  const auto first = std::min_element(entrances_.begin(), entrances_.end(),
                                      [](const Entrance& a, const Entrance& b) { return a.opens() < b.opens(); });
  return first == entrances_.end() ? nullptr : &*first;
}

/// Takes the user whose request has been due longest out of its queue; false when nothing is due by now, or so many
/// arrivals were dropped that the responses should be read first.
bool Pacer::take_oldest(TimePoint now, std::uint32_t& slot) {
  const std::uint64_t enough = counts_.users_dropped + kDropsAtOnce;
  while (counts_.users_dropped < enough) {
    const TimePoint earliest = next_due();
    if (earliest > now) return false;
    if (ready_count_ != 0 && users_[ready_[ready_head_]].due == earliest) return slot = pop_ready(), true;
    if (cursor_ < ramped_ && users_[cursor_].due == earliest) return slot = static_cast<std::uint32_t>(cursor_++), true;
    if (!thinking_.empty() && thinking_.front().due == earliest) {
      slot = thinking_.front().slot;
      std::pop_heap(thinking_.begin(), thinking_.end(), kLater);
      thinking_.pop_back();
      return true;
    }
    if (let_in(*first_to_open(), now, slot)) return true;
  }
  return false;
}

/// The entrance's next arrival becomes a user, whose first request is due now; false: it is due later, after a think
/// time, or the arrival was dropped.
bool Pacer::let_in(Entrance& entrance, TimePoint now, std::uint32_t& slot) {
  if (!entrance.places.any()) return drop(entrance), false;
  const TimePoint due = entrance.due();
  entrance.arrivals.advance();
  const bool none_was_free = entrance.places.all_used();
  slot = entrance.places.take();
  User& user = users_[slot];
  // The longest free place was given back after this arrival was due: until then there had been none. Who does not
  // wait for places, and finds one all the same, was late.
  const bool may_wait = none_was_free && !entrance.drops;
  const Duration waited = may_wait ? std::max(Duration::zero(), user.due - due) : Duration::zero();
  user = {.due = due,
          .iterations_left = 1,
          .waited = waited,
          .group = entrance.group,
          .number = (slot - entrance.first_place) * shards_ + shard_};
  ++counts_.arrived;
  if (waited > Duration::zero()) ++counts_.waited;
  if (!entrance.known_beforehand) plan_arrivals(entrance, 1);
  counts_.most_under_way = std::max<std::uint64_t>(counts_.most_under_way, entrance.places.taken());
  advance(user);
  if (user.due <= now) return true;
  thinking_.push_back({user.due, slot});
  std::push_heap(thinking_.begin(), thinking_.end(), kLater);
  return false;
}

void Pacer::plan_arrivals(const Entrance& entrance, std::uint64_t arrivals) {
  counts_.users += arrivals;
  counts_.planned += arrivals * groups_[entrance.group].requests_an_iteration;
}

void Pacer::drop(Entrance& entrance) {
  if (!entrance.known_beforehand) plan_arrivals(entrance, 1);
  counts_.dropped += groups_[entrance.group].requests_an_iteration;
  ++counts_.users_dropped;
  ++counts_.users_finished;
  entrance.arrivals.advance();
}

/// Nobody comes in any more: what waits for a place is never sent, and what was still to come is not started. Poisson
/// arrivals are planned as they fall due, so that none of those is still to come.
void Pacer::close(Entrance& entrance, TimePoint now) {
  if (entrance.due() == kNever) return;
  std::uint64_t waiting = 0, to_come = 0;
  if (entrance.known_beforehand) {
    const std::uint64_t gone = entrance.arrivals.number() / shards_;
    // A due time rounded to the nanosecond may lie on the other side of now than the count: at least none waits.
    waiting = std::max(entrance.arrivals.come_by(now - entrance.begin), gone) - gone;
    to_come = entrance.arrivals.planned() - gone - waiting;
  } else {
    for (; entrance.due() <= now; entrance.arrivals.advance()) ++waiting;
    plan_arrivals(entrance, waiting);
  }
  const std::uint64_t requests = groups_[entrance.group].requests_an_iteration;
  counts_.not_started += (waiting + to_come) * requests;
  counts_.users_finished += waiting + to_come;
  // Those for whom there are places were about to get them.
  const std::uint64_t about_to_start = std::min<std::uint64_t>(waiting, entrance.places.free());
  counts_.never_sent += (waiting - about_to_start) * requests;
  entrance.closed = true;
}

std::span<const Release> Pacer::release(TimePoint now) {
  batch_.clear();
  std::uint32_t slot = 0;
  while (batch_.size() < kBatch && take_oldest(now, slot)) {
    User& user = users_[slot];
    batch_.push_back({slot, (*groups_[user.group].ops)[user.pc].request});
    ++user.pc;
    if (user.active) continue;
    user.active = true;
    ++active_;
    ++groups_[user.group].active;
    ++counts_.users_started;
    if (slot < ramped_) ++counts_.ramped_started;
  }
  counts_.released += batch_.size();
  in_flight_ += batch_.size();
  return batch_;
}

bool Pacer::finish(Sample& sample) {
  User& user = users_[sample.slot];
  sample.due = user.due;
  sample.waited = std::exchange(user.waited, Duration::zero());
  --in_flight_;
  if (!user.started) {
    user.started = true;
    if (sample.slot < ramped_) counts_.first_user_start = std::min(counts_.first_user_start, sample.started);
    if (sample.slot < ramped_) counts_.last_user_start = std::max(counts_.last_user_start, sample.started);
  }
  user.due = sample.finished;
  return go_on(sample.slot, !sample.succeeded() && sample.error != ErrorKind::unfinished);
}

/// What the user of slot does after a sample; true when its connections are to be closed.
bool Pacer::go_on(std::uint32_t slot, bool failed) {
  User& user = users_[slot];
  const Group& group = groups_[user.group];
  bool ends = stopped_;
  if (failed) {
    switch (group.on_error) {
      case config::OnError::continue_:
        break;
      case config::OnError::start_next_loop:
        skip_iteration(user);
        break;
      case config::OnError::stop_user:
        ends = true;
        break;
      case config::OnError::stop_test:
        stop_wanted_ = std::max(stop_wanted_, Stop::graceful);
        ends = true;
        break;
      case config::OnError::stop_test_now:
        stop_wanted_ = Stop::now;
        ends = true;
        break;
    }
  }
  const std::uint64_t iterations_before = user.iterations_left;
  const TimePoint since = user.due;
  const bool more = advance(user);
  if (!more || ends || user.due >= group.end) {
    retire(user, false);
    if (group.entrance < 0) return true;
    user.due = since;  // the place is free from the response's end on
    entrance_of(user).places.give_back(slot);
    return false;  // the connection serves the next arrival
  }
  if (!group.counted_from_plan) ++counts_.planned;
  if (user.due > since) {
    thinking_.push_back({user.due, slot});
    std::push_heap(thinking_.begin(), thinking_.end(), kLater);
  } else {
    push_ready(slot);
  }
  return !group.same_user && user.iterations_left != iterations_before;
}

UserSeen Pacer::user_seen(std::uint32_t slot) const {
  const User& user = users_[slot];
  return {
      .number = user.number, .active_in_group = groups_[user.group].active, .active = active_, .left = !user.active};
}

std::uint64_t Pacer::requests_left_in_iteration(const User& user) const {
  const std::vector<Op>& ops = *groups_[user.group].ops;
  return requests_in(std::span(ops).subspan(std::min<std::size_t>(user.pc, ops.size())));
}

void Pacer::skip_iteration(User& user) {
  if (groups_[user.group].counted_from_plan) counts_.not_started += requests_left_in_iteration(user);
  user.pc = static_cast<std::uint32_t>(groups_[user.group].ops->size());
}

/// The user ends. What it had still planned will not be started; waiting: one of that stood in a queue.
void Pacer::retire(User& user, bool waiting) {
  Group& group = groups_[user.group];
  ++counts_.users_finished;
  if (std::exchange(user.active, false)) {
    --active_;
    --group.active;
  }
  if (!group.counted_from_plan)
    counts_.not_started += waiting ? 1 : 0;
  else if (user.iterations_left != 0)
    counts_.not_started += requests_left_in_iteration(user) + (user.iterations_left - 1) * group.requests_an_iteration;
}

void Pacer::stop(TimePoint now) {
  if (stopped_) return;
  stopped_ = true;
  for (; cursor_ < ramped_; ++cursor_) retire(users_[cursor_], true);
  while (ready_count_ != 0) retire(users_[pop_ready()], true);
  for (const Waiting& waiting : thinking_) retire(users_[waiting.slot], true);
  thinking_.clear();
  for (Entrance& entrance : entrances_) close(entrance, now);
}

void Pacer::push_ready(std::uint32_t slot) {
  std::size_t tail = ready_head_ + ready_count_++;
  if (tail >= ready_.size()) tail -= ready_.size();
  ready_[tail] = slot;
}

std::uint32_t Pacer::pop_ready() {
  const std::uint32_t slot = ready_[ready_head_];
  if (++ready_head_ == ready_.size()) ready_head_ = 0;
  --ready_count_;
  return slot;
}

}  // namespace loadgen::run
