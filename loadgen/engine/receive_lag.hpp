#pragma once
// How long bytes lay in the kernel before they were read: the generator's own queueing, which no stamp taken after the
// read can show.
//
// The kernel stamps what arrives by the wall clock and hands the stamp out with the bytes (SO_TIMESTAMPNS; socket(7)
// promises it for datagrams, Linux does it for TCP since 4.16). Only the difference to the wall clock at the read is
// used. Looking costs a recvmsg instead of a recv and a clock reading, so only some connections are watched.

#include <cstddef>
#include <cstdint>
#include <ctime>

#include <sys/socket.h>

namespace loadgen::engine {

/// Room for one stamp in a recvmsg's control buffer.
inline constexpr std::size_t kStampSpace = CMSG_SPACE(sizeof(timespec));

/// Keeps the kernel's stamping switched on. It is on, for the whole host, while any socket asks for it, and switching
/// rewrites kernel code on every core: watched connections that come and go must not do that.
class ArrivalStamps {
 public:
  ArrivalStamps() noexcept;
  ~ArrivalStamps();
  ArrivalStamps(const ArrivalStamps&) = delete;
  ArrivalStamps& operator=(const ArrivalStamps&) = delete;

  /// Whether this kernel stamps at all.
  bool available() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// Has what arrives on a socket stamped; false and errno where that is refused.
bool ask_for_stamps(int fd) noexcept;

/// From arrival to now in ns, at most 4.29 s, of a recvmsg's first control header; kNoReceiveLag without a stamp
/// (nullptr) or with one of the future: then the wall clock was set.
std::uint32_t receive_lag(const cmsghdr* header) noexcept;

}  // namespace loadgen::engine
