#pragma once
// Who shares which HTTP/2 connection: neighbouring users of a shard, by streams_per_connection, target by target.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace loadgen::engine {

/// A link is an HTTP/2 connection. Each group of neighbours has one to each target, and room for a second, which takes
/// its place while the first, told to go away, answers what it had begun.
class Http2Links {
 public:
  Http2Links(std::size_t users, std::size_t targets, std::uint32_t streams)
      : users_(users), targets_(std::max<std::size_t>(1, targets)), streams_(streams) {}

  std::size_t homes() const { return (users_ + streams_ - 1) / streams_ * targets_; }
  /// Of a connection, or of either of the two links of a home: slot-major, as HttpEngine counts connections.
  std::size_t home_of(std::size_t connection) const {
    return connection / targets_ / streams_ * targets_ + connection % targets_;
  }
  std::size_t target_of(std::size_t home) const { return home % targets_; }

  /// Calls visit(connection) for everyone who lives at home.
  template <class Visit>
  void each(std::size_t home, Visit&& visit) const {
    const std::size_t first = home / targets_ * streams_;
    const std::size_t last = std::min(users_, first + streams_);
    for (std::size_t user = first; user < last; ++user) visit(user * targets_ + target_of(home));
  }

 private:
  std::size_t users_, targets_, streams_;
};

}  // namespace loadgen::engine
