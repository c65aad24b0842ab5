#pragma once
// Who may share an HTTP/2 connection: neighbouring users of a shard, by streams_per_connection, target by target.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace loadgen::engine {

/// Each group of neighbours has a home for each target, and in it as many links (http2_links.hpp) as it has members:
/// one to join, and the others for those told to go away, each of which still answers somebody.
class Http2Homes {
 public:
  Http2Homes(std::size_t users, std::size_t targets, std::uint32_t streams)
      : users_(users), targets_(std::max<std::size_t>(1, targets)), streams_(streams) {}

  std::size_t homes() const { return (users_ + streams_ - 1) / streams_ * targets_; }
  /// Of a connection, or of a link: both slot-major, as HttpEngine counts connections.
  std::size_t home_of(std::size_t connection) const {
    return connection / targets_ / streams_ * targets_ + connection % targets_;
  }
  std::size_t target_of(std::size_t home) const { return home % targets_; }

  /// Calls visit(index) for everyone who lives at home, or for each of its links.
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
