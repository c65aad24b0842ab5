#include "run/pacer.hpp"

#include <algorithm>

namespace loadgen::run {
namespace {

constexpr auto kLater = [](const auto& a, const auto& b) { return a.due > b.due; };

std::uint64_t requests_in(std::span<const Op> ops) {
  return static_cast<std::uint64_t>(
      std::count_if(ops.begin(), ops.end(), [](const Op& op) { return op.kind == OpKind::request; }));
}

}  // namespace

Pacer::Pacer(const config::Plan& plan, const Program& program, std::span<const UserStart> starts, ShardIndex shard,
             TimePoint t0) {
  for (std::size_t g = 0; g < plan.thread_groups.size(); ++g) {
    const config::ThreadGroup& group = plan.thread_groups[g];
    const TimePoint end = group.duration ? t0 + group.startup_delay + *group.duration : kNever;
    groups_.push_back({.ops = &program.groups[g],
                       .end = end,
                       .requests_an_iteration = requests_in(program.groups[g]),
                       .counted_from_plan = !group.for_ever() && !group.duration,
                       .same_user = group.same_user_on_next_iteration,
                       .on_error = group.on_error});
    end_ = std::max(end_, end);
  }

  users_.reserve(starts.size() / shard.count + 1);
  for (std::size_t i = shard.index; i < starts.size(); i += shard.count) {
    const UserStart& start = starts[i];
    const config::ThreadGroup& group = plan.thread_groups[start.group];
    const std::uint64_t iterations = group.for_ever() ? UINT64_MAX : group.iterations_of(start.number);
    User user{.due = t0 + start.offset, .iterations_left = iterations, .group = start.group, .pc = 0, .started = false};
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
  ready_.resize(users_.size());
  thinking_.reserve(users_.size());
  batch_.reserve(kBatch);
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
  if (cursor_ < users_.size()) earliest = std::min(earliest, users_[cursor_].due);
  if (!thinking_.empty()) earliest = std::min(earliest, thinking_.front().due);
  return earliest;
}

/// Takes the user whose request has been due longest out of its queue; false when nothing is due by now.
bool Pacer::take_oldest(TimePoint now, std::uint32_t& slot) {
  const TimePoint earliest = next_due();
  if (earliest > now) return false;
  if (ready_count_ != 0 && users_[ready_[ready_head_]].due == earliest) {
    slot = pop_ready();
  } else if (cursor_ < users_.size() && users_[cursor_].due == earliest) {
    slot = static_cast<std::uint32_t>(cursor_++);
  } else {
    slot = thinking_.front().slot;
    std::pop_heap(thinking_.begin(), thinking_.end(), kLater);
    thinking_.pop_back();
  }
  return true;
}

std::span<const Release> Pacer::release(TimePoint now) {
  batch_.clear();
  std::uint32_t slot = 0;
  while (batch_.size() < kBatch && take_oldest(now, slot)) {
    User& user = users_[slot];
    batch_.push_back({slot, (*groups_[user.group].ops)[user.pc].request});
    ++user.pc;
    if (!user.started) ++counts_.users_started;
  }
  counts_.released += batch_.size();
  in_flight_ += batch_.size();
  return batch_;
}

bool Pacer::finish(Sample& sample) {
  User& user = users_[sample.slot];
  sample.due = user.due;
  --in_flight_;
  if (!user.started) {
    user.started = true;
    counts_.first_user_start = std::min(counts_.first_user_start, sample.started);
    counts_.last_user_start = std::max(counts_.last_user_start, sample.started);
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
    return true;
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

std::uint64_t Pacer::requests_left_in_iteration(const User& user) const {
  const std::vector<Op>& ops = *groups_[user.group].ops;
  return requests_in(std::span(ops).subspan(std::min<std::size_t>(user.pc, ops.size())));
}

void Pacer::skip_iteration(User& user) {
  if (groups_[user.group].counted_from_plan) counts_.not_started += requests_left_in_iteration(user);
  user.pc = static_cast<std::uint32_t>(groups_[user.group].ops->size());
}

/// The user ends. What it had still planned will not be started; waiting: one of that stood in a queue.
void Pacer::retire(const User& user, bool waiting) {
  const Group& group = groups_[user.group];
  ++counts_.users_finished;
  if (!group.counted_from_plan)
    counts_.not_started += waiting ? 1 : 0;
  else if (user.iterations_left != 0)
    counts_.not_started += requests_left_in_iteration(user) + (user.iterations_left - 1) * group.requests_an_iteration;
}

void Pacer::stop() {
  if (stopped_) return;
  stopped_ = true;
  for (; cursor_ < users_.size(); ++cursor_) retire(users_[cursor_], true);
  while (ready_count_ != 0) retire(users_[pop_ready()], true);
  for (const Waiting& waiting : thinking_) retire(users_[waiting.slot], true);
  thinking_.clear();
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
