#include "cli/readiness.hpp"

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/signals.hpp"
#include "config/parse.hpp"

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

/// A port of 127.0.0.1 that is taken, and refuses connections until listen().
class Port {
 public:
  Port() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    number_ = ntohs(address.sin_port);
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port() { close(socket_); }

  void listen() { EXPECT_EQ(::listen(socket_, 8), 0); }
  std::string authority() const { return "127.0.0.1:" + std::to_string(number_); }

 private:
  int socket_;
  std::uint16_t number_ = 0;
};

config::Plan plan_for(const Port& port) {
  const std::string text =
      R"({"target": "http://)" + port.authority() + R"(", "thread_groups": [{"steps": [{"get": "/"}]}]})";
  return std::get<config::Plan>(config::parse_plan(text, {}));
}

Duration since(TimePoint begin) {
  return SteadyClock::now() - begin;
}

TEST(WaitForTargets, NobodyIsAskedWithoutATimeout) {
  const Port port;
  EXPECT_FALSE(wait_for_targets(plan_for(port), {}));
}

TEST(WaitForTargets, OneThatIsThereIsNotWaitedFor) {
  Port port;
  port.listen();
  const TimePoint begin = SteadyClock::now();
  EXPECT_FALSE(wait_for_targets(plan_for(port), {.timeout = 60s}));
  EXPECT_LT(since(begin), 30s);
}

TEST(WaitForTargets, OneThatStartsLaterIs) {
  Port port;
  const TimePoint begin = SteadyClock::now();
  std::jthread starter([&] {
    std::this_thread::sleep_for(300ms);
    port.listen();
  });
  EXPECT_FALSE(wait_for_targets(plan_for(port), {.timeout = 60s}));
  EXPECT_GE(since(begin), 300ms);
  EXPECT_LT(since(begin), 30s);
}

TEST(WaitForTargets, OneThatNeverStartsIsToldWhenTheTimeIsOver) {
  const Port port;
  const TimePoint begin = SteadyClock::now();
  const auto none = wait_for_targets(plan_for(port), {.timeout = 200ms});
  ASSERT_TRUE(none);
  EXPECT_GE(since(begin), 200ms);
  EXPECT_EQ(none->code, ExitCode::target_failed);
  EXPECT_EQ(none->message, "cannot connect to " + port.authority() + " (" + port.authority() +
                               ": Connection refused). Is the server running, and listening on that address and "
                               "port? It was waited for: --ready-timeout 200ms.");
}

TEST(WaitForTargets, ASignalEndsIt) {
  const Port port;
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  hold_signals();
  raise(SIGTERM);
  const TimePoint begin = SteadyClock::now();
  const auto none = wait_for_targets(plan_for(port), {.timeout = 60s});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(none);
  EXPECT_LT(since(begin), 30s);
  EXPECT_EQ(none->code, ExitCode::interrupted);
  EXPECT_EQ(none->message, "interrupted while " + port.authority() + " was waited for");
}

}  // namespace
}  // namespace loadgen::cli
