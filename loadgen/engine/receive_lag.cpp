#include "engine/receive_lag.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include <unistd.h>

#include "base/sample.hpp"

namespace loadgen::engine {

ArrivalStamps::ArrivalStamps() noexcept : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0 || ask_for_stamps(fd_)) return;
  ::close(fd_);
  fd_ = -1;
}

ArrivalStamps::~ArrivalStamps() {
  if (fd_ >= 0) ::close(fd_);
}

bool ask_for_stamps(int fd) noexcept {
  const int on = 1;
  return ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
}

std::uint32_t receive_lag(const cmsghdr* header) noexcept {
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SO_TIMESTAMPNS)
    return kNoReceiveLag;
  timespec stamp{};
  std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
  const auto arrived = std::chrono::seconds(stamp.tv_sec) + std::chrono::nanoseconds(stamp.tv_nsec);
  const std::int64_t lag = (std::chrono::system_clock::now().time_since_epoch() - arrived).count();
  return lag < 0 ? kNoReceiveLag : static_cast<std::uint32_t>(std::min<std::int64_t>(lag, kNoReceiveLag - 1));
}

}  // namespace loadgen::engine
