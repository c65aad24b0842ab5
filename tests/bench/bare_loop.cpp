// What a rate costs on this machine before there is a load generator: a loop that sleeps until the next request is due,
// sends it over the next of its connections, and reads what has come. It parses nothing, records nothing and checks
// nothing but that bytes came.
//
// usage: bare_loop at-once|at-next-send PORT CONNECTIONS RATE SECONDS
// at-once wakes for each response, at-next-send reads it when the next request is due: half the wake-ups, and the time
// at which a response came is not known. Prints one line of JSON: CPU time a request and how late requests were sent.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/time.hpp"

namespace {

using namespace loadgen;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

struct Asked {
  bool wakes_for_responses;
  std::uint16_t port;
  std::size_t connections;
  std::int64_t rate;  // a second
  std::int64_t seconds;
};

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

int connect_to(std::uint16_t port, int epoll) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  const int on = 1;
  check(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = fd}};
  check(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  return fd;
}

/// Reads from what is ready within at_most; how many connections had something.
std::int64_t read_ready(int epoll, Duration at_most) {
  std::array<epoll_event, 64> events;
  const timespec wait{.tv_sec = at_most.count() / 1'000'000'000, .tv_nsec = at_most.count() % 1'000'000'000};
  const int ready = ::epoll_pwait2(epoll, events.data(), events.size(), &wait, nullptr);
  std::int64_t answered = 0;
  for (int i = 0; i < ready; ++i) {
    std::array<char, 4096> bytes;
    answered += ::recv(events[i].data.fd, bytes.data(), bytes.size(), MSG_DONTWAIT) > 0 ? 1 : 0;
  }
  return answered;
}

void sleep_until(TimePoint due) {
  const std::int64_t ns = due.time_since_epoch().count();
  const timespec until{.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

double cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return us(used.ru_utime) + us(used.ru_stime);
}

void run(const Asked& asked) {
  check(::prctl(PR_SET_TIMERSLACK, 1), "timer slack");
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  check(epoll, "epoll_create1");
  std::vector<int> connections(asked.connections);
  for (int& fd : connections) fd = connect_to(asked.port, epoll);

  const std::int64_t requests = asked.rate * asked.seconds;
  std::vector<std::int64_t> lag_ns;
  lag_ns.reserve(static_cast<std::size_t>(requests));
  const double cpu_before = cpu_us();
  const TimePoint start = SteadyClock::now();
  std::int64_t answered = 0;
  for (std::int64_t i = 0; i < requests;) {
    const TimePoint due = start + Duration(i * 1'000'000'000 / asked.rate);
    if (const TimePoint now = SteadyClock::now(); now >= due) {
      lag_ns.push_back((now - due).count());
      const int fd = connections[static_cast<std::size_t>(i++) % connections.size()];
      if (::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) check(-1, "send");
      if (!asked.wakes_for_responses) answered += read_ready(epoll, Duration(0));
    } else if (asked.wakes_for_responses) {
      answered += read_ready(epoll, due - now);
    } else {
      sleep_until(due);
    }
  }
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  const double cpu = (cpu_us() - cpu_before) / static_cast<double>(requests);
  if (answered < requests - static_cast<std::int64_t>(asked.connections))
    throw std::runtime_error(fmt::format("only {} of {} requests were answered", answered, requests));
  std::sort(lag_ns.begin(), lag_ns.end());
  const auto lag_us = [&](std::size_t percent) {
    return static_cast<double>(lag_ns[lag_ns.size() * percent / 100]) / 1e3;
  };
  fmt::print(R"({{"cpu_us": {:.2f}, "rps": {:.3f}, "lag_p50_us": {:.1f}, "lag_p99_us": {:.1f}}})", cpu,
             static_cast<double>(requests) / seconds, lag_us(50), lag_us(99));
  fmt::print("\n");
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string_view> given(words, words + count);
  if (count != 6 || (given[1] != "at-once" && given[1] != "at-next-send")) {
    fmt::print(stderr, "usage: bare_loop at-once|at-next-send PORT CONNECTIONS RATE SECONDS\n");
    return 64;
  }
  const auto number = [&](int i) { return std::max(1L, std::strtol(words[i], nullptr, 10)); };
  try {
    run({.wakes_for_responses = given[1] == "at-once",
         .port = static_cast<std::uint16_t>(number(2)),
         .connections = static_cast<std::size_t>(number(3)),
         .rate = number(4),
         .seconds = number(5)});
  } catch (const std::exception& error) {
    fmt::print(stderr, "bare_loop: {}\n", error.what());
    return 70;
  }
  return 0;
}
