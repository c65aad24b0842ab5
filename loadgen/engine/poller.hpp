#pragma once
// Readiness of sockets, edge-triggered: a descriptor is registered once in its life, for reading and writing, and costs
// no system call of its own afterwards. Waiting is to the nanosecond (epoll_pwait2).

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <system_error>

#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.hpp"

namespace loadgen::engine {

class Poller {
 public:
  /// Events handed over at once: enough to share a wake-up, few enough that pacing gets its turn.
  static constexpr int kBatch = 64;

  /// Throws std::system_error when there is no descriptor for it.
  Poller() : fd_(epoll_create1(EPOLL_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }
  ~Poller() { ::close(fd_); }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// 0, or errno. Closing the descriptor is what removes it.
  int add(int fd, std::uint64_t tag) {
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = tag}};
    return epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
  }

  /// What is ready, waiting for it at most so long; a negative time does not wait.
  std::span<const epoll_event> wait(Duration at_most) {
    const int count = precise_ ? wait_precisely(at_most) : wait_coarsely(at_most);
    return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
  }

 private:
  int wait_precisely(Duration at_most) {
    const std::int64_t ns = std::max<std::int64_t>(0, at_most.count());
    const timespec timeout{.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
    const int count = epoll_pwait2(fd_, events_.data(), kBatch, &timeout, nullptr);
    if (count < 0 && errno == ENOSYS) {  // Linux before 5.11
      precise_ = false;
      return wait_coarsely(at_most);
    }
    return count;
  }

  /// Whole milliseconds rounded down, so that the last one is polled through rather than overslept.
  int wait_coarsely(Duration at_most) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(std::max(at_most, Duration::zero())).count();
    return epoll_wait(fd_, events_.data(), kBatch, static_cast<int>(std::min<std::int64_t>(ms, 1'000)));
  }

  int fd_;
  bool precise_ = true;
  std::array<epoll_event, kBatch> events_;
};

}  // namespace loadgen::engine
