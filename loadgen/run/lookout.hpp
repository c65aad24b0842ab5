#pragma once
// The main thread's view of the shards while they run: a letter from each, ten times a second.

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "config/plan.hpp"
#include "run/control.hpp"
#include "stats/progress.hpp"

namespace loadgen::run {

class Lookout {
 public:
  Lookout(const config::Plan& plan, std::size_t shards, TimePoint t0);

  /// Reads the letters that have come and asks for the next ones. mailbox(k): of shard k.
  template <class MailboxOf>
  const stats::Progress& look(TimePoint now, MailboxOf&& mailbox) {
    progress_.interval = {};
    progress_.worst_send_lag = {};
    for (std::size_t k = 0; k < latest_.size(); ++k) {
      Mailbox& box = mailbox(k);
      if (!box.answered()) continue;
      add(k, box.letter());
      box.ask();
    }
    return sum_up(now);
  }

  /// After the threads have joined: what shard k's last answer did not tell.
  void add(std::size_t k, const ShardProgress& letter);
  const stats::Progress& sum_up(TimePoint now);

 private:
  TimePoint t0_;
  std::vector<ShardProgress> latest_;
  stats::Progress progress_;
  bool finite_ = true;
};

}  // namespace loadgen::run
