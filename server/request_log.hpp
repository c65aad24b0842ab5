#pragma once
// When each request came and how long it was held, kept in memory by the thread that answered it and written when the
// server ends: a test compares that with what the client says.

#include <cstdio>
#include <optional>
#include <vector>

#include "server/units.hpp"

namespace loadgen_server {

class RequestLog {
 public:
  using Index = std::size_t;

  /// Room for a million requests before memory has to be moved.
  void open() { entries_.reserve(1'000'000); }
  Index came(TimePoint arrived) {
    entries_.push_back({arrived, std::nullopt});
    return entries_.size() - 1;
  }
  void answered(Index index, Nanos held) { entries_[index].held = held; }

  /// Takes what another thread has kept.
  void merge(const RequestLog& other) { entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end()); }

  /// A line each, in the order they came: nanoseconds of CLOCK_MONOTONIC, and nanoseconds held, or "-" for what got no
  /// answer. False when the file did not take it all.
  bool write(std::FILE* file);

 private:
  struct Entry {
    TimePoint arrived;
    std::optional<Nanos> held;
  };

  std::vector<Entry> entries_;
};

}  // namespace loadgen_server
