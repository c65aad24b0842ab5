#pragma once
// What the server counted. Each thread has its own Counters on its own cache lines, written by that thread only;
// /stats adds them up. Requests to /stats, and connections that asked for nothing else, are not counted: looking does
// not change the numbers.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/behaviour.hpp"

namespace loadgen_server {

/// A number that one thread changes and others may read.
class Counter {
 public:
  void add(std::uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void take_back(std::uint64_t n) { add(0 - n); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

using PathId = std::uint16_t;
constexpr PathId other_path = 256;          // where paths are counted together once there are that many different ones
constexpr std::size_t max_path_kept = 256;  // bytes; a longer path is counted under "other" too

/// The tables are the same for a thread's counters and for sums of them.
template <typename Number>
struct CountTable {
  Number connections_accepted{};
  Number connections_closed{};
  Number bytes_in{};
  Number bytes_out{};
  std::array<Number, 2> handshakes{};  // of TLS: full ones, and those that resumed a session
  Number rejected{};                   // answered 4xx or 5xx before their path was known
  std::array<Number, 600> statuses{};
  std::array<Number, behaviour_count> behaviours{};
  std::array<Number, other_path + 1> paths{};
};

struct alignas(128) Counters : CountTable<Counter> {};
using Totals = CountTable<std::uint64_t>;

/// Numbers for paths, shared by all threads: the same path has the same id everywhere.
class PathTable {
 public:
  PathTable();
  PathId id_of(std::string_view path);
  /// The index of this request among the scripted ones on its path.
  std::uint64_t next_index(PathId id) { return indexes_[id].fetch_add(1, std::memory_order_relaxed); }
  void reset_indexes();
  std::vector<std::string> names() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, PathId> ids_;
  std::array<std::atomic<std::uint64_t>, other_path + 1> indexes_{};
};

class Stats {
 public:
  explicit Stats(unsigned threads);

  Counters& of_thread(unsigned thread) { return *counters_[thread]; }
  PathTable& paths() { return paths_; }

  /// Since the start or the last reset; connections_closed since the start of both.
  Totals totals() const;
  std::string to_json() const;
  void reset();

 private:
  Totals sum() const;

  std::vector<std::unique_ptr<Counters>> counters_;
  PathTable paths_;
  mutable std::mutex mutex_;
  Totals baseline_;
};

}  // namespace loadgen_server
