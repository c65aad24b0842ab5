#pragma once
// What is to be answered later, in order of its due time. Equal delays expire in the order they were asked for, so an
// entry due no earlier than the last of the queue is appended in O(1); only the others go to a heap. A thread needs
// one timer, armed for next_due().

#include <deque>
#include <optional>
#include <queue>
#include <vector>

#include "server/units.hpp"

namespace loadgen_server {

template <typename Item>
class DelayQueue {
 public:
  void push(TimePoint due, Item item) {
    if (in_order_.empty() || due >= in_order_.back().due)
      in_order_.push_back({due, item});
    else
      heap_.push({due, item});
  }

  std::optional<TimePoint> next_due() const {
    if (empty()) return std::nullopt;
    return heap_is_next() ? heap_.top().due : in_order_.front().due;
  }

  /// The earliest item, once it is due.
  std::optional<Item> pop(TimePoint now) {
    if (empty() || *next_due() > now) return std::nullopt;
    if (heap_is_next()) {
      const Item item = heap_.top().item;
      heap_.pop();
      return item;
    }
    const Item item = in_order_.front().item;
    in_order_.pop_front();
    return item;
  }

  bool empty() const { return in_order_.empty() && heap_.empty(); }

 private:
  struct Entry {
    TimePoint due;
    Item item;
    bool operator>(const Entry& other) const { return due > other.due; }
  };

  bool heap_is_next() const { return !heap_.empty() && (in_order_.empty() || heap_.top().due < in_order_.front().due); }

  std::deque<Entry> in_order_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> heap_;
};

}  // namespace loadgen_server
