#include "cli/child_process.hpp"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.hpp"

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

bool exists(pid_t pid) {
  return pid > 0 && kill(pid, 0) == 0;
}

/// Whatever the program prints, through a pipe, until it ends or so many bytes came.
class Printed {
 public:
  Printed() { EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0); }
  ~Printed() {
    close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }
  int out() const { return ends_[1]; }
  std::string line() {
    close_ours();
    std::string text;
    for (char c = 0; read(ends_[0], &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }

 private:
  void close_ours() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  int ends_[2] = {-1, -1};
};

bool soon(const std::function<bool()>& holds) {
  for (int i = 0; i < 400; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(ChildProcess, TellsHowItsProgramEnded) {
  auto ended = ChildProcess::start({"sh", "-c", "exit 3"}, {});
  ASSERT_TRUE(ended);
  EXPECT_TRUE(soon([&] { return !ended->running(); }));
  EXPECT_EQ(ended->ending(), "exit status 3");
  auto killed = ChildProcess::start({"sh", "-c", "kill -9 $$"}, {});
  ASSERT_TRUE(killed);
  EXPECT_TRUE(soon([&] { return !killed->running(); }));
  EXPECT_EQ(killed->ending(), "signal 9");
  auto missing = ChildProcess::start({"/no/such/program"}, {});
  ASSERT_TRUE(missing);
  EXPECT_TRUE(soon([&] { return !missing->running(); }));
  EXPECT_EQ(missing->ending(), "exit status 127");
}

TEST(ChildProcess, StopEndsAllThatItHasStarted) {
  Printed printed;
  auto process = ChildProcess::start({"sh", "-c", "sleep 300 & echo $!; wait"}, {.out = printed.out()});
  ASSERT_TRUE(process);
  const pid_t sleeper = std::stoi(printed.line());
  EXPECT_TRUE(process->running());
  EXPECT_TRUE(exists(sleeper));
  process->stop();
  EXPECT_FALSE(process->running());
  EXPECT_FALSE(exists(sleeper));
  EXPECT_EQ(process->ending(), "signal 15");
}

TEST(ChildProcess, WhatOutlivesTheProgramEndsWithIt) {
  Printed printed;
  auto process = ChildProcess::start({"sh", "-c", "sleep 300 & echo $!; exit 0"}, {.out = printed.out()});
  ASSERT_TRUE(process);
  const pid_t sleeper = std::stoi(printed.line());
  EXPECT_TRUE(soon([&] { return !process->running(); }));
  EXPECT_FALSE(exists(sleeper));
}

TEST(ChildProcess, WhoIgnoresTheRequestIsKilled) {
  Printed printed;
  auto process =
      ChildProcess::start({"sh", "-c", "trap '' TERM; echo $$; while :; do sleep 1; done"}, {.out = printed.out()});
  ASSERT_TRUE(process);
  const pid_t stubborn = std::stoi(printed.line());
  const TimePoint before = SteadyClock::now();
  process->stop();
  EXPECT_GE(SteadyClock::now() - before, 5s) << "it gets its time";
  EXPECT_FALSE(exists(stubborn));
  EXPECT_EQ(process->ending(), "signal 9");
}

TEST(ChildProcess, IsGoneWhenItsParentIsKilled) {
  Printed printed;
  const pid_t parent = fork();
  if (parent == 0) {
    auto process = ChildProcess::start({"sh", "-c", "sleep 300 & echo $!; wait"}, {.out = printed.out()});
    close(printed.out());
    for (;;) pause();
  }
  const pid_t sleeper = std::stoi(printed.line());
  EXPECT_TRUE(exists(sleeper));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(soon([&] { return !exists(sleeper); }));
}

TEST(ChildProcess, IsOutOfReachOfOurTerminal) {
  Printed printed;
  auto process = ChildProcess::start({"sh", "-c", "ps -o pgid= -p $$; wait"}, {.out = printed.out()});
  ASSERT_TRUE(process);
  EXPECT_NE(std::stoi(printed.line()), getpgrp());
}

}  // namespace
}  // namespace loadgen::cli
