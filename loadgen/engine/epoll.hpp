#pragma once
// One epoll, waited for to the nanosecond (epoll_pwait2).

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <system_error>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

class Epoll {
 public:
  /// Throws std::system_error without a descriptor.
  Epoll() : fd_(epoll_create1(EPOLL_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }
  ~Epoll() { ::close(fd_); }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;

  /// 0 or errno. Closing the last descriptor of a socket takes it out again.
  int add(int fd, std::uint32_t events, std::uint64_t tag) { return control(EPOLL_CTL_ADD, fd, events, tag); }
  int change(int fd, std::uint32_t events, std::uint64_t tag) { return control(EPOLL_CTL_MOD, fd, events, tag); }

  /// What has happened, waiting for the first of it, or only looking when at_most is not positive. Valid until the next
  /// call.
  std::span<const epoll_event> wait(Duration at_most) {
    const int count = at_most > Duration::zero() ? sleep(at_most) : look();
    return std::span(events_).first(static_cast<std::size_t>(std::max(0, count)));
  }

 private:
  int control(int operation, int fd, std::uint32_t events, std::uint64_t tag) const {
    epoll_event event{.events = events, .data = {.u64 = tag}};
    return epoll_ctl(fd_, operation, fd, &event) == 0 ? 0 : errno;
  }

  /// Half the cost of an epoll_pwait2 that does not wait.
  int look() { return epoll_wait(fd_, events_.data(), kEventsAtOnce, 0); }

  int sleep(Duration at_most) { return precise_ ? sleep_precisely(at_most) : sleep_coarsely(at_most); }

  int sleep_precisely(Duration at_most) {
    // The kernel lets itself be late by a thousandth of what it was asked (select_estimate_accuracy in fs/select.c).
    const std::int64_t ns = at_most.count() - at_most.count() / 1'000;
    const timespec timeout{.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
    const int count = epoll_pwait2(fd_, events_.data(), kEventsAtOnce, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    precise_ = false;  // Linux before 5.11
    return sleep_coarsely(at_most);
  }

  /// Whole milliseconds rounded down, so that the last one is polled through rather than overslept.
  int sleep_coarsely(Duration at_most) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(at_most).count();
    return epoll_wait(fd_, events_.data(), kEventsAtOnce, static_cast<int>(std::min<std::int64_t>(ms, 1'000)));
  }

  int fd_;
  bool precise_ = true;
  std::array<epoll_event, kEventsAtOnce> events_;
};

/// Why a socket's connection failed; 0 when it did not.
inline int pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace loadgen::engine
